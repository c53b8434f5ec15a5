"""Texts in which something is filled in: what it is, never as markup, and checked when the study is loaded."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import (
    ChoiceField,
    CompletionCodeScene,
    ConsentField,
    EndScene,
    Form,
    NumberField,
    Scene,
    StaticScene,
    TextField,
)
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

ASK = Form("ask").display(
    questions=[
        TextField("name", required=False),
        ChoiceField("drink", choices={"t": "Tea & milk", "c": "Coffee"}, multiple=True),
        NumberField("age"),
        ConsentField("agree", required=False),
    ]
)
ANSWERS: dict[str, Any] = {"name": "<b>Jo</b> {{code}}", "drink": ["t", "c"], "age": 12.0, "agree": True}


def world_of(*scenes: Any, **options: Any) -> World:
    return World(make(*scenes, EndScene("end", header="Bye {{label}}", body="<p>{{answers.ask.name}}</p>"), **options))


def shown(scene: Scene, **answers: Any) -> dict[str, Any]:
    world = world_of(ASK, scene)
    (person,) = world.arrive()
    person.send_answers(**(ANSWERS | answers))
    spec: dict[str, Any] = person.last("scene").spec
    return spec


def test_answers_are_text_in_html_and_as_they_are_elsewhere() -> None:
    words = "{{ answers.ask.name }}, {{answers.ask.drink}}, {{answers.ask.age}}, {{answers.ask.agree}}"
    spec = shown(StaticScene("page", header=words, body=f"<p>{words}</p>", button_label="{{answers.ask.age}}!"))
    assert spec["header"] == "<b>Jo</b> {{code}}, Tea & milk, Coffee, 12, yes"
    assert spec["body"] == "<p>&lt;b&gt;Jo&lt;/b&gt; {{code}}, Tea &amp; milk, Coffee, 12, yes</p>"
    assert spec["button_label"] == "12!"


def test_scripts_and_styles_keep_their_braces() -> None:
    body = "<style>a{{x}}</style><script>let a = `{{answers.nobody.knows}}`</script>{{answers.ask.age}}"
    assert shown(StaticScene("page", body=body))["body"] == body.replace("{{answers.ask.age}}", "12")


def test_what_is_not_known_is_what_stands_behind_the_bar_or_nothing() -> None:
    spec = shown(StaticScene("page", header="Hi {{answers.ask.name|friend}}{{seat}}."), name="")
    assert spec["header"] == "Hi friend."


def test_questions_are_filled_in_but_what_they_write_is_not() -> None:
    later = Form("later").display(
        questions=[
            ChoiceField("more", "More than {{answers.ask.age}}?", choices={"{{code}}": "{{answers.ask.age}} it is"})
        ]
    )
    [field] = shown(later)["fields"]
    assert field["label"] == "More than 12?"
    assert field["choices"][0]["value"] == "{{code}}" and field["choices"][0]["label"] == "12 it is"


def test_the_last_round_conditions_scores_partners_and_codes() -> None:
    words = "{{scores}} {{scores.play}} {{partner.label}} {{condition.colour}} {{global.rank}} {{code}}"
    code = CompletionCodeScene("code", code="C-1")
    page = StaticScene("page", header=words, body=words)
    world = World(make(game("play", 2), code, page, EndScene("end"), participant_ids="label"))
    a, b = people = [world.join(label=name) for name in ("Ann", "<i>Bo</i>")]
    for person in people:
        person.open()
    start_playing(world, people)
    for person in people:
        person.rows(30)
        person.end_episode(30, scores={"left": 2.5, "right": 2.5})
        person.say("globals_set", values={"rank": 3.0})
    for person in people:
        person.game_over()
        person.advance()
    spec = a.last("scene").spec
    assert spec["header"] == "2.5 2.5 <i>Bo</i>  3 C-1"
    assert spec["body"] == "2.5 2.5 &lt;i&gt;Bo&lt;/i&gt;  3 C-1"
    assert b.last("scene").spec["header"] == "2.5 2.5 Ann  3 C-1"


def test_the_last_page_and_the_waitroom_are_filled_in() -> None:
    room = game("play", 2).content(header="{{label}} waits").waitroom(message="{{answers.ask.name}}: soon.")
    world = world_of(ASK, room, participant_ids="label")
    person = world.join(label="Ann")
    person.open()
    person.send_answers(**ANSWERS)
    waiting = person.last("waiting")
    assert (waiting.header, waiting.message) == ("Ann waits", "&lt;b&gt;Jo&lt;/b&gt; {{code}}: soon.")
    world = world_of(ASK, participant_ids="label")
    person = world.join(label="Ann")
    person.open()
    person.send_answers(**ANSWERS)
    assert (person.last("closed").header, person.last("closed").body) == (
        "Bye Ann",
        "<p>&lt;b&gt;Jo&lt;/b&gt; {{code}}</p>",
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("{{answers.ask.drnk}}", 'Did you mean "ask.drink"?'),
        ("{{lable}}", 'cannot be filled in. Did you mean "label"?'),
        ("{{scores.ask}}", "names nothing of this experiment"),
        ("{{}}", "cannot be filled in"),
    ],
)
def test_what_can_never_be_filled_in_is_told_at_loading(words: str, told: str) -> None:
    for scene in (StaticScene("page", body=words), Form("f").display(questions=[TextField("x", words)])):
        with pytest.raises(ExperimentError) as error:
            make(ASK, scene)
        assert told in error.value.text
    with pytest.raises(ExperimentError, match=r"GymScene\(\"play\"\): waitroom → message"):
        make(ASK, game("play").waitroom(message=words))


def page_for(context: Any) -> str:
    return f"<p>{context.scene}</p>"


def one(experiment: Experiment) -> tuple[World, Person]:
    world = World(experiment)
    (person,) = world.arrive()
    return world, person


@pytest.mark.parametrize(
    "scene",
    [
        StaticScene("page", page_for=page_for), Form("page", page_for=page_for).display(questions=[TextField("x")]),
        CompletionCodeScene("page", page_for=page_for), game("page", 1).display(page_for=page_for),
    ],
)  # fmt: skip
def test_a_function_makes_any_page(scene: Any) -> None:
    world, person = one(make(scene, EndScene("end")))
    [asked] = world.asked("page_for")
    assert asked.function == "scenes.page.page_for"
    world.answer("page_for", "<p>{{label}} is no place to fill in</p>")
    assert person.last("scene").spec["body"] == "<p>{{label}} is no place to fill in</p>"


def test_a_function_that_fails_leaves_the_body_and_one_makes_the_last_page() -> None:
    world, person = one(make(StaticScene("page", body="<p>own</p>", page_for=page_for), EndScene("end")))
    world.answer("page_for", None, {"type": "KeyError", "message": "oh"})
    assert person.last("scene").spec["body"] == "<p>own</p>"
    world, person = one(make(EndScene("end", body="<p>own</p>", page_for=page_for)))
    world.answer("page_for", "<p>made {{label}}</p>")
    assert person.last("closed").body == "<p>made {{label}}</p>"

"""Forms with right answers: wrong ones are explained, every attempt is kept, and something follows from the last."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import Refuse, TryAgain
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import ChoiceField, EndScene, Form, NumberField, StaticScene, TextField
from tests.core.experiments import make
from tests.core.world import Person, World

RIGHT: dict[str, Any] = {"moves": 3, "goal": "together", "name": "  Red BALL "}
WRONG: dict[str, Any] = {**RIGHT, "goal": "alone"}


def quiz(*after: Any, **options: Any) -> Experiment:
    questions = [
        NumberField("moves", "How many moves?", correct=3),
        ChoiceField(
            "goal", "How do you score?", choices=["alone", "together"], correct="together", explain="With both."
        ),
        TextField("name", "What is it?", correct=["red ball", "the red ball"]),
        TextField("comment", "Anything else?", required=False),
    ]
    form = Form("quiz", questions=questions, **options)
    return make(form, *after, StaticScene("next"), EndScene("end"))


def one(experiment: Experiment) -> tuple[World, Person]:
    world = World(experiment)
    (person,) = world.arrive()
    return world, person


def told(person: Person, **answers: Any) -> TryAgain | None:
    found = [effect for effect in person.send_answers(**answers) if isinstance(effect, TryAgain)]
    return found[0] if found else None


def test_a_wrong_answer_is_explained_and_the_page_stays_until_all_are_right() -> None:
    world, person = one(quiz(check="until_right"))
    again = told(person, **WRONG, comment="hm")
    assert again is not None and again.fields == {"goal": "With both."}
    assert "2 more attempts" in again.text
    assert person.scene == "quiz"
    again = told(person, **{**RIGHT, "moves": 4})
    assert again is not None and again.fields == {"moves": "This answer is not right."}
    assert "one more attempt" in again.text
    assert told(person, **RIGHT) is None
    assert person.scene == "next"
    attempts = world.records("attempt")
    assert [(record.body["attempt"], record.body["wrong"]) for record in attempts] == [
        (1, ["goal"]),
        (2, ["moves"]),
        (3, []),
    ]
    assert attempts[0].body["values"]["comment"] == "hm"
    (checked,) = world.records("checked")
    assert (checked.body["attempts"], checked.body["passed"]) == (3, True)


def test_the_same_answers_again_are_no_new_attempt() -> None:
    world, person = one(quiz(check="until_right", attempts=2))
    first = told(person, **WRONG)
    person.blink()
    assert told(person, **WRONG) == first
    assert len(world.records("attempt")) == 1


def test_a_wrong_answer_is_no_misbehaviour() -> None:
    _, person = one(quiz(check="until_right"))
    assert not [effect for effect in person.send_answers(**WRONG) if isinstance(effect, Refuse)]


def test_checked_once_nothing_is_said_and_functions_know_it() -> None:
    experiment = quiz(check="once").changed("here", "callbacks", {"callbacks": {"on_answers": lambda context: None}})
    world, person = one(experiment)
    assert told(person, **WRONG) is None
    (asked,) = world.asked("on_answers")
    assert asked.context["checks"] == {"quiz": {"attempts": 1, "passed": False}}
    world.answer_all()
    assert person.scene == "next"


@pytest.mark.parametrize(
    ("otherwise", "scene", "state"),
    [("go_on", "skipped", "in_scene"), ("practice", "practice", "in_scene"), ("exclude", "quiz", "excluded")],
)
def test_what_follows_from_the_last_wrong_attempt(otherwise: str, scene: str, state: str) -> None:
    world, person = one(
        quiz(StaticScene("skipped"), StaticScene("practice"), check="until_right", attempts=2, otherwise=otherwise)
    )
    told(person, **WRONG)
    assert told(person, **{**WRONG, "moves": 1}) is None
    assert (person.state, person.scene) == (state, scene)
    assert world.records("answers")[0].body["values"]["moves"] == 1, "the last answers are kept like any others"


def test_whoever_is_excluded_for_wrong_answers_reads_why_and_gets_their_code() -> None:
    experiment = quiz(check="once", otherwise="exclude")
    _, person = one(experiment.changed("here", "returns", {"returns": {"failed_check": {"code": "NOPE"}}}))
    told(person, **WRONG)
    page = person.last("closed")
    assert page.code == "NOPE" and "right answers" in page.body
    own = quiz(check="once", otherwise="exclude", failed_message="Not this time.")
    _, person = one(own)
    told(person, **WRONG)
    assert person.last("closed").body == "<p>Not this time.</p>"


def test_attempts_survive_a_reload_and_a_restart() -> None:
    world, person = one(quiz(check="until_right", attempts=3))
    told(person, **WRONG)
    person.reload()
    world.restart()
    person.open(loaded=False)
    again = told(person, **{**WRONG, "moves": 9})
    assert again is not None and "one more attempt" in again.text


def test_no_page_is_told_the_right_answers() -> None:
    _, person = one(quiz(check="until_right"))
    shown = repr(person.last("scene").payload())
    assert "correct" not in shown and "explain" not in shown and "With both" not in shown and "red ball" not in shown

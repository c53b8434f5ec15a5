"""Rounds until something is reached: rules or a function decide after each, and something follows from the last."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import Answered
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.rules import Until
from igym.experiment.scenes import EndScene, Form, StaticScene
from igym.experiment.scenes.fields import NumberField
from igym.experiment.stager import Branch, Repeat
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

ASK = Form("ask").display(questions=[NumberField("points")])
REACHED = Until("answer", "ask.points", "at_least", 3)


def hook(context: Any) -> bool:
    return bool(context.round)


def practice(*after: Any, **options: Any) -> Experiment:
    rounds = Repeat([ASK], **{"until": REACHED, "at_most": 3, "id": "practice"} | options)
    return make(rounds, *after, StaticScene("next"), EndScene("end"))


def one(experiment: Experiment) -> tuple[World, Person]:
    world = World(experiment)
    (person,) = world.arrive()
    return world, person


def checked(world: World) -> list[tuple[Any, Any, Any]]:
    return [(r.scene, r.body["attempts"], r.body["passed"]) for r in world.records("checked")]


def test_a_round_that_reaches_it_is_the_last() -> None:
    world, person = one(practice())
    assert person.scene == "ask_r1"
    person.send_answers(points=1)
    assert person.scene == "ask_r2"
    person.send_answers(points=3)
    assert person.scene == "next"
    assert checked(world) == [("practice", 1, False), ("practice", 2, True)]
    assert world.replayed().view(world.now) == world.session.view(world.now)


@pytest.mark.parametrize(
    ("otherwise", "scene", "state"),
    [("go_on", "skipped", "in_scene"), ("next", "next", "in_scene"), ("exclude", None, "excluded")],
)
def test_what_follows_from_the_last_round_in_vain(otherwise: str, scene: str | None, state: str) -> None:
    world, person = one(practice(StaticScene("skipped"), at_most=2, otherwise=otherwise))
    person.send_answers(points=1)
    person.send_answers(points=2)
    assert person.state == state
    assert scene is None or person.scene == scene
    assert checked(world) == [("practice", 1, False), ("practice", 2, False)]


def test_whoever_is_excluded_reads_why_and_gets_the_code_of_a_failed_check() -> None:
    experiment = practice(at_most=1, otherwise="exclude")
    _, person = one(experiment.changed("here", "returns", {"returns": {"failed_check": {"code": "NOPE"}}}))
    person.send_answers(points=1)
    assert person.last("closed").code == "NOPE" and "practice" in person.last("closed").body
    _, person = one(practice(at_most=1, otherwise="exclude", failed_message="Not this time."))
    person.send_answers(points=1)
    assert person.last("closed").body == "<p>Not this time.</p>"


def test_only_the_round_just_played_counts_but_everything_outside_does() -> None:
    before = Form("before").display(questions=[NumberField("points")])
    rules = [REACHED, Until("answer", "before.points", "is", 7)]
    world = World(make(before, Repeat([ASK, StaticScene("pause")], until=rules, at_most=4, id="p"), EndScene("end")))
    (person,) = world.arrive()
    person.send_answers(points=7)
    for points, following in ((1, "ask_r2"), (2, "ask_r3"), (3, None)):
        person.send_answers(points=points)
        person.advance()
        assert following is None or person.scene == following
    assert person.state == "finished"


def test_the_score_of_the_present_round_decides_over_practice_in_a_game() -> None:
    rounds = Repeat([game("play", 1)], until=Until("score", "play", "at_least", 5), at_most=9, id="practice")
    world = World(make(rounds, StaticScene("next"), EndScene("end")))
    (person,) = world.arrive()
    for number, score in enumerate((3.0, 4.0, 6.0), start=1):
        assert person.scene == f"play_r{number}"
        person.say("match_ready", match=person.match)
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
        world.run(4.0)
        person.rows(30)
        person.end_episode(30, scores={"left": score})
        person.game_over()
    assert person.scene == "next"
    assert checked(world)[-1] == ("practice", 3, True)


def test_so_many_rounds_come_in_any_case() -> None:
    world, person = one(practice(n=2))
    person.send_answers(points=9)
    assert person.scene == "ask_r2"
    person.send_answers(points=9)
    assert person.scene == "next"
    assert checked(world) == [("practice", 2, True)]


def test_rounds_within_rounds_count_for_themselves() -> None:
    inner = Repeat([ASK], until=REACHED, at_most=2, id="inner")
    world, person = one(make(Repeat([inner, StaticScene("pause")], 2), EndScene("end")))
    person.send_answers(points=3)
    person.advance()
    assert person.scene == "ask_r2_r1"
    person.send_answers(points=1)
    assert person.scene == "ask_r2_r2"
    assert checked(world) == [("inner_r1", 1, True), ("inner_r2", 1, False)]


def test_a_function_is_told_the_round_the_scores_and_the_id_in_the_experiment() -> None:
    experiment = practice(until=hook, at_most=2).changed("x", "callbacks", {"callbacks": {"on_answers": hook}})
    world, person = one(experiment)
    person.send_answers(points=1)
    (asked,) = world.asked("on_answers")
    assert (asked.context["scene"], asked.context["base_id"]) == ("ask_r1", "ask")
    world.do(Answered(asked.question_id, None, None))
    (asked,) = world.asked("until")
    assert (asked.function, asked.context["round"], asked.context["rounds"]) == ("repeats.practice", 1, 2)
    assert asked.context["scores"] == {}
    world.answer("until", False)
    assert person.scene == "ask_r2"
    person.send_answers(points=1)
    world.answer("on_answers")
    world.answer("until", True)
    assert person.scene == "next"


@pytest.mark.parametrize("answer", [("yes", None), (None, {"type": "ValueError", "message": "oh"})])
def test_a_function_that_gives_no_verdict_ends_the_rounds_and_is_told_of(answer: Any) -> None:
    world, person = one(practice(until=hook))
    person.send_answers(points=1)
    world.answer("until", *answer)
    assert person.scene == "next"
    assert checked(world) == [("practice", 1, None)]
    assert "repeats.practice" in world.problems()[-1].title


def test_branches_are_told_the_scores() -> None:
    world = World(make(game("play", 2), Branch(hook, {"a": StaticScene("a")}), EndScene("end")))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    for person in (a, b):
        person.rows(30)
        person.end_episode(30, scores={"left": 2.0, "right": 1.0})
    for person in (a, b):
        person.game_over()
    assert sorted(asked.context["scores"]["play"] for asked in world.asked("branch")) == [1.0, 2.0]


def test_a_restart_in_the_second_round_forgets_nothing() -> None:
    world, person = one(practice())
    person.send_answers(points=1)
    world.go_on_from_checkpoint()
    world.restart()
    person.open(loaded=False)
    assert person.scene == "ask_r2"
    person.send_answers(points=1)
    assert person.scene == "ask_r3"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"until": Until("answer", "ask.point", "is", 1)}, 'Did you mean "ask.points"?'),
        ({"n": 4}, "n=4 rounds at least are more than at_most=3"),
        ({"until": ()}, "give n, the number of rounds, or until"),
        ({"until": hook, "rules": (REACHED,)}, "not both"),
        ({"otherwise": "nxt"}, 'otherwise="nxt" is not a scene of this experiment. Did you mean "next"?'),
    ],
)
def test_what_can_never_work_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ExperimentError) as told:
        practice(**options)
    assert words in told.value.text

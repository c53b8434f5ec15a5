"""Whatever a researcher's function does wrong, it is shown, and everybody gets where they would have got."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from igym.core.events import Answered
from igym.experiment.participation import Callbacks
from igym.experiment.scenes import EndScene, StaticScene, TextBox
from igym.experiment.stager import Branch
from tests.core.experiments import game, make, together
from tests.core.test_matchmaking import Alternating
from tests.core.world import Person, World, start_playing

pytestmark = pytest.mark.no_cover  # counting lines makes it three times as long; other tests reach them too
ERROR = {"type": "ValueError", "message": "boom", "traceback": "Traceback", "file": "x.py", "line": 4}
WRONG: Any = [["17"]]
FAULTS = ("raises", "hangs", "wrong type")
HOOKS = sorted(Callbacks.model_fields)
LONG_GONE_S = 1900
"""Longer than somebody may be away (``dropped_after_s``), with time for the questions about it."""


def hook(context: Any) -> None: ...


def answer(world: World, kind: str, fault: str) -> None:
    """Every question is answered: those of this kind with the fault, the others with None."""
    for question in list(world.session.state.questions.values()):
        if question.kind != kind:
            world.do(Answered(question.id))
        elif fault == "raises":
            world.do(Answered(question.id, None, ERROR))
        elif fault == "wrong type":
            world.do(Answered(question.id, WRONG))


def settle(world: World, kind: str, fault: str, seconds: int = 10, every_s: int = 1) -> None:
    """Time passes, and each question is answered within `every_s`, which must be shorter than the functions' limits."""
    for _ in range(0, seconds, every_s):
        answer(world, kind, fault)
        world.run(every_s, pings=False)
        world._pings()


def life(world: World, kind: str, fault: str) -> list[str]:
    """All that can happen to people in one session; how it ends for each."""

    def go_on() -> None:
        settle(world, kind, fault)

    a, b = world.arrive(2)
    go_on()
    for person in (a, b):
        person.send_answers(text="x")
    go_on()
    start_playing(world, [a, b])
    for person in (a, b):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
        person.rows(30)
        person.end_episode(30)
    go_on()
    a.game_over()
    b.say("leave")
    go_on()
    a.advance()
    go_on()
    (c,) = world.arrive()
    go_on()
    world.command("exclude", participant=c.id)
    (d,) = world.arrive()
    go_on()
    d.close()
    go_on()
    settle(world, kind, fault, LONG_GONE_S, every_s=4)
    return [person.state for person in (a, b, c, d)]


def a_study(name: str) -> World:
    scenes = (TextBox("text"), game("match", 2), StaticScene("next"), EndScene("end"))
    return World(make(*scenes, callbacks={name: hook}))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_may_fail_in_every_way(name: str, fault: str) -> None:
    world = a_study(name)

    states = life(world, name, fault)

    assert states == ["finished", "withdrawn", "excluded", "dropped"]
    assert world.asked(name), "the hook was never asked"
    titles = {problem.title for problem in world.problems()}
    wrong = f"callbacks.{name} " + ("returned something unusable" if fault == "wrong type" else "failed")
    assert titles == {wrong}
    if fault != "wrong type":
        assert {record.body["function"] for record in world.records("callback_failed")} == {f"callbacks.{name}"}
    if fault == "raises":
        assert "ValueError: boom (x.py, line 4)" in world.problems()[0].text
        assert world.problems()[0].traceback == "Traceback"


# What else the core asks: how to get there, what it is called, and where everybody must be afterwards.


def screened() -> tuple[World, Callable[[], bool]]:
    world = World(make(StaticScene("page"), EndScene("end"), entry_screening={"callback": hook}))
    (person,) = world.arrive()
    return world, lambda: (person.state, person.scene) == ("in_scene", "page")


def branched() -> tuple[World, Callable[[], bool]]:
    world = World(make(Branch(hook, {"x": StaticScene("x")}), StaticScene("after"), EndScene("end")))
    (person,) = world.arrive()
    return world, lambda: (person.state, person.scene) == ("in_scene", "after")


def own_page() -> tuple[World, Callable[[], bool]]:
    world = World(make(game("match", 1).content(page_for=hook), EndScene("end")))
    (person,) = world.arrive()
    return world, lambda: (person.state, person.scene) == ("countdown", "match")


def own_rule() -> tuple[World, Callable[[], bool]]:
    monitoring = {"continuous_callback": hook, "callback_every_frames": 30}
    world = World(together(2, multiplayer={"monitoring": monitoring}))
    people: list[Person] = world.arrive(2)
    start_playing(world, people)
    for person in people:
        person.rows(30)
        person.say(
            "metrics", visit=person.visit, match=person.match, samples=[{"age_ms": 0.0, "values": {"fps": 30.0}}]
        )
    return world, lambda: {person.state for person in people} == {"playing"}


def own_matchmaker() -> tuple[World, Callable[[], bool]]:
    world = World(together(2, matchmaker=Alternating()))
    people = world.arrive(2)
    return world, lambda: {person.state for person in people} == {"waiting"}


QUESTIONS = {
    "screening": screened,
    "branch": branched,
    "page_for": own_page,
    "continuous": own_rule,
    "matchmaker": own_matchmaker,
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_other_question_may_fail_in_every_way(kind: str, fault: str) -> None:
    world, is_well = QUESTIONS[kind]()
    assert world.asked(kind), "the function was never asked"
    settle(world, kind, fault)
    assert is_well()
    assert world.problems(), "the researcher was not told"
    assert world.problems()[0].level == "error"

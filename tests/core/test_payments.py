"""Earnings: asked for at every ending, written down once they are usable."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.events import Answered
from tests.core.test_hooks import enter, to_play, world_with
from tests.core.world import Person, World


def excluded(world: World) -> Person:
    (person,) = enter(world)
    world.command("exclude", participant=person.id)
    return person


def answer(world: World, value: Any) -> None:
    world.do(Answered(world.asked("on_payment")[-1].question_id, value, None))


def payments(world: World) -> list[dict[str, Any]]:
    return [record.body for record in world.records("earnings")]


def test_whoever_ends_is_asked_about_with_outcome_and_reason() -> None:
    world = world_with("on_payment")
    person = excluded(world)

    [asked] = world.asked("on_payment")
    assert asked.context["participant"] == person.id
    assert (asked.context["outcome"], asked.context["reason"]) == ("excluded", "by the experimenter: a reason")
    assert asked.context["episodes"] == []

    answer(world, {"earnings": 7.5, "currency": "EUR", "reasons": "for coming"})
    assert payments(world) == [
        {"amount": 7.5, "currency": "EUR", "reasons": ["for coming"], "by": "callbacks.on_payment"}
    ]


def test_scores_of_the_games_are_there_to_be_paid_for() -> None:
    world = world_with("on_payment")
    a, _ = to_play(world)
    a.say("episode_started", visit=a.visit, match=a.match, episode=0)
    a.rows(30)
    a.end_episode(30, scores={"left": 2.0, "right": 1.0})
    world.command("exclude", participant=a.id)

    [episode] = next(ask.context for ask in world.asked("on_payment") if ask.context["participant"] == a.id)["episodes"]
    assert (episode["frames"], episode["reason"], episode["scores"]) == (30, "terminated", {"left": 2.0, "right": 1.0})
    assert episode["agent"] in episode["scores"]


def test_a_plain_number_is_enough_and_none_pays_nothing() -> None:
    world = world_with("on_payment")
    for value in (3, None):
        excluded(world)
        answer(world, value)
    assert [(body["amount"], body["currency"], body["reasons"]) for body in payments(world)] == [(3, "", [])]


def test_someone_who_is_dropped_is_asked_about_once_whatever_comes_later() -> None:
    world = world_with("on_payment")
    (person,) = enter(world)
    person.close()
    while person.state != "dropped":
        world.run(1)
    answer(world, 1)
    person.open()
    world.command("exclude", participant=person.id)
    world.command("end_session")
    world.answer_all()

    assert [ask.context["outcome"] for ask in world.asked("on_payment")] == ["dropped"]
    assert [body["amount"] for body in payments(world)] == [1]


@pytest.mark.parametrize(
    "value",
    [True, "7.50", float("nan"), {"earnings": None}, {"earning": 1}, {"earnings": 1, "reasons": [2]},
     {"earnings": 1, "currency": 4}, {"earnings": 1, "reasons": "x" * 501}, {"earnings": 1, "reasons": 3}],
)  # fmt: skip
def test_unusable_earnings_are_shown_to_the_researcher_and_not_written_down(value: Any) -> None:
    world = world_with("on_payment")
    excluded(world)
    answer(world, value)
    assert payments(world) == []
    assert any("on_payment" in trouble.title for trouble in world.session.state.problems.values())

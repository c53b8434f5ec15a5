"""Waiting for a partner who is a program: as long as drawn, believable, and told at the end whatever happens."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make
from tests.core.world import Person, World

TRUTH = "<p>Your partner was a program.</p>"


def acted(**options: Any) -> World:
    scene = game("play", 1, bots=1).waitroom(acted_wait_s=(8, 20), debriefing=TRUTH, **options)
    return World(make(scene, StaticScene("after"), EndScene("end", body="<p>Bye</p>")))


def waits(world: World, count: int = 1) -> list[Person]:
    people = world.arrive(count)
    assert {person.state for person in people} == {"waiting"}
    return people


def test_the_wait_lasts_as_drawn_and_looks_like_one_for_a_partner() -> None:
    world = acted()
    first, second = waits(world, 2)
    page = first.last("waiting")
    assert (page.waiting, page.needed, page.deadline_ms) == (1, 2, None), "others who wait are not seen"
    drawn = {record.participant: record.body["seconds"] for record in world.records("acted_wait")}
    assert all(8 <= seconds <= 20 for seconds in drawn.values())
    assert drawn[first.id] != drawn[second.id]
    world.run(drawn[first.id] - 0.5)
    assert first.state == "waiting"
    world.run(1.5)
    assert first.state != "waiting"
    formed = [record.body for record in world.records("match_formed")]
    assert [len(body["players"]) for body in formed if body["players"][0]["participant"] == first.id] == [1]


def test_a_reload_and_a_restart_do_not_end_the_wait() -> None:
    world = acted()
    (person,) = waits(world)
    seconds = world.records("acted_wait")[0].body["seconds"]
    world.run(3)
    person.reload()
    world.restart(down_s=60)
    person.open()
    assert person.state == "waiting"
    world.run(seconds)
    assert person.state != "waiting"


def test_a_game_that_never_loads_does_not_keep_them_waiting() -> None:
    world = acted()
    (person,) = world.arrive(loaded=False)
    assert person.state == "waiting"
    world.run(21)
    assert person.match is not None
    world.run(600)
    assert person.state == "timed_out"
    assert TRUTH in person.last("closed").body


def test_who_is_away_when_the_partner_comes_has_the_time_limit_to_return() -> None:
    world = acted(timeout_s=60)
    (person,) = waits(world)
    person.close()
    world.run(25)
    person.open()
    assert person.state == "countdown"


@pytest.mark.parametrize("how", ["finished", "withdrawn", "excluded"])
def test_the_truth_is_told_on_the_last_page_however_it_ends(how: str) -> None:
    world = acted()
    (person,) = waits(world)
    if how == "withdrawn":
        person.say("leave")
    elif how == "excluded":
        world.command("exclude", participant=person.id, reason="asleep")
    else:
        world.run(21)
        person.ready()
        world.run(4)
        person.rows(3)
        person.end_episode(3)
        person.game_over()
        person.advance()
    last = person.last("closed")
    assert last.outcome == how
    assert TRUTH in last.body
    assert world.records("debriefed", person.id)[0].body["text"] == [TRUTH]


def test_the_truth_is_told_in_the_persons_language() -> None:
    both = {"en": "A program.", "de": "Ein Programm."}
    scene = game("play", 1, bots=1).waitroom(acted_wait_s=(0, 0), debriefing=both)
    world = World(make(scene, EndScene("end"), languages=["en", "de"]))
    (person,) = world.arrive(language="de")
    person.say("leave")
    assert "Ein Programm." in person.last("closed").body


def test_who_was_not_deceived_is_told_nothing() -> None:
    start = StaticScene("start")
    world = World(make(start, game("play", 1, bots=1).waitroom(acted_wait_s=(1, 2), debriefing=TRUTH), EndScene("end")))
    (person,) = world.arrive()
    person.say("leave")
    assert TRUTH not in person.last("closed").body


def test_an_address_that_follows_leaves_time_to_read() -> None:
    scene = game("play", 1, bots=1).waitroom(acted_wait_s=(0, 0), debriefing=TRUTH)
    world = World(make(scene, returns={"withdrawn": {"redirect_url": "https://lab.example/back"}}))
    (person,) = world.arrive()
    person.say("leave")
    assert person.last("closed").redirect_after_s >= 30


@pytest.mark.parametrize(
    ("players", "bots", "options", "text"),
    [
        (1, 1, {"acted_wait_s": (5, 20)}, "needs debriefing"),
        (1, 1, {"acted_wait_s": (20, 5), "debriefing": TRUTH}, "the shortest and the longest"),
        (2, 1, {"acted_wait_s": (5, 20), "debriefing": TRUTH}, "one Human"),
        (1, 0, {"acted_wait_s": (5, 20), "debriefing": TRUTH}, "at least one bot"),
    ],
)
def test_deceit_without_the_truth_or_without_a_bot_is_refused(
    players: int, bots: int, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ExperimentError, match=text):
        make(game("play", players, bots).waitroom(**options), EndScene("end"))

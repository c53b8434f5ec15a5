"""Whatever ends a match early: both members' pages are told the same, and whoever is let go reads why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.core.match_play import lose, playing
from tests.core.world import Person, World

Story = Callable[[World, Person, Person], None]
LIMIT_S = 90


def comes_back(world: World, gone: Person, seconds: float) -> None:
    world.run(seconds)
    gone.open()


def is_lost(world: World, stays: Person, gone: Person) -> None:
    lose(gone, [stays])
    comes_back(world, gone, LIMIT_S)


def never_loads(world: World, stays: Person, gone: Person) -> None:
    gone.link(stays, state="lost")
    stays.link(gone, state="lost")
    gone.close()
    gone.open(loaded=False)
    world.run(LIMIT_S)


def is_frozen(world: World, stays: Person, gone: Person) -> None:
    world.run(20)
    gone.frozen = True
    stays.link(gone, state="lost")
    world.run(LIMIT_S)


def stands_still(world: World, stays: Person, gone: Person) -> None:
    gone.stands_still = True
    world.run(LIMIT_S)


def both_stand_still(world: World, stays: Person, gone: Person) -> None:
    stays.stands_still = gone.stands_still = True
    world.run(LIMIT_S)


def link_stays_lost(world: World, stays: Person, gone: Person) -> None:
    stays.link(gone, state="lost")
    world.run(LIMIT_S)


def is_ended_by_the_experimenter(world: World, stays: Person, gone: Person) -> None:
    world.command("end_match", match="m001")


STORIES: dict[Story, tuple[str, str, str]] = {
    is_lost: ("connection lost", "did not come back", "gone for too long"),
    never_loads: ("did not load again", "did not come back", "gone for too long"),
    is_frozen: ("connection lost", "did not come back", "gone for too long"),
    stands_still: ("stands still", "did not come back", "gone for too long"),
    both_stand_still: ("stands still", "did not come back", "did not come back"),
    link_stays_lost: ("link lost", "did not come back", "did not come back"),
    is_ended_by_the_experimenter: ("ended by the experimenter", "has ended this game", "has ended this game"),
}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_both_are_told_the_same_and_why(story: Story) -> None:
    reason, text, text_of_gone = STORIES[story]
    world, (stays, gone) = playing(timeout_s=15)

    story(world, stays, gone)

    assert world.records("match_ended")[0].body["reason"] == reason
    assert {stays.scene, gone.scene} == {"next"}
    for person, words in ((stays, text), (gone, text_of_gone)):
        assert words in person.last("notice").text
    ends = [[told for told in person.got("match_state") if told.state == "ended"] for person in (stays, gone)]
    assert [told.reason for told in ends[0]] == [reason]
    # Whoever was there when it ended heard the same; a page that was away finds the next one.
    assert [told.reason for told in ends[1]] == ([] if story is is_lost else [reason])
    assert world.replayed().view(world.now).to_json() == world.view()


@pytest.mark.parametrize("option", ["end", "bot", "requeue"])
@pytest.mark.parametrize("first", [0, 1])
def test_of_two_who_were_both_gone_nobody_is_held_to_have_left(first: int, option: str) -> None:
    """Their computers fell asleep, or the room's switch has no power: whose absence was noticed first is chance."""
    world, people = playing(timeout_s=15, on_timeout=option)
    one, other = people[first], people[1 - first]
    one.close()
    other.link(one, state="lost")
    world.run(8)
    other.close()
    world.run(LIMIT_S)
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], set(ended["who"])) == ("everybody was gone", {one.id, other.id})
    for person in people:
        person.open()
    assert one.last("notice").text == other.last("notice").text
    assert one.scene == other.scene
    assert world.replayed().view(world.now).to_json() == world.view()


def test_who_was_away_as_the_match_was_ended_reads_why_however_late_they_come() -> None:
    world, (stays, gone) = playing(timeout_s=15)
    lose(gone, [stays])
    is_ended_by_the_experimenter(world, stays, gone)
    comes_back(world, gone, 300)
    assert "has ended this game" in gone.last("notice").text


def test_who_is_still_loading_is_gone_as_well() -> None:
    world, (one, other) = playing(timeout_s=15)
    one.close()
    other.link(one, state="lost")
    world.run(3)
    one.open(loaded=False)
    other.close()
    world.run(LIMIT_S)
    assert world.records("match_ended")[0].body["reason"] == "everybody was gone"


def test_of_three_only_who_is_gone_is_let_go() -> None:
    world, (first, second, stays) = playing(3, timeout_s=15, on_timeout="bot")
    for person in (first, second):
        lose(person, [stays])
    world.run(LIMIT_S)
    assert stays.state == "playing" and not world.records("match_ended")


@pytest.mark.parametrize("option", ["bot", "default_action"])
def test_who_is_replaced_reads_why_however_late_they_come(option: str) -> None:
    world, (stays, gone) = playing(timeout_s=15, on_timeout=option)
    lose(gone, [stays])
    comes_back(world, gone, 300)
    assert stays.state == "playing" and gone.scene == "next"
    told = gone.last("notice")
    assert "gone for too long" in told.text and told.expires_ms is None, "it stays until it is closed"

"""People who played together: remembered, brought together again, or kept apart."""

from __future__ import annotations

from typing import Any

from igym.experiment.matchmakers import GroupReunion
from igym.experiment.scenes import EndScene
from tests.core.experiments import game, make
from tests.core.match_play import play_out
from tests.core.world import World, start_playing


def test_nobody_plays_twice_with_the_same_partner_when_that_is_forbidden() -> None:
    scenes = [game(name, 2).matchmaking(forbid_repeat_partners=True) for name in ("one", "two")]
    world = World(make(*scenes, EndScene("end")))
    people = world.arrive(2)
    play_out(world, people)
    assert {person.state for person in people} == {"waiting"}
    world.run(5)
    assert {person.state for person in people} == {"waiting"}
    line = next(r for r in world.records("match_log") if r.body["decision"] == "waiting")
    assert set(line.body["pairs"].values()) == {"they played together before"}
    others = world.arrive(2)
    play_out(world, others)
    pairs = [set(match["participants"]) for match in world.view()["matches"] if match["scene_id"] == "two"]
    assert len(pairs) == 2 and all(pair not in ({p.id for p in people}, {p.id for p in others}) for pair in pairs)


def test_partners_of_an_earlier_session_are_known_by_label() -> None:
    from igym.core.events import HistoryLoaded

    scene = game("match", 2).matchmaking(forbid_repeat_partners=True)
    world = World(make(scene, EndScene("end"), participant_ids="label"))
    world.do(HistoryLoaded((("Anna", "Bo"), ("Cem", "Dana"))))
    anna, bo = world.join(label="Anna").open(), world.join(label="Bo").open()
    assert (anna.state, bo.state) == ("waiting", "waiting")
    cem = world.join(label="Cem").open()
    assert (anna.state, cem.state, bo.state) == ("countdown", "countdown", "waiting")


def labelled_reunion(**options: Any) -> World:
    from igym.core.events import HistoryLoaded

    scene = game("match", 2).matchmaking(GroupReunion(**options))
    world = World(make(scene, EndScene("end"), participant_ids="label"))
    world.do(HistoryLoaded((("Anna", "Zoe"), ("Anna", "Bo"), ("Cem", "Dana"))))
    return world


def test_the_group_of_an_earlier_session_meets_again() -> None:
    world = labelled_reunion(fallback=None)
    people = {label: world.join(label=label).open() for label in ("Anna", "Cem", "Zoe")}
    assert {person.state for person in people.values()} == {"waiting"}
    people["Dana"] = world.join(label="Dana").open()
    people["Bo"] = world.join(label="Bo").open()
    assert {label for label, person in people.items() if person.state == "waiting"} == {"Zoe"}
    ids = {label: person.id for label, person in people.items()}
    groups = [set(match["participants"]) for match in world.view()["matches"]]
    assert groups == [{ids["Cem"], ids["Dana"]}, {ids["Anna"], ids["Bo"]}]
    lines = [r.body for r in world.records("match_log") if r.body["decision"] == "matched"]
    assert [line["reunion_of"] for line in lines] == ["an earlier session"] * 2


def test_whoever_waits_in_vain_for_an_earlier_group_is_matched_by_the_fallback() -> None:
    world = labelled_reunion(wait_s=20)
    anna, stranger = world.join(label="Anna").open(), world.join(label="Nina").open()
    assert (anna.state, stranger.state) == ("waiting", "waiting")
    world.run(21)
    assert (anna.state, stranger.state) == ("countdown", "countdown")
    line = next(r.body for r in world.records("match_log") if r.body["decision"] == "matched")
    assert line["fallback"] is True


def reunion(**options: Any) -> World:
    second = game("two", 2).matchmaking(GroupReunion(**options))
    return World(make(game("one", 2), second, EndScene("end")))


def test_former_partners_meet_again_and_are_the_same_group() -> None:
    world = reunion()
    first, second = world.arrive(2), world.arrive(2)
    start_playing(world, first)
    start_playing(world, second)
    for person in (first[0], second[0], second[1], first[1]):
        person.rows(30)
        person.end_episode(30)
        person.game_over()
    pairs = [set(match["participants"]) for match in world.view()["matches"] if match["scene_id"] == "two"]
    assert pairs == [{p.id for p in second}, {p.id for p in first}]
    groups = [record.body["group"] for record in world.records("group_formed")]
    assert sorted(groups) == ["g001", "g001", "g002", "g002"]
    assert any(record.body.get("reunion_of") for record in world.records("match_log"))


def test_a_partner_who_left_is_waited_for_and_then_the_fallback_decides() -> None:
    world = reunion(wait_s=30)
    first, second = world.arrive(2), world.arrive(2)
    start_playing(world, first)
    start_playing(world, second)
    for pair in (first, second):
        pair[0].game_over()
        pair[1].say("leave")
        world.run(1)
    assert (first[0].state, second[0].state) == ("waiting", "waiting")
    world.run(31)
    assert (first[0].state, second[0].state) == ("countdown", "countdown")
    assert world.records("match_log")[-1].body["fallback"] is True


def test_groups_survive_an_abnormal_end_and_a_restart() -> None:
    world = reunion(fallback=None)
    people = world.arrive(2)
    start_playing(world, people)
    world.command("end_match", match=people[0].match)
    assert {person.state for person in people} == {"countdown"}, "the same two again"
    world.restart()
    assert world.session._state.groups.last(people[0].id).members == tuple(
        seat.participant for seat in world.session._state.matches["m002"].seats
    )

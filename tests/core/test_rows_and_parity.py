"""Rows on disk: whose they are, whether they are whole, and whether all members recorded the same."""

from __future__ import annotations

from typing import Any

from igym.core.effects import ExportEpisode, ExportMatch, FindDifference
from igym.core.events import DifferenceFound, RowsStored
from tests.core.experiments import together
from tests.core.match_play import playing, rows
from tests.core.world import Person, World, start_playing


def test_which_rows_may_be_stored() -> None:
    world = World(together(2))
    people = world.arrive(3)
    members = [person for person in people if person.match]
    stranger = next(person for person in people if not person.match)
    match = str(members[0].match)

    def code(person: Person, **changes: Any) -> str | None:
        refused = world.session.accepts_rows(person.id, rows(**({"match": match} | changes)))
        return refused.code if refused else None

    assert code(members[0]) == "out_of_state", "not begun"
    start_playing(world, members)
    assert code(members[0]) is None
    assert code(stranger) == "not_yours"
    assert code(members[0], match="m999") == "not_yours"
    assert code(members[0], scene="other") == "not_yours"
    members[0].end_episode(10)
    assert code(members[0], first=9) is None
    assert code(members[0], first=10) == "out_of_state"
    world.command("end_match", match=match)
    assert code(members[1], first=3) is None, "late rows are still their own"


def test_rows_of_both_with_the_same_chain_are_identical() -> None:
    world, (a, b) = playing()
    for person in (a, b):
        person.say("episode_started", visit=person.visit, match=person.match, episode=0)
    a.rows(30)
    assert (world.match()["frame"], world.row(a)["frame"], world.row(b)["frame"]) == (29, 29, None)
    assert world.match()["parity"] == "pending"
    a.end_episode(60)
    b.rows(60)
    b.end_episode(60)
    assert world.match()["parity"] == "pending", "not all rows are on disk"
    a.rows(30, first=30)
    assert world.match()["parity"] == "identical"
    assert world.session.stored_to(a.id, str(a.match), 0) == 60
    assert len(world.of(ExportEpisode)) == 2


def test_a_batch_sent_twice_counts_once_and_gaps_are_seen() -> None:
    world, (a, _) = playing()
    a.rows(30)
    a.rows(30)
    a.rows(30, first=60)
    assert world.session.stored_to(a.id, str(a.match), 0) == 30
    a.rows(30, first=30)
    assert world.session.stored_to(a.id, str(a.match), 0) == 90


def test_different_chains_are_looked_into_and_named() -> None:
    world, (a, b) = playing()
    for person, chain in ((a, "ab"), (b, "cd")):
        person.rows(60)
        person.end_episode(60, chain=chain)
    assert world.of(FindDifference) == [FindDifference("m001", 0)]
    assert world.match()["parity"] == "pending"
    world.do(DifferenceFound("m001", 0, 17, ("rewards.left",), 60))
    assert world.match()["parity"] == "differs at frame 17"
    assert "frame 17" in world.problems()[0].text
    world.do(DifferenceFound("m001", 0, None))
    assert world.match()["parity"] == "differs at frame 17", "once found it stays"


def test_the_same_rows_but_different_ends_differ() -> None:
    world, (a, b) = playing()
    a.rows(60)
    a.end_episode(60)
    b.rows(50)
    b.end_episode(50, chain="cd")
    world.do(DifferenceFound("m001", 0, None, (), 50))
    assert world.match()["parity"] == "differs"


def test_an_interrupted_episode_is_compared_as_far_as_it_goes() -> None:
    world, (a, b) = playing()
    a.rows(60)
    b.rows(30)
    world.command("end_match", match=a.match)
    assert not world.of(FindDifference)
    world.run(1)
    b.rows(20, first=30, match="m001")
    world.run(1.5)
    assert not world.of(FindDifference), "rows still come in"
    world.run(1)
    assert world.of(FindDifference) == [FindDifference("m001", 0)]
    world.do(DifferenceFound("m001", 0, None, (), 50))
    assert world.match()["parity"] == "identical"


def test_parity_of_several_episodes() -> None:
    world, (a, b) = playing()
    for episode in (0, 1):
        for person in (a, b):
            person.rows(30, episode=episode)
            person.end_episode(30, episode=episode, chain="ab" if episode == 0 else f"a{person.seat}")
    world.do(DifferenceFound("m001", 1, 4))
    assert world.match()["parity"] == "differs at frame 4 of episode 1"


def test_rows_of_unknown_matches_change_nothing() -> None:
    world, (a, _) = playing()
    world.do(RowsStored(a.id, "m999", 0, 0, 30, 29))
    assert world.session.stored_to(a.id, "m999", 0) == 0


def test_a_late_report_of_an_interrupted_episode_is_kept_beside_the_partial_mark() -> None:
    world, (a, b) = playing()
    visit = a.visit
    a.rows(30)
    b.rows(30)
    world.command("end_match", match=a.match)
    late = {
        "visit": visit,
        "match": "m001",
        "episode": 0,
        "frames": 30,
        "reason": "partial",
        "chain": "ab",
        "scores": {},
    }
    a.say("episode_ended", **late)
    assert len(world.records("episode_ended", a.id)) == 1
    assert world.records("episode_reported", a.id)[0].body["frames"] == 30


def test_late_rows_are_exported_again() -> None:
    world, (a, b) = playing()
    a.rows(30)
    b.rows(30)
    world.command("end_match", match=a.match)
    before = len(world.of(ExportEpisode))
    a.rows(15, first=30, match="m001")
    assert len(world.of(ExportEpisode)) == before + 1


def test_frames_of_an_interrupted_episode_are_counted_again_when_no_more_rows_come() -> None:
    """30 were known when the match ended, 45 and 50 have come in since."""
    world, (a, b) = playing()
    a.rows(30)
    b.rows(30)
    world.command("end_match", match=a.match)
    assert [record.body["frames"] for record in world.records("episode_ended")] == [30, 30]
    a.rows(15, first=30, match="m001")
    b.rows(20, first=30, match="m001")
    before = len(world.of(ExportMatch))
    world.run(3)
    again = {record.participant: record.body for record in world.records("episode_recounted")}
    assert {who: (body["frames"], body["last_frame"]) for who, body in again.items()} == {
        a.id: (45, 44),
        b.id: (50, 49),
    }
    assert len(world.of(ExportMatch)) == before + 1, "what was written about the match is written anew"
    b.rows(5, first=50, match="m001")
    world.run(3)
    assert [record.body["frames"] for record in world.records("episode_recounted", b.id)] == [50, 55]
    assert len(world.records("episode_recounted", a.id)) == 1, "nothing more came of this one"

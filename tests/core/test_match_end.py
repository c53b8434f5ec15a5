"""How a match ends, and who may say what about it."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import ExportMatch
from igym.experiment.scenes import StaticScene
from igym.protocol.told import Told
from tests.core.experiments import together
from tests.core.match_play import lose, play_out, playing
from tests.core.world import World


def test_a_game_over_of_one_gives_the_others_a_while() -> None:
    world, (a, b) = playing()
    a.game_over()
    assert (a.scene, b.state) == ("next", "playing")
    world.run(31)
    assert b.scene == "next"
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], ended["who"]) == ("incomplete", [b.id])


def test_what_is_whole_on_disk_is_complete_whoever_reports_it() -> None:
    world, (a, b) = playing()
    for person in (a, b):
        person.rows(30)
        person.end_episode(30)
    a.game_over()
    world.run(31)
    assert b.scene == "next"
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], ended["who"]) == ("complete", [])


@pytest.mark.parametrize("is_stored_before", [True, False])
def test_who_reloads_behind_the_last_frame_has_nobody_to_play_on_with_and_goes_on(is_stored_before: bool) -> None:
    world, (a, b) = playing()
    a.rows(30)
    a.end_episode(30)
    a.game_over()
    match = b.match
    b.rows(20)
    if is_stored_before:
        b.rows(10, first=20)
        b.end_episode(30)
    b.reload()
    if not is_stored_before:
        assert b.scene == "match"
        # What its browser kept comes with the new page.
        b.rows(10, first=20)
        b.end_episode(30)
    assert b.scene == "next"
    assert b.refused("game_over", visit=b.visit, match=match, reason="complete") is None
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], ended["who"]) == ("complete", [])


def test_who_reloads_behind_the_last_frame_stays_while_a_partner_may_need_them() -> None:
    world, (a, b) = playing()
    a.rows(30)
    a.end_episode(30)
    a.reload()
    assert (a.scene, b.state) == ("match", "paused")
    b.rows(30)
    b.end_episode(30)
    assert a.scene == "next"
    b.game_over()
    assert world.match()["reason"] == "complete"


def test_game_over_twice_and_after_the_end_changes_nothing() -> None:
    world, (a, b) = playing()
    visit, match = a.visit, a.match
    a.game_over()
    assert a.refused("game_over", visit=visit, match=match, reason="complete") is None
    b.game_over()
    assert a.refused("game_over", visit=visit, match=match, reason="complete") is None
    assert len(world.of(ExportMatch)) == 1


def test_why_a_game_was_not_complete_is_kept() -> None:
    world, (a, b) = playing()
    a.game_over("desync")
    b.game_over("desync")
    assert world.match()["reason"] == "desync"


def test_a_game_is_submitted_when_it_was_played_to_its_end() -> None:
    world = World(together(2, after=(StaticScene("next"),)))
    play_out(world, world.arrive(2))
    assert [record.body["submitted"] for record in world.records("scene_left")] == [True, True]
    world, (a, b) = playing()
    lose(b, [a])
    world.run(10)
    assert a.scene == "next"
    assert not any(record.body["submitted"] for record in world.records("scene_left"))


def test_the_end_of_a_match_that_was_paused_waits_for_nothing() -> None:
    world, (a, b) = playing(timeout_s=60)
    lose(b, [a])
    assert a.last("match_state").deadline_ms is not None
    assert world.command("end_match", match=a.match).ok
    told = a.last("match_state")
    assert (told.state, told.deadline_ms) == ("ended", None)


def test_game_over_before_play_is_refused() -> None:
    world = World(together(2))
    a, _ = world.arrive(2)
    assert a.refused("game_over", visit=1, match=a.match, reason="complete") == "out_of_state"


def test_a_broken_browser_is_treated_as_a_player_who_left() -> None:
    world, (a, b) = playing()
    error = {"where": "python", "message": "boom", "traceback": "", "file": None, "line": None}
    b.say("client_error", fatal=False, **error)
    assert b.state == "playing"
    assert [row["game_fails"] for row in world.view()["problems"]] == [False]
    b.say("client_error", fatal=True, **error)
    assert [(row["participant"], row["game_fails"]) for row in world.view()["problems"]] == [(b.id, True)]
    assert {a.scene, b.scene} == {"next"}
    assert world.match()["reason"] == "error in the game"
    world = World(together(2))
    a, b = world.arrive(2)
    b.say("client_error", fatal=True, **error)
    assert world.match(0)["reason"] == "error in the game"
    assert {a.match, b.match} <= {None, "m002"}


def test_a_broken_page_outside_of_the_game_is_no_failing_game() -> None:
    world, (_, b) = playing()
    b.say("client_error", where="javascript", message="boom", traceback="", file=None, line=None, fatal=True)
    assert [row["game_fails"] for row in world.view()["problems"]] == [False]


def test_what_an_error_was_made_of_is_kept_when_it_is_what_the_error_says() -> None:
    world, (a, b) = playing()
    sentence = {"key": "There is no file {file} in the experiment folder.", "values": {"file": "x.py"}}
    error = {"where": "python", "traceback": "", "file": "env.py", "line": 3, "fatal": False, "sentence": sentence}
    a.say("client_error", message="There is no file x.py in the experiment folder.", **error)
    b.say("client_error", message="There is no file y.py in the experiment folder.", **error)
    kept, lied = (row["text"] for row in world.view()["problems"])
    assert kept == "There is no file x.py in the experiment folder. (env.py, line 3)"
    assert kept.values["text"].key == sentence["key"]
    assert not isinstance(lied.values["text"], Told)
    assert [type(record.body["message"]) for record in world.records("client_error")] == [Told, str]
    assert all("sentence" not in record.body for record in world.records("client_error"))


def test_strangers_cannot_touch_a_match() -> None:
    world = World(together(2))
    people = world.arrive(4)
    match = people[0].match
    stranger = next(person for person in people if person.match != match)
    visit = {"visit": 1, "match": match}
    ended = {"episode": 0, "frames": 1, "reason": "terminated", "chain": "", "scores": {}}
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("match_ready", {"match": match}),
        ("game_over", visit | {"reason": "complete"}),
        ("episode_started", visit | {"episode": 0}),
        ("episode_ended", visit | ended),
        ("signal", {"match": match, "to": 0, "data": {}}),
        ("link", {"match": match, "peer": 0, "state": "down", "transport": "p2p", "rtt_ms": None}),
        ("match_ready", {"match": "m999"}),
    ]
    before = world.match(0)
    for name, fields in attempts:
        assert stranger.refused(name, **fields) == "not_yours", name
    assert stranger.refused("metrics", **visit, samples=[{"age_ms": 0.0, "values": {}}]) == "out_of_state"
    assert world.match(0) == before


def test_players_that_do_not_exist_are_refused() -> None:
    _, (a, b) = playing()
    link = {"match": a.match, "state": "up", "transport": "p2p", "rtt_ms": None}
    assert a.refused("link", peer=7, **link) == "not_yours"
    assert a.refused("link", peer=a.seat, **link) == "not_yours"
    assert a.refused("signal", match=a.match, to=7, data={}) == "not_yours"
    assert a.refused("signal", match=a.match, to=a.seat, data={}) == "not_yours"
    assert a.refused("signal", match=a.match, to=b.seat, data={"sdp": 1}) is None
    assert (b.last("signal_in").from_player, b.last("signal_in").data) == (a.seat, {"sdp": 1})


def test_the_relay_reaches_members_of_the_same_match_only() -> None:
    world = World(together(2))
    a, b, c, d = world.arrive(4)
    relay = world.session.relay_target
    pair = {a.id: b, b.id: a, c.id: d, d.id: c} if a.match == b.match else {}
    for person in (a, b, c, d):
        partner = pair[person.id]
        assert relay(person.id, partner.seat) == (partner.id, person.seat)
        assert relay(person.id, person.seat) is None
        assert relay(person.id, 7) is None
    assert relay("nobody", 0) is None
    b.say("leave")
    assert relay(a.id, 0) is None and relay(a.id, 1) is None


def test_what_belongs_to_a_later_phase_is_refused_before_play() -> None:
    world = World(together(2))
    a, _ = world.arrive(2)
    fields = {"visit": 1, "match": a.match, "episode": 0}
    assert a.refused("episode_started", **fields) == "out_of_state"
    assert a.refused("episode_ended", **fields, frames=1, reason="terminated", chain="", scores={}) == "out_of_state"

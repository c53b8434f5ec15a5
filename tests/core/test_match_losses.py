"""Lost links and browsers during play: pauses, returns, and what becomes of the match."""

from __future__ import annotations

import pytest

from igym.core.effects import ExportEpisode
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make, together
from tests.core.match_play import lose, playing
from tests.core.world import World, connect_all, start_playing


def test_a_lost_link_pauses_for_everyone_and_its_return_goes_on() -> None:
    world, (a, b) = playing()
    a.link(b, state="lost")
    assert {a.state, b.state} == {"paused"}
    message = b.last("match_state")
    assert (message.state, message.reason) == ("paused", f"link {min(a.seat, b.seat)} {max(a.seat, b.seat)}")
    assert message.deadline_ms == (world.now + 5) * 1000
    assert "lost" in message.text
    world.run(4)
    a.link(b, transport="relay")
    assert {a.state, b.state} == {"playing"}
    assert world.match()["transport"] == "relay"


def test_a_link_that_stays_lost_though_both_are_there_blames_nobody() -> None:
    world, (a, b) = playing()
    a.link(b, state="lost")
    world.run(5.1)
    assert {a.scene, b.scene} == {"next"}
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], set(ended["who"])) == ("link lost", {a.id, b.id})


def test_a_lost_control_socket_does_not_end_a_healthy_game() -> None:
    world, (a, b) = playing()
    b.close()
    world.run(40)
    assert {a.state, b.state} == {"playing"}
    b.open(visit=b.visit, loaded=False)
    assert b.state == "playing"
    for person in (a, b):
        person.rows(30)
        person.end_episode(30)
        person.game_over()
    assert world.match()["parity"] == "identical"


def test_over_the_relay_a_lost_socket_is_a_lost_player() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    for one, other in ((a, b), (b, a)):
        one.link(other, transport="relay")
    a.ready()
    b.ready()
    world.run(4)
    b.close()
    assert a.state == "paused"
    assert a.last("match_state").reason == f"absent {b.seat}"


def test_end_is_the_default_outcome_for_someone_who_does_not_return() -> None:
    world, (a, b) = playing()
    for person in (a, b):
        person.rows(45)
    lose(b, [a])
    assert a.last("match_state").reason.startswith("absent")
    world.run(4.9)
    assert a.state == "paused"
    world.run(0.2)
    assert (a.state, a.scene) == ("in_scene", "next")
    assert "did not come back" in a.last("notice").text
    assert b.state == "in_scene", "who returns later goes on with the next scene"
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], ended["who"], ended["last_frame"]) == ("connection lost", [b.id], 44)
    partial = world.records("episode_ended")
    assert [(r.participant, r.body["partial"], r.body["last_frame"]) for r in partial] == [
        (member, True, 44) for member in world.match()["participants"]
    ]
    assert {export.participant for export in world.of(ExportEpisode)} == {a.id, b.id}
    b.open()
    assert b.scene == "next"
    assert b.refused("game_over", visit=b.visit, match="m001", reason="complete") == "out_of_state"


def test_a_frozen_browser_in_play_is_out_by_the_deadline() -> None:
    world, (a, b) = playing()
    world.run(20)
    b.frozen = True
    a.link(b, state="lost")
    assert a.last("match_state").reason.startswith("link")
    world.run(5.1)
    assert a.scene == "next"
    assert world.records("match_ended")[0].body["who"] == [b.id]


def test_end_with_a_named_scene() -> None:
    scene = game("match", 2).multiplayer(reconnection={"end_scene": "debrief", "timeout_s": 5})
    world = World(make(scene, StaticScene("other"), StaticScene("debrief"), EndScene("end")))
    a, b = world.arrive(2)
    start_playing(world, [a, b])
    lose(b, [a])
    world.run(6)
    assert a.scene == "debrief"


def test_end_with_a_recorded_code() -> None:
    world, (a, b) = playing(completion_code=True)
    lose(b, [a])
    world.run(6)
    assert a.state == "finished"
    code = a.last("closed").code
    assert code and world.records("code_issued", a.id)[0].body["code"] == code
    assert "did not come back" in a.last("closed").body


@pytest.mark.parametrize(("option", "by"), [("bot", "bot"), ("default_action", "default")])
def test_a_substitute_takes_over_and_the_game_goes_on(option: str, by: str) -> None:
    world, (a, b) = playing(on_timeout=option)
    a.rows(60)
    b.rows(30)
    gone = b.seat
    lose(b, [a])
    world.run(5.1)
    assert a.state == "playing"
    message = a.last("match_state")
    assert (message.state, message.substitutes, message.from_frame) == ("playing", {str(gone): by}, 60)
    assert world.records("substituted")[0].body["by"] == by
    a.rows(60, first=60)
    a.end_episode(120)
    a.game_over()
    assert a.scene == "next"
    assert world.match()["state"] == "ended"
    assert b.state == "in_scene"


def test_requeue_sends_the_others_back_with_their_place() -> None:
    world, (a, b) = playing(on_timeout="requeue")
    lose(b, [a])
    world.run(6)
    assert a.state == "waiting"
    (c,) = world.arrive()
    assert {a.state, c.state} == {"countdown"}


def test_coming_back_within_the_limit_with_a_fresh_page() -> None:
    world, (a, b) = playing(timeout_s=30)
    lose(b, [a])
    world.run(3)
    b.open()
    assert b.last("scene").match.id == a.match
    assert a.last("match_state").reason == f"return {b.seat}"
    world.run(20)
    assert {a.state, b.state} == {"paused"}
    connect_all([a, b])
    assert {a.state, b.state} == {"playing"}


def test_the_wait_has_one_limit_from_the_first_moment_whatever_comes_back_meanwhile() -> None:
    world, (a, b) = playing(timeout_s=30)
    limit_ms = (world.now + 30) * 1000

    def told() -> set[float | None]:
        return {person.last("match_state").deadline_ms for person in (a, b)}

    a.link(b, state="lost")
    world.run(2)
    b.close()
    assert told() == {limit_ms}
    world.run(8)
    b.open()
    assert told() == {limit_ms}, "the page that was loaded anew is told the same number"
    world.run(5)
    a.link(b, state="lost")
    b.ready()
    assert a.last("match_state").reason.startswith("link")
    assert told() == {limit_ms}, "it is there again, yet nothing comes over its link"
    world.run(14.9)
    assert a.state == "paused"
    world.run(0.2)
    assert a.scene == "next"


def test_a_link_that_is_still_lost_when_a_socket_comes_back_gets_no_new_limit() -> None:
    world, (a, b) = playing(timeout_s=30)
    limit_ms = (world.now + 30) * 1000
    lose(b, [a])
    world.run(10)
    b.open(visit=b.visit, loaded=False)
    assert a.last("match_state").reason.startswith("link")
    assert a.last("match_state").deadline_ms == limit_ms


def test_with_a_substitute_the_latest_end_of_two_waits_is_told() -> None:
    world, (a, b, c) = playing(3, timeout_s=30, on_timeout="bot")
    first_ms = (world.now + 30) * 1000
    lose(b, [a, c])
    assert a.last("match_state").deadline_ms == first_ms
    world.run(10)
    lose(c, [a])
    assert a.last("match_state").deadline_ms == first_ms + 10_000, "it waits on for the other"


def test_a_returning_page_that_never_gets_ready_is_given_up() -> None:
    world, (a, b) = playing(timeout_s=30)
    lose(b, [a])
    b.open()
    world.run(29.9)
    assert a.state == "paused"
    world.run(0.2)
    assert a.scene == "next"
    assert world.records("match_ended")[0].body["reason"] == "did not load again"


def test_ready_again_but_the_link_is_still_lost() -> None:
    _world, (a, b) = playing()
    lose(b, [a])
    b.open()
    a.link(b, state="lost")
    b.ready()
    assert a.last("match_state").reason.startswith("link")
    connect_all([a, b])
    assert {a.state, b.state} == {"playing"}


def test_gone_again_while_returning() -> None:
    world, (a, b) = playing()
    lose(b, [a])
    b.open()
    b.close()
    assert a.last("match_state").reason == f"absent {b.seat}"
    world.run(5.1)
    assert a.scene == "next"


def test_everybody_gone_at_once_ends_the_match_and_leaves_nobody_hanging() -> None:
    world, (a, b) = playing()
    lose(b, [a])
    a.close()
    world.run(12)
    assert world.match()["state"] == "ended"
    assert {a.state, b.state} == {"in_scene"}


def test_three_players_one_lost_and_a_bot_takes_over() -> None:
    world, people = playing(3, on_timeout="bot")
    lost, *others = people
    lose(lost, others)
    world.run(5.1)
    assert {person.state for person in others} == {"playing"}
    again = others[0]
    lose(again, others[1:])
    world.run(5.1)
    assert others[1].state == "playing"
    assert len(others[1].last("match_state").substitutes) == 2


@pytest.mark.parametrize("phase", ["connecting", "countdown", "playing", "paused"])
def test_a_restart_in_any_phase_brings_everyone_back_to_the_same_match(phase: str) -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    if phase != "connecting":
        connect_all([a, b])
    if phase in ("playing", "paused"):
        world.run(4)
        a.rows(30)
    if phase == "paused":
        a.link(b, state="lost")
    match = a.match
    assert world.match()["state"] == phase
    world.restart(down_s=8)
    for person in (a, b):
        person.open(visit=person.visit, loaded=False)
        assert person.match == match
        assert person.last("scene").match.id == match
    connect_all([a, b])
    world.run(4)
    assert {a.state, b.state} == {"playing"}
    assert world.match()["frame"] == (29 if phase in ("playing", "paused") else -1)


def test_who_acts_for_a_seat_is_told_before_play_goes_on() -> None:
    world, (a, b) = playing(on_timeout="bot")
    lose(b, [a])
    world.run(6)
    told = [message.state for message in a.got("match_state") if message.substitutes]
    assert told[:2] == ["paused", "playing"]

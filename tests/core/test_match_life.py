"""A match from forming to its end, with everything that can be lost on the way."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import ExportEpisode, ExportMatch, FindDifference
from igym.core.events import DifferenceFound, RowsStored
from igym.experiment.scenes import EndScene, StaticScene
from igym.protocol.binary import Rows
from tests.core.experiments import game, make, together
from tests.core.world import Person, World, connect_all, start_playing


def playing(size: int = 2, **reconnection: Any) -> tuple[World, list[Person]]:
    experiment = together(
        size, multiplayer={"reconnection": reconnection} if reconnection else None, after=(StaticScene("next"),)
    )
    world = World(experiment)
    people = world.arrive(size)
    start_playing(world, people)
    return world, people


def lose(person: Person, peers: list[Person]) -> None:
    """The person's browser crashes: the partners see it first, then the server."""
    peer_number = person.seat
    for peer in peers:
        peer.say("link", match=peer.match, peer=peer_number, state="lost", transport="p2p", rtt_ms=None)
    person.close()


# Before play


def test_the_phases_in_order() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    assert (world.match()["state"], a.state) == ("connecting", "countdown")
    assert a.last("match_state").state == "connecting"
    a.link(b)
    b.link(a)
    assert world.match()["state"] == "validating"
    a.ready()
    assert world.match()["state"] == "validating"
    b.ready()
    assert world.match()["state"] == "countdown"
    world.run(4)
    assert (world.match()["state"], a.state) == ("playing", "playing")
    states = [record.body["state"] for record in world.records("match_state")]
    assert states == ["validating", "countdown", "playing"]


def test_seed_seats_and_id_are_recorded_before_anything_is_shown() -> None:
    world = World(together(2))
    world.arrive(1)
    before = len(world.effects)
    world.arrive(1)
    kinds = [getattr(effect, "kind", effect.type) for effect in world.effects[before:]]
    shown = next(
        index
        for index, effect in enumerate(world.effects[before:])
        if effect.type == "send" and effect.message.name == "scene"
    )
    assert kinds.index("match_formed") < shown
    formed = world.records("match_formed")[0]
    assert formed.body["seed"] == world.session.match_seed("m001")
    assert [player["player"] for player in formed.body["players"]] == [0, 1]


def test_a_given_seed_is_used() -> None:
    world = World(make(game("play", 1).environment(code="env = 1", seed=77), EndScene("end")))
    (person,) = world.arrive()
    assert person.last("scene").match.seed == 77


def test_links_that_take_too_long_go_over_the_relay_and_then_back_to_the_waitroom() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    world.run(14.9)
    assert a.last("match_state").reason == ""
    world.run(0.2)
    assert a.last("match_state").reason == "use_relay"
    a.link(b, transport="relay")
    b.link(a, transport="relay")
    assert world.match()["state"] == "validating"
    world = World(together(2))
    a, b = world.arrive(2)
    world.run(30.1)
    assert {a.state, b.state} == {"waiting"}
    assert world.match(0)["reason"] == "links not established"
    world.run(10)
    assert len(world.view()["matches"]) == 1, "the same pair is not tried again at once"


def test_direct_links_only_never_use_the_relay() -> None:
    world = World(together(2, multiplayer={"transport": "p2p"}))
    people = world.arrive(2)
    world.run(15.1)
    assert {person.state for person in people} == {"waiting"}


def test_someone_who_never_gets_ready_loses_the_match_and_not_the_place() -> None:
    world = World(together(2, waitroom={"timeout_s": 1000}))
    a, b = world.arrive(2)
    a.link(b)
    b.link(a)
    a.ready()
    world.run(179)
    assert a.state == "countdown"
    world.run(2)
    assert world.match(0)["reason"] == "game not loaded in time"
    assert world.records("match_ended")[0].body["who"] == [b.id]


def test_a_partner_lost_in_the_countdown_is_waited_for_and_then_replaced() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    assert world.match()["state"] == "countdown"
    lose(b, [a])
    world.run(3.1)
    assert world.match()["state"] == "connecting", "nobody starts without a partner"
    world.run(1.8)
    assert a.state == "countdown"
    world.run(0.2)
    assert (a.state, b.state) == ("waiting", "waiting")
    (c,) = world.arrive()
    assert (a.state, c.state) == ("countdown", "countdown")


def test_a_partner_who_blinks_in_the_countdown_changes_nothing() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.blink(2.0)
    assert world.match()["state"] == "countdown"
    world.run(3)
    assert {a.state, b.state} == {"playing"}


def test_a_socket_lost_in_the_countdown_does_not_stop_linked_browsers_from_starting() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.close()
    world.run(3.1)
    assert {a.state, b.state} == {"playing"}
    world.run(10)
    assert {a.state, b.state} == {"playing"}
    b.open(visit=b.visit, loaded=False)
    assert b.last("match_state").state == "playing"


def test_what_a_browser_sends_after_an_interrupted_countdown_is_kept() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.reload()
    world.run(4)
    assert world.match()["state"] == "connecting"
    assert a.refused("episode_started", visit=a.visit, match=a.match, episode=0) is None
    assert world.session.accepts_rows(a.id, rows(str(a.match))) is None


def test_a_reload_in_the_countdown_connects_anew() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    match = b.match
    b.reload()
    assert (world.match()["state"], b.match) == ("connecting", match)
    assert b.last("scene").match.id == match
    world.run(10)
    assert {a.state, b.state} == {"countdown"}
    connect_all([a, b])
    world.run(4)
    assert {a.state, b.state} == {"playing"}


def test_someone_who_withdraws_in_the_countdown() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    connect_all([a, b])
    b.say("leave")
    assert (a.state, b.state) == ("waiting", "withdrawn")


# During play


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
    scene = game("match", 2).multiplayer(reconnection={"end_scene": "debrief"})
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
    world, (a, b) = playing()
    lose(b, [a])
    world.run(3)
    b.open()
    assert b.last("scene").match.id == a.match
    assert a.last("match_state").reason == f"return {b.seat}"
    world.run(20)
    assert {a.state, b.state} == {"paused"}, "loading takes longer than the limit for coming back"
    connect_all([a, b])
    assert {a.state, b.state} == {"playing"}


def test_a_returning_page_that_never_gets_ready_is_given_up() -> None:
    world, (a, b) = playing()
    lose(b, [a])
    b.open()
    world.run(61)
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


def test_a_game_over_of_one_gives_the_others_a_while() -> None:
    world, (a, b) = playing()
    a.game_over()
    assert (a.scene, b.state) == ("next", "playing")
    world.run(31)
    assert b.scene == "next"
    ended = world.records("match_ended")[0].body
    assert (ended["reason"], ended["who"]) == ("complete", [b.id])


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


def test_game_over_before_play_is_refused() -> None:
    world = World(together(2))
    a, _ = world.arrive(2)
    assert a.refused("game_over", visit=1, match=a.match, reason="complete") == "out_of_state"


def test_a_broken_browser_is_treated_as_a_player_who_left() -> None:
    world, (a, b) = playing()
    error = {"where": "python", "message": "boom", "traceback": "", "file": None, "line": None}
    b.say("client_error", fatal=False, **error)
    assert b.state == "playing"
    b.say("client_error", fatal=True, **error)
    assert {a.scene, b.scene} == {"next"}
    assert world.match()["reason"] == "error in the game"
    world = World(together(2))
    a, b = world.arrive(2)
    b.say("client_error", fatal=True, **error)
    assert world.match(0)["reason"] == "error in the game"
    assert {a.match, b.match} <= {None, "m002"}


# Who may say what


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
    assert stranger.refused("metrics", **visit, values={}) == "out_of_state"
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


def rows(match: str, **changes: Any) -> Rows:
    fields = {
        "v": 1,
        "scene": "match",
        "visit": 1,
        "match": match,
        "episode": 0,
        "seq": 0,
        "first": 0,
        "count": 1,
        "parity": {},
        "local": {},
        "inputs": {},
        "chain": "ab",
    }
    return Rows.model_validate(fields | changes)


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


# Rows and parity


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


# Restarts of the engine


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

"""Places, live counts, time limits on the server's clock, and what happens when nobody comes."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.effects import Send
from igym.core.events import EngineStopping
from igym.experiment.scenes import EndScene, StaticScene
from tests.core.experiments import game, make, together
from tests.core.world import World, connect_all, start_playing


def test_everyone_waiting_sees_live_counts_and_a_truthful_deadline() -> None:
    world = World(together(3))
    (first,) = world.arrive()
    shown = first.last("waiting")
    assert (shown.waiting, shown.needed, shown.phase) == (1, 3, "waiting")
    assert shown.deadline_ms == (world.now + 120) * 1000
    world.run(10)
    (second,) = world.arrive()
    assert first.last("waiting").waiting == 2
    assert first.last("waiting").deadline_ms == shown.deadline_ms
    second.close()
    assert first.last("waiting").waiting == 1
    assert world.view()["waitrooms"] == [
        {"scene_id": "match", "waiting": 1, "needed": 3, "oldest_since": world.now - 10}
    ]


def test_counts_can_be_hidden() -> None:
    world = World(together(2, waitroom={"show_count": False}))
    (person,) = world.arrive()
    assert (person.last("waiting").waiting, person.last("waiting").needed) == (None, None)


def test_a_stop_of_the_engine_costs_no_wait_whatever_still_comes_in_while_it_stops() -> None:
    world = World(together(2))
    (person,) = world.arrive()
    world.run(10)
    world.do(EngineStopping("the computer is started anew"))
    world.run(2)
    world.restart(down_s=5)
    person.open()
    assert person.last("waiting").deadline_ms == (world.now + 110) * 1000
    world.run(109)
    assert person.state == "waiting"
    world.restart(down_s=5)
    assert world.records("session_resumed")[-1].body["away_s"] == 5, "a crash counts from the last that was heard"


def test_someone_who_left_does_not_count_and_is_not_matched() -> None:
    world = World(together(2))
    (first,) = world.arrive()
    first.close()
    (second,) = world.arrive()
    assert second.state == "waiting"
    assert second.last("waiting").waiting == 1
    assert first.state == "waiting"


def test_a_short_absence_keeps_the_place_in_the_line() -> None:
    world = World(together(3))
    (first,) = world.arrive()
    since = world.now
    world.run(5)
    world.arrive()
    first.close()
    world.run(30)
    first.open()
    assert world.row(first)["waiting_since"] == since
    assert first.last("waiting").waiting == 2


def test_a_long_absence_loses_the_place_but_not_the_time_limit() -> None:
    world = World(together(3))
    (first,) = world.arrive()
    began = world.now
    first.close()
    world.run(70)
    first.open()
    assert world.row(first)["waiting_since"] == world.now
    assert first.last("waiting").deadline_ms == (began + 120) * 1000
    assert world.records("priority_lost", first.id)


@pytest.mark.parametrize("connected", [True, False])
def test_the_time_limit_is_the_servers(connected: bool) -> None:
    world = World(together(2, waitroom={"on_timeout": "end"}))
    (person,) = world.arrive()
    if not connected:
        person.close()
    world.run(119.9)
    assert person.state == "waiting"
    world.run(0.2)
    assert person.state == "timed_out"


def timed_out(**waitroom: Any) -> tuple[World, Any]:
    world = World(together(2, waitroom=waitroom, after=(StaticScene("solo"),)))
    (person,) = world.arrive()
    world.run(121)
    return world, person


def test_timeout_ends_with_the_researchers_message() -> None:
    world, person = timed_out(on_timeout="end", timeout_message="Nobody came, sorry.")
    assert person.state == "timed_out"
    closed = person.last("closed")
    assert (closed.outcome, closed.code) == ("timed_out", None)
    assert "Nobody came, sorry." in closed.body
    assert world.records("waitroom_timeout")[0].body["outcome"] == "end"


def test_timeout_leads_to_a_scene() -> None:
    _, person = timed_out(on_timeout="scene", timeout_scene="solo", timeout_message="On your own now.")
    assert (person.state, person.scene) == ("in_scene", "solo")
    assert person.last("notice").text == "On your own now."


def test_timeout_redirects_with_the_id() -> None:
    _, person = timed_out(on_timeout="redirect", timeout_url="https://x.org/?p={participant}")
    assert person.last("closed").redirect_url == f"https://x.org/?p={person.id}"
    assert person.state == "timed_out"


def test_timeout_gives_a_recorded_code_that_a_reload_keeps() -> None:
    world, person = timed_out(on_timeout="completion_code")
    code = person.last("closed").code
    assert code and world.records("code_issued")[0].body["code"] == code
    person.reload()
    assert person.last("closed").code == code
    assert world.row(person)["code"] == code


def test_timeout_gives_the_researchers_own_code() -> None:
    _, person = timed_out(on_timeout="completion_code", timeout_code="SORRY")
    assert person.last("closed").code == "SORRY"


def test_timeout_plays_with_a_bot() -> None:
    world, person = timed_out(on_timeout="bot")
    spec = person.last("scene").match
    assert [seat.agent for seat in spec.players] + spec.bots == sorted(
        ["left", "right"], key=lambda agent: agent != spec.players[0].agent
    )
    assert list(spec.fixed["bot_policies"]) == spec.bots
    person.ready()
    world.run(5)
    assert person.state == "playing"
    person.rows(30)
    person.end_episode(30)
    person.game_over()
    assert world.match()["parity"] == "identical"


def test_timeout_with_a_bot_while_away_ends_with_a_page() -> None:
    world = World(together(2, waitroom={"on_timeout": "bot"}))
    (person,) = world.arrive()
    person.close()
    world.run(121)
    assert person.state == "timed_out"


def test_a_cold_browser_keeps_its_place_but_is_matched_only_when_loaded() -> None:
    world = World(together(2))
    (cold,) = world.arrive(loaded=False)
    (warm,) = world.arrive()
    assert (cold.state, warm.state) == ("waiting", "waiting")
    assert warm.last("waiting").waiting == 2
    cold.say("loaded", load_ms=9000.0, cold=True)
    assert (cold.state, warm.state) == ("countdown", "countdown")


def test_a_failed_match_sends_people_back_with_their_first_arrival() -> None:
    world = World(together(2, waitroom={"timeout_s": 600}))
    (first,) = world.arrive()
    arrived = world.now
    world.run(7)
    (second,) = world.arrive()
    assert first.match and first.match == second.match
    world.run(31)
    assert (first.state, second.state) == ("waiting", "waiting")
    assert world.row(first)["waiting_since"] == arrived
    assert world.match()["reason"] == "links not established"


def test_who_is_away_as_their_match_fails_waits_on_without_being_counted_or_matched() -> None:
    world = World(together(2))
    a, b = world.arrive(2)
    b.close()
    world.run(40)
    assert (a.state, b.state) == ("waiting", "waiting")
    assert a.last("waiting").waiting == 1
    (c,) = world.arrive()
    assert a.match == c.match is not None and b.match is None


def test_people_whose_matches_fail_again_and_again_get_the_outcome_instead() -> None:
    world = World(together(2, waitroom={"timeout_s": 3000, "on_timeout": "end"}))
    people = world.arrive(2)
    world.run(400)
    assert {person.state for person in people} == {"timed_out"}
    assert len(world.view()["matches"]) == 3


def test_a_frozen_browser_in_the_waitroom_does_not_hold_others_up() -> None:
    world = World(together(2))
    (frozen,) = world.arrive()
    frozen.frozen = True
    world.run(15)
    others = world.arrive(2)
    assert {person.state for person in others} == {"countdown"}
    assert frozen.state == "waiting"
    start_playing(world, others)


def test_nobody_waits_without_a_deadline_over_a_restart() -> None:
    world = World(together(2))
    (person,) = world.arrive()
    world.run(100)
    world.restart(down_s=3600)
    assert person.state == "waiting"
    person.open()
    remaining_s = (person.last("waiting").deadline_ms / 1000) - world.now
    assert 15 <= remaining_s <= 20.5, "an hour of being down is not an hour of waiting"
    world.run(21)
    assert person.state == "timed_out"


def test_leaving_the_study_from_the_waitroom() -> None:
    world = World(together(2))
    (first,) = world.arrive()
    first.say("leave")
    (second,) = world.arrive()
    assert (first.state, second.state) == ("withdrawn", "waiting")
    assert world.records("waiting_ended")[0].body["reason"] == "withdrawn"


@pytest.mark.parametrize(("own_s", "after_s"), [(3.0, 7.0), (0.0, 10.0), (10.0, 1.0), (20.0, 1.0)])
def test_the_waitrooms_countdown_passes_while_connecting_and_while_the_game_counts_down(
    own_s: float, after_s: float
) -> None:
    scene = game("match", 2).waitroom(countdown_s=10).gameplay(countdown_s=own_s)
    world = World(make(scene, EndScene("end")))
    people = world.arrive(2)
    formed = world.now
    world.run(1)
    connect_all(people)
    assert people[0].last("match_state").starts_at_ms == (formed + after_s) * 1000
    if after_s > 1:
        world.run(after_s - 1.1)
        assert people[0].state == "countdown"
    world.run(0.2)
    assert people[0].state == "playing"


@pytest.mark.parametrize(("own_s", "lead_s"), [(3.0, 0.0), (0.2, 0.3), (0.0, 0.5)])
def test_every_browser_hears_of_the_start_before_it(own_s: float, lead_s: float) -> None:
    scene = game("match", 2).waitroom(countdown_s=0).gameplay(countdown_s=own_s)
    world = World(make(scene, EndScene("end")))
    people = world.arrive(2)
    world.run(1)
    connect_all(people)
    state = people[0].got("match_state")
    starts_at_ms = next(item.starts_at_ms for item in state if item.starts_at_ms is not None)
    assert starts_at_ms == pytest.approx((world.now + lead_s) * 1000, abs=0.01)


def test_messages_reach_only_those_they_are_for() -> None:
    world = World(together(2))
    world.arrive(5)
    for effect in world.effects:
        if isinstance(effect, Send) and effect.message.name == "scene" and effect.message.match:
            match = world.session._state.matches[effect.message.match.id]
            assert effect.participant in match.members


def test_players_are_numbered_without_a_gap_whichever_seats_bots_take() -> None:
    world = World(together(2, waitroom={"timeout_s": 20, "on_timeout": "bot"}))
    taken = set()
    for _ in range(12):
        (person,) = world.arrive()
        world.run(25)
        spec = person.last("scene").match
        assert (spec.me, [seat.player for seat in spec.players]) == (0, [0])
        taken.add(spec.players[0].agent)
    assert taken == {"left", "right"}

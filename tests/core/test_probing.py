"""Measured latency between browsers before a match."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.experiment import Experiment
from igym.experiment.matchmakers import GroupReunion, LatencyMatchmaker, Matchmaker
from igym.experiment.scenes import EndScene
from tests.core.experiments import game, make, together
from tests.core.world import Person, World, start_playing


def probing(size: int = 2, count: int = 2, **matchmaking: Any) -> tuple[World, list[Person]]:
    world = World(together(size, matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=100), matchmaking=matchmaking))
    return world, world.arrive(count)


def report(person: Person, *rtts_ms: float, state: str = "connected", index: int = -1) -> None:
    start = person.got("probe_start")[index]
    person.say("probe", probe=start.probe, peer=start.peer, state=state, rtt_ms=list(rtts_ms))


def open_probes(person: Person) -> list[Any]:
    known = {pair for probe in person.world.session._state.probes.values() for pair in probe.pairs}
    return [start for start in person.got("probe_start") if start.probe in known]


def report_all(people: list[Person], rtt_ms: float) -> None:
    for person in people:
        for start in open_probes(person):
            if start in open_probes(person):
                person.say("probe", probe=start.probe, peer=start.peer, state="connected", rtt_ms=[rtt_ms])


def test_both_ends_measure_and_equal_to_the_limit_is_accepted() -> None:
    world, (a, b) = probing()
    assert (a.state, a.last("waiting").phase) == ("waiting", "probing")
    starts = [a.last("probe_start"), b.last("probe_start")]
    assert {start.peer for start in starts} == {a.id, b.id}
    assert sorted(start.initiator for start in starts) == [False, True]
    assert {start.pings for start in starts} == {5}
    assert {start.connect_ms for start in starts} == {10_000}
    report(a, 90.0, 100.0, 300.0)
    assert a.state == "waiting"
    report(b, 90.0, 100.0, 110.0)
    assert (a.state, b.state) == ("countdown", "countdown")
    line = next(r for r in world.records("match_log") if r.body["decision"] == "matched")
    assert line.body["probe_rtts_ms"] == {" ".join(sorted((a.id, b.id))): 100.0}


def test_too_slow_is_rejected_remembered_and_not_probed_again_before_it_expires() -> None:
    world, (a, b) = probing(rejected_pair_expiry_s=60)
    report(a, 101.0)
    report(b, 101.0)
    assert (a.state, a.last("waiting").phase) == ("waiting", "waiting")
    world.run(59)
    assert len(a.got("probe_start")) == 1
    world.run(3)
    assert len(a.got("probe_start")) == 2


def test_no_measurement_is_a_rejection() -> None:
    _, (a, b) = probing()
    report(a)
    report(b)
    assert {a.state, b.state} == {"waiting"}
    assert len(a.got("probe_start")) == 1


def test_a_failed_connection_ends_the_probe_at_once() -> None:
    world, (a, b) = probing()
    report(a, state="failed")
    assert not world.session._state.probes
    (c,) = world.arrive()
    assert len(a.got("probe_start")) + len(b.got("probe_start")) == 3, "one of them is probed with the third"
    assert c.last("probe_start").peer in (a.id, b.id)


def test_a_silent_peer_blocks_nobody_beyond_the_deadline() -> None:
    world, (a, b) = probing()
    report(a, 10.0)
    world.run(14.9)
    assert a.last("waiting").phase == "probing"
    world.run(0.2)
    assert a.last("waiting").phase == "waiting"
    (c,) = world.arrive()
    partner = a if c.last("probe_start").peer == a.id else b
    report(c, 10.0)
    report(partner, 10.0)
    assert {c.state, partner.state} == {"countdown"}


def test_a_frozen_browser_is_no_candidate_after_it_was_noticed() -> None:
    world, (a, b) = probing()
    b.frozen = True
    report(a, 10.0)
    world.run(16)
    (c,) = world.arrive()
    assert c.last("probe_start").peer == a.id


def test_each_person_is_in_at_most_one_probe() -> None:
    world, people = probing(count=7)
    for probe in world.session._state.probes.values():
        assert len(probe.members) == 2
    members = [member for probe in world.session._state.probes.values() for member in probe.members]
    assert len(members) == len(set(members)) == 6
    assert people[6].last("waiting").phase == "waiting"


def test_all_pairs_of_three_are_probed_and_then_they_play() -> None:
    world, people = probing(size=3, count=3)
    assert [len(person.got("probe_start")) for person in people] == [2, 2, 2]
    report_all(people, 20.0)
    assert {person.state for person in people} == {"countdown"}
    start_playing(world, people)


def test_one_bad_pair_of_three_frees_everyone_and_nobody_is_lost() -> None:
    world, people = probing(size=3, count=3)
    bad = people[0].got("probe_start")[0]
    other = world.people[bad.peer]
    people[0].say("probe", probe=bad.probe, peer=bad.peer, state="failed", rtt_ms=[])
    assert {person.state for person in people} == {"waiting"}
    assert not world.session._state.probes
    (fourth,) = world.arrive()
    third = next(person for person in people if person not in (people[0], other))
    probed = {start.peer for start in open_probes(fourth)}
    assert probed == {third.id, people[0].id} or probed == {third.id, other.id}


def test_what_was_measured_is_not_measured_again() -> None:
    world, people = probing(size=3, count=3)
    starts = open_probes(people[0])
    good, bad = world.people[starts[0].peer], world.people[starts[1].peer]
    for one in (people[0], good):
        start = next(s for s in open_probes(one) if s.peer in (people[0].id, good.id))
        one.say("probe", probe=start.probe, peer=start.peer, state="connected", rtt_ms=[15.0])
    people[0].say("probe", probe=starts[1].probe, peer=bad.id, state="failed", rtt_ms=[])
    (fourth,) = world.arrive()
    known = {frozenset((start.probe.rpartition("-")[0], start.peer)) for start in open_probes(people[0])}
    assert len(known) == 1, "only the new person, not the partner measured before"
    report_all([people[0], good, fourth], 20.0)
    assert {people[0].state, good.state, fourth.state} == {"countdown"}


def test_only_the_two_of_a_pair_may_report() -> None:
    world, people = probing(count=4)
    a = people[0]
    start = a.last("probe_start")
    stranger = next(p for p in people if p.id not in (a.id, start.peer))
    result = {"peer": start.peer, "state": "connected", "rtt_ms": [1.0]}
    assert stranger.refused("probe", probe=start.probe, **result) == "not_yours"
    assert a.refused("probe", probe=start.probe, **(result | {"peer": stranger.id})) == "not_yours"
    assert a.refused("probe", probe="pr99-0", **result) == "not_yours"
    assert a.refused("probe", probe="m001", **result) == "not_yours"
    assert a.refused("probe", probe=start.probe, **result) is None
    assert a.refused("probe", probe=start.probe, **(result | {"rtt_ms": [900.0]})) is None, "the first report counts"
    assert world.session._state.probes[start.probe.rpartition("-")[0]].pairs[start.probe].reports[a.id].rtt_ms == [1.0]


def test_signaling_of_a_probe_goes_to_its_other_end_only() -> None:
    world, people = probing(count=4)
    a = people[0]
    start = a.last("probe_start")
    peer = world.people[start.peer]
    other_player = 1 if start.initiator else 0
    a.say("signal", match=start.probe, to=other_player, data={"sdp": "x"})
    got = peer.last("signal_in")
    assert (got.match, got.from_player, got.data) == (start.probe, 1 - other_player, {"sdp": "x"})
    stranger = next(p for p in people if p not in (a, peer))
    assert stranger.refused("signal", match=start.probe, to=0, data={}) == "not_yours"
    assert a.refused("signal", match=start.probe, to=1 - other_player, data={}) == "not_yours"
    assert a.refused("signal", match=start.probe, to=5, data={}) == "not_yours"


def test_leaving_during_a_probe_frees_the_partner_and_blames_nobody() -> None:
    world, (a, b) = probing()
    b.close()
    assert a.last("waiting").phase == "waiting"
    assert world.records("match_log")[-1].body["decision"] == "probe_cancelled"
    b.open()
    assert len(a.got("probe_start")) == 2, "nothing is held against the pair"
    assert a.refused("probe", probe=a.got("probe_start")[0].probe, peer=b.id, state="failed") == "not_yours"


def test_timeout_during_a_probe() -> None:
    world = World(
        together(2, matchmaker=LatencyMatchmaker(max_p2p_rtt_ms=100), waitroom={"timeout_s": 20, "on_timeout": "end"})
    )
    (a,) = world.arrive()
    world.run(15)
    (b,) = world.arrive()
    world.run(6)
    assert (a.state, b.state) == ("timed_out", "waiting")
    assert b.last("waiting").phase == "waiting"
    assert not world.session._state.probes


def test_relaxed_limits_accept_a_remembered_measurement() -> None:
    world, (a, b) = probing(relax_after_s=20, relax_factor=1.5, rejected_pair_expiry_s=600)
    report(a, 120.0)
    report(b, 120.0)
    world.run(19)
    assert {a.state, b.state} == {"waiting"}
    world.run(2)
    assert {a.state, b.state} == {"countdown"}
    assert len(a.got("probe_start")) == 1


class Own(Matchmaker):
    max_p2p_rtt_ms: float = 100.0


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize(("rtt_ms", "state"), [(90.0, "countdown"), (110.0, "waiting")])
def test_a_custom_matchmaker_with_a_limit_has_its_groups_probed(stored: bool, rtt_ms: float, state: str) -> None:
    experiment = together(2, matchmaker=Own())
    world = World(Experiment.from_json(experiment.to_json()) if stored else experiment)
    a, b = world.arrive(2)
    world.answer("matchmaker", [a.id, b.id])
    assert a.last("waiting").phase == "probing"
    report(a, rtt_ms)
    report(b, rtt_ms)
    assert {a.state, b.state} == {"waiting"}, "the verdict is its own"
    assert world.asked("probe_verdict")[-1].context == {"rtts_ms": [rtt_ms], "factor": 1.0}
    world.answer("probe_verdict", error={"type": "ValueError", "message": "broken"})
    assert {a.state, b.state} == {state}, "without a verdict its limit decides"
    assert "failed" in world.problems()[0].title


def custom_pair(**matchmaking: Any) -> tuple[World, Person, Person]:
    """Two people whom a custom matchmaker has put together and whose browsers have measured 120 ms."""
    world = World(together(2, matchmaker=Own(), matchmaking=matchmaking))
    a, b = world.arrive(2)
    world.answer("matchmaker", [a.id, b.id])
    report(a, 120.0)
    report(b, 120.0)
    return world, a, b


def test_a_custom_matchmakers_verdict_counts_against_its_limit() -> None:
    world, a, b = custom_pair()
    world.answer("probe_verdict", {"group": True, "pairs": [True]})
    assert {a.state, b.state} == {"countdown"}


def test_a_custom_matchmakers_verdict_that_never_comes_costs_its_deadline() -> None:
    world, a, b = custom_pair()
    assert a.last("waiting").phase == "probing"
    world.run(2.5)
    assert {a.state, b.state} == {"waiting"}
    assert not world.session._state.probes


def test_someone_who_leaves_before_the_verdict_frees_the_other() -> None:
    world, a, b = custom_pair()
    a.close()
    world.answer("probe_verdict", {"group": True, "pairs": [True]})
    assert b.state == "waiting" and not world.session._state.probes


def test_what_a_custom_matchmaker_refused_is_blocked_until_its_limits_relax() -> None:
    world, a, b = custom_pair(relax_after_s=5, relax_factor=1.5, rejected_pair_expiry_s=600)
    world.answer("probe_verdict", {"group": False, "pairs": [False]})
    assert {a.state, b.state} == {"waiting"}
    asked = world.asked("matchmaker")[-1].context
    assert (asked["factor"], asked["arriving"]["blocked"]) == (1.0, [asked["waiting"][0]["participant"]])
    assert asked["arriving"]["measured_ms"] == {asked["waiting"][0]["participant"]: 120.0}
    for _ in range(9):
        world.run(1)
        if world.asked("matchmaker")[-1].context["factor"] > 1:
            break
        world.answer("matchmaker", None)
    asked = world.asked("matchmaker")[-1].context
    assert (asked["factor"], asked["arriving"]["blocked"]) == (1.5, [])
    world.answer("matchmaker", [a.id, b.id])
    assert world.asked("probe_verdict")[-1].context == {"rtts_ms": [120.0], "factor": 1.5}
    world.answer("probe_verdict", {"group": True, "pairs": [True]})
    assert {a.state, b.state} == {"countdown"}
    assert len(a.got("probe_start")) == 1, "what was measured is not measured again"


def test_reunited_partners_are_not_probed_again() -> None:
    matchmaker = GroupReunion(fallback=LatencyMatchmaker(max_p2p_rtt_ms=100))
    world = World(make(game("one", 2), game("two", 2).matchmaking(matchmaker), EndScene("end")))
    people = world.arrive(2)
    start_playing(world, people)
    for person in people:
        person.game_over()
    assert {person.state for person in people} == {"countdown"}
    assert not people[0].got("probe_start")


def test_a_probe_is_cancelled_by_a_restart_without_losing_anyone() -> None:
    world, (a, b) = probing()
    world.restart()
    assert not world.session._state.probes
    a.open()
    b.open()
    report(a, 10.0)
    report(b, 10.0)
    assert {a.state, b.state} == {"countdown"}


def test_twelve_browsers_low_latency_matched_high_latency_told() -> None:
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=80, max_p2p_rtt_ms=100)))
    people = []
    for index in range(12):
        person = world.join()
        person.rtt_ms = 150.0 if index % 4 == 0 else 12.0
        people.append(person.open(loaded=False))
    world.run(3)
    for person in people:
        person.say("loaded", load_ms=1.0, cold=False)
    fast = [person for person in people if person.rtt_ms < 100]
    for _ in range(8):
        report_all(fast, 15.0)
    assert sum(person.state == "countdown" for person in fast) == 8
    slow = [person for person in people if person.rtt_ms > 100]
    assert not any(person.got("probe_start") for person in slow)
    world.run(130)
    assert {person.state for person in slow} == {"timed_out"}
    assert all(person.last("closed").code for person in slow)

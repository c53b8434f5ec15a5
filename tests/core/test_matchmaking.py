"""Who plays with whom, why, and what is written down about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.matchmakers import Candidate, Fifo, LatencyMatchmaker, Matchmaker
from igym.experiment.scenes import EndScene, MultipleChoice
from tests.core.experiments import game, make, together
from tests.core.match_play import play_out
from tests.core.world import Person, World, connect_all


def waiting_with_rtts(world: World, *rtts_ms: float) -> list[Person]:
    """People who join one by one and whose pings are known before they are ready to play."""
    people = []
    for rtt_ms in rtts_ms:
        person = world.join()
        person.rtt_ms = rtt_ms
        person.open(loaded=False)
        people.append(person)
    world.run(2.5)
    for person in people:
        person.say("loaded", load_ms=1.0, cold=False)
    return people


@pytest.mark.parametrize("size", range(2, 9))
def test_every_size_starts_when_it_is_full_and_not_before(size: int) -> None:
    world = World(together(size, bots=1))
    people = world.arrive(size - 1)
    assert {person.state for person in people} == {"waiting"}
    people += world.arrive()
    assert {person.state for person in people} == {"countdown"}
    spec = people[0].last("scene").match
    assert [seat.player for seat in spec.players] == list(range(size)) and spec.bots == ["bot_0"]
    assert len({person.seat for person in people}) == size
    play_out(world, people)
    assert world.match()["parity"] == "identical"
    assert {person.state for person in people} == {"finished"}


def test_fifo_takes_the_oldest_first() -> None:
    world = World(together(2))
    people = [world.arrive(loaded=False)[0] for _ in range(5)]
    for person in reversed(people):
        person.say("loaded", load_ms=1.0, cold=False)
        world.run(0.1)
    pairs = [set(match["participants"]) for match in world.view()["matches"]]
    assert pairs == [{people[3].id, people[4].id}, {people[1].id, people[2].id}]
    assert people[0].state == "waiting"


def test_seats_are_drawn_from_the_recorded_seed() -> None:
    orders = set()
    world = World(together(2))
    for _ in range(12):
        people = world.arrive(2)
        orders.add(tuple(person.seat for person in people))
    assert orders == {(0, 1), (1, 0)}
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_slow_people_are_filtered_and_told_apart_in_the_log() -> None:
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=100)))
    slow, fast, other = waiting_with_rtts(world, 90.0, 20.0, 30.0)
    assert (slow.state, fast.state, other.state) == ("waiting", "countdown", "countdown")
    line = next(r for r in world.records("match_log") if r.body["decision"] == "matched")
    assert line.match == fast.match and set(line.body["group"]) == {fast.id, other.id}
    assert line.body["matchmaker"]["matchmaker"]["max_server_rtt_ms"] == 100
    assert {entry["participant"]: entry["rtt_ms"] for entry in line.body["waiting"]}[slow.id] == 90.0
    assert "add up to 1" in line.body["passed_over"][slow.id]


def test_exactly_at_the_limit_is_accepted_and_an_unknown_ping_passes() -> None:
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=100)))
    a, b = waiting_with_rtts(world, 50.0, 50.0)
    assert (a.state, b.state) == ("countdown", "countdown")
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=100)))
    people = world.arrive(2)
    assert {person.state for person in people} == {"countdown"}
    logged = world.records("match_log")[-1].body["waiting"]
    assert [entry["rtt_ms"] for entry in logged] == [None, None]


def test_every_pair_of_a_larger_group_must_fit() -> None:
    world = World(together(3, matchmaker=LatencyMatchmaker(max_server_rtt_ms=100)))
    slow, *fast = waiting_with_rtts(world, 75.0, 40.0, 20.0)
    assert {person.state for person in (slow, *fast)} == {"waiting"}
    (third,) = waiting_with_rtts(world, 30.0)
    assert slow.state == "waiting" and {person.state for person in (*fast, third)} == {"countdown"}


def test_best_minimises_latency_over_everyone() -> None:
    matchmaker = LatencyMatchmaker(max_server_rtt_ms=100, prefer="best", batch_window_s=10)
    world = World(together(2, matchmaker=matchmaker))
    a, b, c, d = waiting_with_rtts(world, 10.0, 95.0, 4.0, 80.0)
    assert {person.state for person in (a, b, c, d)} == {"waiting"}, "the batch window is open"
    world.run(10)
    pairs = {frozenset(match["participants"]) for match in world.view()["matches"]}
    assert pairs == {frozenset((b.id, c.id)), frozenset((a.id, d.id))}


def test_limits_relax_with_time_and_that_is_recorded() -> None:
    world = World(
        together(
            2,
            matchmaker=LatencyMatchmaker(max_server_rtt_ms=100),
            matchmaking={"relax_after_s": 20, "relax_factor": 1.5},
        )
    )
    people = waiting_with_rtts(world, 70.0, 75.0)
    world.run(10)
    assert {person.state for person in people} == {"waiting"}
    world.run(12)
    assert {person.state for person in people} == {"countdown"}
    decisions = [(r.body["decision"], r.body.get("relaxed")) for r in world.records("match_log")]
    assert ("relaxed", 1) in decisions and ("matched", 1) in decisions


def test_limits_do_not_relax_in_the_time_in_which_the_engine_was_down() -> None:
    latency = LatencyMatchmaker(max_server_rtt_ms=100)
    world = World(together(2, matchmaker=latency, matchmaking={"relax_after_s": 20, "relax_factor": 1.1}))
    people = waiting_with_rtts(world, 70.0, 75.0)
    world.run(10)
    world.restart(down_s=3600)
    for person in people:
        person.open()
    world.run(5)
    assert [r.body for r in world.records("match_log") if r.body["decision"] == "relaxed"] == []
    world.run(6)
    assert {r.body["relaxed"] for r in world.records("match_log") if r.body["decision"] == "relaxed"} == {1}


def test_why_several_people_wait_is_written_once_for_each_situation() -> None:
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=50)))
    a, b = waiting_with_rtts(world, 70.0, 80.0)
    world.run(20)
    lines = [r.body for r in world.records("match_log") if r.body["decision"] == "waiting"]
    assert len(lines) == 1
    assert lines[0]["pairs"][f"{a.id} {b.id}"].startswith("round trips add up to 150 ms")


class Alternating(Matchmaker):
    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | None:
        return None


def custom() -> tuple[World, list[Person]]:
    world = World(together(2, matchmaker=Alternating()))
    return world, world.arrive(3)


def test_a_custom_matchmaker_is_asked_and_decides() -> None:
    world, (a, b, c) = custom()
    ask = world.asked("matchmaker")[-1]
    assert ask.function == "scenes.match.matchmaker"
    assert (ask.context["size"], ask.context["arriving"]["participant"]) == (2, b.id)
    world.answer("matchmaker", None)
    world.run(1.1)
    assert len(world.asked("matchmaker")) == 2
    assert {ask.context["arriving"]["participant"] for ask in world.asked("matchmaker")} == {b.id, b.id}
    world.answer("matchmaker", [a.id, c.id])
    assert (a.state, b.state, c.state) == ("countdown", "waiting", "countdown")


@pytest.mark.parametrize("value", [["x"], ["x", "x"], "text", {"a": 1}, 5])
def test_a_custom_matchmakers_nonsense_is_shown_and_harms_nobody(value: Any) -> None:
    world, people = custom()
    world.answer("matchmaker", value)
    assert {person.state for person in people} == {"waiting"}
    assert "returned no group" in world.problems()[0].title


def test_a_custom_matchmaker_that_is_overtaken_or_hangs_is_asked_again() -> None:
    world, (a, b, c) = custom()
    a.close()
    world.answer("matchmaker", [a.id, b.id])
    assert {b.state, c.state} == {"waiting"}
    assert [r.body["decision"] for r in world.records("match_log")][-1] == "overtaken"
    world.run(8)
    assert len(world.asked("matchmaker")) >= 3
    assert {person.state for person in (b, c)} == {"waiting"}
    world.answer("matchmaker", [b.id, c.id])
    assert {person.state for person in (b, c)} == {"countdown"}


def test_the_automatic_input_delay_comes_from_the_measured_latency() -> None:
    world = World(together(2, multiplayer={"input_delay_frames": "auto"}))
    a, b = waiting_with_rtts(world, 60.0, 80.0)
    assert a.last("scene").match.fixed["input_delay_frames"] == 3
    assert b.last("scene").match.fixed == a.last("scene").match.fixed


def test_first_come_matchmaker_is_the_default() -> None:
    assert isinstance(game().matchmaking_options.matchmaker, Fifo)


def test_connect_all_makes_a_countdown() -> None:
    world = World(together(3))
    people = world.arrive(3)
    connect_all(people)
    assert world.match()["state"] == "countdown"


def by_role(**options: Any) -> World:
    role = MultipleChoice("role").display(choices=["leader", "follower", "either"])
    seats = {"leader": "left", "follower": "right"}
    scene = game("match", 2).matchmaking(seat_by="answers.role.choice", seats=seats, **options)
    return World(make(role, scene, EndScene("end")))


def agent_of(world: World, person: Person) -> str:
    players = world.records("match_formed")[-1].body["players"]
    return str(next(seat["agent"] for seat in players if seat["participant"] == person.id))


def test_an_answer_decides_who_sits_where_and_who_can_play_together() -> None:
    for _ in range(4):
        world = by_role()
        first, second, third = world.arrive(3)
        first.send_answers(choice="follower")
        second.send_answers(choice="follower")
        assert {first.state, second.state} == {"waiting"}, "both are to play right"
        assert "both are to play right" in str(world.records("match_log")[-1].body["pairs"])
        third.send_answers(choice="leader")
        assert (first.state, second.state) == ("countdown", "waiting")
        assert (agent_of(world, third), agent_of(world, first)) == ("left", "right")


def test_who_says_nothing_of_a_seat_gets_the_one_that_is_left() -> None:
    world = by_role()
    either, leader = world.arrive(2)
    either.send_answers(choice="either")
    leader.send_answers(choice="leader")
    assert (agent_of(world, leader), agent_of(world, either)) == ("left", "right")


def test_a_custom_matchmaker_may_seat() -> None:
    world, (a, b, c) = custom()
    world.answer("matchmaker", {"right": a.id, "left": c.id})
    assert (agent_of(world, c), agent_of(world, a)) == ("left", "right")
    world, (a, b, c) = custom()
    world.answer("matchmaker", {"right": a.id, "nobody": b.id})
    assert (agent_of(world, a), agent_of(world, b)) == ("right", "left")
    assert "unknown agent" in world.problems()[0].title


@pytest.mark.parametrize(
    ("seat_by", "seats", "text"),
    [
        ("answers.rolle.choice", {}, "which no scene gives.*Did you mean"),
        ("answers.role.choice", {"leader": "lefty"}, 'seats names "lefty"'),
        (None, {"leader": "left"}, "seats needs seat_by"),
        ("role", {}, "seat_by"),
    ],
)
def test_seats_that_nobody_can_take_are_told_while_loading(seat_by: Any, seats: Any, text: str) -> None:
    role = MultipleChoice("role").display(choices=["leader", "follower"])
    with pytest.raises(ExperimentError, match=text):
        make(role, game("match", 2).matchmaking(seat_by=seat_by, seats=seats), EndScene("end"))

"""Who plays with whom, why, and what is written down about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from igym.core.plans import cell_counts
from igym.experiment.matchmakers import Candidate, Fifo, GroupReunion, LatencyMatchmaker, Matchmaker
from igym.experiment.scenes import EndScene
from igym.experiment.stager import Branch, RandomizeOrder, Repeat
from tests.core.experiments import game, make, together
from tests.core.world import Person, World, connect_all, start_playing


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


def play_out(world: World, people: list[Person]) -> None:
    start_playing(world, people)
    for person in people:
        person.rows(30)
        person.end_episode(30)
    for person in people:
        person.game_over()


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


def test_why_several_people_wait_is_written_once_for_each_situation() -> None:
    world = World(together(2, matchmaker=LatencyMatchmaker(max_server_rtt_ms=50)))
    a, b = waiting_with_rtts(world, 70.0, 80.0)
    world.run(20)
    lines = [r.body for r in world.records("match_log") if r.body["decision"] == "waiting"]
    assert len(lines) == 1
    assert lines[0]["pairs"][f"{a.id} {b.id}"].startswith("round trips add up to 150 ms")


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


def test_per_group_orders_bring_partners_to_the_same_scene() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2), game("z", 2)], per="group")
    world = World(make(order, EndScene("end")))
    people = world.arrive(12)
    for _ in range(3):
        assert all(person.match for person in people), [person.state for person in people]
        for match in [m for m in world.view()["matches"] if m["state"] != "ended"]:
            play_out(world, [world.people[member] for member in match["participants"]])
    assert {person.state for person in people} == {"finished"}
    for member in people:
        partners = {
            m["participants"].index(member.id) for m in world.view()["matches"] if member.id in m["participants"]
        }
        assert partners


def test_someone_who_drops_out_of_a_group_order_frees_the_place_for_the_next() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2)], per="group")
    world = World(make(order, EndScene("end")))
    (first,) = world.arrive()
    first.say("leave")
    people = world.arrive(2)
    assert {person.state for person in people} == {"countdown"}


def test_someone_lost_from_a_started_pair_leaves_no_hole_that_traps_the_next() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2), game("z", 2)], per="group", balanced=True)
    world = World(make(order, EndScene("end")))
    pair = world.arrive(2)
    start_playing(world, pair)
    world.command("exclude", participant=pair[0].id)
    for _ in range(4):
        newcomers = world.arrive(2)
        assert {person.state for person in newcomers} == {"countdown"}
        assert newcomers[0].match == newcomers[1].match


def test_someone_lost_while_waiting_for_a_group_traps_nobody() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2), game("z", 2)], per="group", balanced=True)
    world = World(make(order, EndScene("end")))
    (gone,) = world.arrive()
    gone.close()
    world.run(65)
    newcomers = world.arrive(2)
    assert {person.state for person in newcomers} == {"countdown"}


def test_repeated_group_orders_are_counted_by_round() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2)], per="group", balanced=True, id="order")
    world = World(make(Repeat([order], 2), EndScene("end")))
    people = world.arrive(8)
    assert {person.state for person in people} == {"countdown"}
    counts = cell_counts(world.session.state)
    assert set(counts) == {"order_r1", "order_r2"}
    assert sum(counts["order_r1"].values()) == sum(counts["order_r2"].values()) == 8


def test_balanced_orders_fill_the_least_filled_first() -> None:
    order = RandomizeOrder([game("x", 1), game("y", 1), game("z", 1)], balanced=True, id="order")
    world = World(make(order, EndScene("end")))
    world.arrive(12)
    outcomes = [record.body["plan"]["draws"][0]["outcome"] for record in world.records("plan_drawn")]
    assert sorted(outcomes.count(outcome) for outcome in set(outcomes)) == [2] * 6


def choose(context: Any) -> None: ...


def test_a_branch_is_asked_and_entered() -> None:
    world = World(make(Branch(choose, {"a": game("x", 1), "b": [game("y", 1)]}), EndScene("end")))
    (person,) = world.arrive()
    (ask,) = world.asked("branch")
    assert (ask.function, ask.context["options"]) == ("branches.branch_1", ["a", "b"])
    person.reload()
    assert not person.got("scene")
    world.answer("branch", "b")
    assert person.scene == "y"
    assert world.records("branch")[0].body == {"branch": "branch_1", "choice": "b"}


@pytest.mark.parametrize("value", [None, "nonsense", 7])
def test_a_branch_without_a_choice_is_passed_by(value: Any) -> None:
    world = World(make(Branch(choose, {"a": game("x", 1)}), EndScene("end")))
    (person,) = world.arrive()
    world.answer("branch", value)
    assert person.state == "finished"
    assert bool(world.problems()) is (value is not None)


def test_a_branch_that_never_answers_is_passed_by_at_its_deadline() -> None:
    world = World(make(Branch(choose, {"a": game("x", 1)}), EndScene("end")))
    (person,) = world.arrive()
    world.run(5.1)
    assert person.state == "finished"
    world.answer("branch", "a")
    assert person.state == "finished"


def test_the_automatic_input_delay_comes_from_the_measured_latency() -> None:
    world = World(together(2, multiplayer={"input_delay_frames": "auto"}))
    a, b = waiting_with_rtts(world, 60.0, 80.0)
    assert a.last("scene").match.fixed["input_delay_frames"] == 3
    assert b.last("scene").match.fixed == a.last("scene").match.fixed


def test_the_page_function_makes_the_page_before_play() -> None:
    world = World(make(game("play", 2).content(page_for=choose), EndScene("end")))
    a, b = world.arrive(2)
    asks = world.asked("page_for")
    assert [ask.function for ask in asks] == ["scenes.play.page_for"] * 2
    world.answer("page_for", "<p>Just for you</p>")
    assert b.last("scene").spec["body"] == "<p>Just for you</p>"
    assert b.state == "in_scene"
    world.run(5.1)
    assert a.state == "waiting", "no page: straight on to the waitroom"
    b.advance()
    assert {a.state, b.state} == {"countdown"}


def test_a_page_function_that_returns_nonsense_is_shown() -> None:
    world = World(make(game("play", 1).content(page_for=choose), EndScene("end")))
    (person,) = world.arrive()
    world.answer("page_for", 7)
    assert person.state == "countdown"
    assert "returned no text" in world.problems()[0].title


def test_first_come_matchmaker_is_the_default() -> None:
    assert isinstance(game().matchmaking_options.matchmaker, Fifo)


def test_connect_all_makes_a_countdown() -> None:
    world = World(together(3))
    people = world.arrive(3)
    connect_all(people)
    assert world.match()["state"] == "countdown"

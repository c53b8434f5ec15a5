"""Orders drawn for a group, so that partners meet; branches and pages that a researcher's function chooses."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.plans import cell_counts
from igym.experiment.scenes import EndScene, StartScene
from igym.experiment.stager import Block, Branch, RandomizeOrder, Repeat
from tests.core.experiments import game, make
from tests.core.match_play import play_out
from tests.core.world import World, start_playing


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


def _waiting_apart(order: RandomizeOrder) -> tuple[World, list[Any]]:
    """Three people on the first page; the first leaves for good, so that the next two hold different orders."""
    world = World(make(StartScene("start"), order, EndScene("end")))
    people = world.arrive(3)
    people[0].close()
    drawn = [world.session.state.participants[person.id].draws["order"] for person in people[1:]]
    assert drawn[0] != drawn[1]
    return world, people


def test_one_person_who_leaves_on_the_first_page_keeps_no_two_others_apart() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2)], per="group", balanced=True, id="order")
    world, (_, *stay) = _waiting_apart(order)
    for person in stay:
        person.advance()
    world.run(0.1)
    assert {person.state for person in stay} == {"countdown"}
    play_out(world, stay)
    play_out(world, stay)
    assert {person.state for person in stay} == {"finished"}
    assert world.session.state.participants[stay[0].id].draws == world.session.state.participants[stay[1].id].draws


def test_who_has_read_nothing_of_their_order_yet_takes_the_others_once_somebody_is_lost() -> None:
    blocks = [Block([StartScene(f"rules_{name}"), game(name, 2)], id=name * 2) for name in "xy"]
    order = RandomizeOrder(blocks, per="group", balanced=True, id="order")
    world, (_, reads, slow) = _waiting_apart(order)
    reads.advance()
    rules = reads.scene
    world.run(65)
    slow.advance()
    assert slow.scene == rules, "the one who has read a page keeps the order"


def test_nobody_is_moved_who_meets_a_partner_anyway() -> None:
    order = RandomizeOrder([game("x", 2), game("y", 2)], per="group", balanced=True, id="order")
    world = World(make(StartScene("start"), order, EndScene("end")))
    people = world.arrive(4)
    before = [dict(world.session.state.participants[person.id].draws) for person in people]
    for person in people:
        person.advance()
    world.run(0.1)
    assert [world.session.state.participants[person.id].draws for person in people] == before

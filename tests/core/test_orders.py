"""A list to be put in order: each person sees it in an order of their own, which is kept and written down."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.scenes import EndScene, Form, NumberField, Ranking, RankingField, ReplayScene
from tests.core.experiments import make
from tests.core.world import Person, World

ITEMS = {"a": "Apple", "b": "Banana", "c": "Cherry", "d": "Date"}
TIMING = {"shown_ms": 0, "submitted_ms": 1}


def asking(**options: Any) -> World:
    return World(make(Ranking("fruit", question="Best first", items=ITEMS, **options), EndScene("end")))


def shown(person: Person) -> list[str]:
    (field,) = person.last("scene").spec["fields"]
    assert field["type"] == "ranking" and field["label"] == "Best first"
    assert {choice["value"]: choice["label"] for choice in field["choices"]} == ITEMS
    return [choice["value"] for choice in field["choices"]]


def test_each_person_sees_an_order_of_their_own_that_is_written_down() -> None:
    world = asking()
    people = world.arrive(12)
    orders = [shown(person) for person in people]
    assert len(set(map(tuple, orders))) > 3
    assert [record.body["order"] for record in world.records("order_shown")] == orders
    assert {record.body["field"] for record in world.records("order_shown")} == {"ranking"}


def test_the_order_stays_after_a_reload_a_restart_and_from_a_checkpoint() -> None:
    world = asking()
    (person,) = world.arrive()
    before = shown(person)
    person.reload()
    assert shown(person) == before
    world.go_on_from_checkpoint()
    person.reload()
    assert shown(person) == before
    world.restart()
    person.open()
    assert shown(person) == before
    assert len(world.records("order_shown")) == 1


def test_the_answer_is_the_order_given_with_its_times() -> None:
    world = asking()
    (person,) = world.arrive()
    person.send_answers(ranking=["c", "a", "d", "b"])
    (record,) = world.records("answers")
    assert record.body["values"] == {"ranking": ["c", "a", "d", "b"]}
    assert record.body["timing"]["submitted_ms"] == 1500.0
    assert person.state == "finished"


@pytest.mark.parametrize(
    "given",
    [
        None, [], "a", "abcd", 7, True, {"a": 1}, ["a", "b", "c"], ["a", "b", "c", "c"], ["a", "b", "c", "z"],
        ["a", "b", "c", "d", "a"], ["a", "b", "c", 4], [["a"], ["b"], ["c"], ["d"]], [None] * 4, {"0": "a"},
    ],
)  # fmt: skip
def test_what_is_no_order_of_the_list_is_refused(given: Any) -> None:
    world = asking()
    (person,) = world.arrive()
    assert person.refused("answers", visit=1, values={"ranking": given}, timing=TIMING) == "invalid_answers"
    assert not world.records("answers") and person.scene == "fruit"


def test_a_list_that_need_not_be_put_in_order_may_be_left() -> None:
    world = asking(required=False)
    (person,) = world.arrive()
    person.send_answers(ranking=None)
    assert world.records("answers")[0].body["values"] == {"ranking": None}


@pytest.mark.parametrize("count", [1, 2, 13])
def test_a_ranking_has_three_to_twelve_items(count: int) -> None:
    with pytest.raises(ExperimentError, match="3 to 12"):
        Ranking("fruit", items=[str(number) for number in range(count)])
    assert len(Ranking("fruit", items=list("abcdefghijkl")).fields()[0].choices) == 12


def test_a_ranking_names_each_item_once() -> None:
    with pytest.raises(ExperimentError, match="twice"):
        Ranking("fruit", items=["a", "b", "a"])


FRUIT = RankingField("fruit", "Best first", items=ITEMS)
DRINKS = RankingField("drinks", "Best first", items=list("xyz"), required=False)


def shown_in(person: Person) -> dict[str, list[str]]:
    fields = person.last("scene").spec["fields"]
    return {
        field["name"]: [choice["value"] for choice in field["choices"]]
        for field in fields
        if field["type"] == "ranking"
    }


def test_each_ranking_of_a_form_has_an_order_of_its_own_beside_other_questions() -> None:
    world = World(make(Form("ask", questions=[FRUIT, NumberField("age"), DRINKS]), EndScene("end")))
    people = world.arrive(12)
    orders = [shown_in(person) for person in people]
    assert [sorted(order) for order in orders] == [["drinks", "fruit"]] * 12
    assert (
        len({tuple(order["fruit"]) for order in orders}) > 3 and len({tuple(order["drinks"]) for order in orders}) > 2
    )
    world.restart()
    people[0].open()
    assert shown_in(people[0]) == orders[0]
    assert len(world.records("order_shown")) == 24
    people[0].send_answers(fruit=list("dcba"), age=5, drinks=None)
    assert world.records("answers")[0].body["values"] == {"fruit": list("dcba"), "age": 5, "drinks": None}


def test_each_stop_of_a_recording_shows_a_ranking_anew() -> None:
    watched = ReplayScene("watch", source="pool", pause_at=[1, 2, 3, 4, 5], questions=[DRINKS])
    world = World(make(watched, EndScene("end")))
    (person,) = world.arrive()
    world.answer("replays", {"items": [{"frames": 600, "fps": 60, "player": 0}]})
    orders = shown_in(person)
    assert sorted(orders) == [f"drinks_{number}" for number in range(1, 6)]
    assert {record.body["field"]: record.body["order"] for record in world.records("order_shown")} == orders

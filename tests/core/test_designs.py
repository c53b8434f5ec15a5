"""Conditions in a running session: who gets which, who counts, and what happens when every place is taken."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from igym.core.joining import JoinRefused, JoinRequest
from igym.experiment.design import Design
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import EndScene, StartScene, TextBox
from tests.core.experiments import game, make
from tests.core.match_play import play_out
from tests.core.world import Person, World

PARTNERS: dict[str, Any] = {"partner": ["human", "ai"]}


def study(design: Design, *scenes: Any, **options: Any) -> Experiment:
    inside = scenes or (StartScene("start"),)
    return make(*inside, EndScene("end", header="Goodbye"), design=design, **options)


def condition(world: World, person: Person) -> dict[str, str]:
    return world.session.state.participants[person.id].conditions


def cells(world: World) -> dict[str, tuple[int, int, int]]:
    return {row["id"]: (row["running"], row["finished"], row["dropped"]) for row in world.view()["cells"]}


def test_everybody_has_a_condition_before_the_first_scene_and_functions_know_it() -> None:
    world = World(study(Design(PARTNERS), callbacks={"on_scene_enter": lambda context: None}))
    (person,) = world.arrive()
    (asked,) = world.asked("on_scene_enter")
    assert asked.context["conditions"] == condition(world, person) != {}
    assert asked.context["globals"]["partner"] == condition(world, person)["partner"]
    assert world.records("condition_drawn")[0].body["levels"] == condition(world, person)


def test_who_drops_out_frees_the_place_and_who_finished_keeps_it() -> None:
    world = World(study(Design(PARTNERS)))
    first, second = world.arrive(2)
    assert {condition(world, first)["partner"], condition(world, second)["partner"]} == {"human", "ai"}
    first.advance()
    second.say("leave")
    (third,) = world.arrive()
    assert condition(world, third) == condition(world, second)
    mine, others = condition(world, first)["partner"], condition(world, third)["partner"]
    assert cells(world) == {mine: (0, 1, 0), others: (1, 0, 1)}


def test_a_restart_changes_no_condition_and_the_next_is_the_same() -> None:
    def run(*, restart: bool) -> list[dict[str, str]]:
        world = World(study(Design({**PARTNERS, "layout": ["open", "narrow"]}, cell_limit=20)))
        people = world.arrive(9)
        people[3].say("leave")
        if restart:
            world.restart(down_s=0)
        people += world.arrive(9)
        return [condition(world, person) for person in people]

    assert run(restart=True) == run(restart=False)


def test_the_session_is_full_when_every_cell_is() -> None:
    world = World(study(Design(PARTNERS, cell_limit=1)))
    people = world.arrive(2)
    refused = world.session.admit(JoinRequest(language="de"))
    assert isinstance(refused, JoinRefused)
    assert (refused.code, refused.text[:12]) == ("admission_full", "Alle Plätze ")
    people[0].say("leave")
    (late,) = world.arrive()
    assert condition(world, late) == condition(world, people[0])


def test_the_number_of_participants_is_a_quota() -> None:
    world = World(make(StartScene("start"), EndScene("end"), participants=2))
    people = world.arrive(2)
    assert isinstance(world.session.admit(JoinRequest()), JoinRefused)
    people[0].say("leave")
    assert not isinstance(world.session.admit(JoinRequest()), JoinRefused)


def test_a_condition_may_depend_on_an_answer_and_is_balanced_within_it() -> None:
    design = Design(PARTNERS, strata=("about.text",), assign="task")
    world = World(study(design, TextBox("about", question="Where?"), StartScene("task")))
    by_stratum: dict[str, Counter[str]] = {"north": Counter(), "south": Counter()}
    for number in range(12):
        (person,) = world.arrive()
        assert condition(world, person) == {}
        stratum = "north" if number % 3 else "south"
        person.send_answers(text=stratum)
        by_stratum[stratum][condition(world, person)["partner"]] += 1
    assert by_stratum == {"north": Counter(human=4, ai=4), "south": Counter(human=2, ai=2)}


def full_study(**options: Any) -> World:
    """A cell for each of two people; the question comes first, so a third gets as far as the task."""
    design = Design(PARTNERS, cell_limit=1, assign="task", **options)
    world = World(study(design, StartScene("start"), StartScene("task"), EndScene("sorry", header="Sorry")))
    for person in world.arrive(3):
        person.advance()
    return world


def test_for_whom_no_cell_is_left_the_study_ends_kindly() -> None:
    world = full_study(full_message="No more places today.")
    *_, third = world.people.values()
    closed = third.last("closed")
    assert "No more places today." in closed.body
    assert third.state == "screened_out"
    assert world.records("no_condition", third.id)


def test_for_whom_no_cell_is_left_the_study_goes_on_at_a_scene() -> None:
    world = full_study(when_full="scene", full_scene="sorry")
    *_, third = world.people.values()
    assert third.last("closed").header == "Sorry"
    assert not [record for record in world.records("scene_entered", third.id) if record.scene == "task"]


def test_for_whom_no_cell_is_left_another_address_may_follow() -> None:
    world = full_study(when_full="redirect", full_url="https://example.org/?who={participant}")
    *_, third = world.people.values()
    assert third.last("closed").redirect_url == f"https://example.org/?who={third.id}"


@pytest.mark.parametrize("assign", ["at_start", "match"])
def test_the_people_of_a_match_share_their_condition(assign: str) -> None:
    design = Design({**PARTNERS, "layout": ["open", "narrow"]}, per="group", assign=assign, cell_limit=4)
    world = World(study(design, game("match", 2)))
    people = world.arrive(16)
    world.run(1)
    assert all(person.match for person in people)
    for match in world.view()["matches"]:
        one, two = (world.people[member] for member in match["participants"])
        assert condition(world, one) == condition(world, two) != {}
        play_out(world, [one, two])
    assert cells(world) == dict.fromkeys(cells(world), (0, 4, 0))


def test_partners_who_meet_again_keep_their_condition() -> None:
    design = Design(PARTNERS, per="group", assign="one")
    world = World(study(design, game("one", 2), game("two", 2)))
    pair = world.arrive(2)
    play_out(world, pair)
    before = condition(world, pair[0])
    play_out(world, pair)
    assert condition(world, pair[0]) == condition(world, pair[1]) == before
    assert len(world.records("condition_drawn")) == 2


def test_the_researcher_closes_a_cell_and_opens_it_again() -> None:
    world = World(study(Design(PARTNERS)))
    assert world.command("close_cell", cell="human").ok
    people = world.arrive(3)
    assert {condition(world, person)["partner"] for person in people} == {"ai"}
    assert [row["open"] for row in world.view()["cells"]] == [False, True]
    assert world.command("open_cell", cell="human").ok
    (late,) = world.arrive()
    assert condition(world, late)["partner"] == "human"
    assert world.command("close_cell", cell="robot").code == "unknown_cell"

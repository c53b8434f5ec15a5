"""Pages that leave by themselves: with the answers so far, and without a browser too."""

from __future__ import annotations

from typing import Any

import pytest

from igym.core.limits import PAGE_GRACE_S
from igym.experiment.errors import ExperimentError
from igym.experiment.scenes import EndScene, Form, NumberField, StaticScene, TextField
from tests.core.experiments import game, make
from tests.core.world import Person, World

FIELDS = [TextField("why", min_length=5), NumberField("moves", correct=3), NumberField("more", required=False)]


def one(*scenes: Any) -> tuple[World, Person]:
    world = World(make(*scenes, StaticScene("next"), EndScene("end")))
    (person,) = world.arrive()
    return world, person


def timed(**options: Any) -> Form:
    return Form("page", max_display_s=20, **options).display(questions=FIELDS, check="until_right", attempts=3)


def out_of_time(person: Person, **values: Any) -> str | None:
    timing = {"shown_ms": 0.0, "submitted_ms": 20_000.0, "first_change_ms": {}}
    return person.refused("answers", visit=person.visit, values=values, timing=timing, timed_out=True)


def test_the_answers_so_far_are_kept_and_judged_for_the_last_time() -> None:
    world, person = one(timed())
    assert person.last("scene").spec["max_display_s"] == 20
    world.run(19)
    assert out_of_time(person, why="x", moves=2) is None
    assert person.scene == "next"
    (answers,) = world.records("answers")
    assert answers.body["values"] == {"why": None, "moves": 2, "more": None}
    (checked,) = world.records("checked")
    assert (checked.body["attempts"], checked.body["passed"]) == (1, False)
    assert world.records("page_timed_out")[0].body["answered"] is True
    assert world.records("scene_left")[0].body["timed_out"] is True
    world.run(60)
    assert person.scene == "next", "the next page has no limit"
    assert world.replayed().view(world.now) == world.session.view(world.now)


def test_nobody_skips_questions_by_saying_that_the_time_is_up() -> None:
    world, person = one(timed())
    world.run(10)
    assert out_of_time(person, why="x") == "invalid_answers"
    world, person = one(Form("page").display(questions=FIELDS[:1]))
    assert out_of_time(person, why="x") == "invalid_answers", "a page without a limit"


def test_a_page_whose_browser_says_nothing_is_left_all_the_same() -> None:
    world, person = one(timed())
    person.close()
    world.run(20 + PAGE_GRACE_S - 1)
    assert person.scene == "page"
    world.run(2)
    assert person.scene == "next"
    assert world.records("answers") == []
    assert world.records("page_timed_out")[0].body["answered"] is False


def test_a_reload_gives_no_more_time_and_a_page_that_was_left_has_no_limit() -> None:
    world, person = one(timed())
    world.run(15)
    person.reload()
    world.restart(down_s=1)
    person.open(loaded=False)
    world.run(15)
    assert person.scene == "next"
    world, person = one(StaticScene("page", max_display_s=20))
    person.advance()
    world.run(60)
    assert person.scene == "next" and world.records("page_timed_out") == []


def test_the_page_before_a_game_leads_to_the_game() -> None:
    world, person = one(game("play", 1).display(body="<p>Rules</p>", max_display_s=20))
    world.run(20 + PAGE_GRACE_S + 1)
    assert person.match is not None


def test_a_shortest_stay_beyond_the_longest_is_refused() -> None:
    with pytest.raises(ExperimentError, match="longer than max_display_s"):
        StaticScene("page", min_display_s=9, max_display_s=5)

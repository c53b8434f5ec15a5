"""A page that hears nothing for some seconds sends again what it asked: the second time changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from igym.core.effects import Record, Refuse
from igym.experiment.scenes import EndScene, Form, StaticScene, TextField
from tests.core.experiments import game, make
from tests.core.world import Person, World, start_playing

PAGE = {"shown_ms": 0, "submitted_ms": 1000}


def playing(world: World, person: Person) -> None:
    start_playing(world, [person, *world.arrive(1)])


ASKED: dict[str, tuple[Any, Callable[[World, Person], object], Callable[[Person], dict[str, Any]]]] = {
    "advance": (StaticScene("page"), lambda world, person: None, lambda one: {"visit": one.visit, "timing": PAGE}),
    "answers": (
        Form("form", questions=[TextField("name", "Who?")]),
        lambda world, person: None,
        lambda one: {"visit": one.visit, "values": {"name": "A"}, "timing": {**PAGE, "first_change_ms": {}}},
    ),
    "match_ready": (game("play", 2), playing, lambda one: {"match": one.match}),
    "leave": (StaticScene("page"), lambda world, person: None, lambda one: {}),
    "globals_set": (StaticScene("page"), lambda world, person: None, lambda one: {"values": {"colour": "red"}}),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_twice_happens_once_and_is_refused_never(name: str) -> None:
    scene, before, body = ASKED[name]
    world = World(make(scene, StaticScene("next"), EndScene("end")))
    (person,) = world.arrive()
    before(world, person)
    said = body(person)
    first = person.say(name, **said)
    view = world.session.view(world.now)
    again = person.say(name, **said)
    assert not [effect for effect in (*first, *again) if isinstance(effect, Refuse)]
    decided = [effect.kind for effect in again if isinstance(effect, Record)]
    assert decided == (["globals"] if name == "globals_set" else []), "the same values may be written down again"
    assert world.session.view(world.now) == view

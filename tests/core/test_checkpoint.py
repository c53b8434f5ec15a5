"""A state written as bytes and read again is the same state; anything else is refused."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from igym.core import checkpoint
from igym.core.checkpoint import CheckpointError
from igym.core.session import Session
from igym.experiment.scenes import EndScene, TextBox
from tests.core.experiments import game, make
from tests.core.plain import plain
from tests.core.world import World, make_rng, start_playing


def played() -> World:
    """Two in a match with rows, one waiting, one on a page, one excluded, one whose hook has not answered."""
    world = World(make(TextBox("text"), game("match", 2), EndScene("end"), callbacks={"on_answers": print}))
    people = world.arrive(5)
    for person in people[:3]:
        person.send_answers(text="x")
        world.answer("on_answers")
    people[3].send_answers(text="x")
    start_playing(world, people[:2])
    people[0].rows(30)
    world.command("exclude", participant=people[4].id)
    return world


def test_what_is_read_is_what_was_written() -> None:
    world = played()
    read = Session.from_checkpoint(world.session.checkpoint(), world.experiment, make_rng)
    assert plain(read.state) == plain(world.session.state)
    assert plain(read.state) == plain(world.replayed().state)
    assert read.next_deadline == world.session.next_deadline
    assert read.view(world.now) == world.session.view(world.now)
    assert read.state.experiment is world.experiment


class Sly:
    def __reduce__(self) -> Any:
        return (print, ("run by a file",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing of the kind",
        pickle.dumps(Sly()),
        pickle.dumps((checkpoint.shape(), {"session_id": Sly()})),
        pickle.dumps(("another shape", {})),
        pickle.dumps((checkpoint.shape(), checkpoint.dump)),
    ],
    ids=["empty", "noise", "a call", "a call inside", "another version", "a function"],
)
def test_what_is_no_state_is_refused_and_runs_nothing(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckpointError):
        Session.from_checkpoint(data, played().experiment, make_rng)
    assert capsys.readouterr().out == ""


def test_half_a_state_is_refused() -> None:
    world = played()
    data = world.session.checkpoint()
    with pytest.raises(CheckpointError):
        Session.from_checkpoint(data[: len(data) // 2], world.experiment, make_rng)

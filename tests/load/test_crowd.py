"""Forty people, twenty matches, an open launcher: nobody is refused, the window tells the truth, all files agree."""

from __future__ import annotations

from pathlib import Path

from igym.host.simulate.behaviour import Behaviour
from tests.load.crowd import assert_exported_alike, attend, pages_told_otherwise, truth_of, write_study

PEOPLE = 40
FRAMES = 120


async def test_forty_people_with_the_launcher_open(tmp_path: Path) -> None:
    study = write_study(tmp_path / "study", frames=FRAMES)
    behaviour = Behaviour(
        frames=FRAMES, speed=1, think_s=0.3, transport="p2p", relay_packets=0, reports=True, echoes=True
    )

    seen = await attend(tmp_path / "home", study, PEOPLE, behaviour, every_s=0.05, limit_s=120)

    assert seen.outcomes == ["finished"] * PEOPLE
    assert [person.client.joins_put_off for person in seen.people] == [0] * PEOPLE
    assert [person.client.connections for person in seen.people] == [1] * PEOPLE
    assert all(person.client.refused == [] for person in seen.people)
    truth = truth_of(seen)
    assert truth.disagreements == []
    assert len({sample.events for sample in seen.samples}) >= 3, "the window was read while things happened"
    assert pages_told_otherwise(seen, truth) == []
    assert_exported_alike(seen.data, matches=PEOPLE // 2, episodes=1, frames=FRAMES)

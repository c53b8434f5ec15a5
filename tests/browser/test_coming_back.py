"""Whoever comes back into a match gets on, whatever the others are doing: both play to the end and record the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet, play

LIMIT_MS = 90_000
Pair = list[ParticipantPage]


def both_reload(people: Pair, engine: EngineProcess) -> None:
    play(people, engine, 60)
    for person in people:
        person.page.evaluate("setTimeout(() => location.reload(), 50)")


def one_reloads_at_once(people: Pair, engine: EngineProcess) -> None:
    for _ in range(1200):
        if engine.records("episode_started"):
            break
        people[0].page.wait_for_timeout(50)
    people[1].page.reload()


def one_opens_a_second_tab(people: Pair, engine: EngineProcess) -> None:
    play(people, engine, 60)
    former = people[1].page
    people[1].comes_back()
    former.get_by_text("Continued elsewhere").wait_for(timeout=LIMIT_MS)


def one_reloads_in_the_last_second(people: Pair, engine: EngineProcess) -> None:
    play(people, engine, 120)
    people[1].page.wait_for_timeout(300)
    people[1].page.reload()


@pytest.mark.parametrize(
    "comes_back", [both_reload, one_reloads_at_once, one_opens_a_second_tab, one_reloads_in_the_last_second]
)
def test_who_comes_back_gets_on(
    comes_back: Callable[[Pair, EngineProcess], None],
    start_engine: StartEngine,
    new_participant: NewParticipant,
    tmp_path: Path,
) -> None:
    engine = start_engine(study_copy(tmp_path, "duet"))
    people = [new_participant(engine), new_participant(engine)]
    meet(people)
    comes_back(people, engine)
    for person in people:
        person.sees("Goodbye", limit_ms=LIMIT_MS)
        person.assert_clean()
    engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    for path in (engine.folder / "play").glob("*_ep?.csv"):
        assert [int(row["frame"]) for row in read_rows(path)] == list(range(180)), path.name
    (ended,) = engine.records("match_ended")
    outcome: dict[str, Any] = {"reason": ended["reason"], "who": ended["who"]}
    assert outcome == {"reason": "complete", "who": []}

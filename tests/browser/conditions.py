"""Waiting for what the engine writes down, never for time to pass."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.browser.engine_process import EngineProcess
from tests.browser.participant_page import ParticipantPage

LIMIT_S = 120
PLAY_LIMIT_S = 240
"""Whole games, on a computer that draws a few pictures in a second."""


def wait_until(person: ParticipantPage, condition: Callable[[], Any], what: str) -> Any:
    """Returns what `condition` gives as soon as that is true; the page goes on meanwhile."""
    for _ in range(LIMIT_S * 10):
        found = condition()
        if found:
            return found
        person.page.wait_for_timeout(100)
    raise AssertionError(f"never happened: {what}")


def keep_on(act: Callable[[int], object], done: Callable[[], Any], what: str | Callable[[], str]) -> None:
    """Does `act(turn)` again and again until `done()`: how many turns that takes is the computer's matter.

    `what` is what was waited for, or gives what there was instead.
    """
    end = time.monotonic() + PLAY_LIMIT_S
    for turn in itertools.count():
        if done():
            return
        if time.monotonic() > end:
            raise AssertionError(f"never happened: {what() if callable(what) else what}")
        act(turn)


def stored_frames(engine: EngineProcess, scene: str) -> dict[str, int]:
    """How many rows of this scene are on disk, by participant."""
    found: dict[str, int] = {}
    for batch in engine.stored():
        if batch.scene == scene:
            found[batch.participant] = found.get(batch.participant, 0) + batch.count
    return found


def both_have_played(engine: EngineProcess, scene: str, frames: int) -> bool:
    """Whether two people have at least this many rows of this scene on disk."""
    stored = stored_frames(engine, scene)
    return len(stored) == 2 and min(stored.values()) >= frames


def end_the_game(people: Sequence[ParticipantPage], next_page: str) -> None:
    """The first of them presses the key that ends a small game until all are at the next page."""
    ends = [person.page.get_by_text(next_page).first for person in people]

    def pressed() -> bool:
        if not ends[0].is_visible():
            people[0].hold("Enter", 100)
        return all(end.is_visible() for end in ends)

    wait_until(people[0], pressed, next_page)

"""When frames were due, run and drawn, counted over the rows of a match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import inf
from typing import Any

from igym.host.export.episodes import batches_of, columns_of, episode_keys
from igym.host.export.row_counts import BEYOND
from igym.host.export.steps import ExportCancelledError
from igym.host.store.store_reader import StoreReader

LATE = 1.5
"""A frame is late when it came after so many times the interval in which frames are due."""
Tenths = Counter[float]
"""Milliseconds, to a tenth → how often."""


@dataclass(frozen=True)
class Timing:
    """Of all members' frames. `due_ms`: the interval of the frame rate; None where frames wait for the players."""

    due_ms: float | None = None
    intervals: Tenths = field(default_factory=Counter)
    """From one frame to the next in the same browser."""
    to_picture: Tenths = field(default_factory=Counter)
    """From the moment a frame was run to the refresh for which its picture was drawn."""
    refresh: Tenths = field(default_factory=Counter)
    """Between two refreshes of the display, as the browser measured them."""

    @property
    def late_share(self) -> float | None:
        """The share of frames that came late; None where none is due or none was measured."""
        if self.due_ms is None or not self.intervals:
            return None
        late = sum(count for interval, count in self.intervals.items() if interval > LATE * self.due_ms)
        return late / self.intervals.total()


def quantile(values: Tenths, share: float) -> float | None:
    """The smallest value that at least this share of all do not exceed (nearest rank); None without values."""
    if not values:
        return None
    ordered, wanted = sorted(values), share * values.total()
    reached = accumulate(values[value] for value in ordered)
    return next(value for value, count in zip(ordered, reached, strict=True) if count >= wanted)


def timing_of(source: StoreReader, session: str, match: str, without: Set[str] = frozenset()) -> Timing:
    """Of the rows that are stored of a match, but for those of the participants in `without`.

    What cannot be read is left out, as it is in `matches.csv`.
    """
    dues: set[float | None] = set()
    found = Timing()
    for key in episode_keys(source, session, match=match):
        if key.participant in without:
            continue
        try:
            fps = columns_of(source, key).fps
            dues.add(None if fps is None else 1000 / fps)
            for rows, skip in batches_of(source, key):
                _count(found, rows["local"], skip)
        except (ExportCancelledError, OSError):
            raise
        except Exception:  # the export of the episode's own file tells of it
            continue
    return replace(found, due_ms=_one(dues))


@dataclass(frozen=True)
class Pace:
    """Scenes whose frames are due in the same interval, and how their frames came."""

    scenes: tuple[str, ...]
    timing: Timing


def paces_of(lines: Iterable[tuple[str, Timing]]) -> tuple[Pace, ...]:
    """From (scene, timing) of each match; the shortest interval first, then frames that wait for the players.

    Games of different frame rates have no interval in common, so nothing is said of them together.
    """
    scenes: dict[float, dict[str, None]] = {}
    found: dict[float, Timing] = {}
    for scene, timing in lines:
        due = inf if timing.due_ms is None else timing.due_ms
        scenes.setdefault(due, {})[scene] = None
        one = found.setdefault(due, Timing(timing.due_ms))
        one.intervals.update(timing.intervals)
        one.to_picture.update(timing.to_picture)
        one.refresh.update(timing.refresh)
    return tuple(Pace(tuple(scenes[due]), found[due]) for due in sorted(found) if found[due].intervals)


def _one(dues: Set[float | None]) -> float | None:
    return next(iter(dues)) if len(dues) == 1 else None


def _count(found: Timing, local: Mapping[str, Sequence[Any]], skip: int) -> None:
    """The step from one batch to the next is left out: a pause may lie between them."""
    run, shown = local.get("timestamp_ms", ())[skip:], local.get("shown_ms", ())[skip:]
    found.refresh.update(round(each, 1) for each in local.get("refresh_ms", ())[skip:] if _both(each, each))
    found.intervals.update(round(later - before, 1) for before, later in pairwise(run) if _both(before, later))
    found.to_picture.update(
        round(seen - start, 1) for start, seen in zip(run, shown, strict=False) if _both(start, seen)
    )


def _both(one: object, other: object) -> bool:
    """Only what can be a time, in milliseconds since 1970 too: a browser may send anything."""
    return all(isinstance(each, int | float) and abs(each) < 10 * BEYOND for each in (one, other))

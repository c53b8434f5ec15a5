"""What each member's browser was like in each frame: the local columns of their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TRANSPORT = "host"


@dataclass
class Seen:
    """What a member's page last said of itself. `sent` and `shown` are numbers of pictures."""

    focused: bool = True
    hidden: bool = False
    sent: int = -1
    shown: int = -1
    wants_whole: bool = True
    asked: bool = False
    """The env's process was asked for a whole picture and has not sent it yet."""
    refresh_ms: float | None = None
    """From one refresh of this page's display to the next."""
    pictures: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Number of a picture sent lately → its episode and frame."""
    unseen: dict[int, int] = field(default_factory=dict)
    """Number of a change that is sent and not shown yet → its bytes."""


@dataclass(frozen=True)
class _Frame:
    at_ms: float
    late_ms: float
    focused: bool
    hidden: bool
    rtt_ms: float | None
    event_ms: float | None
    reaction_ms: float | None
    shown: bool


class LocalRows:
    """Frames of one episode of one member, until their batch comes."""

    def __init__(self, players: int, frames_shown: bool, waits: bool = False) -> None:
        self._players = players
        self._waits = waits
        self._frames_shown = frames_shown
        self._frames: dict[tuple[int, int], _Frame] = {}
        self._drawn: dict[tuple[int, int], tuple[float, float | None]] = {}

    def add(self, frame: dict[str, Any], seen: Seen, player: int, rtt_ms: float | None) -> None:
        """A frame was stepped; `rtt_ms` is the latest round trip between host and browser.

        A frame that only brings back an interrupted game has no time: nothing is known of how it was lived.
        """
        if frame["at"] is None:
            return
        event_ms, waited_ms = frame["events"].get(player), frame["waited"].get(player)
        self._frames[frame["episode"], frame["frame"]] = _Frame(
            at_ms=round(frame["at"] * 1000, 1),
            late_ms=round(frame["late_ms"], 1),
            focused=seen.focused,
            hidden=seen.hidden,
            rtt_ms=None if rtt_ms is None else round(rtt_ms, 1),
            event_ms=None if event_ms is None else round(event_ms, 1),
            reaction_ms=None if waited_ms is None else round(waited_ms, 1),
            shown=not seen.hidden and not seen.wants_whole,
        )

    def drawn(self, episode: int, frame: int, at_ms: float, refresh_ms: float | None) -> None:
        """The page says when it drew a frame's picture. What it says twice, or too late, changes nothing."""
        if (episode, frame) in self._frames:
            self._drawn.setdefault((episode, frame), (round(at_ms, 1), refresh_ms))

    def take(self, episode: int, first: int, count: int) -> dict[str, list[Any]]:
        """Columns of these frames; what nobody knows any more is None."""
        keys = [(episode, frame) for frame in range(first, first + count)]
        rows = [self._frames.pop(key, None) for key in keys]
        drawn = [self._drawn.pop(key, (None, None)) for key in keys]

        def column(name: str) -> list[Any]:
            return [None if row is None else getattr(row, name) for row in rows]

        columns: dict[str, list[Any]] = {
            "timestamp_ms": column("at_ms"),
            "focused": column("focused"),
            "hidden": column("hidden"),
            "rollback_frames": [0] * count,
            "stall_ms": column("late_ms"),
            "rtt_ms": column("rtt_ms"),
            "transport": [TRANSPORT] * count,
            "input_event_ms": column("event_ms"),
            "shown_ms": [at_ms for at_ms, _ in drawn],
            "refresh_ms": [refresh_ms for _, refresh_ms in drawn],
        }
        if self._frames_shown:
            columns["frame_shown"] = column("shown")
        if self._waits:
            columns["reaction_ms"] = column("reaction_ms")
        columns |= {f"predicted.{player}": [False] * count for player in range(self._players)}
        return columns

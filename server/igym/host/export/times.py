"""Moments as tables show them: seconds since 1970 to reckon with, ISO 8601 to read."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: float | None) -> str | None:
    """Return a moment (unix seconds) as ISO 8601 in UTC with milliseconds, such as `2026-07-14T10:15:00.250Z`."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(start: float | None, end: float | None) -> float | None:
    """Return how long something took, to the microsecond; None while it has no start or no end."""
    return None if start is None or end is None else round(end - start, 6)

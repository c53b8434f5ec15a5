"""What browsers measured during play, as lines over time: rates, rollbacks, round trips between players."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Series = dict[str, list[tuple[float, float]]]
"""Participant → (unix seconds, value), in the order of time."""
PLAIN = ("fps",)
COUNTED = {"rollbackFrames": "rollback_frames", "stalls": "stalls"}
"""Browsers report totals since the episode's start; a chart wants what was added."""


def series(metrics: Iterable[Mapping[str, Any]]) -> dict[str, Series]:
    """From the `metrics` of `match_details` or `participant_details`: name of the measure → its lines."""
    found: dict[str, Series] = {name: defaultdict(list) for name in (*PLAIN, *COUNTED.values(), "rtt_ms")}
    last: dict[tuple[str, str], float] = {}
    for entry in metrics:
        who, at = str(entry.get("participant") or ""), float(entry.get("at") or 0)
        values = (entry.get("body") or {}).get("values") or {}
        for name in PLAIN:
            if _is_number(values.get(name)):
                found[name][who].append((at, float(values[name])))
        for theirs, name in COUNTED.items():
            if _is_number(values.get(theirs)):
                total = float(values[theirs])
                added = total - last.get((who, name), 0.0)
                found[name][who].append((at, added if added >= 0 else total))
                last[who, name] = total
        rtts = list(_round_trips(values.get("link")))
        if rtts:
            found["rtt_ms"][who].append((at, max(rtts)))
    return {name: dict(lines) for name, lines in found.items()}


def _round_trips(link: Any) -> Iterable[float]:
    """The numbers named so anywhere inside: one for each other player."""
    for name, value in link.items() if isinstance(link, Mapping) else ():
        if name in ("rttMs", "rtt_ms") and _is_number(value):
            yield float(value)
        else:
            yield from _round_trips(value)


def newest(metrics: Iterable[Mapping[str, Any]]) -> str:
    """Each participant's last report, to read."""
    latest: dict[str, Mapping[str, Any]] = {}
    for entry in metrics:
        values = (entry.get("body") or {}).get("values") or {}
        if "event" not in values:
            latest[str(entry.get("participant") or "")] = values
    parts = []
    for who, values in latest.items():
        lines = "\n".join(f"  {name}: {_short(value)}" for name, value in values.items())
        parts.append(f"{who}\n{lines}")
    return "\n\n".join(parts)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)

"""`payments.csv`: who is owed what, by participant id and completion code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from igym.host.export.files import Types, write_csv
from igym.host.export.people import People
from igym.host.export.times import iso

HEADER = (
    "session",
    "participant",
    "label",
    "code",
    "status",
    "reason",
    "earnings",
    "currency",
    "reasons",
    "ended_at",
    "ended_at_iso",
)


def payments_table(people: People) -> list[tuple[Any, ...]]:
    """Return one row per participant and session; the earnings are what the experiment's `on_payment` said last."""
    return [
        (session, p.id, p.label, p.code, p.status, p.reason, p.earnings, p.currency, "; ".join(p.earned_for) or None,
         p.ended_at, iso(p.ended_at))
        for session, found in people.items()
        for p in found.values()
    ]  # fmt: skip


def write_payments(folder: Path, types: Types, people: People) -> Path:
    """Write `payments.csv`."""
    path = folder / "payments.csv"
    write_csv(path, HEADER, payments_table(people), types)
    return path

"""`payments.csv`: who is owed what, by participant id and completion code."""

from __future__ import annotations

from pathlib import Path

from igym.host.export.files import Types, write_csv
from igym.host.export.people import people_of
from igym.host.store_reader import StoreReader

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
)


def write_payments(source: StoreReader, folder: Path, types: Types) -> Path:
    """Write one row per participant and session; the earnings are what the experiment's `on_payment` said last."""
    rows = [
        (row.id, p.id, p.label, p.code, p.status, p.reason, p.earnings, p.currency, "; ".join(p.earned_for) or None,
         p.ended_at)
        for row in source.sessions()
        for p in people_of(source, row.id).values()
    ]  # fmt: skip
    path = folder / "payments.csv"
    write_csv(path, HEADER, rows, types)
    return path

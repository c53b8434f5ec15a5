"""`payments.csv`: who is owed what, by participant id and completion code."""

from __future__ import annotations

from igym.host.export.people import People, Table
from igym.host.export.times import iso
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
    "ended_at_iso",
)


def payments_table(source: StoreReader, people: People) -> Table:
    """One row per participant and session; the earnings are what `payment` or `on_payment` said last."""
    rows = [
        [session, p.id, p.label, p.code, p.status, p.reason, p.earnings, p.currency, "; ".join(p.earned_for) or None,
         p.ended_at, iso(p.ended_at)]
        for session, found in people.items()
        for p in found.values()
        if source.pays_simulated or not p.simulated
    ]  # fmt: skip
    return list(HEADER), rows

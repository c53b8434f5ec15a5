"""`payments.csv`: who is owed what, by participant id and completion code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from igym.host.export.people import People, Person, Table
from igym.host.export.times import iso
from igym.host.store.store_reader import StoreReader

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


@dataclass(frozen=True)
class Payment:
    """What one participant has earned, by the experiment's own rule."""

    participant: str
    label: str
    amount: float
    currency: str
    reasons: tuple[str, ...]


def payments_of(source: StoreReader, people: Mapping[str, Person]) -> list[Payment]:
    """Who of one session has earned something, in order of joining: the lines of `payments.csv` with earnings."""
    return [
        Payment(who, str(person.label or who), float(person.earnings), person.currency or "", tuple(person.earned_for))
        for who, person in people.items()
        if person.earnings is not None and (source.pays_simulated or not person.simulated)
    ]


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

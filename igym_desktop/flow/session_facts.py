"""What one stored session tells at a glance: progress, waits, round trips, rewards, earnings. Not for the Qt thread."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from igym.host.export.names import KIND_FOLDERS
from igym.host.export.payments import Payment, payments_of
from igym.host.export.people import people_of
from igym.host.export.selection import Selection, kind_of
from igym.host.export.selfcheck import read_checks
from igym.host.store.samples import round_trips
from igym.host.store.store_reader import StoredRecord, StoreReader
from igym.protocol.told import from_table
from igym_desktop.flow.sessions import DATABASE

KINDS = (
    "scene_entered",
    "scene_left",
    "waiting_ended",
    "episode_ended",
    "episode_reported",
)


@dataclass
class SessionFacts:
    """`reached`: scene → participants who came to it and who completed it. `waits_s`: one for each finished wait.
    `rtt_ms`: participant → median. `rewards`: (episode from 1, sum of all agents' rewards), one for each match."""

    reached: dict[str, tuple[int, int]] = field(default_factory=dict)
    waits_s: list[float] = field(default_factory=list)
    rtt_ms: dict[str, float] = field(default_factory=dict)
    rewards: list[tuple[int, float]] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    code: str = ""
    """Stands for everything in the log so far; empty for a session that was recorded before there was a chain."""
    tables: Mapping[str, Any] = field(default_factory=dict)
    """`{at, ok, counts, text}` of the check at the session's end; empty before there was one."""


def read_facts(folder: Path, session: str) -> SessionFacts:
    """Reads the session's records; never writes."""
    with StoreReader(folder / DATABASE) as everyone:
        reader = Selection(everyone, kind_of(everyone, session))
        collected = _Collected()
        for record in reader.records(session, kinds=KINDS):
            collected.take(record)
        rtts: dict[str, list[float]] = defaultdict(list)
        for participant, _, rtt_ms in round_trips(reader.events(session, types=("rtt",))):
            rtts[participant].append(rtt_ms)
        payments = payments_of(reader, people_of(reader, session))
        head = reader.trail_head(session)
    facts = collected.facts()
    facts.payments = payments
    facts.code = head.code if head else ""
    facts.tables = read_checks(folder / KIND_FOLDERS.get(reader.kind, "")).get(session, {})
    facts.rtt_ms = {name: median(values) for name, values in rtts.items()}
    return facts


class _Collected:
    def __init__(self) -> None:
        self.entered: dict[str, set[str]] = {}
        self.left: dict[str, set[str]] = {}
        self.waits: list[float] = []
        self.scores: dict[tuple[str, int], float] = {}

    def take(self, record: StoredRecord) -> None:
        who, body = str(record.participant or ""), record.body
        if record.kind in ("scene_entered", "scene_left"):
            scene = str(record.scene or body.get("scene") or "")
            self.entered.setdefault(scene, set()).add(who)
            if record.kind == "scene_left":
                self.left.setdefault(scene, set()).add(who)
        elif record.kind == "waiting_ended":
            self.waits.append(float(body.get("waited_s") or 0))
        elif body.get("scores"):
            key = (str(record.match or body.get("match") or ""), int(body.get("episode") or 0))
            self.scores.setdefault(key, sum(map(float, body["scores"].values())))

    def facts(self) -> SessionFacts:
        reached = {scene: (len(people), len(self.left.get(scene, ()))) for scene, people in self.entered.items()}
        rewards = sorted((episode + 1, total) for (_, episode), total in self.scores.items())
        return SessionFacts(reached, self.waits, {}, rewards)


@dataclass(frozen=True)
class ColumnMeaning:
    """One line of the codebook."""

    file: str
    column: str
    meaning: str
    unit: str
    type: str
    source: str


def read_codebook(folder: Path) -> list[ColumnMeaning]:
    """The exported codebook; raises `OSError` when nothing was exported yet, `ValueError` when it is damaged."""
    lines = json.loads((folder / "codebook.json").read_text(encoding="utf-8"))
    names = ("file", "column", "meaning", "unit", "type", "source")
    return [ColumnMeaning(*(str(line.get(name, "")) for name in names)) for line in lines]


def read_deletion(folder: Path, name: str) -> tuple[Path, dict[str, Any]] | None:
    """The receipt of a deleted session, by its name below the data folder."""
    try:
        return folder / name, json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def read_receipt(folder: Path, session: str, participant: str) -> tuple[Path, dict[str, Any]] | None:
    """The newest receipt of this participant's withdrawal, and what it says."""
    found = []
    for file in (folder / "withdrawals").glob("*.json"):
        try:
            said = from_table(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            continue
        if (said.get("session"), said.get("participant")) == (session, participant):
            found.append((float(said.get("erased_at") or 0), file, said))
    return max(found, key=lambda item: item[0])[1:] if found else None

"""Writes a session database as the engine would, without an engine."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgpack

from igym.core.effects import Record
from igym.experiment.experiment import Experiment
from igym.experiment.form import describe_experiment
from igym.host.session.session_start import stored_experiment
from igym.host.store.store_schema import open_for_writing

Row = tuple[dict[str, Any], dict[str, Any]]


class StoreBuilder:
    """One database in `folder`; every call adds one record or batch with the next sequence number."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "session.sqlite3"
        self._db = open_for_writing(self.path)
        self._db.execute("PRAGMA synchronous=OFF")
        self._seq = 0
        self._session = ""

    def close(self) -> None:
        """The file is left as it is."""
        self._db.close()

    def session(
        self, identifier: str, scenes: list[dict[str, Any]] | None = None, experiment: Experiment | None = None,
        id: str = "demo",
    ) -> StoreBuilder:  # fmt: skip
        """Start a session; later calls belong to it."""
        self._session = identifier
        told = (
            stored_experiment(experiment, describe_experiment(experiment)) if experiment else {"scenes": scenes or []}
        )
        described = json.dumps({"id": id, "version": "1", **told})
        self._seq += 1
        values = (identifier, 1000.0 + self._seq, None, "7", described, "{}", "1.0", "running")
        self._db.execute("INSERT INTO sessions VALUES (?,?,?,?,?,?,?,?,NULL)", values)
        return self

    def event(self, kind: str, participant: str, at: float, **body: Any) -> StoreBuilder:
        """Add one event of the log."""
        self._seq += 1
        told = json.dumps({"type": kind, "participant": participant, **body})
        values = (self._session, self._seq, at, kind, participant, told)
        self._db.execute("INSERT INTO events (session, seq, at, type, participant, body) VALUES (?,?,?,?,?,?)", values)
        return self

    def record(self, kind: str, participant: str | None = None, match: str | None = None, scene: str | None = None,
               **body: Any) -> StoreBuilder:  # fmt: skip
        """Add one record."""
        self._seq += 1
        values = (self._session, self._seq, 0, 2000.0 + self._seq, kind, participant, match, scene, json.dumps(body))
        self._db.execute("INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?)", values)
        return self

    def written(self, seq: int, n: int, at: float, record: Record) -> StoreBuilder:
        """Add what the core wrote down, in its own place."""
        place = (self._session, seq, n, at, record.kind, record.participant, record.match, record.scene)
        self._db.execute("INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?)", (*place, json.dumps(record.body)))
        return self

    def play(self, participant: str, match: str, scene: str, rows: list[Row], *, episode: int = 0, first: int = 0,
             inputs: dict[str, list[int]] | None = None, **more: Any) -> StoreBuilder:  # fmt: skip
        """Add one batch of `(parity, local)` rows from frame `first` on; `more` are further fields of the batch."""
        columns = [
            {name: [row[part].get(name) for row in rows] for name in dict.fromkeys(n for r in rows for n in r[part])}
            for part in (0, 1)
        ]
        batch = {
            "v": 1, "scene": scene, "visit": 1, "match": match, "episode": episode, "seq": first, "first": first,
            "count": len(rows), "parity": columns[0], "local": columns[1], "inputs": inputs or {"0": [0] * len(rows)},
            "chain": "ab", **more,
        }  # fmt: skip
        return self.batch(participant, batch)

    def batch(self, participant: str, batch: dict[str, Any]) -> StoreBuilder:
        """Add one batch as a browser packed it."""
        place = [batch[name] for name in ("match", "scene", "visit", "episode", "seq", "first", "count")]
        values = (self._session, participant, *place, zlib.compress(msgpack.packb(batch)), 3000.0)
        self._db.execute("INSERT OR IGNORE INTO batches VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)
        return self

    def two_player_match(self, match: str, scene: str, people: tuple[str, str]) -> StoreBuilder:
        """Record two joined people put together in a match."""
        players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(people)]
        for who in people:
            self.record("joined", who, label=who)
            self.record("scene_entered", who, scene=scene, visit=1, scene_id=scene)
        return self.record("match_formed", None, match, scene, players=players, bots=[], seed=5)

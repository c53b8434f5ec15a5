"""Rows of the running second, before they are written for every member at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgpack

MOST_ROWS = 240


@dataclass(frozen=True)
class Chunk:
    """Consecutive rows of one episode. `fields` are those of a batch that are the same for every member."""

    episode: int
    first: int
    count: int
    fields: dict[str, Any]


@dataclass
class RowBuffer:
    """Takes batches of one row each; hands out what has come since the last time."""

    since: float = 0.0
    """When its first row came, engine clock."""
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _seq: int = 0

    def add(self, batch: bytes, now: float) -> None:
        if not self._rows:
            self.since = now
        self._rows.append(msgpack.unpackb(batch))

    def is_due(self, now: float, every_s: float) -> bool:
        return bool(self._rows) and (now - self.since >= every_s or len(self._rows) >= MOST_ROWS)

    def take(self) -> Chunk | None:
        """The rows as one batch; None when there are none."""
        rows, self._rows = self._rows, []
        if not rows:
            return None
        self._seq += 1
        first = rows[0]
        shared = {key: value for key, value in first.items() if key not in ("visit", "local")}
        fields = {
            **shared,
            "seq": self._seq - 1,
            "count": len(rows),
            "parity": _joined([row["parity"] for row in rows]),
            "inputs": {player: [n for row in rows for n in row["inputs"][player]] for player in first["inputs"]},
            "chain": rows[-1]["chain"],
            "checks": "".join(row.get("checks", "") for row in rows),
        }
        return Chunk(first["episode"], first["first"], len(rows), fields)


def _joined(rows: list[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    """A column that a row lacks is None there: infos come and go."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row[name][0] if name in row else None for row in rows] for name in names}

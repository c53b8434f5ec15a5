"""Reading `session.sqlite3` for projections: recovery, exports, the data page. Never blocks the writer."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgpack

from igym.host.store import trail
from igym.host.store.databases import open_for_reading
from igym.host.store.sql import each
from igym.protocol.told import from_table

NEVER_READ = -2
"""Before `last_seq` of a session without any event."""


@dataclass(frozen=True)
class SessionRow:
    """One line of the table `sessions`; times are unix seconds."""

    id: str
    started_at: float
    ended_at: float | None
    seed: str
    experiment: dict[str, Any]
    options: dict[str, Any]
    app_version: str
    state: str
    erased_at: float | None = None
    """When its rows and answers were erased because of their age."""


@dataclass(frozen=True)
class StoredEvent:
    """One handled event, in the order of `seq` (from 0)."""

    seq: int
    at: float
    type: str
    participant: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class StoredRecord:
    """One decision or fact the core wrote down; `seq` is the event that caused it, `n` its order there."""

    seq: int
    n: int
    at: float
    kind: str
    participant: str | None
    match: str | None
    scene: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class StoredBatch:
    """One batch of rows, `rows` as the browser packed it (`parity`, `local`, `inputs`, `chain`, …)."""

    participant: str
    match: str
    scene: str
    visit: int
    episode: int
    seq: int
    first: int
    count: int
    received_at: float
    rows: dict[str, Any]


@dataclass(frozen=True)
class BatchKey:
    """Where a stored batch lies: frames `first` … `first + count - 1` of one episode as one participant saw it."""

    participant: str
    match: str
    scene: str
    episode: int
    first: int
    count: int


class StoreReader:
    """A read-only view of one experiment's database; use one per thread or process."""

    pays_simulated = True
    """Whether tables of what is owed name simulated participants."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = open_for_reading(path)
        self._check: Callable[[int], None] = _never
        self._formed: dict[str, tuple[int, dict[str, list[tuple[str, str]]]]] = {}
        """Session → up to which event it is known who was put into which match, as (scene, match)."""

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> StoreReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def checked(self, check: Callable[[int], None]) -> Iterator[None]:
        """While it lasts, whatever is read calls `check` with its number of frames; what `check` raises ends it."""
        before, self._check = self._check, check
        try:
            yield
        finally:
            self._check = before

    def check(self) -> None:
        """Raises what a reading would be ended with now (see `checked`), for long work on what was read."""
        self._check(0)

    def _rows(self, sql: str, values: tuple[Any, ...]) -> Iterator[Any]:
        for row in each(self._connection, sql, values):
            self._check(0)
            yield row

    def sessions(self) -> list[SessionRow]:
        """Every session of this experiment, oldest first."""
        rows = self._connection.execute("SELECT * FROM sessions ORDER BY started_at, id").fetchall()
        return [_session(row) for row in rows]

    def session(self, session: str) -> SessionRow | None:
        row = self._connection.execute("SELECT * FROM sessions WHERE id = ?", (session,)).fetchone()
        return None if row is None else _session(row)

    def events(self, session: str, *, types: tuple[str, ...] = (), after: int = -1) -> Iterator[StoredEvent]:
        """Events with `seq` > `after`, in order; all types when `types` is empty."""
        where, values = _where({"session": session}, types, "type")
        sql = f"SELECT * FROM events WHERE {where} AND seq > ? ORDER BY seq"
        for row in self._rows(sql, (*values, after)):
            yield StoredEvent(row["seq"], row["at"], row["type"], row["participant"], _body(row))

    def raw_event(self, session: str, seq: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
        """One event and its records as rows of their tables, for another database of the same kind."""
        found = [
            self._connection.execute(f"SELECT * FROM {table} WHERE session = ? AND seq = ?", (session, seq)).fetchall()
            for table in ("events", "records")
        ]
        return [tuple(row) for row in found[0]], [tuple(row) for row in found[1]]

    def trail_head(self, session: str) -> trail.TrailHead | None:
        """The newest link of the session's chain; None when it was recorded before there was one."""
        return trail.read_head(self._connection, session)

    def check_trail(self, session: str, wanted: Sequence[str] = ()) -> trail.TrailFinding:
        """Goes along the session's chain; `wanted` as in `trail.check`."""
        return trail.check(self._connection, session, wanted)

    def last_seq(self, session: str) -> int:
        """Number of the newest event; -1 when there is none."""
        row = self._connection.execute("SELECT max(seq) FROM events WHERE session = ?", (session,)).fetchone()
        return -1 if row[0] is None else int(row[0])

    def records(
        self,
        session: str,
        *,
        kinds: tuple[str, ...] = (),
        participant: str | None = None,
        match: str | None = None,
        scene: str | None = None,
        after: int = -1,
    ) -> Iterator[StoredRecord]:
        """Records with `seq` > `after` in the order they were decided; each filter is left out when empty or None."""
        where, values = _where(
            {"session": session, "participant": participant, "match": match, "scene": scene}, kinds, "kind"
        )
        where, values = (f"{where} AND seq > ?", (*values, after)) if after >= 0 else (where, values)
        for row in self._rows(f"SELECT * FROM records WHERE {where} ORDER BY seq, n", values):
            yield StoredRecord(row["seq"], row["n"], row["at"], row["kind"], row["participant"], row["match"],
                               row["scene"], _body(row))  # fmt: skip

    def formed_matches(self, session: str, participant: str, scene: str) -> list[str]:
        """Every match of a scene that a participant was put into, also those without rows, oldest first."""
        after, formed = self._formed.setdefault(session, (NEVER_READ, {}))
        newest = self.last_seq(session)
        if newest != after:
            for record in StoreReader.records(self, session, kinds=("match_formed",), after=after):
                for player in record.body.get("players", ()):
                    of = formed.setdefault(str(player.get("participant")), [])
                    of.append((str(record.scene), str(record.match)))
            self._formed[session] = (newest, formed)
        return [match for where, match in formed.get(participant, ()) if where == scene]

    def last_active_at(self, row: SessionRow) -> float:
        """When a session ended, or the last thing it wrote down (unix seconds)."""
        last = self._connection.execute(
            "SELECT at FROM events WHERE session = ? ORDER BY seq DESC LIMIT 1", (row.id,)
        ).fetchone()
        return max(row.started_at, row.ended_at or 0.0, float(last["at"]) if last else 0.0)

    def stored_bytes(self, session: str) -> int:
        """How much of the database is this session's: rows, records, events, telemetry and console."""
        columns = {"batches": "body", "records": "body", "events": "body", "telemetry": "body", "console": "text"}
        sums = (
            f"(SELECT COALESCE(sum(length({text})), 0) FROM {table} WHERE session = :id)"
            for table, text in columns.items()
        )
        row = self._connection.execute(f"SELECT {' + '.join(sums)}", {"id": session}).fetchone()
        return int(row[0])

    def stored_by_participant(self, session: str) -> dict[str, tuple[int, int]]:
        """Participant → (bytes of rows, bytes of messages, measurements and lines), as they lie on the disk."""
        found: dict[str, tuple[int, int]] = {}
        for place, (table, text) in enumerate(_BYTES_OF):
            sql = f"SELECT participant, COALESCE(sum(length({text})), 0) FROM {table} WHERE session = ?"
            for participant, size in self._connection.execute(f"{sql} GROUP BY participant", (session,)):
                rows, others = found.get(participant, (0, 0))
                found[participant] = (rows + int(size), others) if place == 0 else (rows, others + int(size))
        return {participant: sizes for participant, sizes in found.items() if participant}

    def episodes(self, session: str, *, match: str | None = None) -> list[tuple[str, str, int, str]]:
        """`(scene, match, episode, participant)` of every episode of which rows are stored."""
        where, values = _where({"session": session, "match": match})
        sql = f"SELECT DISTINCT scene, match, episode, participant FROM batches WHERE {where}"
        return [tuple(row) for row in self._connection.execute(sql, values)]

    def recorded_matches(self, session: str, participant: str, scene: str) -> list[str]:
        """A participant's matches in a scene of which rows are stored, in the order in which their first rows came."""
        sql = """SELECT batches.match FROM
            (SELECT MIN(rowid) AS came FROM batches WHERE session = ? AND participant = ? GROUP BY match) AS subquery
            JOIN batches ON batches.rowid = came WHERE scene = ? ORDER BY came"""
        return [str(row["match"]) for row in self._connection.execute(sql, (session, participant, scene))]

    def episode_stamp(self, session: str, participant: str, match: str, episode: int) -> tuple[int, int]:
        """Changes whenever more of an episode's rows are stored."""
        sql = """SELECT count(*), COALESCE(SUM(count), 0) FROM batches
            WHERE session = ? AND participant = ? AND match = ? AND episode = ?"""
        found = self._connection.execute(sql, (session, participant, match, episode)).fetchone()
        return int(found[0]), int(found[1])

    def frames_stored(self, session: str) -> Iterator[tuple[str, str, str, int, int]]:
        """`(participant, match, scene, episode, frames)` of every episode with rows, sorted.

        A frame that was stored twice counts once. The rows themselves are not read.
        """
        sql = """SELECT participant, match, scene, episode, first, count FROM batches WHERE session = ?
            ORDER BY participant, match, episode, first"""
        found: dict[tuple[str, str, str, int], tuple[int, int]] = {}
        for row in each(self._connection, sql, (session,)):
            key = (row["participant"], row["match"], row["scene"], row["episode"])
            frames, known_to = found.get(key, (0, 0))
            end = row["first"] + row["count"]
            found[key] = (frames + max(0, end - max(row["first"], known_to)), max(known_to, end))
        yield from ((*key, frames) for key, (frames, _) in found.items())

    def frame_count(self, session: str) -> int:
        """Rows stored of a session, a frame for each participant."""
        sql = "SELECT COALESCE(SUM(count), 0) FROM batches WHERE session = ?"
        return int(self._connection.execute(sql, (session,)).fetchone()[0])

    def batch_keys(self, session: str) -> list[BatchKey]:
        """Which frames are stored, without their content."""
        sql = "SELECT participant, match, scene, episode, first, count FROM batches WHERE session = ?"
        return [BatchKey(*row) for row in self._connection.execute(sql, (session,))]

    def newest_batches(self, session: str) -> Iterator[BatchKey]:
        """Which frames are stored, those that came last first, read only as far as asked for."""
        sql = (
            "SELECT participant, match, scene, episode, first, count FROM batches NOT INDEXED "
            "WHERE session = ? ORDER BY rowid DESC"
        )
        for row in each(self._connection, sql, (session,)):
            yield BatchKey(*row)

    def batches(
        self,
        session: str,
        *,
        match: str | None = None,
        participant: str | None = None,
        scene: str | None = None,
        episode: int | None = None,
        from_frame: int | None = None,
    ) -> Iterator[StoredBatch]:
        """Batches ordered by participant, match, episode, first frame; one is in memory at a time.

        `from_frame` leaves out batches that end before it.
        """
        filters = {"session": session, "match": match, "participant": participant, "scene": scene, "episode": episode}
        where, values = _where(filters)
        if from_frame is not None:
            where, values = f"{where} AND first + count > ?", (*values, from_frame)
        sql = f"SELECT * FROM batches WHERE {where} ORDER BY participant, match, episode, first, received_at"
        for row in each(self._connection, sql, values):
            self._check(row["count"])
            yield _batch(row)

    def telemetry(
        self, session: str, *, participant: str | None = None, kind: str | None = None
    ) -> Iterator[tuple[str, float, str, dict[str, Any]]]:
        """`(participant, at, kind, body)` in the order it came in."""
        where, values = _where({"session": session, "participant": participant, "kind": kind})
        for row in self._rows(f"SELECT * FROM telemetry WHERE {where} ORDER BY rowid", values):
            yield row["participant"], row["at"], row["kind"], json.loads(row["body"])

    def console(self, session: str, *, participant: str | None = None) -> Iterator[tuple[str, float, str, str]]:
        """`(participant, at, level, text)` in the order it came in; `at` is unix seconds."""
        where, values = _where({"session": session, "participant": participant})
        for row in self._rows(f"SELECT * FROM console WHERE {where} ORDER BY rowid", values):
            yield row["participant"], row["at"], row["level"], row["text"]


_BYTES_OF = (("batches", "body"), ("events", "body"), ("telemetry", "body"), ("console", "text"))


def _never(frames: int) -> None:
    """Nobody asks to stop."""


def _where(filters: dict[str, Any], any_of: tuple[str, ...] = (), column: str = "") -> tuple[str, tuple[Any, ...]]:
    used = {name: value for name, value in filters.items() if value is not None}
    parts = [f"{name} = ?" for name in used]
    if any_of:
        parts.append(f"{column} IN ({', '.join('?' * len(any_of))})")
    return " AND ".join(parts), (*used.values(), *any_of)


def _body(row: Any) -> Any:
    return from_table(json.loads(row["body"]))


@lru_cache(maxsize=8)
def _experiment(text: str) -> dict[str, Any]:
    """Asked for with every episode, and long."""
    return dict(json.loads(text))


def _session(row: Any) -> SessionRow:
    return SessionRow(
        id=row["id"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        seed=row["seed"],
        experiment=_experiment(row["experiment_json"]),
        options=json.loads(row["options_json"]),
        app_version=row["app_version"],
        state=row["state"],
        erased_at=row["erased_at"] if "erased_at" in row.keys() else None,  # noqa: SIM118 a Row iterates over values
    )


def _batch(row: Any) -> StoredBatch:
    return StoredBatch(
        participant=row["participant"],
        match=row["match"],
        scene=row["scene"],
        visit=row["visit"],
        episode=row["episode"],
        seq=row["seq"],
        first=row["first"],
        count=row["count"],
        received_at=row["received_at"],
        rows=msgpack.unpackb(zlib.decompress(row["body"]), strict_map_key=False),
    )

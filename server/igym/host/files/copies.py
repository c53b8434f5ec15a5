"""Every copy of recordings that the app made below a data folder: erased with the original, each accounted for."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from igym.experiment.files import holds_session
from igym.host.base.held_files import remove
from igym.host.files.emptied import KEPT_RECORDS, emptied_text
from igym.host.store import store_erasure, trail
from igym.host.store.backup import BACKUPS
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told

KEPT_STUDIES = "experiment"
RESCUED = "session_rescued*.sqlite3"
LOG = "engine.log*"
ERASED = Told("erased in it")
SHORTEST_NAME = 3
Entry = dict[str, str]
"""`{file, done}` of a receipt: the copy, relative to the data folder, and in a word or a sentence what was done."""
Act = Callable[[sqlite3.Connection], bool]
"""Erases in one database; whether there was anything of the kind in it."""


def erase_participant(source: StoreReader, session: str, participant: str) -> list[Entry]:
    """In every copied database. `source` is the original, where the withdrawal is written down."""
    withdrawal = _withdrawal(source, session, participant)

    def act(connection: sqlite3.Connection) -> bool:
        if not _knows(connection, session, participant):
            return False
        _write_down(connection, session, withdrawal)
        store_erasure.erase_participant(connection, session, participant, KEPT_RECORDS)
        store_erasure.empty_events(connection, session, participant, emptied_text)
        return True

    return list(_in_databases(source.path.parent, act))


def erase_sessions(folder: Path, sessions: Iterable[str], kept_records: Iterable[str], at: float) -> list[Entry]:
    """Whole sessions in every copied database; `at` in unix s."""
    wanted, kept = tuple(sessions), tuple(kept_records)

    def act(connection: sqlite3.Connection) -> bool:
        found = [
            name for name in wanted if connection.execute("SELECT 1 FROM sessions WHERE id = ?", (name,)).fetchone()
        ]
        for name in found:
            for table in store_erasure.CONTENT_TABLES:
                connection.execute(f"DELETE FROM {table} WHERE session = ?", (name,))
            store_erasure.finish_session(connection, name, kept, at)
        return bool(found)

    return list(_in_databases(folder, act))


def remove_unfinished(folder: Path) -> list[Entry]:
    """What killed exports and backups left half written, and recordings within the kept copies of studies."""
    unfinished = [path for path in sorted(folder.rglob("*.part*")) if path.suffix.startswith(".part")]
    within = [path for path in sorted((folder / KEPT_STUDIES).rglob("*")) if path.is_dir() and holds_session(path)]
    return [entry for path in (*unfinished, *within) if path.exists() for entry in _gone(folder, path)]


def scrub_logs(folder: Path, names: Iterable[str]) -> list[Entry]:
    """Take lines that name somebody out of the engine's log, in place, as an engine may have it open."""
    long_enough = [re.escape(name) for name in names if len(name) >= SHORTEST_NAME]
    if not long_enough:
        return []
    pattern = re.compile(rf"(?<!\w)({'|'.join(long_enough)})(?!\w)")
    return _thinned(folder, lambda line: pattern.search(json.dumps(line, ensure_ascii=False)) is None)


def remove_old_lines(folder: Path, before: float) -> list[Entry]:
    """Take what was logged before the moment `before` (unix s) out of the engine's log."""
    return _thinned(folder, lambda line: float(line["at"]) >= before)


def remove_lines_between(folder: Path, first: float, last: float) -> list[Entry]:
    """Take what was logged from one moment to another (unix s) out of the engine's log."""
    return _thinned(folder, lambda line: not first <= float(line["at"]) <= last)


def _thinned(folder: Path, stays: Callable[[dict[str, Any]], bool]) -> list[Entry]:
    found = []
    for path in sorted(folder.glob(LOG)):
        with path.open("r+", encoding="utf-8", errors="surrogateescape", newline="") as stream:
            lines = stream.readlines()
            kept = [line for line in lines if _stays(line, stays)]
            if len(kept) < len(lines):
                stream.seek(0)
                stream.writelines(kept)
                stream.truncate()
                found.append({"file": path.name, "done": Told("{lines} lines removed", lines=len(lines) - len(kept))})
    return found


def _stays(line: str, stays: Callable[[dict[str, Any]], bool]) -> bool:
    try:
        return stays(json.loads(line))
    except (ValueError, KeyError, TypeError):
        # Half a line says nothing that a check could go by.
        return False


def mentions(folder: Path, names: Iterable[str]) -> list[Entry]:
    """Files of the kept study that name somebody: the researcher's own, which stay as they are and are told."""
    wanted = [name.encode() for name in names if len(name) >= SHORTEST_NAME]
    found = []
    for path in sorted((folder / KEPT_STUDIES).rglob("*")):
        if path.is_file() and any(name in path.read_bytes() for name in wanted):
            told = Told("kept: a file of the study itself names them; take them out there and in your own folder")
            found.append({"file": path.relative_to(folder).as_posix(), "done": told})
    return found


def _gone(folder: Path, path: Path) -> Iterator[Entry]:
    name = path.relative_to(folder).as_posix()
    try:
        shutil.rmtree(path) if path.is_dir() else remove(path)
    except OSError as error:
        yield {"file": name, "done": Told("not removed ({error}): remove it yourself", error=error)}
    else:
        yield {"file": name, "done": Told("removed")}


def _in_databases(folder: Path, act: Act) -> Iterator[Entry]:
    paths = [*sorted((folder / BACKUPS).glob("*.sqlite3")), *sorted(folder.glob(RESCUED))]
    for path in paths:
        name = path.relative_to(folder).as_posix()
        try:
            if _erased_in(path, act):
                yield {"file": name, "done": ERASED}
        except (OSError, sqlite3.Error) as error:
            yield {"file": name, "done": Told("could not be changed ({error}): remove it yourself", error=error)}


def _erased_in(path: Path, act: Act) -> bool:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        # What is erased must not stay readable in the file's free space.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = act(connection)
            connection.execute("COMMIT")
        except sqlite3.Error:
            connection.execute("ROLLBACK")
            raise
        if found:
            connection.execute("VACUUM")
        return found


def _knows(connection: sqlite3.Connection, session: str, participant: str) -> bool:
    sql = "SELECT 1 FROM records WHERE session = ? AND participant = ? LIMIT 1"
    return connection.execute(sql, (session, participant)).fetchone() is not None


def _withdrawal(source: StoreReader, session: str, participant: str) -> tuple[list[tuple[Any, ...]], ...]:
    """(event, records) of the last withdrawal with erasure, as rows: whoever checks a copy has to find who asked."""
    asked = source.records(session, kinds=("withdrawn",), participant=participant)
    seq = max((record.seq for record in asked if record.body.get("erase")), default=None)
    return ([], []) if seq is None else source.raw_event(session, seq)


def _write_down(connection: sqlite3.Connection, session: str, withdrawal: tuple[list[tuple[Any, ...]], ...]) -> None:
    """As one more link of the copy's chain, unless the copy was made later than the withdrawal."""
    events, records = withdrawal
    if not events:
        return
    seq = events[0][1]
    if connection.execute("SELECT 1 FROM events WHERE session = ? AND seq = ?", (session, seq)).fetchone():
        return
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", events)
    connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", records)
    if trail.has_trail(connection) and trail.read_head(connection, session) is not None:
        trail.link(connection, session, events, records)

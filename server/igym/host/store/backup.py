"""A whole copy of a database that may be written to meanwhile."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.base.held_files import move
from igym.host.store.not_kept import no_data
from igym.host.store.postgres.place import refuse_server
from igym.host.store.storage_errors import write_failure_code
from igym.protocol.told import Told

BACKUPS = "backups"
PAGES_AT_ONCE = 2048

Progress = Callable[[int, int, str], None]


def back_up(database: Path, target: Path | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """`{path, bytes}` of the copy; without a target a new file in `backups/` beside the database.

    Raises `HostError`; an existing file is never overwritten, and a copy that failed leaves nothing behind.
    """
    path = target or database.parent / BACKUPS / f"session_{datetime.now():%Y%m%d-%H%M%S}.sqlite3"
    copy_database(database, path, progress)
    return {"path": str(path), "bytes": path.stat().st_size}


def copy_database(database: Path, target: Path, progress: Progress | None = None) -> None:
    """The state of one moment, read beside the writer and checked before it gets its name."""
    refuse_server(database)
    if not database.is_file():
        raise no_data(database.parent)
    if target.exists():
        raise HostError(
            "exists", Told("{name} exists already and was left as it is. Please choose another name.", name=target)
        )
    try:
        with temporary_beside(target) as part:
            _copy(database, part, progress)
            move(part, target)
    except (OSError, sqlite3.Error) as error:
        raise _explained(error, target) from error


@contextlib.contextmanager
def temporary_beside(target: Path) -> Iterator[Path]:
    """Where a database is written that `target` names once it is whole; what is left of it goes, with companions."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def _copy(database: Path, part: Path, progress: Progress | None) -> None:
    def tell(_: int, remaining: int, total: int) -> None:
        if progress:
            progress(total - remaining, total, "pages")

    with (
        contextlib.closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None))
        as source,
        contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):  # fmt: skip
        # An open read transaction holds one moment for the whole copy; the writer goes on beside it.
        source.execute("BEGIN")
        # `BEGIN` alone holds nothing yet: the first read does.
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=PAGES_AT_ONCE, progress=tell)
        # One file that can be carried away, without companions.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = [str(row[0]) for row in copy.execute("PRAGMA quick_check(3)")]
        if found != ["ok"]:
            raise sqlite3.DatabaseError(f"the copy is malformed: {'; '.join(found)}")
    with part.open("rb+") as stream:
        # Before it gets its name: what is called a backup survives a power cut.
        os.fsync(stream.fileno())


def _explained(error: Exception, target: Path) -> HostError:
    code = "no_write_permission" if isinstance(error, PermissionError) else write_failure_code(error)
    reasons = {
        "disk_full": Told("The disk is full."),
        "no_write_permission": Told("You may not write there."),
        "read_only": Told("The disk or the folder is write-protected."),
        "database_damaged": Told("The recordings file is damaged; keep the whole data folder as it is."),
    }
    text = Told(
        "The copy could not be written to {target}. {reasons} Nothing else was changed.",
        target=target,
        reasons=reasons.get(code, str(error)),
    )
    return HostError(code, text, str(error))

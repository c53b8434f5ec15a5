"""Erasing rows, answers and files of sessions older than some days, with a receipt."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from igym.core.places import ENDING_KINDS
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.files import write_json
from igym.host.export.formats import shared_files
from igym.host.export.names import safe_name
from igym.host.export.tables import person_logs
from igym.host.files import copies
from igym.host.files.made_exports import AGAIN, made_exports
from igym.host.files.withdrawal import files_named_after, forget_removed, remove_listed
from igym.host.hostenv.learners import FOLDER as LEARNERS
from igym.host.store.backup import BACKUPS
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.protocol.told import Told, with_table

RECEIPTS = "retention"
DAY_S = 86_400.0
KEPT_RECORDS = ENDING_KINDS | {
    "scene_entered", "scene_left", "match_formed", "match_ended", "episode_started", "episode_ended", "group_formed",
    "researcher_action", "earnings", "session_started", "session_kind", "simulated", "session_ended",
}  # fmt: skip
"""What says that somebody took part, with whom and to what end, and what they were paid."""


@dataclass(frozen=True)
class OldSession:
    """What would be erased of one session; times are unix seconds."""

    session: str
    started_at: float
    last_active_at: float
    participants: int
    matches: int
    frames: int
    files: int
    bytes: int


@dataclass(frozen=True)
class Plan:
    """Sessions to erase: those last active before the moment `before` (unix seconds), or one that was chosen."""

    days: int | None
    """None: one session was chosen, however old it is."""
    before: float
    """Of one session: when the next one began, or now."""
    sessions: tuple[OldSession, ...]
    backups: tuple[str, ...]
    """Copies of the database, in which those sessions are erased as well."""

    def to_json(self, dry_run: bool, receipt: str | None = None) -> dict[str, Any]:
        sessions = [asdict(old) for old in self.sessions]
        facts = {"days": self.days, "dry_run": dry_run, "before": self.before, "sessions": sessions}
        return {**facts, "receipt": receipt, "backups": list(self.backups)}


def plan_one(database: Path, session: str) -> Plan:
    """One session, however old; raises `HostError` when there is none, or when it was erased before."""
    with StoreReader(database) as reader:
        row = reader.session(session)
        if row is None:
            raise HostError(
                "unknown_session",
                Told("There is no session {session} in {folder}.", session=session, folder=database.parent),
            )
        if row.erased_at is not None:
            raise HostError(
                "erased", Told("The rows and answers of session {session} were erased before.", session=session)
            )
        chosen = _measured(reader, row)
        later = [other.started_at for other in reader.sessions() if other.started_at > row.started_at]
    return Plan(None, min([time.time(), *later]), (chosen,), _backups(database))


def _backups(database: Path) -> tuple[str, ...]:
    folder = database.parent / BACKUPS
    return tuple(sorted(path.name for path in folder.glob("*.sqlite3"))) if folder.is_dir() else ()


def plan(database: Path, days: int, running: str | None = None, now: float | None = None) -> Plan:
    """What is old enough. Never the session `running`, nor one that was erased before."""
    before = (time.time() if now is None else now) - days * DAY_S
    with StoreReader(database) as reader:
        rows = [row for row in reader.sessions() if row.id != running and row.erased_at is None]
        old = tuple(_measured(reader, row) for row in rows if reader.last_active_at(row) < before)
    return Plan(days, before, old, _backups(database))


def erase_copies(folder: Path, wanted: Plan, at: float) -> list[copies.Entry]:
    """In copied databases, and lines of the engine's log from the time of these sessions."""
    found = copies.erase_sessions(folder, [old.session for old in wanted.sessions], KEPT_RECORDS, at)
    if wanted.days is not None:
        return [*found, *copies.remove_old_lines(folder, wanted.before)]
    began = min(old.started_at for old in wanted.sessions)
    return [*found, *copies.remove_lines_between(folder, began, wanted.before)]


def remove_session_files(exporter: Exporter) -> list[str]:
    """Removes every exported file of one session; returns their names below the data folder."""
    found = session_files(exporter)
    remove_listed(exporter, found)
    return [path.relative_to(exporter.folder).as_posix() for path in found]


def session_files(exporter: Exporter) -> list[Path]:
    """The exported files of one session alone, in any format; tables over all sessions are not among them."""
    source, session = exporter.everyone, exporter.row.id
    people = [record.participant for record in source.records(session, kinds=("joined",))]
    matches = [record.match for record in source.records(session, kinds=("match_formed",))]
    stems = {exporter.layout.stem(identifier) for identifier in (*people, *matches) if identifier}
    logs = [path for person in people if person for path in person_logs(exporter.layout.folder, person)]
    return sorted({*files_named_after(exporter.folder, stems), *_format_files(exporter), *logs})


def note_receipt(exporter: Exporter, receipt: dict[str, Any]) -> str:
    """Writes the tables and every zip anew, and the receipt; returns the receipt's name below the data folder.

    A zip of any session holds the tables of all.
    """
    made = made_exports(exporter)
    entries = copies.remove_unfinished(exporter.folder)
    forget_removed(exporter, entries)
    entries += [{"file": f"exports/{safe_name(session)}.zip", "done": AGAIN} for session in made.zipped]
    path = exporter.folder / RECEIPTS / f"erased_{time.strftime('%Y%m%d-%H%M%S')}.json"
    write_json(path, with_table({**receipt, "copies": [*receipt.get("copies", ()), *entries]}))
    exporter.manifest.note(path)
    exporter.export_tables()
    made.zip_again(exporter)
    return path.relative_to(exporter.folder).as_posix()


def _format_files(exporter: Exporter) -> list[Path]:
    exports, name = exporter.folder / "exports", safe_name(exporter.row.id)
    inside = [path for path in (exports / name).rglob("*") if path.is_file()] if (exports / name).is_dir() else []
    learned = exporter.folder / LEARNERS / name
    inside += [path for path in learned.rglob("*") if path.is_file()] if learned.is_dir() else []
    return [*inside, *shared_files(exporter.folder), *(path for path in (exports / f"{name}.zip",) if path.is_file())]


def _measured(reader: StoreReader, row: SessionRow) -> OldSession:
    files = session_files(Exporter(reader, reader.path.parent, row.id))
    return OldSession(
        session=row.id,
        started_at=row.started_at,
        last_active_at=reader.last_active_at(row),
        participants=len({record.participant for record in reader.records(row.id, kinds=("joined",))}),
        matches=len({record.match for record in reader.records(row.id, kinds=("match_formed",))}),
        frames=reader.frame_count(row.id),
        files=len(files),
        bytes=sum(path.stat().st_size for path in files),
    )

"""`igym annotate DATA_FOLDER SESSION`: what a session is called, a note about it, and what its data may be used for."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from igym.core.events import Command
from igym.core.state import KINDS
from igym.host.base.command_line import answer, fail
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.layout import Layout
from igym.host.export.selection import kind_of
from igym.host.files.made_exports import made_exports
from igym.host.files.retention import remove_session_files
from igym.host.programs.withdraw_main import stored_session, write_down
from igym.host.session.session_start import recover
from igym.host.store.engine_file import FolderLock
from igym.host.store.store import Store
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.host.store.store_schema import DATABASE


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym annotate",
        description="Names a session, adds a note, or says what it was for; files move to the folder of that kind.",
    )
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("session")
    parser.add_argument("--name", help="what this session is called")
    parser.add_argument("--note", help="what is to be remembered of it")
    parser.add_argument("--kind", choices=sorted(KINDS), help="what its data may be used for")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    wanted = {key: getattr(options, key) for key in ("name", "note", "kind") if getattr(options, key) is not None}
    try:
        result = annotate(options.folder, options.session, wanted)
    except HostError as error:
        return fail(options.json, error)
    return answer(options.json, {"event": "annotated", **result}, f"Session {options.session} was noted so.")


def annotate(folder: Path, session: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """`{session, kind, removed, written}`; raises `HostError`. Refuses while an engine uses the folder.

    `removed`: files that lay among those of another kind. While an engine runs, its command `annotate` does the same.
    """
    row = stored_session(folder, session)
    lock = FolderLock(folder)
    lock.acquire()
    try:
        return _annotated(folder, row, wanted)
    finally:
        lock.release()


def _annotated(folder: Path, row: SessionRow, wanted: dict[str, Any]) -> dict[str, Any]:
    with StoreReader(folder / DATABASE) as reader:
        before = kind_of(reader, row.id)
        is_exported = (Layout(reader, row.id, folder, before).folder / "participants.csv").is_file()
    asyncio.run(_written_down(folder, row, wanted))
    with StoreReader(folder / DATABASE) as reader:
        kind = kind_of(reader, row.id)
        removed, written = _files_again(reader, folder, row.id, before) if is_exported else (0, 0)
    return {"session": row.id, "kind": kind, "removed": removed, "written": written}


async def _written_down(folder: Path, row: SessionRow, wanted: dict[str, Any]) -> None:
    store = Store(folder / DATABASE)
    try:
        begun = recover(folder / DATABASE, row)
        await write_down(store, begun, Command("annotate", wanted, "", "igym annotate"))
    finally:
        store.close()


def _files_again(reader: StoreReader, folder: Path, session: str, before: str) -> tuple[int, int]:
    """(removed, written): tables tell of the change; of another kind, all files lie in its folder afterwards."""
    exporter = Exporter(reader, folder, session)
    if exporter.kind == before:
        return 0, len(exporter.export_tables())
    old = Exporter(reader, folder, session, exporter.manifest, kind=before)
    made = made_exports(old)
    removed = remove_session_files(old)
    written = exporter.export_all()
    old.export_tables()
    made.write_again(exporter)
    exporter.write_manifest()
    made.zip_again(exporter)
    return len(removed), len(written)

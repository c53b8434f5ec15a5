"""`igym retention DATA_FOLDER --days N`: what is older than that, and with `--erase` its end."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from igym.host.base.command_line import answer, fail
from igym.host.base.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.files.retention import Plan, note_receipt, plan, plan_one, remove_session_files
from igym.host.files.retention_run import carry_out, checked_days
from igym.host.store.engine_file import FolderLock
from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym retention",
        description="Shows which sessions are older than some days; with --erase their rows, answers and files go.",
    )
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--days", type=int, metavar="N", help="sessions last active longer ago than this")
    which.add_argument("--session", metavar="ID", help="this session, however old it is")
    parser.add_argument("--erase", action="store_true", help="erase them; without this nothing is changed")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    try:
        result = retain(options.folder, options.days, options.erase, options.session)
    except HostError as error:
        return fail(options.json, error)
    return answer(options.json, {"event": "retention", **result}, _told(result, options.folder))


def retain(folder: Path, days: int | None, erase: bool, session: str | None = None) -> dict[str, Any]:
    """The result of the command `retention`; raises `HostError`. Refuses to erase while an engine uses the folder."""
    database = folder / DATABASE

    def wanted() -> Plan:
        return plan_one(database, session) if session is not None else plan(database, checked_days(days or 0))

    if not erase:
        return wanted().to_json(dry_run=True)
    lock = FolderLock(folder)
    lock.acquire()
    try:
        found = wanted()
        return found.to_json(False, asyncio.run(_erase(folder, found)))
    finally:
        lock.release()


async def _erase(folder: Path, wanted: Plan) -> str | None:
    store = Store(folder / DATABASE)
    reader = StoreReader(folder / DATABASE)
    manifest = Manifest(folder)

    async def remove(sessions: list[str]) -> list[str]:
        exporters = [Exporter(reader, folder, session, manifest) for session in sessions]
        return [name for exporter in exporters for name in remove_session_files(exporter)]

    async def receipt(value: dict[str, Any]) -> str:
        return note_receipt(Exporter(reader, folder, value["sessions"][0]["session"], manifest), value)

    try:
        return await carry_out(store, wanted, remove, receipt)
    finally:
        reader.close()
        store.close()


def _told(result: dict[str, Any], folder: Path) -> str:
    sessions = result["sessions"]
    if not sessions:
        return f"No session in {folder} was last active more than {result['days']} days ago."
    lines = [
        f"{old['session']}: {old['participants']} participants, {old['frames']} frames, {old['files']} files"
        for old in sessions
    ]
    if result["dry_run"]:
        lines.append("Nothing was changed. `--erase` erases the rows, answers and files of these sessions for good.")
    else:
        lines.append(f"Their rows, answers and files were erased; the receipt is {folder / str(result['receipt'])}.")
    if result["backups"]:
        done = "They would be erased" if result["dry_run"] else "They were erased"
        lines.append(f"{done} in the copies in {folder / 'backups'} as well: {', '.join(result['backups'])}.")
    return "\n".join(lines)

"""`igym withdraw DATA_FOLDER SESSION PARTICIPANT`: a withdrawal after the session, by the same rules as during it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from igym.core.effects import CommandDone
from igym.core.events import Command
from igym.host.base.errors import HostError
from igym.host.base.json_lines import line_of
from igym.host.export.exporter import Exporter
from igym.host.files.emptied import KEPT_RECORDS, emptied_text
from igym.host.files.erasure import names_of
from igym.host.files.withdrawal import remove_files
from igym.host.session.checkpoints import remove_checkpoint
from igym.host.session.runtime import event_record, record_rows
from igym.host.session.session_start import Begun, recover
from igym.host.store.engine_file import FolderLock
from igym.host.store.store import Store
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told, from_table


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym withdraw", description="Withdraws a participant after the session.")
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("session")
    parser.add_argument("participant")
    parser.add_argument("--reason", default="", help="kept with the record of the withdrawal")
    parser.add_argument("--keep-rows", action="store_true", help="mark as withdrawn, and erase nothing")
    parser.add_argument("--json", action="store_true", help="answer one JSON object")
    options = parser.parse_args(arguments)
    try:
        result = withdraw(options.folder, options.session, options.participant, options.reason, not options.keep_rows)
    except HostError as error:
        return _answer(options, {"event": "failed", "code": error.code, "text": error.text}, error.text, 1)
    text = f"{options.participant} was withdrawn; {len(result['removed'])} files were removed."
    text += "".join(f"\n{entry['file']}: {entry['done']}" for entry in result["copies"])
    return _answer(options, {"event": "withdrawn", **result}, text, 0)


def withdraw(folder: Path, session: str, participant: str, reason: str, erase: bool) -> dict[str, Any]:
    """`{participant, erased, removed, copies}`; raises `HostError`. Refuses while an engine uses the folder."""
    row = stored_session(folder, session)
    lock = FolderLock(folder)
    lock.acquire()
    try:
        return asyncio.run(_withdraw(folder, row, participant, reason, erase))
    finally:
        lock.release()


def stored_session(folder: Path, session: str) -> SessionRow:
    """Raises `HostError` when there is none, or nothing is left of it."""
    with StoreReader(folder / DATABASE) as reader:
        row = reader.session(session)
    if row is None:
        raise HostError(
            "unknown_session", Told("There is no session {session} in {folder}.", session=session, folder=folder)
        )
    if row.erased_at is not None:
        raise HostError("erased", Told("The rows and answers of session {session} were erased.", session=session))
    return row


async def _withdraw(folder: Path, row: SessionRow, participant: str, reason: str, erase: bool) -> dict[str, Any]:
    begun = recover(folder / DATABASE, row)
    store = Store(folder / DATABASE)
    try:
        event = Command("withdraw", {"participant": participant, "erase": erase}, reason, "igym withdraw")
        await write_down(store, begun, event)
        erased = await store.erase_participant(row.id, participant, KEPT_RECORDS) if erase else {}
        if erase:
            remove_checkpoint(folder, row.id)
        if erase and row.state == "ended":
            erased["events"] = await store.empty_events(row.id, participant, emptied_text)
    finally:
        store.close()
    names = names_of(begun.session.state.participants.get(participant))
    files = await asyncio.to_thread(_files, folder, row, participant, names, erase)
    return {"participant": participant, "erased": erased, **files}


async def write_down(store: Store, begun: Begun, event: Command) -> None:
    """As the running engine would have: the event, and what the core recorded about it. Raises `HostError`."""
    now = max(time.time(), begun.last_at)
    effects = begun.session.handle(event, now)
    done = next(effect for effect in effects if isinstance(effect, CommandDone))
    if not done.ok:
        raise HostError(done.code, done.text)
    await store.append_events(
        begun.id, [event_record(begun.next_seq, now, event)], record_rows(begun.next_seq, now, effects)
    )


def _files(folder: Path, row: SessionRow, participant: str, names: list[str], erase: bool) -> dict[str, Any]:
    with StoreReader(folder / DATABASE) as reader:
        exporter = Exporter(reader, folder, row.id)
        if not erase:
            exporter.export_tables()
            return {"removed": [], "copies": []}
        *_, receipt = remove_files(exporter, participant, names, ended=row.state == "ended")
    told = from_table(json.loads(receipt.read_text(encoding="utf-8")))
    return {"removed": told["removed_files"], "copies": told["copies"]}


def _answer(options: argparse.Namespace, message: dict[str, Any], text: str, code: int) -> int:
    if options.json:
        print(line_of(message))
    else:
        print(text, file=sys.stderr if code else sys.stdout)
    return code

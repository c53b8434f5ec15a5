"""The process that turns stored rows and records into files, so that the engine's loop never waits for a file."""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from igym.host.base import spawn
from igym.host.base.errors import HostError
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.export.difference import find_difference
from igym.host.export.exporter import Exporter
from igym.host.export.files import held_and_freed
from igym.host.export.selection import kind_of
from igym.host.export.selfcheck import CHECK_NAME, check_and_note
from igym.host.export.steps import ExportCancelledError, partly_written
from igym.host.files.export_formats import FORMATS, write_format
from igym.host.files.retention import note_receipt, remove_session_files
from igym.host.files.withdrawal import erase_later_copies, remove_files
from igym.host.store.backup import back_up
from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told

Arguments = dict[str, Any]
ORPHANED_EXIT_CODE = 1


@dataclass(frozen=True)
class _Work:
    """How a request reports its progress and learns that it is to be given up."""

    tell: Callable[[dict[str, Any]], None]
    is_cancelled: Callable[[], bool]


def main(arguments: list[str]) -> int:
    """`igym exporter DATABASE SESSION`: `{id, do, …}` and `{cancel: id}` in, `{id, value}` or `{id, error}` out."""
    parser = argparse.ArgumentParser(prog="igym exporter")
    parser.add_argument("database", type=Path)
    parser.add_argument("session")
    options = parser.parse_args(arguments)
    spawn.end_with_parent_only()
    replies = take_over_stdout()
    spawn.be_nice()
    orders = _Orders()
    with StoreReader(options.database) as reader:
        exporter = Exporter(reader, options.database.parent, options.session)
        while (request := orders.next()) is not None:
            if kind_of(reader, options.session) != exporter.kind:
                # A rehearsal was announced before anybody had joined.
                exporter = Exporter(reader, exporter.folder, options.session, exporter.manifest)
            answer = _answer(exporter, request, orders, replies)
            held, freed = held_and_freed()
            say(replies, {**answer, "held": _names(held), "freed": _names(freed)})
    return 0


class _Orders:
    """Standard input, read in a thread of its own: `{"cancel": id}` is heard while that request is carried out."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[Arguments | None] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._is_idle = False
        threading.Thread(target=self._read, name="igym-orders", daemon=True).start()

    def next(self) -> Arguments | None:
        """None when there will be no more."""
        self._is_idle = True
        order = self._requests.get()
        self._is_idle = False
        return order

    def is_cancelled(self, request: int) -> bool:
        return request in self._cancelled

    def _read(self) -> None:
        for line in _lines(sys.stdin.fileno()):
            order = json.loads(line)
            if "cancel" in order:
                self._cancelled.add(order["cancel"])
            else:
                self._requests.put(order)
        self._requests.put(None)
        if not self._is_idle:
            # Whoever asked has died, and somebody else may be asked for the same files by now: two must not write them.
            # A file is there whole or not at all.
            os._exit(ORPHANED_EXIT_CODE)


def _lines(descriptor: int) -> Iterator[bytes]:
    """Without sys.stdin's buffer: its lock, held by a waiting thread, would break the end of an interrupted process."""
    rest = b""
    while chunk := os.read(descriptor, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _answer(exporter: Exporter, request: Arguments, orders: _Orders, replies: IO[str]) -> dict[str, Any]:
    def tell(progress: dict[str, Any]) -> None:
        say(replies, {"id": request["id"], "progress": progress})

    work = _Work(tell, lambda: orders.is_cancelled(request["id"]))
    try:
        value = _JOBS[request["do"]](exporter, request, work)
        if exporter.failures:
            text, exporter.failures = partly_written(exporter.failures), []
            return {"id": request["id"], "error": {"code": "partly_written", "text": text}}
        return {"id": request["id"], "value": value}
    except ExportCancelledError as error:
        return {"id": request["id"], "error": {"code": "cancelled", "text": str(error)}}
    except HostError as error:
        told = {"code": error.code, "text": error.text, "traceback": traceback.format_exc()}
        return {"id": request["id"], "error": told}
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        return {"id": request["id"], "error": {"text": text, "traceback": traceback.format_exc()}}


def _episode(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    return _names(exporter.export_episode(request["participant"], request["match"], request["episode"]))


def _scene(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    scene = scene_of_visit(exporter, request["participant"], request["visit"])
    return [] if scene is None else _names(exporter.export_scene(request["participant"], scene))


def _match(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    return _names(exporter.export_match(request["match"]))


def _tables(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    return _names(exporter.export_tables())


def _last(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    return _names(exporter.export_last())


def _check(exporter: Exporter, request: Arguments, _: _Work) -> dict[str, Any] | None:
    """Whether the tables agree with the rows and with each other; None when nothing was exported."""
    found = check_and_note(exporter.layout.folder, exporter.row.id)
    if found is None:
        return None
    exporter.manifest.note(exporter.layout.folder / CHECK_NAME)
    exporter.write_manifest()
    return {"ok": found.ok, "text": found.text()}


def _telling(work: _Work) -> Callable[[int, int, str], None]:
    return lambda done, total, what: work.tell({"done": done, "total": total, "what": what})


def _all(exporter: Exporter, request: Arguments, work: _Work) -> list[str]:
    target = exporter
    if request.get("folder"):
        target = Exporter(exporter.everyone, Path(request["folder"]), exporter.row.id)
        target.failures = exporter.failures
    names = request.get("formats") or ["csv"]
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise HostError(
            "unknown_format",
            Told("There is no format {unknown}; there are {known}.", unknown=unknown[0], known=", ".join(FORMATS)),
        )
    written: list[Path] = []
    for name in names:
        with target.part(name):
            written += write_format(target, name, _telling(work), work.is_cancelled)
    return _names(written)


def _erase(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    return _names(remove_files(exporter, request["participant"], request.get("names", ()), ended=False))


def _erase_later(exporter: Exporter, request: Arguments, _: _Work) -> None:
    erase_later_copies(exporter, request["participant"], request.get("names", ()))


def _remove_sessions(exporter: Exporter, request: Arguments, _: _Work) -> list[str]:
    """One manifest for all of them: the exporter's own."""
    folder, source = exporter.folder, exporter.everyone
    old = [Exporter(source, folder, session, exporter.manifest) for session in request["sessions"]]
    return [name for each in old for name in remove_session_files(each)]


def _receipt(exporter: Exporter, request: Arguments, _: _Work) -> str:
    return note_receipt(exporter, request["receipt"])


def _backup(exporter: Exporter, request: Arguments, work: _Work) -> dict[str, Any]:
    """Here, where nothing is erased meanwhile: that removes whatever it finds half written."""
    path = request.get("path")
    return back_up(exporter.everyone.path, Path(path) if path else None, _telling(work))


def _difference(exporter: Exporter, request: Arguments, _: _Work) -> dict[str, Any]:
    return find_difference(exporter.everyone, exporter.row.id, request["match"], request["episode"])


_JOBS: dict[str, Callable[[Exporter, Arguments, _Work], Any]] = {
    "episode": _episode,
    "scene": _scene,
    "match": _match,
    "tables": _tables,
    "last": _last,
    "all": _all,
    "check": _check,
    "difference": _difference,
    "erase": _erase,
    "erase_later": _erase_later,
    "remove_sessions": _remove_sessions,
    "retention_receipt": _receipt,
    "backup": _backup,
}


def scene_of_visit(exporter: Exporter, participant: str, visit: int) -> str | None:
    """The scene a participant was shown at this visit."""
    entered = exporter.source.records(exporter.row.id, kinds=("scene_entered",), participant=participant)
    return next((record.scene for record in entered if record.body.get("visit") == visit), None)


def _names(paths: list[Path]) -> list[str]:
    return [str(path) for path in paths]

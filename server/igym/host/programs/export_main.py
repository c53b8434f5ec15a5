"""`igym export DATA_FOLDER`: recorded sessions as files, in any format, as often as wanted."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.core.state import KINDS
from igym.host.base.errors import HostError
from igym.host.base.held_files import held_text
from igym.host.base.json_lines import line_of
from igym.host.children.leash import wait_for_end
from igym.host.export.exporter import ASKED, Exporter
from igym.host.export.files import held_and_freed
from igym.host.export.names import STUDY
from igym.host.export.selection import kind_of
from igym.host.export.steps import ExportCancelledError, Progress, partly_written
from igym.host.files.export_formats import FORMATS, write_format
from igym.host.languages import ENGLISH, LANGUAGES
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told, counted

CANCELLED_EXIT_CODE = 4


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    _stop_when_asked(leashed=options.leash)
    try:
        with StoreReader(options.folder / DATABASE) as reader:
            exported = [_export(reader, session, options) for session in _sessions(reader, options)]
    except HostError as error:
        return _fail(options, error.code, error.text, 1)
    except ExportCancelledError as error:
        return _fail(options, "cancelled", str(error), CANCELLED_EXIT_CODE)
    except OSError as error:
        return _fail(options, "no_write_permission", Told("The files could not be written: {error}.", error=error), 1)
    files, failures = sum(len(done.files) for done in exported), [what for done in exported for what in done.failures]
    return _report(options, files, failures, sum(done.left_out for done in exported))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="igym export", description="Writes recorded sessions as files.")
    parser.add_argument("folder", type=Path, help="an experiment's data folder (it holds session.sqlite3)")
    parser.add_argument("--session", default="all", help="a session id, “latest” or “all” (default)")
    parser.add_argument("--format", action="append", choices=[*FORMATS], help="may be given more than once (csv)")
    parser.add_argument(
        "--kind", choices=[*KINDS, "all"], help="which sessions: study (default), another kind, whose files go into a "
        "folder of its own, or all. A session that is named is exported whatever its kind",
    )  # fmt: skip
    parser.add_argument(
        "--include-simulated", action="store_true", help="also simulated participants of a study or a pilot"
    )
    for word, text in ASKED.items():
        name = f"--{word}" if word == "joint" else f"--include-{word}"
        parser.add_argument(name, dest="asked", action="append_const", const=word, help=text)
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH, help="of the report (en); tables are English")
    parser.add_argument("--to", type=Path, help="another folder to write to")
    parser.add_argument("--leash", action="store_true", help="stop when standard input ends")
    parser.add_argument("--json", action="store_true", help="report progress as JSON lines")
    return parser


def _sessions(reader: StoreReader, options: argparse.Namespace) -> list[str]:
    ids = [row.id for row in reader.sessions()]
    if options.session == "all":
        return _of_kind(reader, ids, options.kind or STUDY)
    wanted = ids[-1:] if options.session == "latest" else [known for known in ids if known == options.session]
    if not wanted:
        known = ", ".join(ids) or "none"
        raise HostError(
            "unknown_session",
            Told("There is no session {session} here. There are: {known}.", session=options.session, known=known),
        )
    return wanted


def _of_kind(reader: StoreReader, ids: list[str], wanted: str) -> list[str]:
    kinds = {session: kind_of(reader, session) for session in ids}
    found = [session for session, kind in kinds.items() if wanted in (kind, "all")]
    if ids and not found:
        there = ", ".join(sorted(set(kinds.values())))
        raise HostError(
            "no_such_kind",
            Told(
                "No session here is a {wanted}; there are: {there}. Ask for them with --kind.",
                wanted=wanted,
                there=there,
            ),
        )
    return found


def _left_out_text(people: int) -> str:
    """Of simulated participants who are in no file that was written; "" when there are none."""
    if not people:
        return ""
    return counted(
        people,
        "{n} simulated participant is left out, as in every study and pilot.",
        "{n} simulated participants are left out, as in every study and pilot.",
    )


def _report(options: argparse.Namespace, files: int, failures: list[str], left_out: int) -> int:
    """What was written, then what could not be; 0 when that is nothing. `left_out`: simulated participants."""
    target = options.to or options.folder
    held = [path.relative_to(target).as_posix() for path in held_and_freed()[0] if path.is_relative_to(target)]
    if not options.json:
        done = f"{files} {'file was' if files == 1 else 'files were'} written below {target}"
        how = [f"{_left_out_text(left_out)} --include-simulated takes them in."] if left_out else []
        print("\n".join([done, *how, *map(held_text, held)]))
    if failures:
        return _fail(options, "partly_written", partly_written(failures), 1)
    if options.json:
        told = {"files": files, "folder": str(target), "held": held, "left_out": _left_out_text(left_out)}
        _tell({"event": "exported", **told})
    return 0


@dataclass(frozen=True)
class _Exported:
    """The files of a session, the parts that could not be written, and how many simulated people are in none."""

    files: list[Path]
    failures: list[str]
    left_out: int


def _export(reader: StoreReader, session: str, options: argparse.Namespace) -> _Exported:
    target = options.to or options.folder
    exporter = Exporter(
        reader, target, session, simulated=options.include_simulated, asked=frozenset(options.asked or ()),
        language=options.language,
    )  # fmt: skip

    def progress(done: int, total: int, what: str) -> None:
        if options.json:
            _tell({"event": "progress", "done": done, "total": total, "what": what, "session": session})

    names = options.format or ["csv"]
    files: list[Path] = []
    for name in names:
        files += _written(exporter, name, progress, alone=len(names) == 1)
    people, _ = exporter.source.left_out(session)
    return _Exported(files, [f"{session}: {what}" for what in exporter.failures], len(people))


def _written(exporter: Exporter, name: str, progress: Progress, *, alone: bool) -> list[Path]:
    """Why the only format that was asked for is not possible is the whole answer, not a part of one."""
    refusals: list[HostError] = []
    with exporter.part(name):
        try:
            return write_format(exporter, name, progress, lambda: _cancelled)
        except HostError as error:
            if not alone:
                raise
            refusals.append(error)
    for refusal in refusals:
        raise refusal
    return []


_cancelled = False


def _stop_when_asked(*, leashed: bool) -> None:
    """The export itself looks every few rows, so that it ends with whole files."""

    def cancel(*_: object) -> None:
        global _cancelled
        _cancelled = True

    def follow_input() -> None:
        wait_for_end(sys.stdin.fileno())
        cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, cancel)
    if leashed:
        threading.Thread(target=follow_input, name="igym-leash", daemon=True).start()


def _fail(options: argparse.Namespace, code: str, text: str, exit_code: int) -> int:
    if options.json:
        _tell({"event": "failed", "code": code, "text": text})
    else:
        print(text, file=sys.stderr)
    return exit_code


def _tell(message: dict[str, Any]) -> None:
    print(line_of(message), flush=True)

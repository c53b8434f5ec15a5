"""Writing files so that a reader, or a power cut, never sees half of one."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from igym.formulas import guarded
from igym.host.base.held_files import IN_THE_WAY, aside_of, move
from igym.host.export.kinds import joined, kinds_in, texts
from igym.host.export.names import STUDY


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that takes the place of `path` when the block ends well, and vanishes when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o600)
        _put(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


_held: set[Path] = set()
_freed: set[Path] = set()


def _put(temporary: Path, path: Path) -> None:
    """In its place, or beside it when another program holds that: one open table must not keep all others back."""
    beside = aside_of(path)
    try:
        move(temporary, path)
    except IN_THE_WAY:
        move(temporary, beside)
        _held.add(path)
    else:
        _held.discard(path)
        # That it is there tells of an earlier export, also of another process, which could not write in its place.
        if beside.is_file():
            _freed.add(path)
            with suppress(OSError):
                beside.unlink()


def is_held(path: Path) -> bool:
    """Its newest version was written beside it (see `aside_of`), because another program holds it open."""
    return path in _held


def held_and_freed() -> tuple[list[Path], list[Path]]:
    """Files of this process that are held open, and those that were and have been replaced since the last call."""
    freed = sorted(_freed)
    _freed.clear()
    return sorted(_held), freed


STALE_AFTER_S = 3600.0


def remove_stale(folder: Path) -> None:
    """Remove what killed exports or a power cut left half written; what another process may be writing stays."""
    for path in folder.rglob(".*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > STALE_AFTER_S:
                path.unlink()


class Types(dict[Path, dict[str, str]]):
    """What kind of values each column of a written CSV holds (see `joined`), and for which kind of session they are."""

    def __init__(self, session_kind: str = STUDY) -> None:
        super().__init__()
        self.session_kind = session_kind

    def columns(self, header: Sequence[str], kinds: Sequence[str]) -> dict[str, str]:
        """Name → kind, with the one that a table gets which is not a study's."""
        return dict(zip(*_marked(header, kinds, self.session_kind), strict=True))


SESSION_KIND = "session_kind"


def _marked(header: Sequence[str], kinds: Sequence[str], session_kind: str) -> tuple[Sequence[str], Sequence[str]]:
    """Header and kinds with `session_kind` behind `session`, in whatever is not a study's."""
    if session_kind == STUDY or "session" not in header:
        return header, kinds
    at = list(header).index("session") + 1
    return [*header[:at], SESSION_KIND, *header[at:]], [*kinds[:at], "string", *kinds[at:]]


def _marked_block(block: Sequence[Sequence[Any]], header: Sequence[str], session_kind: str) -> Sequence[Sequence[Any]]:
    if session_kind == STUDY or "session" not in header:
        return block
    at = list(header).index("session") + 1
    return [*block[:at], [session_kind] * len(block[0]), *block[at:]]


def write_csv(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], types: Types | None = None, *, raw: bool = False
) -> None:
    """Write a small UTF-8 CSV with `\\n` line ends, all rows in memory; the columns' kinds go into `types`.

    Texts that a spreadsheet would take for a formula are `guarded`, unless `raw`: `igym.load` gives the originals.
    """
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    kinds = [joined(kinds_in(series)) for series in columns]
    shown: list[Sequence[Any]] = list(columns)
    if not raw:
        shown = [_guarded_series(series, kind) for series, kind in zip(columns, kinds, strict=True)]
    kind = types.session_kind if types is not None else STUDY
    write_csv_columns(path, header if raw else [guarded(name) for name in header], kinds, [shown], kind)
    if types is not None:
        types[path] = types.columns(header, kinds)


def _guarded_series(series: Sequence[Any], kind: str) -> Sequence[Any]:
    return [guarded(cell) if isinstance(cell, str) else cell for cell in series] if kind == "string" else series


def write_csv_columns(
    path: Path,
    header: Sequence[str],
    kinds: Sequence[str],
    blocks: Iterable[Sequence[Sequence[Any]]],
    session_kind: str = STUDY,
) -> None:
    """Write a UTF-8 CSV from blocks of columns; one block is in memory at a time."""
    names, all_kinds = _marked(header, kinds, session_kind)
    with replacing(path) as stream:
        stream.write(utf8(",".join(map(_quoted, names)) + "\n"))
        for block in blocks:
            whole = _marked_block(block, header, session_kind)
            cells = [_cells(series, kind) for series, kind in zip(whole, all_kinds, strict=True)]
            lines = [",".join(row) for row in zip(*cells, strict=True)]
            if lines:
                stream.write(utf8("\n".join(lines) + "\n"))


def _cells(series: Sequence[Any], kind: str) -> list[str]:
    found = texts(series, kind)
    if kind in _NEVER_QUOTED or not _NEEDS_QUOTES.search("".join(found)):
        return found
    return [_quoted(text) for text in found]


def _quoted(text: str) -> str:
    """Also a lone carriage return is quoted, which `csv.writer` leaves bare and readers take for a line's end."""
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


_NEVER_QUOTED = frozenset({"boolean", "integer", "number", "missing"})
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def write_json(path: Path, value: Any, check: Callable[[], None] = lambda: None) -> None:
    """Write indented UTF-8 JSON with sorted keys, so that two exports of the same facts are the same bytes.

    `check` is called every now and then; what it raises ends the writing.
    """
    with replacing(path) as stream:
        pieces = _INDENTED.iterencode(value)
        while text := "".join(islice(pieces, PIECES_AT_ONCE)):
            stream.write(utf8(text))
            check()
        stream.write(b"\n")


PIECES_AT_ONCE = 100_000
_INDENTED = json.JSONEncoder(indent=2, sort_keys=True, ensure_ascii=False)


def write_json_lines(path: Path, values: Iterable[Any]) -> int:
    """Write one JSON object a line; return their number."""
    count = 0
    with replacing(path) as stream:
        for value in values:
            stream.write(utf8(json.dumps(value, sort_keys=True, ensure_ascii=False) + "\n"))
            count += 1
    return count


def utf8(text: str) -> bytes:
    """As UTF-8; half of a character pair, which a browser may send, is spelled out (`\\ud83d`)."""
    return text.encode("utf-8", "backslashreplace")


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

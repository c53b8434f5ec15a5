"""Writing files so that a reader, or a power cut, never sees half of one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from igym.host.export.cells import cell


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
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a UTF-8 CSV with `\\n` line ends; return the number of rows."""
    count = 0
    with replacing(path) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=False)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow([cell(value) for value in row])
            count += 1
        text.flush()
        text.detach()
    return count


def write_json(path: Path, value: Any) -> None:
    """Write indented UTF-8 JSON with sorted keys, so that two exports of the same facts are the same bytes."""
    with replacing(path) as stream:
        stream.write((json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())


def write_json_lines(path: Path, values: Iterable[Any]) -> int:
    """Write one JSON object a line; return their number."""
    count = 0
    with replacing(path) as stream:
        for value in values:
            stream.write((json.dumps(value, sort_keys=True, ensure_ascii=False) + "\n").encode())
            count += 1
    return count


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()

"""Reading small tables that people bring along."""

from __future__ import annotations

import csv
from pathlib import Path

MOST_BYTES = 2_000_000


def read_rows(file: Path) -> list[list[str]]:
    """Rows of a CSV file, whatever its separator, UTF-8 or from an old spreadsheet; [] when it cannot be read."""
    try:
        data = file.read_bytes()[:MOST_BYTES]
    except OSError:
        return []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    separator = max(";\t,", key=first.count)
    return [row for row in csv.reader(text.splitlines(), delimiter=separator) if row]

"""Rules of level "error" of the published Psych-DS specification (https://psych-ds.github.io), written from its text.

The official validator runs in a browser or under Deno and is on no package index, so it cannot be run from here.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_NAME = re.compile(r"(?:[a-z]+-[A-Za-z0-9]+_)+data\.csv")
SCHEMA = "https://schema.org"
LONGEST_CELL = 2**31 - 1


def validate_psych_ds(folder: Path, check: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Yield each broken rule: description fields, file names, headers, declared variables, equal row lengths.

    `check` is called with every row; what it raises ends the check.
    """
    csv.field_size_limit(LONGEST_CELL)
    path = folder / "dataset_description.json"
    if not path.is_file():
        yield "dataset_description.json is missing"
        return
    description = json.loads(path.read_text("utf-8"))
    for name, wanted in (("@context", SCHEMA), ("@type", "Dataset")):
        if description.get(name) != wanted:
            yield f"dataset_description.json: {name} must be {wanted}"
    for name in ("name", "description", "variableMeasured"):
        if not description.get(name):
            yield f"dataset_description.json: {name} is missing"
    declared = {variable["name"] for variable in description.get("variableMeasured", ())}
    files = sorted((folder / "data").rglob("*.csv"))
    if not files:
        yield "data/ has no data file"
    for data in files:
        yield from _check_data_file(data, declared, check)


def _check_data_file(path: Path, declared: set[str], check: Callable[[], None]) -> Iterator[str]:
    if not _NAME.fullmatch(path.name):
        yield f"{path.name}: not a chain of keyword-value pairs that ends in _data.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        header = next(reader, [])
        if not header or len(set(header)) != len(header):
            yield f"{path.name}: the header is missing or names a column twice"
        if undeclared := set(header) - declared:
            yield f"{path.name}: not in variableMeasured: {', '.join(sorted(undeclared))}"
        for row in reader:
            check()
            if len(row) != len(header):
                yield f"{path.name}: a row is longer or shorter than the header"
                break

"""`codebook.csv` and `codebook.json`: what every exported column means, its unit, its type and where it comes from."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from igym.experiment.options.environment import MOST_OBSERVATION_NUMBERS
from igym.formulas import original
from igym.host.base.held_files import plain_name
from igym.host.export import meanings
from igym.host.export.files import write_csv, write_json
from igym.host.export.inputs import INPUT_MEANINGS
from igym.host.export.kinds import joined, kinds_in
from igym.host.export.manifest import Manifest
from igym.host.export.meanings import Meaning
from igym.host.export.names import KIND_FOLDERS
from igym.host.export.table_meanings import ROW_KEYS, TABLES

HEADER = ("file", "column", "type", "unit", "source", "meaning")
MIXED = "mixed"
"""The type of a column that is of different types in different files."""
LEFT_OUT = "left out"
"""The type of observations that were too large to be recorded: there is no such column."""
_LINES = {
    "console_logs/<participant>.jsonl": (
        meanings.CONSOLE_MEANINGS, {"session": "string", "at": "number", "level": "string", "text": "string"},
    ),
    "events.jsonl": (
        meanings.EVENTS_MEANINGS,
        {"session": "string", "seq": "integer", "n": "integer", "at": "number", "kind": "string",
         "participant": "string", "match": "string", "scene": "string", "body": "json"},
    ),
}  # fmt: skip

Family = tuple[str, tuple[Meaning, ...]]


def write_codebook(folder: Path, manifest: Manifest) -> list[Path]:
    """Describe every column of what the manifest lists."""
    found: dict[Family, dict[str, set[str]]] = {}
    for family, columns in _columns_of_files(folder, manifest):
        known = found.setdefault(family, {})
        for name, kind in columns.items():
            known.setdefault(name, set()).add(kind)
    missing = _left_out(manifest)
    lines = [
        line
        for family in sorted(found, key=lambda f: f[0])
        for line in [*_lines(family, found[family]), *missing.get(family[0], ())]
    ]
    csv_path, json_path = folder / "codebook.csv", folder / "codebook.json"
    write_csv(csv_path, HEADER, lines)
    write_json(json_path, [dict(zip(HEADER, line, strict=True)) for line in lines])
    return [csv_path, json_path]


ROW_MEANINGS = (*ROW_KEYS, *meanings.EPISODE_MEANINGS)


def describe_columns(file: str, columns: dict[str, str], like: str = "") -> list[dict[str, str]]:
    """Describe the columns (name → type) of one file outside the usual layout.

    `like` is the table that it holds, such as `matches.csv`; "" for an episode's rows.
    """
    family = (file, TABLES[like] if like else ROW_MEANINGS)
    return [dict(zip(HEADER, line, strict=True)) for line in _lines(family, {n: {k} for n, k in columns.items()})]


def _lines(family: Family, columns: dict[str, set[str]]) -> Iterator[tuple[str, ...]]:
    file, known = family
    for name, kinds in columns.items():
        unit, source, text = meanings.find_meaning(name, known)
        yield file, name, _over_files(kinds), unit, source, text


def _over_files(kinds: set[str]) -> str:
    found = kinds - {"missing"}
    return joined(found) if len(found) < 2 or found == {"integer", "number"} else MIXED


def _columns_of_files(folder: Path, manifest: Manifest) -> Iterator[tuple[Family, dict[str, str]]]:
    for name in manifest.names(""):
        path = folder / name
        if name.startswith(("exports/", "experiment/")) or name == "codebook.csv" or not path.is_file():
            continue
        if name.endswith(".csv"):
            yield _family(Path(plain_name(name))), manifest.columns(name) or _read_columns(path)
        elif plain_name(name).endswith("_globals.json"):
            yield _globals(path)
        elif (line := _line_family(plain_name(name))) in _LINES:
            known, columns = _LINES[line]
            yield (line, known), columns


def _left_out(manifest: Manifest) -> dict[str, list[tuple[str, ...]]]:
    """File family → lines about observations that its rows do not hold, as they were too large."""
    sizes: dict[str, dict[str, int]] = {}
    for name in manifest.names(".csv"):
        if left_out := manifest.left_out(name):
            sizes.setdefault(_family(Path(plain_name(name)))[0], {}).update(left_out)
    return {
        file: [
            (file, f"observations.{agent}", LEFT_OUT, "", "env", _why_left_out(count))
            for agent, count in agents.items()
        ]
        for file, agents in sizes.items()
    }


def _why_left_out(count: int) -> str:
    cure = f"max_observation_numbers={count} in the scene's runtime() keeps them."
    if count > MOST_OBSERVATION_NUMBERS:
        cure = "So many are never recorded; what is needed of them can be returned in infos."
    return f"Not recorded, as it has {count} numbers in every frame, more than max_observation_numbers allowed. {cure}"


def _family(path: Path) -> Family:
    if path.parts[0] in KIND_FOLDERS.values():
        file, known = _family(Path(*path.parts[1:]))
        return f"{path.parts[0]}/{file}", known
    if len(path.parts) == 1:
        return path.name, TABLES.get(path.name, ())
    folder = path.parts[0]
    if folder == "telemetry":
        return "telemetry/<participant>.csv", meanings.TELEMETRY_MEANINGS
    if re.search(r"_ep\d+\.csv$", path.name):
        return f"{folder}/<participant>_ep<N>.csv", ROW_MEANINGS
    if path.name.endswith("_input.csv"):
        return f"{folder}/<participant>_input.csv", INPUT_MEANINGS
    return f"{folder}/<participant>.csv", meanings.ANSWER_MEANINGS


def _line_family(name: str) -> str:
    first, _, rest = name.partition("/")
    if first in KIND_FOLDERS.values():
        return _line_family(rest)
    return "console_logs/<participant>.jsonl" if name.startswith("console_logs/") else name


def _globals(path: Path) -> tuple[Family, dict[str, str]]:
    value = json.loads(path.read_text("utf-8"))
    columns = {
        f"{part}.{name}": joined(kinds_in([given]))
        for part in ("globals", "attributes")
        for name, given in value[part].items()
    }
    return (f"{path.parent.name}/<participant>_globals.json", meanings.GLOBALS_MEANINGS), columns


def _read_columns(path: Path) -> dict[str, str]:
    """Types guessed from the text of a file that an earlier version wrote."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = [original(name) for name in next(reader, [])]
        kinds: list[set[str]] = [set() for _ in header]
        for row in reader:
            for found, text in zip(kinds, row, strict=False):
                found.add(_guessed(text))
    return {name: _guess(found) for name, found in zip(header, kinds, strict=True)}


def _guess(kinds: Iterable[str]) -> str:
    found = joined(kinds)
    return found if found != "json" or set(kinds) <= {"json", "missing"} else "string"


def _guessed(text: str) -> str:
    if text == "":
        return "missing"
    if text in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"-?\d+", text):
        return "integer"
    if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?|NaN|-?Infinity", text):
        return "number"
    return "json" if text[:1] in "[{" and text[-1:] in "]}" else "string"

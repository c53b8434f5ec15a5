"""Reading an exported data folder into pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

_EPISODE = re.compile(r"(?P<stem>.+?)(?P<match>_m\d+)?_ep(?P<episode>\d+)\.csv")
_PANDAS_TYPES = {"boolean": "boolean", "integer": "Int64", "number": "Float64", "string": "string", "json": "string"}
_SPECIAL = {"Infinity": "inf", "-Infinity": "-inf"}


@dataclass(frozen=True)
class ExperimentData:
    """An experiment's data as tables, each with the columns `session` and, where they apply, `scene` and `participant`.

    `rows` has one line per confirmed frame and participant, `answers` one table per static scene.
    """

    participants: pd.DataFrame
    rows: pd.DataFrame
    answers: dict[str, pd.DataFrame]
    matches: pd.DataFrame
    events: pd.DataFrame


def load(folder: str | Path, session: str | None = None) -> ExperimentData:
    """Load `data/<experiment-id>`, all sessions or one.

    Raises `FileNotFoundError` when the folder has no `participants.csv` (nothing was exported there).
    """
    root = Path(folder)
    if not (root / "participants.csv").is_file():
        raise FileNotFoundError(f"{root} has no participants.csv: give the folder data/<experiment-id> of an export.")
    types = _codebook_types(root)
    people = _read(root / "participants.csv", types.get("participants.csv", {}))
    data = ExperimentData(people, _rows(root, types), _answers(root, types), _matches(root), _events(root))
    return data if session is None else _only(data, session)


def _only(data: ExperimentData, session: str) -> ExperimentData:
    def pick(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["session"] == session].reset_index(drop=True) if "session" in table else table

    answers = {scene: pick(table) for scene, table in data.answers.items()}
    return ExperimentData(pick(data.participants), pick(data.rows), answers, pick(data.matches), pick(data.events))


def _codebook_types(root: Path) -> dict[str, dict[str, str]]:
    path = root / "codebook.json"
    lines: list[dict[str, str]] = json.loads(path.read_text("utf-8")) if path.is_file() else []
    types: dict[str, dict[str, str]] = {}
    for line in lines:
        types.setdefault(line["file"], {})[line["column"]] = line["type"]
    return types


def _read(path: Path, types: dict[str, str]) -> pd.DataFrame:
    raw = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8")
    return raw.apply(lambda column: _typed(column, types.get(str(column.name), "string")))


def _typed(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    wanted = _PANDAS_TYPES.get(kind, "string")
    if kind == "boolean":
        return column.map({"true": True, "false": False}).astype("boolean")
    if kind == "number":
        return pd.to_numeric(column.replace(_SPECIAL)).astype("float64")
    try:
        return column.astype(wanted)  # type: ignore[call-overload, no-any-return]
    except (ValueError, TypeError, OverflowError):
        return column  # the codebook looks at the first rows only; a later value may be of another kind


def _scenes(root: Path) -> Iterator[Path]:
    known = ("match_logs", "console_logs", "replays", "experiment", "exports")
    return (path for path in sorted(root.iterdir()) if path.is_dir() and path.name not in known)


def _owner(folder: Path, stem: str) -> dict[str, Any]:
    path = folder / f"{stem}_metadata.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else {"participant": stem, "session": None}


def _rows(root: Path, types: dict[str, dict[str, str]]) -> pd.DataFrame:
    parts = []
    for folder in _scenes(root):
        described = types.get(f"{folder.name}/<participant>_ep<N>.csv", {})
        for path in sorted(folder.glob("*_ep*.csv")):
            if found := _EPISODE.fullmatch(path.name):
                part = _read(path, described)
                owner = _owner(folder, found["stem"])
                part.insert(0, "participant", str(owner["participant"]))
                part.insert(0, "scene", str(owner.get("scene", folder.name)))
                part.insert(0, "session", owner["session"])
                parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["session", "scene", "participant"])


def _answers(root: Path, types: dict[str, dict[str, str]]) -> dict[str, pd.DataFrame]:
    answers = {}
    for folder in _scenes(root):
        paths = [path for path in sorted(folder.glob("*.csv")) if not _EPISODE.fullmatch(path.name)]
        if paths:
            described = types.get(f"{folder.name}/<participant>.csv", {})
            answers[folder.name] = pd.concat([_read(path, described) for path in paths], ignore_index=True)
    return answers


def _matches(root: Path) -> pd.DataFrame:
    found = [
        json.loads(path.read_text("utf-8"))
        for f in _scenes(root)
        for path in sorted(f.glob("*_aggregated_metrics.json"))
    ]
    names = ["session", "scene", "match", "parity", "seed", "members", "bots", "episodes"]
    return pd.DataFrame([{name: value.get(name) for name in names} for value in found], columns=names)


def _events(root: Path) -> pd.DataFrame:
    path = root / "events.jsonl"
    # Not `splitlines`: a participant's text may hold other characters that Unicode counts as line ends.
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    return pd.DataFrame([json.loads(line) for line in lines if line])

"""Reading an exported data folder into pandas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd

from igym.formulas import original

_EPISODE = re.compile(r"(?P<stem>.+?)(?P<match>_m\d+)?_ep(?P<episode>\d+)\.csv")
_INT64 = 2**63
STUDY = "study"
_SPECIAL = {"Infinity": "inf", "-Infinity": "-inf"}
_OURS = frozenset(
    {"match_logs", "console_logs", "replays", "experiment", "exports", "telemetry", "withdrawals", "retention"}
    | {"backups", "consent_texts"}
)

Types = dict[str, dict[str, str]]
"""File → column → type."""


@dataclass(frozen=True)
class Origin:
    """What was read: `session` None means all of this kind."""

    folder: Path
    session: str | None
    kind: str
    simulated: bool


@dataclass(frozen=True)
class ExperimentData:
    """An experiment's data as tables, each with the columns `session` and, where they apply, `scene` and `participant`.

    `rows` has one line per confirmed frame and participant, `episodes` one per episode and member, `matches` one per
    match and member, `scenes` one per visit of a scene, `answers` one table per static scene, `answers_long` one line
    per answer, `answers_wide` one per participant, `comparisons` one per match (all members' recordings held against
    each other), `telemetry` one line per measurement, `inputs` one per key, button, pointer or stick event where a
    scene records them, `console` one per printed line, `globals` one per participant, scene and name, `chat` one per
    message, `attempts` one per answer to a question with a right one, `consent` one per box that was ticked,
    `responses` one per question to a program that talks along. Where a study has nothing of a kind, its table is empty.
    """

    participants: pd.DataFrame
    rows: pd.DataFrame
    answers: dict[str, pd.DataFrame]
    answers_long: pd.DataFrame
    answers_wide: pd.DataFrame
    scenes: pd.DataFrame
    matches: pd.DataFrame
    episodes: pd.DataFrame
    comparisons: pd.DataFrame
    events: pd.DataFrame
    payments: pd.DataFrame
    actions: pd.DataFrame
    telemetry: pd.DataFrame
    inputs: pd.DataFrame
    console: pd.DataFrame
    globals: pd.DataFrame
    chat: pd.DataFrame
    attempts: pd.DataFrame
    consent: pd.DataFrame
    responses: pd.DataFrame
    origin: Origin | None = None
    """Where it was read from."""

    def to_minari(
        self, folder: str | Path | None = None, *, joint: bool = False, partial: bool = False, excluded: bool = False
    ) -> dict[str, Any]:
        """What people did as Minari sets: name → `minari.MinariDataset`, one for each agent that people play.

        All loaded sessions are in each set. It is written to `folder`, as Minari's own folder of sets, or into
        `exports/all-sessions` of the data folder, where it goes when somebody withdraws. `joint`: also a set of all
        agents together; `partial`, `excluded`: also episodes that broke off, and those of people who were excluded.

        Raises `FileNotFoundError` when the data folder has no `session.sqlite3`, `ImportError` without Minari (the
        extra `[minari]`), and `RuntimeError` when no episode can be played again, with the reasons.
        """
        from igym.host.demonstrations.loading import sets_of

        if self.origin is None:
            raise FileNotFoundError("These tables were not read from a data folder: use igym.load(folder).")
        asked = {"joint": joint, "partial": partial, "excluded": excluded}
        return sets_of(self.origin, folder, frozenset(word for word, wanted in asked.items() if wanted))


def load(
    folder: str | Path, session: str | None = None, *, kind: str = "study", simulated: bool = False
) -> ExperimentData:
    """Load `data/<experiment-id>`, all sessions or one.

    `kind`: another kind of sessions, "pilot", "rehearsal" or "test". Simulated participants of a study or a pilot are
    left out unless `simulated`; they are in the files when they were exported so, or played with a person.

    Raises `FileNotFoundError` when the folder has no `participants.csv` (nothing was exported there).
    """
    root = Path(folder) if kind == STUDY else Path(folder) / f"_{kind}"
    if not (root / "participants.csv").is_file():
        raise FileNotFoundError(f"{root} has no participants.csv: give the folder data/<experiment-id> of an export.")
    types = _types(Path(folder), root)
    data = ExperimentData(
        participants=_read(root, "participants.csv", types),
        rows=_rows(root, types),
        answers=_answers(root, types),
        answers_long=_read(root, "answers.csv", types),
        answers_wide=_read(root, "answers_wide.csv", types),
        scenes=_read(root, "scenes.csv", types),
        matches=_read(root, "matches.csv", types),
        episodes=_read(root, "episodes.csv", types),
        comparisons=_comparisons(root),
        events=_lines(root / "events.jsonl"),
        payments=_read(root, "payments.csv", types),
        actions=_read(root, "researcher_actions.csv", types),
        telemetry=_all(_read(root, f"telemetry/{path.name}", types) for path in _files(root / "telemetry", "*.csv")),
        inputs=_all(
            _read(root, f"{folder.name}/{path.name}", types)
            for folder in _scenes(root)
            for path in _files(folder, "*_input.csv")
        ),
        console=_console(root),
        globals=_globals(root),
        chat=_read(root, "chat.csv", types),
        attempts=_read(root, "attempts.csv", types),
        consent=_read(root, "consent.csv", types),
        responses=_read(root, "responses.csv", types),
        origin=Origin(Path(folder), session, kind, simulated),
    )
    if kind in (STUDY, "pilot") and not simulated:
        data = _without_simulated(data)
    return data if session is None else _only(data, session)


def _only(data: ExperimentData, session: str) -> ExperimentData:
    def pick(table: pd.DataFrame) -> pd.DataFrame:
        return table[table["session"] == session].reset_index(drop=True) if "session" in table else table

    return _of_each(data, pick)


def _without_simulated(data: ExperimentData) -> ExperimentData:
    """No line about somebody for whom a program stood in; lines about matches and moments stay."""
    people = data.participants
    # A column without a line has no type that could be asked.
    if people.empty or "simulated" not in people or not people["simulated"].any():
        return data
    pairs = people[people["simulated"].fillna(False)][["session", "participant"]]
    simulated = set(pairs.itertuples(index=False, name=None))

    def pick(table: pd.DataFrame) -> pd.DataFrame:
        if not {"session", "participant"} <= set(table.columns):
            return table
        theirs = [pair in simulated for pair in zip(table["session"], table["participant"], strict=True)]
        return table[[not own for own in theirs]].reset_index(drop=True)

    return _of_each(data, pick)


def _of_each(data: ExperimentData, pick: Callable[[pd.DataFrame], pd.DataFrame]) -> ExperimentData:
    names = [each.name for each in fields(data) if each.name not in ("answers", "origin")]
    tables: dict[str, Any] = {name: pick(getattr(data, name)) for name in names}
    return replace(data, answers={scene: pick(table) for scene, table in data.answers.items()}, **tables)


def _types(home: Path, root: Path) -> Types:
    """From the manifest, which knows each file's own columns, by names below `root`."""
    path, before = home / "manifest.json", "" if root == home else f"{root.name}/"
    listed = json.loads(path.read_text("utf-8"))["files"] if path.is_file() else {}
    return {
        name.removeprefix(before): dict(entry["columns"])
        for name, entry in listed.items()
        if "columns" in entry and name.startswith(before)
    }


def _read(root: Path, name: str, types: Types) -> pd.DataFrame:
    path = root / name
    if not path.is_file():
        return pd.DataFrame()
    raw = pd.read_csv(path, dtype="string", keep_default_na=False, na_values=[""], encoding="utf-8")
    known = types.get(name, {})
    if not _EPISODE.fullmatch(path.name):
        raw = raw.rename(columns=original)
        texts = [column for column in raw.columns if known.get(str(column), "string") == "string"]
        raw = raw.assign(**{str(column): _given_back(raw[column]) for column in texts})
    # Column by column: `apply` would make one type of them all where there is no row.
    return pd.DataFrame({column: _typed(raw[column], known.get(str(column), "string")) for column in raw.columns})


def _given_back(column: pd.Series[Any]) -> pd.Series[Any]:
    """Without the apostrophe that keeps spreadsheets from running a text."""
    return column.map(original, na_action="ignore").astype("string")


def _typed(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "boolean":
        return column.map({"true": True, "false": False}).astype("boolean")
    if kind == "number":
        return pd.to_numeric(column.replace(_SPECIAL)).astype("float64")
    if kind == "json":
        return pd.Series([None if pd.isna(text) else json.loads(text) for text in column], dtype="object")
    if kind == "integer":
        return _whole(column)
    return column.astype("string")


def _whole(column: pd.Series[Any]) -> pd.Series[Any]:
    values = [None if pd.isna(text) else int(text) for text in column]
    fits = all(value is None or -_INT64 <= value < _INT64 for value in values)
    return pd.Series(values, dtype="Int64" if fits else "object")


def _all(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    found = [part for part in parts if len(part.columns)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.is_dir() else []


def _scenes(root: Path) -> Iterator[Path]:
    return (path for path in sorted(root.iterdir()) if path.is_dir() and path.name not in _OURS and path.name[0] != "_")


def _owner(folder: Path, stem: str) -> dict[str, Any]:
    path = folder / f"{stem}_metadata.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return {"session": found.get("session"), "scene": found.get("scene", folder.name),
            "participant": str(found.get("participant", stem))}  # fmt: skip


def _rows(root: Path, types: Types) -> pd.DataFrame:
    parts = []
    for folder in _scenes(root):
        for path in sorted(folder.glob("*_ep*.csv")):
            if found := _EPISODE.fullmatch(path.name):
                part = _read(root, f"{folder.name}/{path.name}", types)
                if "participant" not in part:  # a file of an earlier version
                    for name, value in reversed(_owner(folder, found["stem"]).items()):
                        part.insert(0, name, value)
                parts.append(part)
    return _all(parts) if parts else pd.DataFrame(columns=["session", "scene", "participant"])


def _answers(root: Path, types: Types) -> dict[str, pd.DataFrame]:
    answers = {}
    for folder in _scenes(root):
        names = [path.name for path in sorted(folder.glob("*.csv")) if not _EPISODE.fullmatch(path.name)]
        names = [name for name in names if not name.endswith("_input.csv")]
        if names:
            answers[folder.name] = _all(_read(root, f"{folder.name}/{name}", types) for name in names)
    return answers


def _comparisons(root: Path) -> pd.DataFrame:
    found = [
        json.loads(path.read_text("utf-8"))
        for folder in _scenes(root)
        for path in sorted(folder.glob("*_aggregated_metrics.json"))
    ]
    names = ["session", "scene", "match", "parity", "seed", "members", "bots", "episodes"]
    return pd.DataFrame([{name: value.get(name) for name in names} for value in found], columns=names)


def _lines(path: Path, **more: str) -> pd.DataFrame:
    # Not `splitlines`: a participant's text may hold other characters that Unicode counts as line ends.
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    return pd.DataFrame([more | _parsed(line) for line in lines if line])


def _parsed(text: bytes) -> dict[str, Any]:
    found: dict[str, Any] = _whole_characters(json.loads(text)) if b"\\ud" in text.lower() else json.loads(text)
    return found


def _whole_characters(value: Any) -> Any:
    """Spells out half of a character pair, which no table can hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_whole_characters(name): _whole_characters(inner) for name, inner in value.items()}
    return [_whole_characters(inner) for inner in value] if isinstance(value, list) else value


def _console(root: Path) -> pd.DataFrame:
    paths = _files(root / "console_logs", "*.jsonl")
    return _all(_lines(path, participant=unquote(path.stem)) for path in paths)


def _globals(root: Path) -> pd.DataFrame:
    lines = []
    for folder in _scenes(root):
        for path in _files(folder, "*_globals.json"):
            owner = _owner(folder, path.name.removesuffix("_globals.json"))
            for kind, values in _parsed(path.read_bytes()).items():
                lines += [{**owner, "kind": kind, "name": name, "value": value} for name, value in values.items()]
    return pd.DataFrame(lines, columns=["session", "scene", "participant", "kind", "name", "value"])

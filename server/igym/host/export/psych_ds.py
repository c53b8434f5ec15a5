"""A Psych-DS dataset (https://psych-ds.github.io) of one session, and the checks it must pass."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from igym.host.export.codebook import describe_columns
from igym.host.export.episodes import EpisodeKey, columns_of, episode_keys
from igym.host.export.exporter import Exporter
from igym.host.export.files import Types, write_csv, write_json
from igym.host.export.formats import folder_of
from igym.host.export.matches import write_episode_rows
from igym.host.export.people import people_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import participants_table

_NAME = re.compile(r"(?:[a-z]+-[A-Za-z0-9]+_)+data\.csv")
_SCHEMA = "https://schema.org"

Variables = dict[Path, list[dict[str, Any]]]


def write_psych_ds(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write the dataset: `dataset_description.json`, `data/`, one sidecar per data file.

    Raises `ValueError` with every broken rule when what was written does not pass `validate_psych_ds`.
    """
    keys = episode_keys(exporter.source, exporter.row.id)
    steps = Steps(len(keys) + 2, progress, cancelled)
    with steps.watching(exporter.source):
        return _write_dataset(exporter, keys, steps)


def _write_dataset(exporter: Exporter, keys: list[EpisodeKey], steps: Steps) -> list[Path]:
    folder = folder_of(exporter, "psych-ds")
    types: Types = {}
    files = [_participants(exporter, folder, types)]
    steps.done("participants")
    for key, path in _data_files(folder, keys).items():
        # An earlier export may have left it; what cannot be written now must not stand there as if it had been.
        path.unlink(missing_ok=True)
        with exporter.part(f"psych-ds: {key.scene}: {key.participant}, episode {key.episode}"):
            columns = columns_of(exporter.source, key)
            write_episode_rows(exporter.source, key, columns, path)
            types[path] = dict(zip(columns.names, columns.kinds, strict=True))
            files.append(path)
        steps.done(path.name)
    variables = {path: list(_variables(path, types[path])) for path in files}
    written = [*files, *_sidecars(variables), _description(exporter, folder, variables)]
    if broken := list(validate_psych_ds(folder, steps.check)):
        raise ValueError("The dataset does not follow Psych-DS: " + "; ".join(broken))
    steps.done("dataset_description.json")
    return written


def _data_files(folder: Path, keys: list[EpisodeKey]) -> dict[EpisodeKey, Path]:
    ids = {key.participant for key in keys} | {key.scene for key in keys} | {key.match for key in keys}
    names = _unique_words(sorted(ids))
    paths = {}
    for key in keys:
        keywords = {"subject": key.participant, "task": key.scene, "match": key.match}
        words = [f"{keyword}-{names[value]}" for keyword, value in keywords.items()]
        paths[key] = folder / "data" / "_".join([*words, f"episode-{key.episode}", "data.csv"])
    return paths


def validate_psych_ds(folder: Path, check: Callable[[], None] = lambda: None) -> Iterator[str]:
    """Yield each broken rule: description fields, file names, headers, declared variables, equal row lengths.

    `check` is called with every row; what it raises ends the check.
    """
    path = folder / "dataset_description.json"
    if not path.is_file():
        yield "dataset_description.json is missing"
        return
    description = json.loads(path.read_text("utf-8"))
    for name, wanted in (("@context", _SCHEMA), ("@type", "Dataset")):
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


def _participants(exporter: Exporter, folder: Path, types: Types) -> Path:
    header, rows = participants_table({exporter.row.id: people_of(exporter.source, exporter.row.id)})
    path = folder / "data" / "content-participants_data.csv"
    write_csv(path, header, rows, types, raw=True)
    return path


def _sidecars(variables: Variables) -> Iterator[Path]:
    for path, measured in variables.items():
        sidecar = path.with_suffix(".json")
        write_json(sidecar, {"variableMeasured": measured})
        yield sidecar


def _variables(path: Path, types: dict[str, str]) -> Iterator[dict[str, Any]]:
    for line in describe_columns(path.name, types, "" if "subject-" in path.name else "participants.csv"):
        unit = {"unitText": line["unit"]} if line["unit"] else {}
        yield {"@type": "PropertyValue", "name": line["column"], "description": line["meaning"], **unit}


def _description(exporter: Exporter, folder: Path, variables: Variables) -> Path:
    all_variables = {variable["name"]: variable for measured in variables.values() for variable in measured}
    experiment = exporter.row.experiment
    value = {
        "@context": _SCHEMA,
        "@type": "Dataset",
        "name": experiment.get("title") or experiment.get("id"),
        "description": experiment.get("description") or f"Data of the experiment {experiment.get('id')}.",
        "version": experiment.get("version") or "1",
        "identifier": exporter.row.id,
        "variableMeasured": [all_variables[name] for name in sorted(all_variables)],
    }
    path = folder / "dataset_description.json"
    write_json(path, value)
    return path


def _unique_words(values: list[str]) -> dict[str, str]:
    """Give each id a value of letters and digits only, all different (Psych-DS allows nothing else in names)."""
    taken: dict[str, str] = {}
    for value in values:
        word = base = re.sub(r"[^A-Za-z0-9]", "", value) or "x"
        number = 2
        while word.lower() in {other.lower() for other in taken.values()}:
            word, number = f"{base}x{number}", number + 1
        taken[value] = word
    return taken

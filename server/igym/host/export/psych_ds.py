"""A Psych-DS dataset (https://psych-ds.github.io) of one session: every table, every row, one spelling of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.base.held_files import IN_THE_WAY, aside_of, held_text, remove
from igym.host.export.answers import wide_answers_table
from igym.host.export.codebook import describe_columns
from igym.host.export.episodes import EpisodeKey, columns_of, episode_keys
from igym.host.export.exporter import Exporter
from igym.host.export.files import Types, is_held, replacing, utf8, write_csv, write_json
from igym.host.export.formats import folder_of
from igym.host.export.matches import write_episode_rows
from igym.host.export.people import Table, people_of
from igym.host.export.psych_ds_rules import SCHEMA, validate_psych_ds
from igym.host.export.spelling import Spelling
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import EVENT_COLUMNS, TABLES, event_row, write_event_table

IDS_HEADER = ("kind", "id", "recorded_id")
README = """{title}

Data of one session ({session}) of an experiment, written by Interactive Gym Desktop {version} as a Psych-DS dataset.

Files `content-<table>_data.csv` are tables over everybody; files `subject-<participant>_..._data.csv` hold the rows of
one episode as one participant's browser confirmed them, frame by frame. They are joined by the columns session,
participant, match, episode, scene, visit, player and agent. File names of the standard hold letters and digits only:
ids of participants, matches and scenes are spelled so in all files of this dataset, and
`content-identifiers_data.csv` names each as it was recorded. Every column is described in the file's .json and in
dataset_description.json.
"""


@dataclass
class _Dataset:
    """What has been written so far; `like`: file → the table whose columns it has, "" for rows of an episode."""

    exporter: Exporter
    folder: Path
    steps: Steps
    spelling: Spelling
    types: Types
    like: dict[Path, str] = field(default_factory=dict)

    def put(self, name: str, like: str, write: Callable[[Path], None]) -> None:
        """Write one data file; what cannot be written now must not stand there as if it had been."""
        path = self.folder / "data" / name
        with suppress(*IN_THE_WAY):
            remove(path)
        with self.exporter.part(f"psych-ds: {name}"):
            write(path)
            self.like[path] = like
        self.steps.done(name)


def write_psych_ds(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write the dataset: `dataset_description.json`, `README.md`, `data/`, one sidecar per data file.

    Raises `ValueError` with every broken rule when what was written does not pass `validate_psych_ds`, and `HostError`
    "file_open" when a file of the dataset is open elsewhere: its newest version lies beside it, which no dataset has.
    """
    keys = episode_keys(exporter.source, exporter.row.id)
    steps = Steps(len(keys) + len(TABLES) + 3, progress, cancelled)
    with steps.watching(exporter.source):
        folder = folder_of(exporter, "psych-ds")
        dataset = _Dataset(exporter, folder, steps, Spelling(exporter.source, exporter.row.id), Types(exporter.kind))
        _write_tables(dataset)
        for key, name in _names(dataset.spelling, keys).items():
            dataset.put(name, "", partial(_write_rows, dataset, key))
        written = [*dataset.like, *_described(dataset)]
        exporter.remove_old(_others(folder / "data", written))
        if held := [path for path in written if is_held(path)]:
            raise HostError("file_open", held_text(exporter.name_of(held[0])))
        if broken := list(validate_psych_ds(folder, steps.check)):
            raise ValueError("The dataset does not follow Psych-DS: " + "; ".join(broken))
        steps.done("dataset_description.json")
        return written


def _write_tables(dataset: _Dataset) -> None:
    source, session, spelling = dataset.exporter.source, dataset.exporter.row.id, dataset.spelling
    people = {session: people_of(source, session)}

    def table(name: str) -> Table:
        if name == "answers_wide":
            return wide_answers_table(source, people, spelling.word)
        return TABLES[name](source, people)

    for name in TABLES:
        dataset.put(
            f"content-{name.replace('_', '')}_data.csv",
            f"{name}.csv",
            lambda path, name=name: _write_table(dataset, path, *table(name)),  # type: ignore[misc]
        )
    dataset.put("content-events_data.csv", "events.csv", partial(_write_events, dataset))
    ids = [list(line) for line in spelling.table()]
    dataset.put("content-identifiers_data.csv", "ids", lambda path: _write_table(dataset, path, IDS_HEADER, ids))


def _write_table(dataset: _Dataset, path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_csv(path, header, dataset.spelling.rows(header, rows), dataset.types, raw=True)


def _write_events(dataset: _Dataset, path: Path) -> None:
    session = dataset.exporter.row.id
    rows = (event_row(session, record) for record in dataset.exporter.source.records(session))
    write_event_table(path, iter(dataset.spelling.rows(list(EVENT_COLUMNS), rows)), raw=True)
    dataset.types[path] = EVENT_COLUMNS


def _write_rows(dataset: _Dataset, key: EpisodeKey, path: Path) -> None:
    columns = columns_of(dataset.exporter.source, key)
    spelled = dataset.spelling.values
    columns = replace(columns, own=spelled(columns.own), players=spelled(columns.players))
    write_episode_rows(dataset.exporter.source, key, columns, path)
    dataset.types[path] = dict(zip(columns.names, columns.kinds, strict=True))


def _names(spelling: Spelling, keys: list[EpisodeKey]) -> dict[EpisodeKey, str]:
    names = {}
    for key in keys:
        words = {"subject": key.participant, "task": key.scene, "match": key.match}
        parts = [f"{keyword}-{spelling.word(identifier)}" for keyword, identifier in words.items()]
        names[key] = "_".join([*parts, f"episode-{key.episode}", "data.csv"])
    return names


def _described(dataset: _Dataset) -> Iterator[Path]:
    """Sidecars, the description of the whole, and a text for people."""
    everything: dict[str, dict[str, Any]] = {}
    for path, like in dataset.like.items():
        variables = list(_variables(path, dataset.types[path], like))
        everything |= {variable["name"]: variable for variable in variables}
        sidecar = path.with_suffix(".json")
        write_json(sidecar, {"variableMeasured": variables})
        yield sidecar
    yield _description(dataset, [everything[name] for name in sorted(everything)])
    row = dataset.exporter.row
    title = str(row.experiment.get("title") or row.experiment.get("id"))
    path = dataset.folder / "README.md"
    with replacing(path) as stream:
        stream.write(utf8(README.format(title=f"# {title}", session=row.id, version=row.app_version)))
    yield path


_IDS = {
    "kind": "What the id names: participant, match or scene.",
    "id": "Id as it is spelled in this dataset.",
    "recorded_id": "Id as it was recorded.",
}


def _variables(path: Path, types: dict[str, str], like: str) -> Iterator[dict[str, Any]]:
    if like == "ids":
        yield from ({"@type": "PropertyValue", "name": name, "description": text} for name, text in _IDS.items())
        return
    for line in describe_columns(path.name, types, like):
        unit = {"unitText": line["unit"]} if line["unit"] else {}
        yield {"@type": "PropertyValue", "name": line["column"], "description": line["meaning"], **unit}


def _description(dataset: _Dataset, variables: list[dict[str, Any]]) -> Path:
    experiment = dataset.exporter.row.experiment
    value = {
        "@context": SCHEMA,
        "@type": "Dataset",
        "name": experiment.get("title") or experiment.get("id"),
        "description": experiment.get("description") or f"Data of the experiment {experiment.get('id')}.",
        "version": experiment.get("version") or "1",
        "identifier": dataset.exporter.row.id,
        "variableMeasured": variables,
    }
    path = dataset.folder / "dataset_description.json"
    write_json(path, value)
    return path


def _others(data: Path, written: list[Path]) -> list[Path]:
    """Files of an earlier export whose participant, match or scene is no longer there."""
    kept = {*written, *(aside_of(path) for path in written if is_held(path))}
    return [path for path in data.iterdir() if path.suffix in (".csv", ".json") and path not in kept]


__all__ = ["validate_psych_ds", "write_psych_ds"]

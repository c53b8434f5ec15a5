"""BIDS `_events.tsv` files (https://bids.neuroimaging.io): what happened to each participant, on one time axis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.core.places import ENDING_KINDS
from igym.host.export.cells import cell
from igym.host.export.exporter import Exporter
from igym.host.export.files import replacing, utf8, write_json
from igym.host.export.formats import folder_of
from igym.host.export.names import safe_name
from igym.host.export.people import people_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.store_reader import StoredRecord

_BREAKS = re.compile(r"[\t\r\n]")
HEADER = ("onset", "duration", "trial_type", "scene", "match", "episode", "value")
_STARTS = {"scene_entered": "scene", "episode_started": "episode", "waiting_started": "waiting"}
_ENDS = {"scene_left": "scene", "episode_ended": "episode", "waiting_ended": "waiting"}
_MOMENTS = ENDING_KINDS | {"answers", "warned"}
_MEANINGS = {
    "onset": {"Description": "Seconds since this participant joined the session.", "Units": "s"},
    "duration": {"Description": "Seconds until it ended; n/a when it did not end or is a moment.", "Units": "s"},
    "trial_type": {"Description": "scene, waiting, episode, or the name of a moment such as answers or finished."},
    "scene": {"Description": "Scene id."},
    "match": {"Description": "Match id."},
    "episode": {"Description": "Number of the episode in its match, from 0."},
    "value": {"Description": "Details of a moment, as JSON."},
}


def write_bids(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write `sub-<participant>_task-<experiment>_events.tsv` and its JSON sidecar for every participant."""
    people = people_of(exporter.source, exporter.row.id)
    steps = Steps(len(people), progress, cancelled)
    written = []
    task = safe_name(str(exporter.row.experiment.get("id"))).replace("_", "").replace("-", "")
    with steps.watching(exporter.source):
        for person in people.values():
            stem = f"sub-{exporter.layout.stem(person.id)}_task-{task}_events"
            path = folder_of(exporter, "bids") / f"{stem}.tsv"
            with exporter.part(f"bids: {person.id}"):
                events = sorted(_events(exporter, person.id, person.joined_at), key=lambda row: row[0])
                _write_tsv(path, events)
                sidecar = path.with_suffix(".json")
                write_json(sidecar, _MEANINGS)
                written += [path, sidecar]
            steps.done(person.id)
    return written


def _events(exporter: Exporter, participant: str, joined_at: float) -> Iterator[tuple[Any, ...]]:
    running: dict[tuple[str, Any], StoredRecord] = {}
    for record in exporter.source.records(exporter.row.id, participant=participant):
        if record.kind in _STARTS:
            running[_key(_STARTS[record.kind], record)] = record
        elif record.kind in _ENDS:
            start = running.pop(_key(_ENDS[record.kind], record), None)
            if start is not None:
                yield _row(start, _ENDS[record.kind], joined_at, record.at - start.at)
        elif record.kind in _MOMENTS:
            yield _row(record, record.kind, joined_at, None)
    for (kind, _), start in running.items():
        yield _row(start, kind, joined_at, None)


def _key(kind: str, record: StoredRecord) -> tuple[str, Any]:
    details = {
        "scene": record.body.get("visit"),
        "episode": (record.match, record.body.get("episode")),
        "waiting": record.scene,
    }
    return kind, details[kind]


def _row(record: StoredRecord, kind: str, joined_at: float, duration: float | None) -> tuple[Any, ...]:
    value = record.body if kind in _MOMENTS else None
    episode = record.body.get("episode")
    return (round(record.at - joined_at, 6), duration, kind, record.scene, record.match, episode, value)


def _write_tsv(path: Path, rows: list[tuple[Any, ...]]) -> None:
    with replacing(path) as stream:
        for row in (HEADER, *rows):
            texts = (_BREAKS.sub(" ", cell(value)) or "n/a" for value in row)
            stream.write(utf8("\t".join(texts) + "\n"))

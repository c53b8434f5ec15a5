"""A BIDS dataset (https://bids.neuroimaging.io) of one session: what happened to each participant, on one time axis.

Events go to `sub-<label>/beh/`, who took part to `participants.tsv`, answers to `phenotype/`, one file for each page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from igym.core.places import ENDING_KINDS
from igym.host.base.held_files import aside_of
from igym.host.export.answers import Answer, answers_of
from igym.host.export.cells import cell
from igym.host.export.codebook import describe_columns
from igym.host.export.exporter import Exporter
from igym.host.export.files import is_held, replacing, utf8, write_json
from igym.host.export.formats import folder_of
from igym.host.export.people import Person, Table, people_of
from igym.host.export.spelling import Spelling, letters_and_digits
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.export.tables import participants_table
from igym.host.store.store_reader import StoredRecord
from igym.protocol.told import Told

BIDS_VERSION = "1.8.0"
_BREAKS = re.compile(r"[\t\r\n]")
HEADER = ("onset", "duration", "trial_type", "scene", "visit", "match", "episode", "frames", "reason", "text")
_STARTS = {"scene_entered": "scene", "episode_started": "episode", "waiting_started": "waiting"}
_ENDS = {"scene_left": "scene", "episode_ended": "episode", "waiting_ended": "waiting"}
_MOMENTS = ENDING_KINDS | {"answers", "warned"}
_MEANINGS = {
    "onset": {"Description": "Seconds since this participant joined the session.", "Units": "s"},
    "duration": {"Description": "Seconds until it ended; n/a when it did not end or is a moment.", "Units": "s"},
    "trial_type": {"Description": "scene, waiting, episode, or the name of a moment such as answers or finished."},
    "scene": {"Description": "Id of the scene, spelled as in the whole dataset."},
    "visit": {"Description": "Which showing of a scene to this participant it belongs to, counted from 1."},
    "match": {"Description": "Id of the match, spelled as in the whole dataset."},
    "episode": {"Description": "Number of the episode in its match, from 0."},
    "frames": {"Description": "How many frames the episode had, as far as was known when it ended."},
    "reason": {"Description": "Why it ended or happened, in a few words."},
    "text": {"Description": "Words that the participant was shown."},
}
README = """{title}

Data of one session ({session}) of an experiment, written by Interactive Gym Desktop {version} as a BIDS dataset.

sub-<label>/beh/ has what happened to each participant; onsets count from their joining, which participants.tsv tells
in seconds since 1970. phenotype/ has the answers, one file for each page that asked something. Labels may hold letters
and digits only: participants.tsv names each id as it was recorded. Frames of games are in the CSV, Parquet and
Psych-DS exports.
"""


def write_bids(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Write the dataset anew; returns its files."""
    people = people_of(exporter.source, exporter.row.id)
    steps = Steps(len(people) + 1, progress, cancelled)
    folder, spelling = folder_of(exporter, "bids"), Spelling(exporter.source, exporter.row.id)
    written: list[Path] = []
    with steps.watching(exporter.source):
        for person in people.values():
            with exporter.part(f"bids: {person.id}"):
                written += _write_events(exporter, folder, spelling, person)
            steps.done(person.id)
        with exporter.part(Told("bids: participants and answers")):
            written += _write_rest(exporter, folder, spelling, people)
        exporter.remove_old(_others(folder, written))
        steps.done("participants.tsv")
    return written


def _write_rest(exporter: Exporter, folder: Path, spelling: Spelling, people: dict[str, Person]) -> Iterator[Path]:
    yield from _write_participants(exporter, folder, spelling, people)
    yield from _write_answers(exporter, folder, spelling)
    experiment = exporter.row.experiment
    title = str(experiment.get("title") or experiment.get("id"))
    description = folder / "dataset_description.json"
    app = {"Name": "Interactive Gym Desktop", "Version": exporter.row.app_version}
    facts = {"Name": title, "BIDSVersion": BIDS_VERSION, "DatasetType": "raw", "GeneratedBy": [app]}
    write_json(description, facts)
    yield description
    readme = folder / "README"
    with replacing(readme) as stream:
        stream.write(utf8(README.format(title=title, session=exporter.row.id, version=exporter.row.app_version)))
    yield readme


def _write_participants(
    exporter: Exporter, folder: Path, spelling: Spelling, people: dict[str, Person]
) -> Iterator[Path]:
    header, rows = participants_table(exporter.source, {exporter.row.id: people})
    where = header.index("participant")
    others = [name for name in header if name != "participant"]
    lines = [
        [f"sub-{spelling.word(row[where])}", row[where], *(row[header.index(name)] for name in others)] for row in rows
    ]
    columns = ["participant_id", "recorded_id", *others]
    known = describe_columns("participants.tsv", dict.fromkeys(others, "string"), "participants.csv")
    meanings = {line["column"]: _meaning(line["meaning"], line["unit"]) for line in known}
    meanings |= {
        "participant_id": {"Description": "Label of the participant in this dataset."},
        "recorded_id": {"Description": "Id of the participant as it was recorded."},
    }
    yield from _write_table(folder / "participants.tsv", (columns, [*spelling.rows(columns, lines)]), meanings)


def _meaning(text: str, unit: str) -> dict[str, str]:
    return {"Description": text, **({"Units": unit} if unit else {})}


def _write_answers(exporter: Exporter, folder: Path, spelling: Spelling) -> Iterator[Path]:
    """A file for each page: one line each time it was sent, one column for each field."""
    pages: dict[str, list[Answer]] = {}
    for answer in answers_of(exporter.source, exporter.row.id):
        pages.setdefault(answer.scene, []).append(answer)
    for scene, answers in pages.items():
        fields = list(dict.fromkeys(answer.field for answer in answers))
        sent: dict[tuple[str, Any], dict[str, Any]] = {}
        for answer in answers:
            key = (f"sub-{spelling.word(answer.participant)}", answer.visit)
            sent.setdefault(key, {"time_on_page_ms": answer.time_on_page_ms})[f"answer_{answer.field}"] = answer.value
        columns = ["visit", "time_on_page_ms", *(f"answer_{field}" for field in fields)]
        rows = [[who, visit, *(given.get(name) for name in columns[1:])] for (who, visit), given in sent.items()]
        meanings = {
            "participant_id": {"Description": "Label of the participant in this dataset."},
            "visit": {"Description": "Which showing of a scene to this participant it was, counted from 1."},
            "time_on_page_ms": {"Description": "From the page being first shown to its being sent.", "Units": "ms"},
            **{f"answer_{field}": {"Description": f"Answer to the field {field}."} for field in fields},
        }
        path = folder / "phenotype" / f"{spelling.word(scene)}.tsv"
        yield from _write_table(path, (["participant_id", *columns], rows), meanings)


def _write_events(exporter: Exporter, folder: Path, spelling: Spelling, person: Person) -> Iterator[Path]:
    label = spelling.word(person.id)
    task = letters_and_digits(str(exporter.row.experiment.get("id"))) or "study"
    path = folder / f"sub-{label}" / "beh" / f"sub-{label}_task-{task}_events.tsv"
    events = sorted(_events(exporter, person.id, person.joined_at), key=lambda row: row[0])
    yield from _write_table(path, (list(HEADER), [*spelling.rows(HEADER, events)]), _MEANINGS)


def _events(exporter: Exporter, participant: str, joined_at: float) -> Iterator[Sequence[Any]]:
    running: dict[tuple[str, Any], StoredRecord] = {}
    for record in exporter.source.records(exporter.row.id, participant=participant):
        if record.kind in _STARTS:
            running[_key(_STARTS[record.kind], record)] = record
        elif record.kind in _ENDS:
            start = running.pop(_key(_ENDS[record.kind], record), None)
            if start is not None:
                yield _row(start, _ENDS[record.kind], joined_at, record)
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


def _row(start: StoredRecord, kind: str, joined_at: float, end: StoredRecord | None) -> Sequence[Any]:
    told = end or start
    duration = None if end is None else round(end.at - start.at, 6)
    place = [start.scene, start.body.get("visit"), start.match, start.body.get("episode"), told.body.get("frames")]
    onset = round(start.at - joined_at, 6)
    return [onset, duration, kind, *place, told.body.get("reason"), told.body.get("text")]


def _write_table(path: Path, table: Table, meanings: Mapping[str, Any]) -> Iterator[Path]:
    """A table with tabs, and what its columns mean beside it."""
    header, rows = table
    with replacing(path) as stream:
        for row in (header, *rows):
            texts = (_BREAKS.sub(" ", cell(value)).strip() or "n/a" for value in row)
            stream.write(utf8("\t".join(texts) + "\n"))
    yield path
    sidecar = path.with_suffix(".json")
    write_json(sidecar, {name: meanings[name] for name in header})
    yield sidecar


def _others(folder: Path, written: list[Path]) -> Iterator[Path]:
    """Participants and pages of an earlier export that are no longer there."""
    beside = [aside_of(path) for path in written if is_held(path)]
    kept = {path.relative_to(folder).parts[:2] for path in (*written, *beside)}
    for path in [*folder.glob("sub-*"), *folder.glob("phenotype/*")]:
        parts = path.relative_to(folder).parts
        if not any(known[: len(parts)] == parts for known in kept):
            yield path

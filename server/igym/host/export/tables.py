"""Tables over all sessions of an experiment: participants, events, researcher's actions, match logs, console."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from igym.formulas import guarded
from igym.host.export.answers import answers_table, wide_answers_table
from igym.host.export.attempts import attempts_table
from igym.host.export.base_ids import with_base_ids
from igym.host.export.cells import cell
from igym.host.export.chat import chat_table, responses_table
from igym.host.export.consent import consent_table
from igym.host.export.files import SESSION_KIND, Types, write_csv, write_csv_columns, write_json_lines
from igym.host.export.members import episodes_table, matches_table
from igym.host.export.names import STUDY, safe_name
from igym.host.export.payments import payments_table
from igym.host.export.people import HEADER, People, Person, Table, all_key_names, key_cells
from igym.host.export.replays_shown import replays_table
from igym.host.export.times import iso
from igym.host.export.visits import visits_table
from igym.host.store.store_reader import StoredRecord, StoreReader

ACTIONS_HEADER = ("session", "at", "at_iso", "action", "participant", "match", "args", "reason", "by")
EVENT_KEYS = {
    "session": "string", "seq": "integer", "n": "integer", "at": "number", "at_iso": "string", "kind": "string",
    "participant": "string", "scene": "string", "match": "string",
}  # fmt: skip
EVENT_DETAILS = {
    "visit": "integer", "episode": "integer", "frames": "integer", "player": "integer", "peer": "integer",
    "state": "string", "reason": "string", "outcome": "string", "result": "string", "branch": "string",
    "choice": "string", "by": "string", "code": "string", "amount": "number", "transport": "string",
    "rtt_ms": "number", "waited_s": "number", "rule": "string", "event": "string", "text": "string",
}  # fmt: skip
"""What several kinds of events tell beside; everything else is in `events.jsonl`."""
EVENT_COLUMNS = {**EVENT_KEYS, **EVENT_DETAILS}
EVENTS_AT_ONCE = 10_000


PLATFORM_PARAMETERS = ("STUDY_ID", "SESSION_ID", "assignmentId", "hitId", "survey_code")
"""What recruitment platforms put into a link beside the person's id; anything else a link says is anybody's."""


def participants_table(source: StoreReader, people: People) -> Table:
    """One row per participant and session, with conditions, orders, branches, checks and attributes behind."""
    everyone = [(session, person) for session, found in people.items() for person in found.values()]
    keys = all_key_names(people)
    own = [_more(person) for _, person in everyone]
    more = [name for kind in ("link", "branch", "check", "attribute") for name in sorted(_names(own, kind))]
    rows = [
        [*person.row(session), *key_cells(person, keys), *(found.get(name) for name in more)]
        for (session, person), found in zip(everyone, own, strict=True)
    ]
    return [*HEADER, *keys, *more], rows


def _more(person: Person) -> dict[str, Any]:
    link = {name: person.params[name] for name in PLATFORM_PARAMETERS if name in person.params}
    kinds = {"link": link, "branch": person.branches, "check": person.checks, "attribute": person.attributes}
    return {f"{kind}.{name}": value for kind, found in kinds.items() for name, value in found.items()}


def _names(people: list[dict[str, Any]], kind: str) -> set[str]:
    return {name for found in people for name in found if name.startswith(f"{kind}.")}


TABLES: dict[str, Callable[[StoreReader, People], Table]] = {
    "participants": participants_table,
    "payments": payments_table,
    "scenes": with_base_ids(visits_table),
    "matches": with_base_ids(matches_table),
    "episodes": with_base_ids(episodes_table),
    "answers": with_base_ids(answers_table),
    "answers_wide": wide_answers_table,
    "attempts": with_base_ids(attempts_table),
    "chat": with_base_ids(chat_table),
    "responses": with_base_ids(responses_table),
    "consent": with_base_ids(consent_table),
    "replays": with_base_ids(replays_table),
}
"""What each table over all sessions is made by."""


def write_table(source: StoreReader, folder: Path, name: str, types: Types, people: People) -> Path:
    """Write one of `TABLES` as CSV."""
    header, rows = TABLES[name](source, people)
    path = folder / f"{name}.csv"
    write_csv(path, header, rows, types)
    return path


def write_events(source: StoreReader, folder: Path, types: Types) -> Iterator[Path]:
    """Write every record of every session with the event that caused it: `events.jsonl` whole, `events.csv` flat."""
    path = folder / "events.jsonl"
    kind = {} if types.session_kind == STUDY else {SESSION_KIND: types.session_kind}
    write_json_lines(path, ({"session": session, **kind, **_plain(record)} for session, record in _records(source)))
    yield path
    path = folder / "events.csv"
    rows = (event_row(session, record) for session, record in _records(source))
    write_event_table(path, rows, session_kind=types.session_kind)
    types[path] = types.columns(list(EVENT_COLUMNS), list(EVENT_COLUMNS.values()))
    yield path


def _records(source: StoreReader) -> Iterator[tuple[str, StoredRecord]]:
    return ((row.id, record) for row in source.sessions() for record in source.records(row.id))


def write_event_table(path: Path, rows: Iterator[list[Any]], *, raw: bool = False, session_kind: str = STUDY) -> None:
    """Write rows in the order of `EVENT_COLUMNS`; a few thousand are in memory at a time."""
    write_csv_columns(path, list(EVENT_COLUMNS), list(EVENT_COLUMNS.values()), _blocks(rows, raw), session_kind)


def _blocks(rows: Iterator[list[Any]], raw: bool) -> Iterator[list[Sequence[Any]]]:
    while lines := list(islice(rows, EVENTS_AT_ONCE)):
        columns = zip(EVENT_COLUMNS.values(), zip(*lines, strict=True), strict=True)
        yield [_shown(series) if kind == "string" and not raw else series for kind, series in columns]


def _shown(series: Iterable[Any]) -> list[Any]:
    return [guarded(value) if isinstance(value, str) else value for value in series]


def event_row(session: str, record: StoredRecord) -> list[Any]:
    """One line of `events.csv`."""
    place = [session, record.seq, record.n, record.at, iso(record.at), record.kind, record.participant, record.scene]
    return [*place, record.match, *(_detail(record.body.get(name), kind) for name, kind in EVENT_DETAILS.items())]


def _detail(value: Any, kind: str) -> Any:
    """Only what fits its column: one word may mean something else in another kind of event."""
    if kind == "string":
        return value if value is None or isinstance(value, str) else cell(value)
    wanted: Any = int if kind == "integer" else (int, float)
    return value if isinstance(value, wanted) and not isinstance(value, bool) else None


def _plain(record: StoredRecord) -> dict[str, Any]:
    names = ("seq", "n", "at", "kind", "participant", "match", "scene", "body")
    return {name: getattr(record, name) for name in names}


def write_actions(source: StoreReader, folder: Path, types: Types) -> Path:
    """Write `researcher_actions.csv`: everything the researcher did to running sessions, with time and reason."""
    rows = (
        [
            row.id,
            r.at,
            iso(r.at),
            r.body.get("name"),
            r.participant,
            r.match,
            r.body.get("args"),
            r.body.get("reason"),
            r.body.get("by"),
        ]
        for row in source.sessions()
        for r in source.records(row.id, kinds=("researcher_action",))
    )
    path = folder / "researcher_actions.csv"
    write_csv(path, ACTIONS_HEADER, rows, types)
    return path


def write_match_logs(source: StoreReader, folder: Path) -> Iterator[Path]:
    """Write `match_logs/<scene>.jsonl`: why these people were put together, and why others were not."""
    by_scene: dict[str, list[dict[str, Any]]] = {}
    for row in source.sessions():
        for record in source.records(row.id, kinds=("match_log", "match_formed", "match_ended", "group_formed")):
            entry = {"session": row.id, "at": record.at, "kind": record.kind, "match": record.match, **record.body}
            by_scene.setdefault(record.scene or "unknown", []).append(entry)
    for scene, entries in by_scene.items():
        path = folder / "match_logs" / f"{safe_name(scene)}.jsonl"
        write_json_lines(path, entries)
        yield path


def person_logs(folder: Path, participant: str) -> list[Path]:
    """What one id printed, over all sessions: written anew as long as some session still has entries."""
    path = folder / "console_logs" / f"{safe_name(participant)}.jsonl"
    return [path] if path.is_file() else []


def write_console(source: StoreReader, folder: Path) -> Iterator[Path]:
    """Write `console_logs/<participant>.jsonl`: what each browser and the game's Python printed."""
    by_person: dict[str, list[dict[str, Any]]] = {}
    for row in source.sessions():
        for participant, at, level, text in source.console(row.id):
            by_person.setdefault(participant, []).append({"session": row.id, "at": at, "level": level, "text": text})
    for participant, entries in by_person.items():
        path = folder / "console_logs" / f"{safe_name(participant)}.jsonl"
        write_json_lines(path, entries)
        yield path

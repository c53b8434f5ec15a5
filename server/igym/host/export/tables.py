"""Tables over all sessions of an experiment: participants, events, researcher's actions, match logs, console."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.host.export.files import Types, write_csv, write_json_lines
from igym.host.export.names import safe_name
from igym.host.export.people import HEADER, people_of
from igym.host.store_reader import StoredRecord, StoreReader

ACTIONS_HEADER = ("session", "at", "action", "participant", "match", "args", "reason", "by")


def write_participants(source: StoreReader, folder: Path, types: Types) -> Path:
    """Write `participants.csv`: one row per participant and session, with custom attributes as `attribute.<name>`."""
    found = [(row.id, person) for row in source.sessions() for person in people_of(source, row.id).values()]
    names = sorted({name for _, person in found for name in person.attributes})
    header = [*HEADER, *(f"attribute.{name}" for name in names)]
    rows = ([*person.row(session), *(person.attributes.get(name) for name in names)] for session, person in found)
    path = folder / "participants.csv"
    write_csv(path, header, rows, types)
    return path


def write_events(source: StoreReader, folder: Path) -> Path:
    """Write `events.jsonl`: every record of every session with the event that caused it."""
    path = folder / "events.jsonl"
    write_json_lines(
        path, ({"session": row.id, **_plain(r)} for row in source.sessions() for r in source.records(row.id))
    )
    return path


def _plain(record: StoredRecord) -> dict[str, Any]:
    names = ("seq", "n", "at", "kind", "participant", "match", "scene", "body")
    return {name: getattr(record, name) for name in names}


def write_actions(source: StoreReader, folder: Path, types: Types) -> Path:
    """Write `researcher_actions.csv`: everything the researcher did to running sessions, with time and reason."""
    rows = (
        [
            row.id,
            r.at,
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

"""`replays.csv`: every recording that a page showed, and how far it was watched."""

from __future__ import annotations

from typing import Any

from igym.host.export.join_keys import place_of
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.times import iso
from igym.host.store.store_reader import StoredRecord, StoreReader

HEADER = (
    "scene", "visit", "number", "source", "of_study", "of_session", "of_match", "of_scene", "of_episode", "file",
    "frames", "fps", "view", "sha256", "plays", "watched_s", "problem", "shown_at", "shown_at_iso",
)  # fmt: skip
NOTHING: dict[str, Any] = {}


def replays_table(source: StoreReader, people: People) -> Table:
    """One row per recording of each visit; a visit that had nothing to show has one row that says why."""
    names = all_key_names(people)
    lines = []
    for session, known in people.items():
        watched = _watched(source, session)
        for record in source.records(session, kinds=("replays_shown",)):
            if record.body.get("erased"):
                continue
            who, visit = str(record.participant), record.body["visit"]
            keys = key_cells(known.get(who), names, place_of(record))
            seen = watched.get((who, visit), [])
            for number, item in enumerate(record.body["items"] or [NOTHING], start=1):
                lines.append([session, who, *keys, record.scene, visit, *_cells(record, number, item, seen)])
    return ["session", "participant", *names, *HEADER], lines


def _watched(source: StoreReader, session: str) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """(participant, visit) → what their page told of watching."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for record in source.records(session, kinds=("replay_event",)):
        if not record.body.get("erased"):
            found.setdefault((str(record.participant), record.body["visit"]), []).append(record.body)
    return found


def _cells(record: StoredRecord, number: int, item: dict[str, Any], seen: list[dict[str, Any]]) -> list[Any]:
    names = ("source", "study", "session", "match", "scene", "episode", "file", "frames", "fps", "player", "sha256")
    what = [item.get(name) if item.get(name) != "" else None for name in names]
    failed = next((event["text"] for event in seen if event["event"] == "failed"), None)
    plays = sum(event["event"] == "play" for event in seen)
    furthest = max((float(event["position_s"]) for event in seen), default=0.0)
    length = item["frames"] / item["fps"] if item else 0.0
    course = [plays, round(min(furthest, length), 3)] if item else [None, None]
    return [number, *what, *course, record.body.get("problem") or failed, record.at, iso(record.at)]

"""Everything stored about one participant or one match, for the launcher's drawer."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

from igym.host.store.samples import round_trips, spread
from igym.host.store.store_reader import StoredRecord, StoreReader

MOST_ENTRIES = 5000
MOST_CONSOLE = 1000
SERIES = frozenset({"metrics"})


def participant_details(reader: StoreReader, session: str, participant: str) -> dict[str, Any]:
    """`{participant, timeline, metrics, answers, console, rows}`; times are unix seconds."""
    records = list(islice(reader.records(session, participant=participant), MOST_ENTRIES))
    console = list(reader.console(session, participant=participant))[-MOST_CONSOLE:]
    rtts = [
        {"at": at, "rtt_ms": rtt_ms}
        for who, at, rtt_ms in round_trips(reader.events(session, types=("rtt",)))
        if who == participant
    ]
    return {
        "participant": participant,
        "timeline": [_entry(record) for record in records if record.kind not in SERIES],
        "metrics": [_entry(record) for record in spread(records) if record.kind in SERIES],
        "answers": [_entry(record) for record in records if record.kind == "answers"],
        "rtt": rtts[-MOST_ENTRIES:],
        "console": [{"at": at, "level": level, "text": text} for _, at, level, text in console],
        "rows": _rows(reader, session, participant=participant),
    }


def match_details(reader: StoreReader, session: str, match: str) -> dict[str, Any]:
    """`{match, timeline, metrics, rows}`; times are unix seconds."""
    records = list(islice(reader.records(session, match=match), MOST_ENTRIES))
    return {
        "match": match,
        "timeline": [_entry(record) for record in records if record.kind not in SERIES],
        "metrics": [_entry(record) for record in spread(records) if record.kind in SERIES],
        "rows": _rows(reader, session, match=match),
    }


def _entry(record: StoredRecord) -> dict[str, Any]:
    return asdict(record)


def _rows(reader: StoreReader, session: str, **wanted: str) -> list[dict[str, Any]]:
    """Stored frames by participant, match and episode."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for key in reader.batch_keys(session):
        if all(getattr(key, name) == value for name, value in wanted.items()):
            entry = found.setdefault(
                (key.participant, key.match, key.episode),
                {"participant": key.participant, "match": key.match, "scene": key.scene, "episode": key.episode,
                 "frames": 0},
            )  # fmt: skip
            entry["frames"] = max(entry["frames"], key.first + key.count)
    return list(found.values())

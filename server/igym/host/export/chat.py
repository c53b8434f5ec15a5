"""`chat.csv`: everything that was said, in the order in which all got it; `responses.csv`: each asking of a program."""

from __future__ import annotations

from typing import Any

from igym.host.export.join_keys import place_of
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.times import iso
from igym.host.store.store_reader import StoreReader

HEADER = (
    "scene", "match", "talk", "number", "how", "text", "answers_number", "visit", "episode", "frame",
    "said_at", "said_at_iso", "sent_at",
)  # fmt: skip


def chat_table(source: StoreReader, people: People) -> Table:
    """One row per message or sign."""
    names = all_key_names(people)
    lines: list[list[Any]] = []
    for session, known in people.items():
        for record in source.records(session, kinds=("chat",)):
            body, who = record.body, str(record.participant)
            keys = key_cells(known.get(who), names, place_of(record))
            sent_at = body.get("sent_at_ms")
            told = [body.get(name) for name in ("talk", "number", "how", "text", "to", "visit", "episode", "frame")]
            times = [record.at, iso(record.at), None if sent_at is None else sent_at / 1000]
            lines.append([session, who, *keys, record.scene, record.match, *told, *times])
    return ["session", "participant", *names, *HEADER], lines


RESPONSES = (
    "scene", "match", "talk", "name", "source", "heard_to", "number", "outcome", "attempts", "seconds", "text", "error",
    "asked_at", "answered_at", "answered_at_iso",
)  # fmt: skip


def responses_table(source: StoreReader, people: People) -> Table:
    """One row each time a program that talks along was asked for a reply."""
    names = all_key_names(people)
    lines: list[list[Any]] = []
    for session, known in people.items():
        for record in source.records(session, kinds=("response",)):
            body, who = record.body, str(record.participant)
            keys = key_cells(known.get(who), names, place_of(record))
            told = [body.get(name) for name in RESPONSES[2:13]]
            lines.append([session, who, *keys, record.scene, record.match, *told, record.at, iso(record.at)])
    return ["session", "participant", *names, *RESPONSES], lines

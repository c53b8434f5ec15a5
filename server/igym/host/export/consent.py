"""`consent.csv`: who agreed to what, and when; `consent_texts/<hash>.txt`: the texts, which have that SHA-256."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from igym.host.export.files import replacing
from igym.host.export.join_keys import place_of
from igym.host.export.people import People, Table, all_key_names, key_cells
from igym.host.export.times import iso
from igym.host.store.store_reader import StoreReader

HEADER = ("scene", "visit", "field", "given", "version", "text_hash", "language", "at", "at_iso")
FOLDER = "consent_texts"
_HASH = re.compile(r"[0-9a-f]{64}")


def consent_table(source: StoreReader, people: People) -> Table:
    """One row per box for consent that was on a page that was sent, ticked or not."""
    names = all_key_names(people)
    lines = []
    for session, known in people.items():
        for record in source.records(session, kinds=("consent",)):
            body, who = record.body, str(record.participant)
            keys = key_cells(known.get(who), names, place_of(record))
            told = [body.get(name) for name in ("visit", "field", "given", "version", "text_hash", "language")]
            lines.append([session, who, *keys, record.scene, *told, record.at, iso(record.at)])
    return ["session", "participant", *names, *HEADER], lines


def write_consent_texts(source: StoreReader, folder: Path) -> Iterator[Path]:
    """Write each text once, byte by byte as it was hashed."""
    written: set[str] = set()
    for row in source.sessions():
        for record in source.records(row.id, kinds=("consent_text", "consent")):
            found, text = record.body.get("text_hash", ""), record.body.get("text")
            if text is None or found in written or not _HASH.fullmatch(found):
                continue
            written.add(found)
            path = folder / FOLDER / f"{found}.txt"
            with replacing(path) as stream:
                stream.write(text.encode())
            yield path

"""Taking a withdrawn participant's files off the disk, with a receipt of what was removed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from igym.host.export.exporter import Exporter
from igym.host.export.files import write_json
from igym.host.export.matches import first_record

RECEIPTS = "withdrawals"
NOT_EXPORTED = frozenset({"experiment", RECEIPTS})


def remove_files(exporter: Exporter, participant: str) -> list[Path]:
    """Removes the person's files, writes their matches' and the tables' files anew, and a receipt."""
    removed = list(_files_of(exporter, participant))
    for path in removed:
        exporter.manifest.forget(path)
        path.unlink(missing_ok=True)
    for match in _matches_of(exporter, participant):
        exporter.export_match(match)
    written = exporter.export_tables()
    receipt = _write_receipt(exporter, participant, removed)
    exporter.manifest.note(receipt)
    exporter.manifest.write()
    return [*written, receipt]


def _files_of(exporter: Exporter, participant: str) -> Iterator[Path]:
    """Every exported file named after this person in this session, whatever its format."""
    stem = exporter.layout.stem(participant)
    for path in sorted(exporter.folder.rglob("*")):
        inside = path.relative_to(exporter.folder).parts
        if path.is_file() and inside[0] not in NOT_EXPORTED and _is_named_after(path.name, stem):
            yield path


def _is_named_after(name: str, stem: str) -> bool:
    """`p1.csv`, `p1_ep0.csv`, `p1_metadata.json`: but not those of `p10`, and not `p1_s2`, the same id in session 2."""
    rest = name.removeprefix(stem)
    if rest == name or not rest.startswith((".", "_")):
        return False
    return not (rest.startswith("_s") and rest[2:3].isdigit())


def _matches_of(exporter: Exporter, participant: str) -> list[str]:
    formed = exporter.source.records(exporter.row.id, kinds=("match_formed",))
    mine = [r.match for r in formed if participant in {p.get("participant") for p in r.body.get("players", ())}]
    return [match for match in mine if match and first_record(exporter.source, exporter.row.id, "match_formed", match)]


def _write_receipt(exporter: Exporter, participant: str, removed: list[Path]) -> Path:
    value: dict[str, Any] = {
        "participant": participant,
        "session": exporter.row.id,
        "erased_at": time.time(),
        "erased": "rows, answers, shared values, measurements, console lines and browser facts of this participant",
        "kept": "that this id took part, when and in which matches; partners' rows, which contain the actions of both",
        "removed_files": [path.relative_to(exporter.folder).as_posix() for path in removed],
    }
    path = exporter.folder / RECEIPTS / f"{exporter.layout.stem(participant)}.json"
    write_json(path, value)
    return path

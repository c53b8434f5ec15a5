"""Taking a withdrawn participant's files off the disk, with a receipt of what was removed."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

from igym.host.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.files import write_json
from igym.host.export.matches import first_record
from igym.host.export.tables import person_logs
from igym.host.held_files import not_removed_text, remove

RECEIPTS = "withdrawals"
NOT_EXPORTED = frozenset({"experiment", "backups", "retention", RECEIPTS})


def remove_files(exporter: Exporter, participant: str) -> list[Path]:
    """Removes the person's files, writes their matches' and the tables' files anew, and a receipt."""
    named = files_named_after(exporter.folder, {exporter.layout.stem(participant)})
    removed = sorted({*named, *person_logs(exporter.folder, participant)})
    removed += _replays_of(exporter, _matches_of(exporter, participant))
    remove_listed(exporter, removed)
    for match in _matches_of(exporter, participant):
        exporter.export_match(match)
    written = exporter.export_tables()
    receipt = _write_receipt(exporter, participant, removed)
    exporter.manifest.note(receipt)
    exporter.write_manifest()
    return [*written, receipt]


def remove_listed(exporter: Exporter, paths: Iterable[Path]) -> None:
    """Each off the disk and off the manifest; raises `HostError` with the name of one that is held open."""
    for path in paths:
        try:
            remove(path)
        except OSError as error:
            exporter.manifest.write()
            raise HostError("file_open", not_removed_text(exporter.name_of(path)), str(error)) from error
        exporter.manifest.forget(path)


def files_named_after(folder: Path, stems: Set[str]) -> Iterator[Path]:
    """Every exported file named after one of these stems (see `Layout.stem`), whatever its format."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if inside[0] not in NOT_EXPORTED and path.is_file() and not stems.isdisjoint(_stems_of(path.name)):
            yield path


def _stems_of(name: str) -> set[str]:
    """What a name may be made of: `p1` for `p1.csv` or `p1_ep0.csv`, never for `p10` or `p1_s2`, p1 in session 2."""
    cuts = [at for at, char in enumerate(name) if char in "._"]
    return {name[:at] for at in cuts if not (name[at : at + 2] == "_s" and name[at + 2 : at + 3].isdigit())}


def _replays_of(exporter: Exporter, matches: list[str]) -> Iterator[Path]:
    """They are written anew from what partners recorded; of somebody who played alone nothing stays."""
    for match in matches:
        first = exporter.layout.replay(match, 0)
        yield from sorted(first.parent.glob(first.name.replace("_ep0.", "_ep*.")))


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

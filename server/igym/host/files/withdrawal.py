"""Taking a withdrawn participant's files off the disk, with a receipt of what was removed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Set
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.base.held_files import not_removed_text, plain_name, remove
from igym.host.export.exporter import Exporter
from igym.host.export.files import write_json
from igym.host.export.matches import first_record
from igym.host.export.tables import person_logs
from igym.host.files import copies
from igym.host.files.made_exports import made_exports
from igym.protocol.told import Told, from_table, with_table

RECEIPTS = "withdrawals"
NOT_EXPORTED = frozenset({"experiment", "backups", "retention", RECEIPTS})


WHAT_IS_ERASED = Told(
    "rows, answers, shared values, measurements, console lines, label, link parameters and "
    "browser facts of this participant, in the database and in every copy that the app made of "
    "it below this folder"
)
WHAT_IS_KEPT = Told(
    "that this id took part, when and in which matches; partners' rows, which contain the "
    "actions of both; what the researcher did, with the reasons they typed. Copies made "
    "elsewhere are not known here"
)
DATABASE_LATER = Told(
    "rows, records and measurements erased; the session can still be gone on with, so its events "
    "keep what they wrote until it is ended: then that is erased too"
)


def remove_files(exporter: Exporter, participant: str, names: Iterable[str] = (), *, ended: bool = True) -> list[Path]:
    """Removes the person's files and what the app's copies hold of them, writes what others share anew, and a receipt.

    `names`: what else than the id names the person (see `names_of`); `ended`: nobody can go on with the session, so
    its events were emptied as well.
    """
    folder, names = exporter.folder, tuple(names)
    # Looked up before anything goes: afterwards nothing tells which formats there were to be written again.
    made = made_exports(exporter)
    entries = [
        {"file": exporter.everyone.path.name, "done": copies.ERASED if ended else DATABASE_LATER},
        *copies.remove_unfinished(folder),
        *copies.erase_participant(exporter.everyone, exporter.row.id, participant),
    ]
    forget_removed(exporter, entries)
    entries += [*copies.scrub_logs(folder, names), *copies.mentions(folder, names)]
    named = files_named_after(folder, {exporter.layout.stem(participant)})
    removed = sorted({*named, *person_logs(exporter.layout.folder, participant), *made.files})
    removed += _files_of_matches(exporter, _matches_of(exporter, participant))
    # All old files go before the first new one is written: one that is held open stops this with nothing half new.
    remove_listed(exporter, removed)
    for match in _matches_of(exporter, participant):
        exporter.export_match(match)
    written = exporter.export_tables()
    entries += made.write_again(exporter)
    # Last but the zips: it names what really was done.
    receipt = _write_receipt(exporter, participant, removed, entries)
    exporter.manifest.note(receipt)
    exporter.write_manifest()
    made.zip_again(exporter)
    return [*written, receipt]


def erase_later_copies(exporter: Exporter, participant: str, names: Iterable[str]) -> None:
    """What was copied between the withdrawal and the session's end, when events still held what the person wrote."""
    folder = exporter.folder
    found = [
        *copies.erase_participant(exporter.everyone, exporter.row.id, participant),
        *copies.scrub_logs(folder, names),
        {"file": exporter.everyone.path.name, "done": copies.ERASED},
    ]
    path = receipt_of(exporter, participant)
    if not path.is_file():
        return
    receipt = from_table(json.loads(path.read_text("utf-8")))
    told = {entry["file"]: entry for entry in (*receipt.get("copies", ()), *found)}
    write_json(path, with_table({**receipt, "copies": list(told.values())}))
    exporter.manifest.note(path)
    exporter.write_manifest()


def forget_removed(exporter: Exporter, entries: Iterable[copies.Entry]) -> None:
    for entry in entries:
        exporter.manifest.forget_missing(entry["file"])


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
        if inside[0] not in NOT_EXPORTED and path.is_file() and not stems.isdisjoint(_stems_of(plain_name(path.name))):
            yield path


def _stems_of(name: str) -> set[str]:
    """What a name may be made of: `p1` for `p1.csv` or `p1_ep0.csv`, never for `p10` or `p1_s2`, p1 in session 2."""
    cuts = [at for at, char in enumerate(name) if char in "._"]
    return {name[:at] for at in cuts if not (name[at : at + 2] == "_s" and name[at + 2 : at + 3].isdigit())}


def _files_of_matches(exporter: Exporter, matches: list[str]) -> Iterator[Path]:
    """Replays and comparisons: written anew from what partners recorded; where no rows are left, nothing stays."""
    for match in matches:
        first = exporter.layout.replay(match, 0)
        yield from sorted(first.parent.glob(first.name.replace("_ep0.", "_ep*.")))
        formed = first_record(exporter.everyone, exporter.row.id, "match_formed", match)
        compared = exporter.layout.aggregated(str(formed.scene), match) if formed else None
        if compared is not None and compared.is_file():
            yield compared


def _matches_of(exporter: Exporter, participant: str) -> list[str]:
    formed = exporter.everyone.records(exporter.row.id, kinds=("match_formed",))
    mine = [r.match for r in formed if participant in {p.get("participant") for p in r.body.get("players", ())}]
    return [
        match for match in mine if match and first_record(exporter.everyone, exporter.row.id, "match_formed", match)
    ]


def receipt_of(exporter: Exporter, participant: str) -> Path:
    return exporter.folder / RECEIPTS / f"{exporter.layout.stem(participant)}.json"


def _write_receipt(exporter: Exporter, participant: str, removed: list[Path], entries: list[copies.Entry]) -> Path:
    value: dict[str, Any] = {
        "participant": participant,
        "session": exporter.row.id,
        "erased_at": time.time(),
        "erased": WHAT_IS_ERASED,
        "kept": WHAT_IS_KEPT,
        "removed_files": [path.relative_to(exporter.folder).as_posix() for path in removed],
        "copies": entries,
    }
    path = receipt_of(exporter, participant)
    write_json(path, with_table(value))
    return path

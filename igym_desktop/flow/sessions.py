"""The sessions stored below a data root, read from their databases; call it off the Qt thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from igym.host.export.manifest import Manifest
from igym.host.export.people import Person, people_of
from igym.host.export.selection import Selection, annotation_of, kind_of
from igym.host.store.store_reader import SessionRow, StoreReader
from igym_desktop.flow.profiles import profile_of
from igym_desktop.flow.servers import server_of
from igym_desktop.flow.translations import first
from igym_desktop.i18n import plural, said, tr

DATABASE = "session.sqlite3"


@dataclass(frozen=True)
class StoredSession:
    """One session as the data page lists it; times are unix seconds. `people` is in order of joining."""

    folder: Path
    id: str
    experiment_id: str
    title: str
    started_at: float
    ended_at: float | None
    state: str
    people: tuple[Person, ...] = ()
    matches: int = 0
    parity: dict[str, int] = field(default_factory=dict)
    size_bytes: int = 0
    """In the database; exported files come on top."""
    kind: str = "study"
    """study, pilot, rehearsal or test. `people` are without simulated ones where real people took part."""
    name: str = ""
    """What somebody called this session; the experiment's title stands in for it."""
    note: str = ""
    erased_at: float | None = None
    """When everything but the receipt was erased."""
    profile: str = ""
    """The profile it ran with."""
    server: str = ""
    """Where it runs or ran, when this is a copy of what lies there; "" for a session of this computer."""

    @property
    def shown_name(self) -> str:
        """How lists and questions call it."""
        return f"{self.title}: {self.name}" if self.name else self.title

    @property
    def finished(self) -> int:
        """Participants who reached the end."""
        return sum(person.status == "finished" for person in self.people)

    @property
    def partial_episodes(self) -> int:
        """Episodes that ended early."""
        return sum(person.partial_episodes for person in self.people)

    @property
    def parity_text(self) -> str:
        """Whether all members' data of every episode agree."""
        same, differ = (
            self.parity.get("identical", 0),
            sum(count for name, count in self.parity.items() if name != "identical"),
        )
        if differ:
            return plural(differ, "{n} episode differs", "{n} episodes differ")
        return tr("Identical") if same else ""

    def outcomes(self) -> Counter[str]:
        """Number of participants by status."""
        return Counter(person.status for person in self.people)


@dataclass(frozen=True)
class Listing:
    """All sessions, newest first, the folders that could not be read with why, and how many were erased."""

    sessions: tuple[StoredSession, ...]
    unreadable: dict[Path, str]
    erased: int = 0


def list_sessions(data_root: Path) -> Listing:
    """Looks into every folder of the data root. Never writes."""
    found: list[StoredSession] = []
    unreadable: dict[Path, str] = {}
    for database in sorted(data_root.glob(f"*/{DATABASE}")):
        try:
            found += _sessions_of(database)
        except Exception as error:  # a damaged database must not hide the others
            unreadable[database.parent] = said(str(getattr(error, "text", error)))
    there = [session for session in found if session.erased_at is None]
    ordered = tuple(sorted(there, key=lambda session: -session.started_at))
    return Listing(ordered, unreadable, len(found) - len(there))


def _sessions_of(database: Path) -> Iterator[StoredSession]:
    with StoreReader(database) as reader:
        for row in reader.sessions():
            yield _session(database.parent, reader, row)


def _session(folder: Path, reader: StoreReader, row: SessionRow) -> StoredSession:
    parity: Counter[str] = Counter()
    matches = 0
    for record in reader.records(row.id, kinds=("match_formed", "parity")):
        if record.kind == "match_formed":
            matches += 1
        else:
            parity["identical" if _is_identical(record.body) else "differs"] += 1
    experiment = row.experiment.get("experiment", row.experiment)
    title = first(experiment.get("title")) or folder.name
    kind = kind_of(reader, row.id)
    people = tuple(people_of(Selection(reader, kind), row.id).values())
    return StoredSession(
        folder, row.id, folder.name, title, row.started_at, row.ended_at, row.state, people, matches, dict(parity),
        reader.stored_bytes(row.id), kind, *annotation_of(reader, row.id), row.erased_at,
        profile_of(str(row.options.get("profile") or "")), server_of(folder),
    )  # fmt: skip


def _is_identical(body: dict[str, object]) -> bool:
    return body.get("result") == "identical"


def folder_size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


@dataclass(frozen=True)
class Verification:
    """What checking a data folder's files against their list found."""

    ok: bool
    text: str


def verify(folder: Path) -> Verification:
    """Hashes every exported file again; reads everything, so it takes a while."""
    if not (folder / "manifest.json").is_file():
        return Verification(
            False, tr("This folder has no list of files (manifest.json) yet. Export once, then check again.")
        )
    report = Manifest(folder).verify()
    if report.ok:
        extra = (
            plural(len(report.unlisted), " {n} other file lies beside them.", " {n} other files lie beside them.")
            if report.unlisted
            else ""
        )
        return Verification(True, tr("Every exported file is there and unchanged.") + extra)
    parts = []
    for words, names in ((tr("Changed"), report.changed), (tr("Missing"), report.missing)):
        if names:
            shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
            parts.append(f"{words} ({len(names)}): {shown}")
    return Verification(False, "\n".join(parts))

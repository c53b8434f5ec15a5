"""The tables held against each other and against the rows they count, as they lie in the data folder.

Nothing is read from the database: what is checked is what an analyst opens.
"""

from __future__ import annotations

import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.formulas import original
from igym.host.base.held_files import aside_of
from igym.host.export.files import write_json
from igym.host.export.names import KIND_FOLDERS
from igym.protocol.told import Told, together

TABLES = ("participants", "payments", "scenes", "matches", "episodes", "answers", "answers_wide", "events")
MOST_TOLD = 20
"""So many disagreements are told one by one."""
Line = dict[str, str]
Lines = dict[str, list[Line]]


@dataclass(frozen=True)
class TableCheck:
    """What a check found. `counts`: how many numbers and people were held against something else."""

    counts: int
    disagreements: tuple[str, ...]
    under_way: tuple[str, ...] = ()
    """Matches that had not ended when the tables were written."""

    @property
    def ok(self) -> bool:
        return not self.disagreements

    def text(self) -> str:
        """One sentence, or the disagreements."""
        if self.ok and not self.counts:
            return Told("The tables hold nobody's data, so there was nothing to compare.")
        if self.ok:
            agree = Told(
                "All {number} counts in the tables agree with the rows they count and with each other.",
                number=self.counts,
            )
            return together(agree, self._under_way_text())
        return together(Told("The tables disagree:"), *sentences(self.disagreements))

    def _under_way_text(self) -> str:
        if not self.under_way:
            return ""
        return Told("Not played to the end when they were written: {matches}.", matches=", ".join(self.under_way))


def sentences(disagreements: tuple[str, ...]) -> list[str]:
    """The first of them, and how many more there are."""
    told: list[str] = [Told("{difference}.", difference=each) for each in disagreements[:MOST_TOLD]]
    more = len(disagreements) - MOST_TOLD
    return [*told, Told("And {number} more.", number=more)] if more > 0 else told


CHECK_NAME = "table_check.json"
LONGEST_CELL = 2**31 - 1


def check_and_note(folder: Path, session: str) -> TableCheck | None:
    """Check one session's tables and write the outcome to `table_check.json`, beside those of other sessions."""
    found = check_tables(folder, session)
    if found is not None:
        path = folder / CHECK_NAME
        noted = {"at": time.time(), "ok": found.ok, "counts": found.counts, "text": found.text()}
        write_json(path, {**read_checks(folder), session: noted})
    return found


def read_checks(folder: Path) -> dict[str, dict[str, Any]]:
    """Session → `{at, ok, counts, text}` of its last check; `at` is unix seconds."""
    try:
        found = json.loads((folder / CHECK_NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def check_tables(folder: Path, session: str | None = None, without: frozenset[str] = frozenset()) -> TableCheck | None:
    """Check the tables of a data folder for one session or all but some, of every kind; None when none were exported.

    Each finding names the file, the line and both numbers.
    """
    places = {"": folder, **{f"{name}/": folder / name for name in KIND_FOLDERS.values()}}
    found = {
        where: _check_folder(place, _Wanted(session, without)) for where, place in places.items() if _has_tables(place)
    }
    if not found:
        return None
    counts = sum(checking.counts for checking in found.values())
    return TableCheck(
        counts,
        tuple(where + each for where, checking in found.items() for each in checking.found),
        tuple(each for checking in found.values() for each in checking.under_way),
    )


def _has_tables(folder: Path) -> bool:
    return (folder / "scenes.csv").is_file()


@dataclass(frozen=True)
class _Wanted:
    """Whose lines are checked: one session's, or everybody's but those of some sessions."""

    session: str | None
    without: frozenset[str]

    def __contains__(self, session: str) -> bool:
        return session not in self.without and self.session in (None, session)


def _check_folder(folder: Path, wanted: _Wanted) -> _Checking:
    csv.field_size_limit(LONGEST_CELL)
    tables = {name: _read(_newest(folder / f"{name}.csv"), wanted) for name in TABLES}
    checking = _Checking()
    checking.people(tables)
    checking.counts_of_people(tables)
    checking.visits(tables)
    checking.matches(tables)
    checking.rows(tables, _row_files(folder, wanted))
    checking.comparisons(tables, folder, wanted)
    return checking


def _newest(path: Path) -> Path:
    """The version beside a file that another program held open."""
    beside = aside_of(path)
    return beside if beside.is_file() else path


def _read(path: Path, wanted: _Wanted) -> list[Line]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as stream:
        lines = [{original(name): original(text) for name, text in line.items()} for line in csv.DictReader(stream)]
    return [line for line in lines if line["session"] in wanted]


@dataclass(frozen=True)
class _RowFile:
    name: str
    keys: tuple[str, str, str, str]
    """Session, participant, match, episode."""
    frames: int


def _row_files(folder: Path, wanted: _Wanted) -> Iterator[_RowFile]:
    for path in sorted(folder.glob("*/*_ep*.csv")):
        if aside_of(path).is_file():
            continue
        with path.open(encoding="utf-8", newline="") as stream:
            lines = csv.reader(stream)
            header = next(lines, [])
            first = next(lines, None)
            # A file of an earlier version does not say whose rows it holds.
            if first is None or "participant" not in header:
                continue
            line = dict(zip(header, first, strict=True))
            if line["session"] in wanted:
                keys = (line["session"], line["participant"], line["match"], line["episode"])
                yield _RowFile(path.relative_to(folder).as_posix(), keys, 1 + sum(1 for _ in lines))


class _Checking:
    def __init__(self) -> None:
        self.counts = 0
        self.found: list[str] = []
        self.running: set[tuple[str, str]] = set()
        """(session, match) of matches that had not ended when the tables were written."""

    @property
    def under_way(self) -> list[str]:
        return [f"{match} ({session})" for session, match in sorted(self.running)]

    def same(self, what: str, told: Any, counted: Any, of: str) -> None:
        """`told` is a cell of a table, `counted` what it must be."""
        self.counts += 1
        if str(told) != str(counted):
            self.found.append(
                Told(
                    "{what} says {told}, but there are {number} {of}",
                    what=what,
                    told=told or "nothing",
                    number=counted,
                    of=of,
                )
            )

    def people(self, tables: Lines) -> None:
        """Everybody of any table is in participants.csv, and everybody there is in those that have all."""
        known = {_who(line) for line in tables["participants"]}
        # Somebody simulated who played with a person is told of, and is owed nothing.
        owed = {_who(line) for line in tables["participants"] if line.get("simulated") != "true"}
        for name, expected in (("payments", owed), ("answers_wide", known)):
            for who in sorted(expected - {_who(line) for line in tables[name]}):
                self.found.append(
                    Told(
                        "{table}.csv has no line for {participant} of participants.csv",
                        table=name,
                        participant=_called(who),
                    )
                )
        for name in TABLES[1:]:
            there = {_who(line) for line in tables[name] if line["participant"]}
            self.counts += len(there)
            for who in sorted(there - known):
                self.found.append(
                    Told(
                        "{table}.csv has {participant}, whom participants.csv does not have",
                        table=name,
                        participant=_called(who),
                    )
                )
        self._statuses(tables)

    def _statuses(self, tables: Lines) -> None:
        status = {_who(line): line["status"] for line in tables["participants"]}
        for line in tables["payments"]:
            if _who(line) in status and line["status"] != status[_who(line)]:
                self.found.append(
                    Told(
                        "payments.csv calls {participant} {one}, participants.csv {other}",
                        participant=_called(_who(line)),
                        one=line["status"],
                        other=status[_who(line)],
                    )
                )

    def counts_of_people(self, tables: Lines) -> None:
        """Every count of participants.csv is the number of lines it stands for."""
        episodes = _by(tables["episodes"])
        left = Counter(_who(line) for line in tables["scenes"] if line["left_at"])
        for line in tables["participants"]:
            who, played = _who(line), episodes[_who(line)]
            where = f"participants.csv, {_called(who)}:"
            self.same(f"{where} episodes", line["episodes"], len(played), Told("in episodes.csv"))
            partial = sum(each["partial"] == "true" for each in played)
            self.same(f"{where} partial_episodes", line["partial_episodes"], partial, Told("in episodes.csv"))
            if line["erased"] != "true":
                self.same(f"{where} scenes_completed", line["scenes_completed"], left[who], Told("in scenes.csv"))
            played_in = [each["match"] for each in tables["matches"] if _who(each) == who]
            self.same(f"{where} matches", line["matches"], " ".join(played_in), Told("in matches.csv"))

    def visits(self, tables: Lines) -> None:
        """The parts of a visit make up the whole; answers belong to a visit."""
        visits = set()
        for line in tables["scenes"]:
            visits.add((*_who(line), line["visit"]))
            if line["active_s"]:
                whole = sum(float(line[name]) for name in ("active_s", "hidden_s", "blurred_s", "gone_s"))
                where = Told(
                    "scenes.csv, {participant}, visit {visit}: duration_s",
                    participant=_called(_who(line)),
                    visit=line["visit"],
                )
                told = float(line["duration_s"])
                # Each part is rounded by itself.
                self.same(where, told, told if abs(told - whole) < 1e-4 else whole, Told("s in its parts"))
        for line in tables["answers"]:
            self.counts += 1
            if (*_who(line), line["visit"]) not in visits:
                self.found.append(
                    Told(
                        "answers.csv has an answer of {participant} to {name}, but scenes.csv has no visit {visit}",
                        participant=_called(_who(line)),
                        name=line["scene"],
                        visit=line["visit"],
                    )
                )

    def matches(self, tables: Lines) -> None:
        """Every count of matches.csv is the sum over its episodes."""
        episodes: dict[tuple[str, ...], list[Line]] = defaultdict(list)
        for line in tables["episodes"]:
            episodes[(*_who(line), line["match"])].append(line)
        members = Counter((line["session"], line["match"]) for line in tables["matches"])
        self.running = {(line["session"], line["match"]) for line in tables["matches"] if line["outcome"] == "running"}
        for line in tables["matches"]:
            own = episodes[(*_who(line), line["match"])]
            where = f"matches.csv, {line['match']}, {_called(_who(line))}:"
            self.same(f"{where} members", line["members"], members[line["session"], line["match"]], "lines")
            self.same(f"{where} episodes", line["episodes"], len(own), Told("in episodes.csv"))
            for name in ("frames", "absent_frames", "predicted_frames", "rollback_frames"):
                self.same(f"{where} {name}", line[name], sum(int(each[name]) for each in own), Told("in episodes.csv"))

    def rows(self, tables: Lines, files: Iterable[_RowFile]) -> None:
        """Every number of frames is the number of lines of a file."""
        recorded = {file.keys: file for file in files}
        for line in tables["episodes"]:
            file = recorded.pop((*_who(line), line["match"], line["episode"]), None)
            where = Told(
                "episodes.csv, {match}, episode {episode}, {participant}: frames",
                match=line["match"],
                episode=line["episode"],
                participant=_called(_who(line)),
            )
            self.same(
                where,
                line["frames"],
                file.frames if file else 0,
                Told("rows in {file}", file=file.name if file else Told("no file")),
            )
        for file in recorded.values():
            self.found.append(Told("{file} has rows of an episode that episodes.csv does not have", file=file.name))

    def comparisons(self, tables: Lines, folder: Path, wanted: _Wanted) -> None:
        """What the comparison of a match says its members recorded is what episodes.csv says."""
        frames = {(*_who(line), line["match"], line["episode"]): line["frames"] for line in tables["episodes"]}
        for path in sorted(folder.glob("*/*_aggregated_metrics.json")):
            compared = json.loads(path.read_text("utf-8"))
            if compared["session"] not in wanted:
                continue
            for episode in compared["episodes"]:
                for member in episode["members"]:
                    key = (compared["session"], member["participant"], compared["match"], str(episode["episode"]))
                    where = Told(
                        "{match}, episode {episode}, {participant}: frames",
                        match=path.relative_to(folder).as_posix(),
                        episode=key[3],
                        participant=member["participant"],
                    )
                    self.same(where, member["frames"], frames.get(key, 0), Told("in episodes.csv"))


def _who(line: Line) -> tuple[str, str]:
    return line["session"], line["participant"]


def _called(who: tuple[str, str]) -> str:
    return f"{who[1]} of session {who[0]}"


def _by(lines: list[Line]) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        found[_who(line)].append(line)
    return found

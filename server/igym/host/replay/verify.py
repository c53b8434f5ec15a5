"""The check of a whole data folder: every listed file, then every recorded episode played again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from igym.host.base.errors import HostError
from igym.host.export.manifest import MANIFEST_NAME, Manifest, ManifestReport
from igym.host.export.selfcheck import TableCheck, check_tables, sentences
from igym.host.hostenv.kept_packages import differences
from igym.host.replay.again import play_match
from igym.host.replay.apart import play_apart
from igym.host.replay.files import Game, ReplayFile, find_replays, game_of, read_replay, replay_paths
from igym.host.replay.judge import SIMULATED, Finding, decisive, is_simulated, judge, on_another
from igym.host.replay.without_replay import WithoutReplay, without_replay
from igym.host.store import not_kept
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.store.trail import TrailFinding, plain_code
from igym.protocol.told import Told, counted, together

Tell = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]
Outcome = Literal["identical", "differs", "unsure", "nothing", "simulated", "unfinished"]
EXIT_CODES: dict[Outcome, int] = {
    "identical": 0, "differs": 1, "unsure": 5, "nothing": 6, "simulated": 7, "unfinished": 8,
}  # fmt: skip
"""Of `igym verify`; 4 is a check that was stopped, and "differs" includes what is missing or failed."""
InBrowser = Callable[[list[ReplayFile], Callable[[str], None]], dict[str, Finding]]


class VerifyCancelledError(Exception):
    """Somebody stopped the check."""


@dataclass
class Verified:
    """What a check found; `files` is the number of files in the manifest."""

    manifest: ManifestReport | None
    files: int
    episodes: list[dict[str, Any]] = field(default_factory=list)
    trail: list[TrailFinding] = field(default_factory=list)
    """What the chain of each session's log says."""
    tables: TableCheck | None = None
    """Whether the tables agree with the rows and with each other; None when there are none."""
    unfinished: list[str] = field(default_factory=list)
    """What is told of sessions that run or whose engine broke off, so that their files are behind their log."""
    without_replay: WithoutReplay = field(default_factory=WithoutReplay)
    """What was played that no file of this folder holds."""

    @property
    def bad(self) -> list[dict[str, Any]]:
        return [episode for episode in self.episodes if episode["result"] in ("differs", "failed")]

    @property
    def unsure(self) -> list[dict[str, Any]]:
        return [episode for episode in self.episodes if episode["result"] == "unsure"]

    @property
    def outcome(self) -> Outcome:
        """What all of it comes to; "nothing" and "simulated": there was no play that could have gone again."""
        if not self.is_sound:
            return "differs"
        if self.unsure:
            return "unsure"
        if self.unfinished:
            return "unfinished"
        if not self.episodes:
            return "simulated" if self._only_simulated else "nothing"
        return "identical" if any(episode["result"] == "identical" for episode in self.episodes) else "simulated"

    @property
    def _only_simulated(self) -> bool:
        others = self.without_replay
        return others.simulated > 0 and not others.erased and not others.unwritten

    @property
    def ok(self) -> bool:
        """Something was played again, and all of it went as recorded."""
        return self.outcome == "identical"

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.outcome]

    @property
    def is_sound(self) -> bool:
        """Nothing was found changed, removed or different."""
        whole = all(finding.ok for finding in self.trail)
        agree = self.tables is None or self.tables.ok
        return whole and agree and self._is_listed and not self.bad

    @property
    def _is_listed(self) -> bool:
        """All files are as they were listed; where none was ever written, none is missing."""
        if self.manifest is None:
            return self.tables is None and bool(self.unfinished)
        return self.manifest.ok

    def to_json(self) -> dict[str, Any]:
        told = asdict(self.manifest) if self.manifest else {"changed": [], "missing": [MANIFEST_NAME], "unlisted": []}
        manifest = {"files": self.files, **told}
        return {
            "ok": self.ok,
            "outcome": self.outcome,
            "text": self.text(),
            "manifest": manifest,
            "episodes": self.episodes,
            "unfinished": self.unfinished,
            "without_replay": self.without_replay.told(),
            "trail": [asdict(finding) for finding in self.trail],
            "tables": {"ok": self.tables.ok, **asdict(self.tables)} if self.tables else None,
        }

    def text(self) -> str:
        """The outcome in a few sentences."""
        chain = [finding.text for finding in self.trail]
        tables = [self.tables.text()] if self.tables else []
        parts = [
            self._files_text(),
            *tables,
            *self.unfinished,
            *chain,
            *self._episodes_text(),
        ]
        if self.bad:
            parts.append(
                Told(
                    "{number} did not: {episodes}.",
                    number=len(self.bad),
                    episodes=", ".join(episode["id"] for episode in self.bad),
                )
            )
        if self.unsure:
            parts.append(Told("{number} could not be decided on this computer.", number=len(self.unsure)))
        return together(*parts)

    def _episodes_text(self) -> list[str]:
        why = self.without_replay.told()
        if not self.episodes and why:
            return [*why, Told("So there was nothing to play again.")]
        if not self.episodes:
            return [Told("No episode was recorded, so there was nothing to play again.")]
        results = [episode["result"] for episode in self.episodes]
        simulated, played = results.count("simulated"), len(results) - results.count("simulated")
        told: list[str] = (
            [
                Told(
                    "{same} of {number} episodes went again exactly as recorded.",
                    same=results.count("identical"),
                    number=played,
                )
            ]
            if played
            else []
        )
        if simulated:
            told.append(
                counted(
                    simulated,
                    "{n} was simulated: nobody played it, so it proves nothing about the game.",
                    "{n} were simulated: nobody played them, so they prove nothing about the game.",
                )
            )
        return [*told, *why]

    def _files_text(self) -> str:
        if self.manifest is None and self._is_listed:
            return Told("No files have been written here yet.")
        if self.manifest is None:
            return Told("There is no manifest.json, so changed files cannot be noticed.")
        if self.manifest.ok:
            return Told("All {files} listed files are unchanged.", files=self.files)
        parts = [Told("changed: {files}", files=", ".join(self.manifest.changed))] if self.manifest.changed else []
        parts += [Told("missing: {files}", files=", ".join(self.manifest.missing))] if self.manifest.missing else []
        return Told("Of {files} listed files, {parts}.", files=self.files, parts=together(*parts, between="; "))


def verify(
    folder: Path, session: str | None, in_browser: InBrowser | None, tell: Tell, cancelled: Cancelled, code: str = ""
) -> Verified:
    """Check a data folder. `in_browser` decides what this computer's Python cannot; None: there is no browser.
    `code`: one that was shown for a session; nothing may have been removed or changed since.

    Raises `HostError` "not_found", "nothing_kept" or "unknown_session", and `VerifyCancelledError` between two
    episodes when `cancelled()` turns true.
    """
    if not folder.is_dir():
        raise HostError("not_found", Told("There is no folder {folder}.", folder=folder))
    if (folder / not_kept.FOLDER).exists() and not (folder / MANIFEST_NAME).exists():
        raise not_kept.no_data(folder)
    replays, unreadable = _replays(folder, session)
    _ask_for_known(folder, session, replays)
    total = 1 + len(replays)
    tell(0, total, MANIFEST_NAME)
    found = _manifest(folder)
    behind = _maybe_behind(folder, session)
    found.tables = check_tables(folder, session, behind)
    found.unfinished = [*_unfinished(folder, behind, found)]
    found.trail = check_trails(folder, session, code)
    found.without_replay = without_replay(folder, session, {(*replay.match, replay.episode) for replay in replays})
    found.episodes += unreadable
    findings: dict[str, Finding] = {}
    for number, (replay, finding) in enumerate(_played(replays, cancelled), start=1):
        tell(number, total, replay.id)
        findings[replay.id] = finding
    open_questions = [replay for replay in replays if _needs_browser(replay, findings[replay.id])]
    if open_questions and in_browser is not None:
        findings |= in_browser(
            open_questions, lambda name: tell(len(replays), total, Told("{episode} (in a browser)", episode=name))
        )
    found.episodes += [findings[replay.id].to_json(replay) for replay in replays]
    tell(total, total, "")
    return found


def _ask_for_known(folder: Path, session: str | None, replays: list[ReplayFile]) -> None:
    """Raises `HostError` for a session that neither the log nor any file here knows: nothing was checked of it."""
    if session is None:
        return
    known = {str(replay.body["session"]) for replay in replays}
    known |= set(Manifest(folder).sessions) if (folder / MANIFEST_NAME).is_file() else set()
    if has_data(folder / DATABASE):
        with StoreReader(folder / DATABASE) as reader:
            known |= {row.id for row in reader.sessions()}
    if session not in known:
        there = ", ".join(sorted(known)) or "none"
        raise HostError(
            "unknown_session",
            Told("There is no session {session} here. There are: {known}.", session=session, known=there),
        )


_WAY_ON = Told("Go on with it and end it, or have its files written with `igym export`; then check again.")


def _maybe_behind(folder: Path, session: str | None) -> frozenset[str]:
    """Sessions that nobody has ended and of which more may be known than when their files were last written."""
    if not (folder / DATABASE).is_file():
        return frozenset()
    shown = Manifest(folder).trail
    with StoreReader(folder / DATABASE) as reader:
        rows = [row for row in reader.sessions() if row.ended_at is None and session in (None, row.id)]
        return frozenset(row.id for row in rows if _has_more(reader, row.id, shown.get(row.id, {}).get("events", 0)))


def _has_more(reader: StoreReader, session: str, shown: int) -> bool:
    """More events than were `shown`, or a match that may get more rows without any event."""
    head = reader.trail_head(session)
    if head is not None and head.events > shown:
        return True
    last = {record.match: record.kind for record in reader.records(session, kinds=("match_formed", "match_ended"))}
    return head is not None and "match_formed" in last.values()


def _unfinished(folder: Path, behind: frozenset[str], found: Verified) -> Iterator[str]:
    """What to tell of each session whose files are behind its log; what agrees counts with the others' tables."""
    for session in sorted(behind):
        checked = check_tables(folder, session)
        if checked is None:
            yield Told("Session {session} has not ended, and none of its files have been written.", session=session)
            yield _WAY_ON
        elif checked.ok:
            assert found.tables is not None
            found.tables = TableCheck(
                found.tables.counts + checked.counts,
                found.tables.disagreements,
                found.tables.under_way + checked.under_way,
            )
        else:
            yield together(
                Told(
                    "Session {session} has not ended (it runs, or its engine broke off), and its tables are older "
                    "than its rows:",
                    session=session,
                ),
                *sentences(checked.disagreements),
                _WAY_ON,
            )


def _manifest(folder: Path) -> Verified:
    if not (folder / MANIFEST_NAME).is_file():
        return Verified(None, 0)
    manifest = Manifest(folder)
    return Verified(manifest.verify(), len(manifest.names("")))


def check_trails(folder: Path, session: str | None, code: str = "") -> list[TrailFinding]:
    """The chain of this session (None: of all) against the manifest and, where there is one, a code on paper.

    A folder of exports without the database has no log to check.
    """
    database = folder / DATABASE
    if not has_data(database):
        return _nothing_to_check(code)
    shown = Manifest(folder).trail
    with StoreReader(database) as reader:
        rows = [row for row in reader.sessions() if session in (None, row.id)]
        checked = [_checked(reader, row.id, shown.get(row.id, {})) for row in rows]
        gone = set(shown) - {row.id for row in reader.sessions()} if session is None else set()
        checked += [
            TrailFinding(name, "broken", Told("Session {session} was removed from the log.", session=name))
            for name in sorted(gone)
        ]
        return checked + _code_checked(reader, checked, plain_code(code)) if code else checked


def _nothing_to_check(code: str) -> list[TrailFinding]:
    text = Told("There is no {file} in this folder, so the code cannot be checked.", file=DATABASE)
    return [TrailFinding("", "broken", text)] if code else []


def _checked(reader: StoreReader, session: str, shown: dict[str, Any]) -> TrailFinding:
    return reader.check_trail(session, [str(shown["head"])] if shown.get("head") else [])


def _code_checked(reader: StoreReader, checked: list[TrailFinding], code: str) -> list[TrailFinding]:
    """A code belongs to one session; which one is found by trying."""
    whole = [finding.session for finding in checked if finding.result == "whole"]
    for session in whole:
        if reader.check_trail(session, [code]).ok:
            text = Told(
                "Nothing of session {session} was removed or changed since the code {code} was shown.",
                session=session,
                code=code,
            )
            return [TrailFinding(session, "whole", text, code)]
    wrong = Told(
        "{code} is the code of no session here: something was removed or changed since it was shown, or it was "
        "written down wrongly.",
        code=code,
    )
    return [TrailFinding("", "broken", wrong)]


def _replays(folder: Path, session: str | None) -> tuple[list[ReplayFile], list[dict[str, Any]]]:
    """The replays of this session (None: of all), and what is told of files that cannot be read."""
    try:
        paths = replay_paths(folder)
    except HostError:
        return [], []
    unreadable = []
    for path in paths:
        try:
            read_replay(path)
        except HostError as error:
            unreadable.append(_unread(path, error.text))
    known = find_replays(folder) if len(unreadable) < len(paths) else []
    return [replay for replay in known if session in (None, replay.body["session"])], unreadable


def _unread(path: Path, text: str) -> dict[str, Any]:
    place = dict.fromkeys(("session", "scene", "match", "episode", "frames", "frame", "by"))
    return {"id": path.name, "file": f"replays/{path.name}", **place, "result": "failed", "text": text}


def _played(replays: list[ReplayFile], cancelled: Cancelled) -> Iterator[tuple[ReplayFile, Finding]]:
    for _, group in groupby(replays, key=lambda replay: replay.match):
        episodes = list(group)
        try:
            game = game_of(episodes[0])
        except HostError as error:
            failed = Finding("failed", None, None, error.text)
            yield from ((replay, SIMULATED if is_simulated(replay) else failed) for replay in episodes)
            continue
        yield from _match(game, episodes, cancelled)


def _match(game: Game, episodes: list[ReplayFile], cancelled: Cancelled) -> Iterator[tuple[ReplayFile, Finding]]:
    play = play_apart if decisive(episodes[0]) == "python" else play_match
    # What was changed for certain stays so, whatever this computer is like.
    elsewhere = differences(game.lock) if play is play_apart and not game.changed else []
    for replay, played in play(game, episodes, cancelled):
        if cancelled():
            raise VerifyCancelledError
        yield replay, on_another(elsewhere, judge(replay, game.changed, played, "python"))


def _needs_browser(replay: ReplayFile, finding: Finding) -> bool:
    """What Python alone found identical is identical; a package it does not have, or a rounding, proves nothing."""
    return decisive(replay) == "browser" and finding.by == "python" and finding.result != "identical"

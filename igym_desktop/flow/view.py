"""The launcher's copy of the engine's session view: a snapshot, kept current by changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from igym_desktop.flow.broken_games import who_cannot_play

Row = dict[str, Any]


@dataclass
class Difference:
    """What a message from the engine altered, by id."""

    everything: bool = False
    participants: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


class SessionMirror:
    """Holds the newest session view. `participants`, `matches` and `problems` keep the engine's order."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Back to no session."""
        self.session: Row = {}
        self.counts: dict[str, int] = {}
        self.participants: dict[str, Row] = {}
        self.matches: dict[str, Row] = {}
        self.waitrooms: list[Row] = []
        self.problems: dict[str, Row] = {}
        self.cells: list[Row] = []
        """Cells of the study's design; none without one."""
        self.messages: list[Row] = []
        """What was written to participants, with who has read it."""
        self.cannot_play: dict[str, str] = {}
        """Participant → what happened to their game."""
        self.events = 0
        """Number of the session's events this view rests on."""

    @property
    def running(self) -> bool:
        """Whether there is a session that has not ended."""
        return bool(self.session) and self.session.get("state") != "ended"

    def snapshot(self, view: Mapping[str, Any]) -> Difference:
        """Replaces everything."""
        self.clear()
        self._take_session(view)
        self.participants = {str(row["id"]): dict(row) for row in view.get("participants", ())}
        self.matches = {str(row["id"]): dict(row) for row in view.get("matches", ())}
        self.problems = {str(row["id"]): dict(row) for row in view.get("problems", ())}
        self.cannot_play = who_cannot_play(self.problems.values(), self.matches)
        return Difference(everything=True, added=list(self.participants))

    def changes(self, view: Mapping[str, Any]) -> Difference:
        """Applies one `changes` message and tells which rows to repaint."""
        self._take_session(view)
        difference = Difference()
        for row in view.get("participants", ()):
            key = str(row["id"])
            (difference.participants if key in self.participants else difference.added).append(key)
            self.participants[key] = dict(row)
        for key in map(str, view.get("gone", ())):
            if self.participants.pop(key, None) is not None:
                difference.gone.append(key)
        for row in view.get("matches", ()):
            self.matches[str(row["id"])] = dict(row)
        for row in view.get("problems", ()):
            self._take_problem(row)
        self._note_games(difference)
        return difference

    def _note_games(self, difference: Difference) -> None:
        now = who_cannot_play(self.problems.values(), self.matches) if self.problems or self.cannot_play else {}
        altered = {who for who in {*now, *self.cannot_play} if now.get(who) != self.cannot_play.get(who)}
        self.cannot_play = now
        known = {*difference.participants, *difference.added}
        difference.participants += sorted(who for who in altered - known if who in self.participants)

    def _take_session(self, view: Mapping[str, Any]) -> None:
        self.events = int(view.get("events", self.events))
        if view.get("session"):
            self.session = dict(view["session"])
        if view.get("counts"):
            self.counts = dict(view["counts"])
        if view.get("waitrooms") is not None:
            self.waitrooms = [dict(row) for row in view["waitrooms"]]
        if view.get("messages") is not None:
            self.messages = [dict(row) for row in view["messages"]]
        if view.get("cells") is not None:
            self.cells = [dict(row) for row in view["cells"]]

    def _take_problem(self, row: Mapping[str, Any]) -> None:
        if row.get("cleared"):
            self.problems.pop(str(row["id"]), None)
        else:
            self.problems[str(row["id"])] = dict(row)

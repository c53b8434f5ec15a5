"""Stored sessions and their participants as tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QObject, Qt

from igym_desktop import icons
from igym_desktop.flow.sessions import StoredSession
from igym_desktop.flow.words import duration_text, kind_words, state_words
from igym_desktop.i18n import said, tr
from igym_desktop.models.rows import Index, RowsModel
from igym_desktop.widgets.basics import tone_colour
from igym_desktop.widgets.plain import as_tip

SORT_ROLE = Qt.ItemDataRole.UserRole
THING_ROLE = Qt.ItemDataRole.UserRole + 1


class Shown(NamedTuple):
    title: str
    width: int
    text: Callable[[Any], str]
    sort: Callable[[Any], Any]
    icon: Callable[[Any], tuple[str, str] | None] = lambda thing: None
    own_words: bool = False
    """Names and notes, as long as people like."""


class ThingsModel(RowsModel):
    """A list of like things with one function per column."""

    def __init__(self, columns: Sequence[Shown], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = list(columns)

    def show_things(self, things: Sequence[Any]) -> None:
        """Replaces all rows."""
        self.beginResetModel()
        self.rows = list(things)
        self.endResetModel()

    @property
    def titles(self) -> list[str]:
        """What stands over the columns."""
        return [column.title for column in self.columns]

    def data(self, index: Index, role: int = 0) -> Any:
        thing, column = self.rows[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(thing)
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_tip(column.text(thing))
        if role == Qt.ItemDataRole.DecorationRole and (icon := column.icon(thing)):
            return icons.small(icon[0], tone_colour(icon[1]))
        if role == SORT_ROLE:
            return column.sort(thing)
        return thing if role == THING_ROLE else None


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _state(session: StoredSession) -> str:
    words = {"running": tr("Not ended"), "ending": tr("Not ended"), "ended": tr("Ended")}
    return words.get(session.state, session.state.capitalize())


def session_columns() -> list[Shown]:
    """For the list of sessions."""
    return [
        Shown(tr("Experiment"), 150, lambda s: s.title, lambda s: s.title.casefold(), own_words=True),
        Shown(tr("Name"), 170, lambda s: s.name, lambda s: s.name.casefold(), _note_icon, own_words=True),
        Shown(
            tr("Server"), 150, lambda s: s.server, lambda s: s.server, lambda s: ("online", "off") if s.server else None
        ),
        Shown(tr("Started"), 168, lambda s: _day(s.started_at), lambda s: s.started_at),
        Shown(
            tr("Duration"),
            76,
            lambda s: duration_text(s.ended_at - s.started_at) if s.ended_at else "",
            lambda s: (s.ended_at or s.started_at) - s.started_at,
        ),
        Shown(tr("For"), 118, lambda s: kind_words(s.kind), lambda s: s.kind, _kind_icon),
        Shown(tr("State"), 98, _state, _state, lambda s: ("flag", "off") if s.state == "ended" else ("clock", "warn")),
        Shown(tr("Finished"), 84, lambda s: f"{s.finished} / {len(s.people)}", lambda s: s.finished),
        Shown(tr("Partial"), 64, lambda s: str(s.partial_episodes or ""), lambda s: s.partial_episodes),
        Shown(tr("Matches"), 74, lambda s: str(s.matches or ""), lambda s: s.matches),
        Shown(tr("Data agree"), 116, lambda s: s.parity_text, lambda s: s.parity_text, _parity_icon),
    ]


def _note_icon(session: StoredSession) -> tuple[str, str] | None:
    return ("edit", "off") if session.note else None


def _kind_icon(session: StoredSession) -> tuple[str, str] | None:
    return ("info", "warn") if kind_words(session.kind) else None


def _parity_icon(session: StoredSession) -> tuple[str, str] | None:
    if not session.parity:
        return None
    return ("verify", "go") if set(session.parity) == {"identical"} else ("warning", "stop")


def _name(person: Any) -> str:
    return str(person.label or person.id)


def _simulated_icon(person: Any) -> tuple[str, str] | None:
    """A program took this part."""
    return ("bot", "off") if person.simulated else None


def _last_scene(person: Any) -> str:
    scene = str(person.last_scene or "")
    if not scene or person.last_episode is None:
        return scene
    return tr("{scene}, episode {episode}", scene=scene, episode=person.last_episode + 1)


def person_columns() -> list[Shown]:
    """For one session's participants."""

    def icon(person: Any) -> tuple[str, str]:
        words = state_words(person.status)
        return words.icon, words.tone

    return [
        Shown(tr("Participant"), 140, _name, lambda p: _name(p).casefold(), _simulated_icon),
        Shown(tr("State"), 156, lambda p: state_words(p.status).text, lambda p: p.status, icon),
        Shown(tr("Last scene"), 150, _last_scene, _last_scene),
        Shown(tr("Episodes"), 84, lambda p: str(p.episodes), lambda p: p.episodes),
        Shown(tr("Partial"), 70, lambda p: str(p.partial_episodes or ""), lambda p: p.partial_episodes),
        Shown(tr("Code"), 100, lambda p: str(p.code or ""), lambda p: str(p.code or "")),
        Shown(tr("Reason"), 220, lambda p: said(str(p.reason or "")), lambda p: said(str(p.reason or ""))),
        Shown(
            tr("Joined"), 90, lambda p: time.strftime("%H:%M:%S", time.localtime(p.joined_at)), lambda p: p.joined_at
        ),
    ]

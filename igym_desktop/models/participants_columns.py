"""The columns of the live table: words, icons and a value to sort by for every cell."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from igym_desktop import icons
from igym_desktop.flow.natural import natural
from igym_desktop.flow.words import CONNECTIONS, ENDED, STATES, connection_words, duration_text, is_gone, state_words
from igym_desktop.i18n import plural, said, tr
from igym_desktop.widgets.basics import tone_colour
from igym_desktop.widgets.plain import as_tip

Row = Mapping[str, Any]


class Cell(NamedTuple):
    text: str
    sort: Any = None
    icon: str = ""
    tone: str = ""
    tip: str = ""


class Column(NamedTuple):
    key: str
    title: str
    width: int
    cell: Callable[[Row], Cell]
    shown: bool = True
    tip: str = ""
    says: Iterable[str] = ()
    """The words of the program in its cells: the column is wide enough for the longest, in every language."""


def _state(row: Row) -> Cell:
    words = state_words(str(row.get("state", "")))
    if is_gone(row):
        lost = connection_words("lost")
        text = tr("{connection}, was: {state}", connection=lost.text, state=words.text)
        return Cell(text, lost.text, lost.icon, lost.tone, said(str(row.get("reason") or "")))
    loading = row.get("loading")
    text = words.text
    if loading and loading.get("fraction") is not None:
        text = f"{words.text} {round(100 * float(loading['fraction']))} %"
    return Cell(
        text,
        words.text,
        words.icon,
        words.tone,
        said(str(row.get("reason") or "")) or str((loading or {}).get("label") or ""),
    )


def _connection(row: Row) -> Cell:
    connection = str(row.get("connection", ""))
    words = connection_words(connection)
    # Whoever has reached the end may close the page: nothing is wrong with that.
    tone = "off" if row.get("state") in ENDED and connection != "connected" else words.tone
    return Cell(words.text, words.text, words.icon, tone)


def _scene(row: Row) -> Cell:
    index, total = row.get("scene_index"), row.get("scene_total")
    name = str(row.get("scene_id") or "")
    text = f"{name}  ({index + 1}/{total})" if name and isinstance(index, int) and total else name
    return Cell(text, (index if isinstance(index, int) else -1, name))


def _number(key: str, pattern: str = "{:.0f}") -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        value = None if is_gone(row) else row.get(key)
        return Cell("", -1.0) if value is None else Cell(pattern.format(value), float(value))

    return cell


def _text(key: str) -> Callable[[Row], Cell]:
    return lambda row: Cell(str(row.get(key) or ""), str(row.get(key) or "").casefold())


def _reason(row: Row) -> Cell:
    text = said(str(row.get("reason") or ""))
    return Cell(text, text.casefold())


def _who(row: Row) -> Cell:
    name = str(row.get("label") or row.get("id") or "")
    if row.get("simulated"):
        return Cell(name, natural(name), "bot", "off", tr("{who}, simulated", who=row.get("id", "")))
    return Cell(name, natural(name), tip=str(row.get("id", "")))


def _progress(row: Row) -> Cell:
    episode, frame = row.get("episode"), row.get("frame")
    if episode is None:
        return Cell("", -1)
    return Cell(f"{int(episode) + 1} · {frame or 0}", int(episode) * 10_000_000 + int(frame or 0))


def _focus(row: Row) -> Cell:
    focused = row.get("focused")
    if focused is None or row.get("state") in ENDED or is_gone(row):
        return Cell("", 0)
    return Cell(tr("In view"), 1, "eye", "go") if focused else Cell(tr("Looked away"), 2, "eye-off", "warn")


def _warnings(row: Row) -> Cell:
    """The engine counts warnings; what they were is in the timeline."""
    count = int(row.get("warnings") or 0)
    if not count:
        return Cell("", 0)
    return Cell(plural(count, "{n} warning", "{n} warnings"), count, "warning", "warn")


def _waiting(row: Row) -> Cell:
    """Sorted by the beginning, which stays while the time goes on."""
    since = row.get("waiting_since")
    if not since:
        return Cell("", -math.inf)
    return Cell(duration_text(max(0.0, time.time() - float(since))), -float(since))


def _joined(row: Row) -> Cell:
    at = row.get("joined_at")
    return Cell(time.strftime("%H:%M:%S", time.localtime(at)), at) if at else Cell("", 0)


def columns() -> list[Column]:
    """All columns; the person chooses which are shown."""
    return [
        Column("who", tr("Participant"), 136, _who),
        Column(
            "seat",
            tr("Seat"),
            76,
            lambda row: Cell(str(row.get("seat") or ""), natural(str(row.get("seat") or ""))),
            shown=False,
        ),
        Column("state", tr("State"), 180, _state, says=[state_words(state).text for state in STATES]),
        Column("scene", tr("Scene"), 156, _scene),
        Column(
            "connection", tr("Connection"), 118, _connection, says=[connection_words(one).text for one in CONNECTIONS]
        ),
        Column(
            "rtt",
            tr("RTT (ms)"),
            112,
            _number("rtt_ms", "{:.0f}"),
            tip=tr("Round trip to this computer; the line shows the last minute"),
        ),
        Column(
            "fps", tr("fps"), 56, _number("fps", "{:.0f}"), tip=tr("Frames per second in the participant's browser")
        ),
        Column("partners", tr("Partner"), 96, lambda row: Cell(", ".join(map(str, row.get("partners") or ())))),
        Column("progress", tr("Episode · frame"), 116, _progress),
        Column("focus", tr("Focus"), 84, _focus, says=(tr("In view"), tr("Looked away"))),
        Column("warnings", tr("Warnings"), 84, _warnings, says=[_warnings({"warnings": 99}).text]),
        Column("waiting", tr("Waiting"), 76, _waiting),
        Column("match", tr("Match"), 84, _text("match_id"), shown=False),
        Column("code", tr("Code"), 96, _text("code")),
        Column("reason", tr("Reason"), 150, _reason, shown=False),
        Column("joined", tr("Joined"), 84, _joined, shown=False),
        Column("browser", tr("Browser"), 170, _text("browser"), shown=False),
    ]


def cell_data(cell: Cell, row: Row, key: str, role: int) -> Any:
    """What a cell answers to one of Qt's roles."""
    if role == Qt.ItemDataRole.DisplayRole:
        return cell.text
    if role == Qt.ItemDataRole.DecorationRole and cell.icon:
        return icons.small(cell.icon, tone_colour(cell.tone))
    if role == Qt.ItemDataRole.ForegroundRole:
        return _foreground(cell, row, key)
    if role == Qt.ItemDataRole.ToolTipRole:
        return as_tip(cell.tip or cell.text) or None
    return None


def _foreground(cell: Cell, row: Row, key: str) -> QColor | None:
    if cell.tone in ("stop", "warn"):
        return QColor(tone_colour(cell.tone))
    if row.get("state") in ENDED and key not in ("state", "code"):
        return QColor(tone_colour("off"))
    return None

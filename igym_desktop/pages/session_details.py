"""The drawer about one participant: facts, round trip over time, timeline, answers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from igym_desktop.flow import telemetry, timeline
from igym_desktop.flow.words import connection_words, is_gone, parity_words, state_words
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.widgets.basics import (
    IconLabel,
    button,
    column,
    icon_button,
    label,
    menu_button,
    row,
    scroll,
    tab_widget,
)
from igym_desktop.widgets.chart import LineChart
from igym_desktop.widgets.fact_list import FactList
from igym_desktop.widgets.series_chart import SeriesChart

LEAST_WIDTH, MOST_WIDTH = 440, 560
"""In px, unless the tabs need more."""


class DetailsDrawer(QFrame):
    """Follows one participant until closed."""

    closed = Signal()

    def __init__(self, launcher: Launcher, actions: SessionActions) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.launcher = launcher
        self.actions_of_session = actions
        self.participant = ""
        self.name = label("", "heading")
        self._icon = IconLabel("user", "off", 16)
        self.state = label("")
        self._facts = FactList()
        self.rtt = LineChart(tr("Round trip (ms), this session"))
        self.charts = {
            "rollback_frames": SeriesChart(tr("Frames played again, each second")),
            "fps": SeriesChart(tr("Pictures per second")),
        }
        self.timeline = text_view(tr("Timeline"))
        self.answers = text_view(tr("Answers"))
        self.console = text_view(tr("Console"))
        self.telemetry = text_view(tr("Telemetry"))
        self.chat = text_view(tr("Chat"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        tabs = tab_widget()
        facts = QWidget()
        facts.setLayout(_stack(self._facts, self.rtt, *self.charts.values()))
        for view, title in (
            (scroll(facts), tr("Overview")),
            (self.timeline, tr("Timeline")),
            (self.answers, tr("Answers")),
            (self.chat, tr("Chat")),
            (self.console, tr("Console")),
            (self.telemetry, tr("Telemetry")),
        ):
            tabs.addTab(view, title)
        head = row(
            self.name,
            None,
            menu_button(tr("Actions"), "", self._menu),
            icon_button("close", tr("Close details"), self._close),
            gap=6,
        )
        self._load = button(tr("Load newest"), "refresh", kind="quiet", on=self._ask_engine)
        state = row(self._icon, self.state, None, self._load, gap=6)
        layout = column(head, state, tabs, gap=8, margins=(16, 12, 12, 12))
        layout.setStretch(2, 1)
        self.setLayout(layout)
        self._tabs = tabs
        self._be_as_wide_as_all_tabs()

    def _be_as_wide_as_all_tabs(self) -> None:
        edges = self.layout().contentsMargins()  # type: ignore[union-attr]
        least = max(LEAST_WIDTH, self._tabs.tabBar().sizeHint().width() + edges.left() + edges.right() + 2)
        self.setMinimumWidth(least)
        self.setMaximumWidth(max(MOST_WIDTH, least))

    def changeEvent(self, event: QEvent) -> None:
        """The style sheet came, or another size of letters."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange) and hasattr(self, "_tabs"):
            self._be_as_wide_as_all_tabs()

    def show_participant(self, participant: str) -> None:
        """Empty text closes the drawer."""
        changed = participant != self.participant
        self.participant = participant
        self._be_as_wide_as_all_tabs()
        self.setVisible(bool(participant))
        if participant:
            self.refresh()
        if participant and changed:
            self.rtt.clear()
            for chart in self.charts.values():
                chart.show_series({})
            for view in (self.timeline, self.answers, self.chat, self.console, self.telemetry):
                view.setPlainText("")
            self._ask_engine()

    def refresh(self) -> None:
        """Shows the newest row of the table."""
        row = self.launcher.engine.mirror.participants.get(self.participant)
        if row is None:
            self._close()
            return
        words = state_words(str(row.get("state", "")))
        self.name.setText(str(row.get("label") or row.get("id")))
        if is_gone(row):
            lost = connection_words("lost")
            text = tr("{connection}, was: {state}", connection=lost.text, state=words.text)
            words = lost._replace(text=text)
        self._icon.show_icon(words.icon, words.tone)
        self.state.setText(words.text)
        for title, value in _facts(row).items():
            self._facts.tell(title, value)
        match = self.launcher.engine.mirror.matches.get(str(row.get("match_id") or ""))
        self._facts.tell(tr("Recordings"), parity_words(match.get("parity")).text if match else "")
        rtt = row.get("rtt_ms")
        if rtt is not None and not is_gone(row):
            self.rtt.add(time.time(), float(rtt))

    def _ask_engine(self) -> None:
        asked = self.participant
        self.actions_of_session.run(
            "participant_details", {"participant": asked}, done=lambda result: self._show_more(asked, result or {})
        )

    def _show_more(self, asked: str, result: Mapping[str, Any]) -> None:
        if asked != self.participant:
            return
        self.timeline.setPlainText("\n".join(map(timeline.line, result.get("timeline") or ())) or tr("Nothing yet."))
        self.answers.setPlainText(timeline.answers(result.get("answers") or ()) or tr("No answers yet."))
        self.chat.setPlainText(timeline.chat(result.get("chat") or ()) or tr("Nobody has written anything here."))
        console = "\n".join(map(timeline.line, result.get("console") or ()))
        self.console.setPlainText(console or tr("The browser has reported nothing."))
        metrics = list(result.get("metrics") or ())
        self.telemetry.setPlainText(telemetry.newest(metrics) or tr("Nothing yet."))
        lines = telemetry.series(metrics)
        for name, chart in self.charts.items():
            chart.show_series(lines[name])
        for point in result.get("rtt") or ():
            self.rtt.add(float(point["at"]), float(point["rtt_ms"]))

    def _fill_menu(self) -> None:
        row = self.launcher.engine.mirror.participants.get(self.participant)
        if row:
            self.actions_of_session.menu_for([row], self._menu)

    def _close(self) -> None:
        self.show_participant("")
        self.closed.emit()


def _facts(row: Mapping[str, Any]) -> dict[str, str]:
    index, total = row.get("scene_index"), row.get("scene_total")
    progress = f" ({index + 1}/{total})" if isinstance(index, int) and total else ""
    joined = row.get("joined_at")
    return {
        tr("Id"): str(row.get("id", "")),
        tr("Seat"): str(row.get("seat") or ""),
        tr("Scene"): f"{row.get('scene_id') or ''}{progress}",
        tr("Connection"): connection_words(str(row.get("connection", ""))).text,
        tr("Match"): str(row.get("match_id") or ""),
        tr("Partner"): ", ".join(map(str, row.get("partners") or ())),
        tr("Code"): str(row.get("code") or ""),
        tr("Reason"): said(str(row.get("reason") or "")),
        tr("Warnings"): str(row.get("warnings") or ""),
        tr("Joined"): time.strftime("%H:%M:%S", time.localtime(joined)) if joined else "",
        tr("Browser"): str(row.get("browser") or ""),
    }


def text_view(name: str) -> QPlainTextEdit:
    """Read-only lines in a fixed-width font."""
    view = QPlainTextEdit()
    view.setReadOnly(True)
    view.setAccessibleName(name)
    font = QFont(["DejaVu Sans Mono", "Cascadia Mono", "Menlo", "monospace"])
    font.setPixelSize(12)
    view.setFont(font)
    return view


def _stack(form: FactList, *charts: QWidget) -> QVBoxLayout:
    return column(form, 10, *charts, None, gap=6, margins=(0, 8, 6, 0))

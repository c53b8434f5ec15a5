"""The drawer about one match: its members, stamp and links, how it ran, and everything written down about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from igym_desktop.flow import telemetry, timeline
from igym_desktop.flow.words import parity_words, state_words
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.session_actions import SessionActions
from igym_desktop.pages.session_details import text_view
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
from igym_desktop.widgets.fact_list import FactList
from igym_desktop.widgets.series_chart import SeriesChart


class MatchDrawer(QFrame):
    """Follows one match until closed. `fill_menu` fills the menu of what can be done with it."""

    closed = Signal()

    def __init__(
        self, launcher: Launcher, actions: SessionActions, fill_menu: Callable[[QMenu, Mapping[str, Any]], None]
    ) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.setMinimumWidth(340)
        self.setMaximumWidth(560)
        self.launcher, self.actions_of_session, self._fill = launcher, actions, fill_menu
        self.match = ""
        self.name = label("", "heading")
        self._icon = IconLabel("game", "off", 16)
        self.state = label("")
        self._parity_icon = IconLabel("clock", "off", 16)
        self.parity = label("")
        self._facts = FactList()
        self.charts = {
            "rtt_ms": SeriesChart(tr("Round trip between players (ms)")),
            "rollback_frames": SeriesChart(tr("Frames played again, each second")),
            "fps": SeriesChart(tr("Pictures per second")),
            "stalls": SeriesChart(tr("Waits for others' inputs, each second")),
        }
        self.timeline = text_view(tr("Timeline"))
        self.telemetry = text_view(tr("Telemetry"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._lay_out()

    def show_match(self, match: str) -> None:
        """Empty text closes the drawer."""
        changed, self.match = match != self.match, match
        self.setVisible(bool(match))
        if match:
            self.refresh()
        if match and changed:
            for chart in self.charts.values():
                chart.show_series({})
            for view in (self.timeline, self.telemetry):
                view.setPlainText("")
            self._ask_engine()

    def refresh(self) -> None:
        """Shows the newest row of the table."""
        row = self.launcher.engine.mirror.matches.get(self.match)
        if row is None:
            self._close()
            return
        words, stamp = state_words(str(row.get("state", ""))), parity_words(row.get("parity"))
        self.name.setText(tr("Match {id}", id=self.match))
        self._icon.show_icon(words.icon, words.tone)
        self.state.setText(words.text)
        self._parity_icon.show_icon(stamp.icon, stamp.tone)
        self.parity.setText(tr("Recordings: {stamp}", stamp=stamp.text))
        episode = row.get("episode")
        self._facts.tell(tr("Scene"), str(row.get("scene_id") or ""))
        self._facts.tell(tr("Participants"), ", ".join(map(self._person, row.get("participants") or ())))
        place = "" if episode is None else f"{int(episode) + 1} · {row.get('frame') or 0}"
        self._facts.tell(tr("Episode · frame"), place)
        self._facts.tell(tr("Ended because"), said(str(row.get("reason") or "")))

    def _lay_out(self) -> None:
        overview = QWidget()
        overview.setLayout(column(self._facts, 8, *self.charts.values(), None, gap=8, margins=(0, 8, 6, 0)))
        tabs = tab_widget()
        for view, title in (
            (scroll(overview), tr("Overview")),
            (self.timeline, tr("Timeline")),
            (self.telemetry, tr("Telemetry")),
        ):
            tabs.addTab(view, title)
        close = icon_button("close", tr("Close details"), self._close)
        head = row(self.name, None, menu_button(tr("Actions"), "", self._menu), close, gap=6)
        load = button(tr("Load newest"), "refresh", kind="quiet", name="load_match", on=self._ask_engine)
        state = row(self._icon, self.state, None, load, gap=6)
        stamp = row(self._parity_icon, self.parity, None, gap=6)
        layout = column(head, state, stamp, tabs, gap=8, margins=(16, 12, 12, 12))
        layout.setStretch(3, 1)
        self.setLayout(layout)

    def _person(self, participant: Any) -> str:
        found = self.launcher.engine.mirror.participants.get(str(participant), {})
        return str(found.get("label") or participant)

    def _ask_engine(self) -> None:
        asked = self.match
        self.actions_of_session.run(
            "match_details", {"match": asked}, done=lambda result: self._show_more(asked, result or {})
        )

    def _show_more(self, asked: str, result: Mapping[str, Any]) -> None:
        if asked != self.match:
            return
        self.timeline.setPlainText("\n".join(map(timeline.line, result.get("timeline") or ())) or tr("Nothing yet."))
        metrics = list(result.get("metrics") or ())
        self.telemetry.setPlainText(telemetry.newest(metrics) or tr("Nothing yet."))
        for name, lines in telemetry.series(metrics).items():
            self.charts[name].show_series({self._person(who): points for who, points in lines.items()})
        frames = result.get("stored_frames") or {}
        stored = (f"{self._person(who)} {sum(map(int, held.values()))}" for who, held in frames.items())
        self._facts.tell(tr("Stored frames"), ", ".join(stored))
        links = result.get("links") or {}
        ways = (f"{pair}: {link.get('transport') or '–'}" for pair, link in links.items())
        self._facts.tell(tr("Links"), ", ".join(ways))
        self._facts.tell(tr("Seed"), str(result.get("seed") or ""))

    def _fill_menu(self) -> None:
        found = self.launcher.engine.mirror.matches.get(self.match)
        self._menu.clear()
        if found:
            self._fill(self._menu, found)

    def _close(self) -> None:
        self.show_match("")
        self.closed.emit()

"""The lab check's window: the link for the seats, each seat's result, the ways between them, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHeaderView, QTableView, QWidget

from igym_desktop.alive import unless_gone
from igym_desktop.flow.lab_check import finding_text, headline, verdict_words
from igym_desktop.flow.library import Entry
from igym_desktop.i18n import tr
from igym_desktop.lab_child import LabChild
from igym_desktop.launcher import Launcher
from igym_desktop.models.lab import SeatsModel, WaysModel
from igym_desktop.widgets.basics import (
    Banner,
    IconLabel,
    button,
    clear,
    column,
    label,
    panel,
    row,
    scroll,
    tab_widget,
)
from igym_desktop.widgets.qr import QrCode
from igym_desktop.widgets.table import plain_table

_ICONS = {"go": "go", "warn": "warning", "stop": "error", "wait": "loading", "off": "info"}


class LabCheckDialog(QDialog):
    """Runs while it is open; what was measured is kept with the experiment's data."""

    def __init__(self, launcher: Launcher, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("lab_check")
        self.setWindowTitle(tr("Lab check · {title}", title=entry.title))
        self.resize(1080, 720)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.table_now: Mapping[str, Any] = {}
        self.banner = Banner()
        self.seats = SeatsModel(self)
        self.ways = WaysModel(self)
        self.seats_view = self._seats_view()
        self.ways_view = self._ways_view()
        self.tabs = tab_widget()
        self.tabs.addTab(self._seats_tab(), tr("Seats"))
        ways_tab = QWidget()
        ways_tab.setLayout(column(panel(column(self.ways_view), margin=1), margins=(0, 10, 0, 0)))
        self.tabs.addTab(ways_tab, tr("Ways between seats"))
        self.again = button(tr("Measure again"), "refresh", name="lab_again", on=self._again)
        self.forget = button(tr("Leave this seat out"), "close", name="lab_forget", on=self._forget)
        self.close_button = button(tr("Done"), "check", kind="primary", name="lab_done", on=self.accept)
        self.forget.setEnabled(False)
        self.again.setEnabled(False)
        self._headline_icon = IconLabel("loading", "wait", 22)
        self.headline = label(tr("Starting…"), "heading", wrap=True)
        head = row(self._headline_icon, self.headline, self.again, self.forget, gap=10)
        head.setStretch(1, 1)
        self.setLayout(
            column(
                self._link_panel(),
                self.banner,
                head,
                self.tabs,
                row(None, self.close_button),
                gap=12,
                margins=(22, 18, 22, 16),
            )
        )
        self.layout().setStretch(3, 1)  # type: ignore[union-attr]
        command = launcher.command_line("labcheck", launcher.plan(entry).arguments(None))
        # Not this window's: it still writes down what was measured when the window has gone.
        self.child = LabChild(command, launcher)
        self.child.ended.connect(self.child.deleteLater)
        self.child.ready.connect(self._ready)
        self.child.table.connect(self.show_table)
        self.child.failed.connect(self._failed)
        self.finished.connect(lambda *_: self.child.end())

    def show_table(self, table: Mapping[str, Any]) -> None:
        """A newer state of the check."""
        self.table_now = table
        rows = list(table.get("seats") or ())
        tone, text = headline(table)
        self._headline_icon.show_icon(_ICONS[tone], tone)
        self.headline.setText(text)
        self.seats.show(rows)
        self.ways.show([str(seat["seat"]) for seat in rows], list(table.get("pairs") or ()))
        self.tabs.setTabVisible(1, int(table.get("players") or 0) > 1)
        self._nobody.setVisible(not rows)
        self.seats_view.setVisible(bool(rows))
        if rows and not self.seats_view.selectionModel().hasSelection():
            self.seats_view.selectRow(0)
        self._show_findings()

    def _link_panel(self) -> QWidget:
        self.url = label("", "url", selectable=True)
        self.url.setObjectName("lab_url")
        self.url.setAccessibleName(tr("Address of the lab check"))
        self.qr = QrCode(92)
        copy = button(
            tr("Copy link"), "copy", name="lab_copy", on=lambda: QGuiApplication.clipboard().setText(self.url.text())
        )
        text = label(
            tr(
                "Open this address in the browser of every seat, or reload the seat's usual page. With ?seat=PC07 at "
                "its end nobody has to type."
            ),
            "muted", wrap=True,
        )  # fmt: skip
        layout = row(column(text, self.url, row(copy, None), gap=4), self.qr, gap=18, margins=(18, 12, 14, 12))
        layout.setStretch(0, 1)
        return panel(layout, margin=-1)

    def _seats_view(self) -> QTableView:
        view = plain_table("lab_seats", tr("Seats"))
        view.setSortingEnabled(False)
        view.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        view.setModel(self.seats)
        view.horizontalHeader().setStretchLastSection(True)
        view.want_widths([shown.width for shown in self.seats.columns])
        view.selectionModel().selectionChanged.connect(unless_gone(lambda *_: self._show_findings()))
        return view

    def _ways_view(self) -> QTableView:
        view = plain_table("lab_ways", tr("Ways between seats"))
        view.setSortingEnabled(False)
        view.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
        view.setModel(self.ways)
        view.verticalHeader().show()
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        view.horizontalHeader().setSectionsMovable(False)
        return view

    def _seats_tab(self) -> QWidget:
        self._nobody = label(tr("As soon as a seat opens the address, it appears here."), "muted")
        self._nobody.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._findings = column(gap=10)
        body = QWidget()
        body.setLayout(column(self._findings, None, margins=(14, 12, 14, 12)))
        area = scroll(body)
        area.setMinimumHeight(120)
        area.setMaximumHeight(190)
        self._details = panel(column(area), margin=1)
        tab = QWidget()
        tab.setLayout(
            column(panel(column(self.seats_view, self._nobody), margin=1), self._details, gap=10, margins=(0, 10, 0, 0))
        )
        tab.layout().setStretch(0, 1)  # type: ignore[union-attr]
        self.seats_view.hide()
        self._details.hide()
        return tab

    def _selected(self) -> Mapping[str, Any] | None:
        chosen = self.seats_view.selectionModel().selectedRows()
        return self.seats.rows[chosen[0].row()] if chosen and chosen[0].row() < len(self.seats.rows) else None

    def _show_findings(self) -> None:
        seat = self._selected()
        self.forget.setEnabled(seat is not None)
        self._details.setVisible(seat is not None)
        clear(self._findings)
        if seat is None:
            return
        self._findings.addWidget(label(str(seat["seat"]), "strong"))
        for finding in seat.get("findings") or ():
            words = verdict_words(str(finding.get("level")))
            text, advice = finding_text(finding)
            icon = IconLabel(words.icon, words.tone, 18)
            line = row(
                icon, column(label(text, wrap=True, selectable=True), label(advice, "muted", wrap=True), gap=2), gap=10
            )
            line.setStretch(1, 1)
            line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
            self._findings.addLayout(line)
        if not seat.get("findings"):
            text = tr("Nothing to complain about.") if seat.get("verdict") == "go" else tr("Still being measured.")
            self._findings.addWidget(label(text, "muted"))

    def _ready(self, url: str) -> None:
        self.url.setText(url)
        self.qr.show_text(url)
        self.again.setEnabled(True)
        self.show_table({"seats": [], "players": 2})

    def _failed(self, code: str, text: str) -> None:
        self._headline_icon.show_icon("error", "stop")
        self.headline.setText(tr("The lab check cannot run"))
        self.again.setEnabled(False)
        self.banner.say("stop", text or tr("The lab check ended unexpectedly. Close this window and open it again."))

    def _again(self) -> None:
        self.child.order(do="again")

    def _forget(self) -> None:
        seat = self._selected()
        if seat is not None:
            self.child.order(do="forget", seat=seat["seat"])

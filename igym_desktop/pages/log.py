"""Everything the launcher and the engine wrote, live."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox

from igym_desktop.flow.log import LogLine, as_text
from igym_desktop.flow.words import level_words
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.models.log import LogFilter, LogModel
from igym_desktop.widgets.basics import Page, button, column, label, panel, row
from igym_desktop.widgets.folders import choose_save_file
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.widgets.table import LONGEST_CELL, plain_table

BUNDLE_MS = 200
LEVELS = ("error", "warning", "info", "debug")
LONGEST_SOURCE = "checkpoint"


class LogPage(Page):
    """Filter, follow, copy, save."""

    def __init__(self, launcher: Launcher) -> None:
        copy = button(tr("Copy"), "copy", name="copy_log", on=self._copy)
        save = button(tr("Save…"), "save", name="save_log", on=self._ask_to_save)
        super().__init__(
            tr("Log"), tr("What the server, your own code and the participants' browsers reported."), copy, save
        )
        self.model = LogModel(list(launcher.log.lines), self)
        self.proxy = LogFilter(self)
        self.proxy.setSourceModel(self.model)
        self._fresh: list[LogLine] = []
        self._bundle = QTimer(self, singleShot=True, interval=BUNDLE_MS)
        self._bundle.timeout.connect(self._take)
        launcher.log.listener = self._heard
        self.search = SearchLine(tr("Search the log"), 320)
        self.levels = QComboBox()
        for title, levels in (
            (tr("All levels"), ""),
            (tr("Without details"), "info warning error"),
            (tr("Warnings and errors"), "warning error"),
            (tr("Errors"), "error"),
        ):
            self.levels.addItem(title, levels)
        self.levels.setCurrentIndex(1)
        self.levels.setAccessibleName(tr("Levels"))
        self.levels.ensurePolished()
        self.levels.setMinimumWidth(max(150, self.levels.sizeHint().width()))
        self.follow = QCheckBox(tr("Follow"))
        self.follow.setChecked(True)
        self.count = label("", "muted")
        self.search.textChanged.connect(self._filter)
        self.levels.currentIndexChanged.connect(self._filter)
        self.table = plain_table("log", tr("Log"), steady=True)
        self.table.setSortingEnabled(False)
        self.table.setModel(self.proxy)
        self.table.verticalHeader().setDefaultSectionSize(28)
        said = (("00:00:00",), [level_words(level).text for level in LEVELS], (LONGEST_SOURCE,))
        widths = [max(map(self.table.width_of, words)) for words in said]
        # Where room is short the source goes: the message's tip says it too.
        self.table.want_widths([*widths, LONGEST_CELL], may_go=(2,), stay=range(3))
        self.body.addLayout(row(self.search, self.levels, self.follow, None, self.count, gap=12))
        self.body.addWidget(panel(column(self.table), margin=1), 1)
        self._filter()

    def shown(self) -> None:
        """The newest line is what a person comes for."""
        self._take()

    def save(self, path: Path) -> None:
        """Writes what the filter shows."""
        try:
            path.write_text(as_text(self.proxy.shown()), encoding="utf-8")
        except OSError as error:
            self.banner.say("stop", tr("The log could not be saved: {why}", why=error.strerror or error))

    def _heard(self, line: LogLine) -> None:
        self._fresh.append(line)
        if not self._bundle.isActive():
            self._bundle.start()

    def _take(self) -> None:
        if self._fresh:
            self.model.add(self._fresh)
            self._fresh = []
        self._show_count()
        if self.follow.isChecked():
            self.table.scrollToBottom()

    def _filter(self) -> None:
        self.proxy.use(self.search.text(), frozenset(str(self.levels.currentData()).split()))
        self._show_count()

    def _show_count(self) -> None:
        self.count.setText(plural(self.proxy.rowCount(), "{n} line", "{n} lines"))

    def _copy(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        lines = [self.model.lines[self.proxy.mapToSource(index).row()] for index in rows] or self.proxy.shown()
        QGuiApplication.clipboard().setText(as_text(lines))

    def _ask_to_save(self) -> None:
        choose_save_file(self, tr("Save the log"), "interactive-gym.log", tr("Text (*.log *.txt)"), self.save)

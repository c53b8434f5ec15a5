"""The preflight page's way to the lab check: what the last one found, and a new one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame

from igym_desktop.flow.lab_check import lab_tables, last_check, last_check_text
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, button, column, label, row, show_if
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.folders import show_folder
from igym_desktop.widgets.plain import set_tip
from igym_desktop.windows.lab_check import LabCheckDialog

_ICONS = {"go": "go", "warn": "warning", "stop": "error", "off": "info"}


class LabPanel(QFrame):
    """Seats are checked by their own browsers, so this takes a person's walk through the lab."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.launcher = launcher
        self.dialog: LabCheckDialog | None = None
        self._icon = IconLabel("info", "off", 20)
        self.text = label("", "muted", wrap=True)
        self.open = button(tr("Check the lab's seats…"), "session", name="lab_check", on=self.open_dialog)
        self.tables = button(tr("Open tables"), "folder", kind="quiet", name="lab_tables", on=self.open_tables)
        set_tip(self.tables, tr("The last check as CSV files: seats, the ways between them, and what the columns mean"))
        texts = column(label(tr("Lab check, seat by seat"), "strong", wrap=True), self.text, gap=3)
        buttons = FlowLayout(self.tables, self.open, gap=8)
        layout = row(self._icon, texts, buttons, gap=14, margins=(20, 14, 20, 14))
        layout.setStretch(1, 1)
        layout.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        launcher.engine.state_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Reads what the last check left behind."""
        entry = self.launcher.chosen
        running = self.launcher.engine.alive
        folder = self._folder()
        found = last_check(folder) if folder else None
        show_if(self.tables, found is not None)
        tone, text = last_check_text(found)
        self._icon.show_icon(_ICONS[tone], tone)
        what = tr("Each seat's browser measures itself, the game, and its way to this computer and to all other seats.")
        if running:
            what = tr("While a session runs, the seats belong to it: check them before you start or after its end.")
        self.text.setText(f"{text} {what}")
        self.open.setEnabled(bool(entry and entry.status == "ready" and not running))

    def open_tables(self) -> None:
        """Shows them in the file manager."""
        folder = self._folder()
        try:
            tables = lab_tables(folder) if folder else None
        except OSError as error:
            text = tr("The table could not be saved: {why}", why=error.strerror or error)
            self.launcher.notice.emit("stop", text)
            return
        if tables:
            show_folder(tables)

    def _folder(self) -> Path | None:
        entry = self.launcher.chosen
        return self.launcher.data_root / entry.experiment_id if entry and entry.experiment_id else None

    def open_dialog(self) -> None:
        """One window at a time."""
        entry = self.launcher.chosen
        if entry is None or self.dialog is not None:
            return
        self.dialog = LabCheckDialog(self.launcher, entry, self.window())
        self.dialog.child.ended.connect(self.refresh)
        self.dialog.finished.connect(self._closed)
        self.dialog.show()

    def _closed(self) -> None:
        self.dialog = None

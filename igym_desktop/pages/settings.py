"""What holds for every experiment: data, network, behaviour, looks, and help."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from igym_desktop.background import in_background
from igym_desktop.flow.about import updates_text, version_text
from igym_desktop.flow.diagnostics import Situation, write_bundle
from igym_desktop.i18n import available_languages, tr
from igym_desktop.launcher import Launcher, app_version
from igym_desktop.pages.settings_network import NetworkSettings
from igym_desktop.pages.settings_retention import RetentionLine
from igym_desktop.widgets.basics import Page, button, column, label, scroll
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.folders import choose_folder, choose_save_file, show_folder
from igym_desktop.widgets.path_label import PathLabel
from igym_desktop.widgets.settings_rows import SettingLine, setting_group, setting_line

NARROW = 660
"""Below that, in px, a setting's title stands above its controls."""


class SettingsPage(Page):
    """Every change holds at once; those about the server hold from the next start."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__(tr("Settings"), tr("Changes hold at once; those about the server from the next session on."))
        self.launcher = launcher
        self.retention = RetentionLine(launcher, self)
        self.network = NetworkSettings(launcher, self)
        body = QWidget()
        parts = (self._data(), self.network, self._running(), self._looks(), self._help())
        body.setLayout(column(*parts, None, gap=16, margins=(0, 0, 8, 12)))
        self.body.addWidget(scroll(body), 1)
        launcher.settings_changed.connect(self._show)
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        for line in self.findChildren(SettingLine):
            line.make_narrow(self.width() < NARROW)
        super().resizeEvent(event)

    def _data(self) -> QFrame:
        self.data_root = PathLabel()
        change = button(
            tr("Change…"),
            name="change_data",
            on=lambda: choose_folder(self, tr("Choose a folder for the data"), self._use_data, self.launcher.data_root),
        )
        show = button(tr("Open"), kind="quiet", on=lambda: _open_made(self.launcher.data_root))
        self.wheels = PathLabel("muted")
        wheels = button(
            tr("Change…"),
            on=lambda: choose_folder(
                self, tr("Choose a folder with wheels"), lambda folder: self._set(wheels_folder=str(folder))
            ),
        )
        return setting_group(
            tr("Data"),
            setting_line(
                tr("Data folder"),
                self.data_root,
                change,
                show,
                help_text=tr("Every experiment gets a folder of its own in here."),
            ),
            self.retention,
            setting_line(
                tr("Folder with Python wheels"),
                self.wheels,
                wheels,
                help_text=tr("For packages on a computer without internet, for example on a USB stick."),
            ),
        )

    def _running(self) -> QFrame:
        self.gone = CalmComboBox()
        self.gone.addItem(tr("Session goes on"), "go-on")
        self.gone.addItem(tr("Session stops after a while"), "stop")
        self.gone.activated.connect(lambda index: self._set(when_launcher_gone=self.gone.itemData(index)))
        self.awake = QCheckBox(tr("Keep this computer awake while a session runs"))
        self.awake.toggled.connect(lambda on: self._set(may_sleep=not on))
        self.notify = QCheckBox(tr("Tell the desktop when something needs attention"))
        self.notify.setObjectName("notify")
        self.notify.toggled.connect(lambda on: self._set(notify=on))
        self.lsl = QCheckBox(tr("Send markers to Lab Streaming Layer"))
        self.lsl.setObjectName("lsl")
        self.lsl.toggled.connect(lambda on: self._set(lsl=on))
        return setting_group(
            tr("While a session runs"),
            setting_line(
                tr("If this window crashes"),
                self.gone,
                help_text=tr("Participants notice nothing; the next start of the app shows the session again."),
            ),
            setting_line(tr("Sleep"), self.awake),
            setting_line(
                tr("Notices"),
                self.notify,
                help_text=tr("New errors, lost connections and the end, while another window is in front."),
            ),
            setting_line(
                tr("Other instruments"),
                self.lsl,
                help_text=tr("For EEG, eye tracking and other recordings on the same network."),
            ),
        )

    def _looks(self) -> QFrame:
        self.theme = CalmComboBox()
        self.theme.setObjectName("theme")
        for title, name in ((tr("Like the system"), "system"), (tr("Light"), "light"), (tr("Dark"), "dark")):
            self.theme.addItem(title, name)
        self.theme.activated.connect(lambda index: self._set(theme=self.theme.itemData(index)))
        self.language = CalmComboBox()
        for code, name in available_languages().items():
            self.language.addItem(name, code)
        self.language.activated.connect(lambda index: self._set(language=self.language.itemData(index)))
        return setting_group(
            tr("Appearance"),
            setting_line(tr("Theme"), self.theme),
            setting_line(tr("Language"), self.language),
        )

    def _help(self) -> QFrame:
        show = button(tr("Open settings folder"), kind="quiet", on=lambda: _open_made(self.launcher.paths.config))
        save = button(tr("Save diagnostics…"), "save", name="save_diagnostics", on=self._ask_where)
        return setting_group(
            tr("About and updates"),
            setting_line(
                tr("Version"),
                label(version_text(app_version()), wrap=True, selectable=True),
                show,
                help_text=updates_text(),
            ),
            setting_line(
                tr("For a support mail"),
                save,
                help_text=tr(
                    "A zip file with versions, settings without passwords, warnings and errors of the log, and the "
                    "problems of the last session. Participants' data are not in it; its README lists everything."
                ),
            ),
        )

    def situation(self) -> Situation:
        """What the diagnostics are made of."""
        launcher, mirror = self.launcher, self.launcher.engine.mirror
        return Situation(
            app_version(), launcher.settings, launcher.data_root, launcher.engine.state, tuple(launcher.log.lines),
            tuple(mirror.problems.values()), tuple(mirror.participants.values()),
        )  # fmt: skip

    def save_diagnostics(self, path: Path) -> None:
        """Writes the bundle in the background and tells where it is."""
        path = path if path.suffix == ".zip" else path.with_name(path.name + ".zip")
        in_background(partial(write_bundle, path, self.situation()), self._saved, self._not_saved)

    def _saved(self, path: Path) -> None:
        words = tr("The diagnostics were saved as {name}. Look into the file before you send it.", name=path.name)
        self.banner.say("go", words, (tr("Open folder"), partial(show_folder, path.parent)))

    def _not_saved(self, error: Exception) -> None:
        why = getattr(error, "strerror", None) or error
        self.banner.say("stop", tr("The diagnostics could not be saved: {why}", why=why))

    def _ask_where(self) -> None:
        name = time.strftime("interactive-gym-diagnostics-%Y%m%d-%H%M.zip")
        choose_save_file(self, tr("Save diagnostics"), name, "Zip (*.zip)", self.save_diagnostics)

    def _set(self, **changes: Any) -> None:
        self.launcher.change_settings(**changes)

    def _use_data(self, folder: Path) -> None:
        self._set(data_root=str(folder))

    def _show(self) -> None:
        settings = self.launcher.settings
        self.data_root.show_path(str(self.launcher.data_root))
        self.wheels.show_path(settings.wheels_folder or tr("none"))
        self.network.refresh()
        self.retention.refresh()
        for combo, value in (
            (self.gone, settings.when_launcher_gone),
            (self.theme, settings.theme),
            (self.language, settings.language),
        ):
            combo.setCurrentIndex(max(0, combo.findData(value)))
        for box, on in ((self.awake, not settings.may_sleep), (self.lsl, settings.lsl), (self.notify, settings.notify)):
            box.blockSignals(True)
            box.setChecked(on)
            box.blockSignals(False)


def _open_made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    show_folder(folder)

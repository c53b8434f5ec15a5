"""What holds for every experiment: data, network, behaviour, looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QIntValidator
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QWidget

from igym.host.network import network_cards
from igym_desktop.i18n import available_languages, tr
from igym_desktop.launcher import Launcher, app_version
from igym_desktop.widgets.basics import Page, button, column, label, line, panel, row, scroll
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.folders import choose_folder, show_folder

LABEL_WIDTH = 210


class SettingsPage(Page):
    """Every change holds at once; those about the server hold from the next start."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__(tr("Settings"), tr("Changes hold at once; those about the server from the next session on."))
        self.launcher = launcher
        body = QWidget()
        body.setLayout(
            column(
                self._data(),
                self._network(),
                self._running(),
                self._looks(),
                self._about(),
                None,
                gap=16,
                margins=(0, 0, 8, 12),
            )
        )
        self.body.addWidget(scroll(body), 1)
        launcher.settings_changed.connect(self._show)
        launcher.engine.state_changed.connect(lambda state: self._show_monitor())
        self._show()

    def _data(self) -> QFrame:
        self.data_root = label("", selectable=True)
        change = button(
            tr("Change…"),
            name="change_data",
            on=lambda: choose_folder(self, tr("Choose a folder for the data"), self._use_data, self.launcher.data_root),
        )
        show = button(tr("Open"), kind="quiet", on=lambda: _open_made(self.launcher.data_root))
        self.wheels = label("", "muted", selectable=True)
        wheels = button(
            tr("Change…"),
            on=lambda: choose_folder(
                self, tr("Choose a folder with wheels"), lambda folder: self._set(wheels_folder=str(folder))
            ),
        )
        return _group(
            tr("Data"),
            _line(
                tr("Data folder"),
                self.data_root,
                change,
                show,
                help_text=tr("Every experiment gets a folder of its own in here."),
            ),
            _line(
                tr("Folder with Python wheels"),
                self.wheels,
                wheels,
                help_text=tr("For packages on a computer without internet, for example on a USB stick."),
            ),
        )

    def _network(self) -> QFrame:
        self.port = QLineEdit()
        self.port.setObjectName("port")
        self.port.setFixedWidth(110)
        self.port.setValidator(QIntValidator(0, 65_535, self.port))
        self.port.editingFinished.connect(self._port_typed)
        self.address = CalmComboBox()
        self.address.setObjectName("address")
        self.address.setMinimumWidth(300)
        self.address.activated.connect(lambda index: self._set(address=self.address.itemData(index)))
        self.monitor = button(tr("Switch on"), "eye", name="monitor", on=self._toggle_monitor)
        self.monitor_link = label("", "muted", selectable=True)
        self._monitor_url = ""
        return _group(
            tr("Network"),
            _line(tr("Port"), self.port, help_text=tr("The number at the end of the join link. 0 takes any free one.")),
            _line(
                tr("Network card"),
                self.address,
                help_text=tr("The address in the join link. Participants have to be in the same network."),
            ),
            _line(
                tr("Web monitor"),
                self.monitor,
                self.monitor_link,
                help_text=tr(
                    "A read-only view of the running "
                    "session for "
                    "a second "
                    "screen or a "
                    "tablet. Off by "
                    "default; the "
                    "link is new each time."
                ),
            ),
        )

    def _running(self) -> QFrame:
        self.gone = CalmComboBox()
        self.gone.addItem(tr("Session goes on"), "go-on")
        self.gone.addItem(tr("Session stops after a while"), "stop")
        self.gone.activated.connect(lambda index: self._set(when_launcher_gone=self.gone.itemData(index)))
        self.awake = QCheckBox(tr("Keep this computer awake while a session runs"))
        self.awake.toggled.connect(lambda on: self._set(prevent_sleep=on))
        return _group(
            tr("While a session runs"),
            _line(
                tr("If this window crashes"),
                self.gone,
                help_text=tr("Participants notice nothing; the next start of the app shows the session again."),
            ),
            _line(tr("Sleep"), self.awake),
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
        return _group(
            tr("Appearance"),
            _line(tr("Theme"), self.theme),
            _line(tr("Language"), self.language, help_text=tr("Holds from the next start of the app.")),
        )

    def _about(self) -> QFrame:
        paths = self.launcher.paths
        show = button(tr("Open settings folder"), kind="quiet", on=lambda: _open_made(paths.config))
        copy = button(tr("Copy details"), "copy", on=lambda: QGuiApplication.clipboard().setText(self.details()))
        return _group(
            tr("About"),
            _line(tr("Version"), label(f"Interactive Gym Desktop {app_version()}", selectable=True)),
            _line(tr("For a support mail"), copy, show),
        )

    def details(self) -> str:
        """What somebody who helps needs to know."""
        import platform

        cards = ", ".join(f"{card.name} {card.address}" for card in network_cards())
        facts = {
            "version": app_version(),
            "system": platform.platform(),
            "python": platform.python_version(),
            "network": cards,
            "data": self.launcher.data_root,
            "settings": self.launcher.settings,
            "engine": self.launcher.engine.state,
        }
        return "\n".join(f"{name}: {value}" for name, value in facts.items())

    def _set(self, **changes: Any) -> None:
        self.launcher.change_settings(**changes)

    def _use_data(self, folder: Path) -> None:
        self._set(data_root=str(folder))

    def _port_typed(self) -> None:
        if self.port.text() and int(self.port.text()) != self.launcher.settings.port:
            self._set(port=int(self.port.text()))

    def _show(self) -> None:
        settings = self.launcher.settings
        self.data_root.setText(str(self.launcher.data_root))
        self.wheels.setText(settings.wheels_folder or tr("none"))
        self.port.setText(str(settings.port))
        self._fill_addresses(settings.address)
        for combo, value in (
            (self.gone, settings.when_launcher_gone),
            (self.theme, settings.theme),
            (self.language, settings.language),
        ):
            combo.setCurrentIndex(max(0, combo.findData(value)))
        self.awake.blockSignals(True)
        self.awake.setChecked(settings.prevent_sleep)
        self.awake.blockSignals(False)
        self._show_monitor()

    def _fill_addresses(self, chosen: str) -> None:
        self.address.clear()
        self.address.addItem(tr("The best one (automatic)"), "")
        for card in network_cards():
            self.address.addItem(f"{card.address}  ({card.name})", card.address)
        self.address.addItem(tr("This computer only (127.0.0.1)"), "127.0.0.1")
        if chosen and self.address.findData(chosen) < 0:
            self.address.addItem(tr("{address} (not connected now)", address=chosen), chosen)
        self.address.setCurrentIndex(max(0, self.address.findData(chosen)))

    def _toggle_monitor(self) -> None:
        self.launcher.engine.command("monitor", {"on": not self._monitor_url}, "", self._monitor_answered)

    def _monitor_answered(self, reply: Any) -> None:
        if not reply.ok:
            self.banner.say("stop", reply.text)
            return
        path = (reply.result or {}).get("path")
        self._monitor_url = self.launcher.engine.join_url.rstrip("/") + path if path else ""
        if self._monitor_url:
            QGuiApplication.clipboard().setText(self._monitor_url)
            QDesktopServices.openUrl(QUrl(self._monitor_url))
        self._show_monitor()

    def _show_monitor(self) -> None:
        running = self.launcher.engine.state == "running"
        if not running:
            self._monitor_url = ""
        self.monitor.setEnabled(running)
        self.monitor.setText(tr("Switch off") if self._monitor_url else tr("Switch on"))
        self.monitor_link.setText(self._monitor_url or ("" if running else tr("while a session runs")))


def _group(title: str, *lines: QWidget) -> QFrame:
    parts: list[QWidget] = [label(title, "heading")]
    for index, shown in enumerate(lines):
        parts += [line(), shown] if index else [shown]
    return panel(column(*parts, gap=10))


def _line(title: str, *controls: QWidget, help_text: str = "") -> QWidget:
    name = label(title, "strong")
    name.setFixedWidth(LABEL_WIDTH)
    name.setBuddy(controls[0])
    controls[0].setAccessibleName(title)
    body = column(row(*controls, None, gap=10), gap=4)
    if help_text:
        body.addWidget(label(help_text, "small", wrap=True))
    layout = row(name, body, gap=12)
    layout.setStretch(1, 1)
    widget = QWidget()
    widget.setLayout(layout)
    return widget


def _open_made(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    show_folder(folder)

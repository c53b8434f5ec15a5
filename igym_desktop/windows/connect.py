"""Connect to a server: a link or an address with a pass, and the servers that this computer remembers."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from igym.protocol.passes import read_address, read_link, read_pass
from igym_desktop.flow.servers import Server, is_open_to_all
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, button, clear, column, icon_button, label, row, scroll
from igym_desktop.widgets.wide_dialog import WideDialog

ROOM_FOR = 3
"""Remembered servers that are seen without scrolling."""


class ConnectDialog(WideDialog):
    """Stays open until there is a connection: what is wrong is said where it can be put right."""

    connected_to = Signal(object)

    def __init__(self, launcher: Launcher, parent: QWidget | None) -> None:
        super().__init__(parent, 620)
        self.setWindowTitle(tr("Connect to a server"))
        self.setModal(True)
        self.launcher = launcher
        self._wanted: Server | None = None
        self.link = _line("server_link", tr("Link or address"), "https://study.example.org/remote#anna:…")
        self.given = _line("server_pass", tr("Pass"), "anna:…")
        self.given.setEchoMode(QLineEdit.EchoMode.Password)
        given_title = label(tr("Pass"), "strong")
        given_title.setBuddy(self.given)
        self.remember = QCheckBox(tr("Remember this server on this computer, with its pass"))
        self.remember.setObjectName("remember_server")
        self.remember.setChecked(True)
        self.over_http = QCheckBox(tr("Connect without encryption: whoever is on the way can read along"))
        self.over_http.setObjectName("over_http")
        self.problem = label("", "error", wrap=True, selectable=True)
        self.problem.setObjectName("connect_problem")
        self.connect_button = button(tr("Connect"), "link", kind="primary", name="connect", on=self.connect_now)
        self.connect_button.setDefault(True)
        self.cancel = button(tr("Cancel"), name="cancel_connect", on=self.reject)
        self.known = column(gap=2)
        self._known_title = label(tr("Servers used before"), "strong")
        holder = QWidget()
        holder.setLayout(self.known)
        self._known_area = scroll(holder)
        link_title = label(tr("Link or address"), "strong")
        link_title.setBuddy(self.link)
        about = tr(
            "A session that was started elsewhere with --remote shows the link to attach with. With it this window "
            "shows and does the same as for a session on this computer."
        )
        self.setLayout(
            column(
                label(tr("Connect to a server"), "heading"), label(about, "muted", wrap=True), 4, self._known_title,
                self._known_area, 2, link_title, self.link, given_title, self.given, 2, self.over_http, self.remember,
                self.problem, 6, row(None, self.cancel, self.connect_button), gap=6, margins=(24, 20, 24, 18),
            )
        )  # fmt: skip
        self.link.textChanged.connect(self._take_apart)
        self.given.textChanged.connect(lambda _: self._show())
        self.over_http.toggled.connect(lambda _: self._show())
        launcher.engine.link_changed.connect(self._link_changed)
        launcher.engine.failed.connect(self._failed)
        self._list_known()
        self._show()

    def connect_now(self) -> None:
        """With what is typed."""
        server = self._typed()
        if server is not None:
            self.connect_to(server)

    def connect_to(self, server: Server) -> None:
        """Tries it; the dialog closes when the connection stands."""
        self._wanted = server
        self.problem.setText(tr("Connecting to {server}…", server=server.shown))
        self._say("muted")
        self._show()
        self.launcher.engine.attach_to(server, str(self.launcher.data_root))

    def reject(self) -> None:
        if self._wanted is not None:
            self._wanted = None
            self.launcher.engine.leave()
        super().reject()

    def _take_apart(self, text: str) -> None:
        """A pasted link fills both lines: its secret is not for everybody who sees this screen."""
        both = read_link(text)
        if both is not None:
            self.given.setText(both[1].text)
            self.link.setText(both[0])
        self._show()

    def _typed(self) -> Server | None:
        address, given = read_address(self.link.text()), read_pass(self.given.text())
        over_http = self.over_http.isChecked() and is_open_to_all(address)
        return Server(address, given, over_http) if address and given else None

    def _show(self) -> None:
        """What is typed decides what is asked further."""
        address = read_address(self.link.text())
        is_open = bool(address) and is_open_to_all(address)
        self.over_http.setVisible(is_open)
        busy = self._wanted is not None
        for field in (self.link, self.given, self.remember, self.over_http, self._known_area):
            field.setEnabled(not busy)
        self.connect_button.setEnabled(
            not busy and self._typed() is not None and (not is_open or self.over_http.isChecked())
        )
        if not busy and self.problem.property("role") == "muted":
            self.problem.setText("")
        self.problem.setVisible(bool(self.problem.text()))

    def _link_changed(self, connected: bool) -> None:
        if not connected or self._wanted is None:
            return
        server, self._wanted = self._wanted, None
        known = any(one == server for one in self.launcher.servers.servers)
        if self.remember.isChecked() or known:
            try:
                self.launcher.servers.remember(server)
            except OSError as error:
                self.launcher.notice.emit("warn", tr("The server could not be remembered: {why}", why=error.strerror))
        self.accept()
        self.connected_to.emit(server)

    def _failed(self, code: str, text: str, details: dict[str, Any]) -> None:
        if self._wanted is None:
            return
        self._wanted = None
        self.problem.setText(text)
        self._say("error")
        self._show()

    def _say(self, role: str) -> None:
        self.problem.setProperty("role", role)
        self.problem.style().unpolish(self.problem)
        self.problem.style().polish(self.problem)

    def _list_known(self) -> None:
        clear(self.known)
        servers = self.launcher.servers.servers
        for part in (self._known_title, self._known_area):
            part.setVisible(bool(servers))
        for server in servers:
            self.known.addWidget(self._known_row(server))
        self.known.addStretch(1)
        self._known_area.setFixedHeight(48 * min(ROOM_FOR, len(servers)) + 4)

    def _known_row(self, server: Server) -> QWidget:
        texts = column(label(server.shown, "strong"), label(tr("as {name}", name=server.given.name), "small"), gap=0)
        use = button(tr("Connect"), name="connect_known", on=partial(self.connect_to, server))
        use.setAccessibleName(tr("Connect to {server}", server=server.shown))
        forget = icon_button("trash", tr("Forget {server}", server=server.shown), partial(self._forget, server))
        line = row(IconLabel("online", "off", 18), texts, use, forget, gap=10)
        line.setStretch(1, 1)
        holder = QWidget()
        holder.setFixedHeight(46)
        holder.setLayout(line)
        return holder

    def _forget(self, server: Server) -> None:
        try:
            self.launcher.servers.forget(server)
        except OSError as error:
            self.problem.setText(tr("The server could not be forgotten: {why}", why=error.strerror))
            self._say("error")
        self._list_known()
        self._show()


def _line(name: str, accessible: str, hint: str) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setAccessibleName(accessible)
    line.setPlaceholderText(hint)
    return line

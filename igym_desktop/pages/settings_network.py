"""The settings about reaching the session: port, card, name, certificate, TURN, web monitor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication, QIntValidator
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from igym.host.base.cards import network_cards
from igym.host.base.errors import HostError
from igym.host.http.proxies import public_address, trusted_networks
from igym.host.ice.external_turn import EXAMPLE, read_secret, turn_urls
from igym.host.web.front_door import checked_name, tls_context
from igym_desktop.flow.preflight import card_words
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page, button, column, holder, label, row
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.qr import QrCode
from igym_desktop.widgets.settings_rows import setting_group, setting_line


class NetworkSettings(QWidget):
    """Part of the settings page, whose banner shows refusals."""

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.launcher, self.page = launcher, page
        parts = (self._reached(), self._secure(), self._monitor())
        self.setLayout(column(*parts, gap=16))
        launcher.monitor.changed.connect(self._show_monitor)
        launcher.monitor.refused.connect(self._refused)
        launcher.engine.state_changed.connect(self._show_monitor)

    def _refused(self, text: str) -> None:
        self.page.banner.say("stop", text)

    def refresh(self) -> None:
        """Shows what holds now."""
        settings = self.launcher.settings
        for control, value in (
            (self.port, str(settings.port)),
            (self.name, settings.join_name),
            (self.public_url, settings.public_url),
            (self.trusted_proxy, settings.trusted_proxy),
            (self.turn, settings.turn_url),
            (self.turn_user, settings.turn_user),
            (self.turn_password, settings.turn_password),
        ):
            if not control.hasFocus() or control.text() != value:
                control.setText(value)
        self._fill_addresses(settings.address)
        self.certificate.setText(settings.tls_certificate or tr("none: participants use plain http"))
        self.key.setText(settings.tls_key or tr("in the certificate's file"))
        self.no_certificate.setVisible(bool(settings.tls_certificate))
        self._key_line.setVisible(bool(settings.tls_certificate))
        self.turn_secret.setText(settings.turn_secret_file or tr("none: the same user and password for everybody"))
        self.no_turn_secret.setVisible(bool(settings.turn_secret_file))
        self._turn_login.setVisible(not settings.turn_secret_file)
        self._turn_access.setVisible(bool(settings.turn_url))
        self._show_monitor()

    def use_certificate(self, certificate: Path, key: Path | None = None) -> None:
        """Takes it when the server will be able to use it; a key in a file of its own is asked for next."""
        if not self._fits(certificate, key):
            return
        self.launcher.change_settings(tls_certificate=str(certificate), tls_key=str(key or ""))
        self.page.banner.say(
            "go", tr("The certificate can be used. From the next session on, the join link begins with https.")
        )

    def _fits(self, certificate: Path, key: Path | None) -> bool:
        try:
            tls_context(certificate, key)
        except HostError as error:
            actions = [(tr("Choose its key…"), lambda: self._ask_for_key(certificate))] if key is None else []
            self.page.banner.say("stop", said(error.text), *actions)
            return False
        return True

    def _reached(self) -> QWidget:
        self.port = _text("port", 110, self._port_typed)
        self.port.setValidator(QIntValidator(0, 65_535, self.port))
        self.address = CalmComboBox()
        self.address.setObjectName("address")
        self.address.setMinimumWidth(300)
        self.address.activated.connect(
            lambda index: self.launcher.change_settings(address=self.address.itemData(index))
        )
        self.name = _text("join_name", 300, self._name_typed)
        self.name.setPlaceholderText(tr("the address of the network card"))
        self.public_url = _text("public_url", 300, self._public_url_typed)
        self.public_url.setPlaceholderText("https://study.example.org/")
        self.trusted_proxy = _text("trusted_proxy", 300, self._trusted_proxy_typed)
        self.trusted_proxy.setPlaceholderText("127.0.0.1")
        return setting_group(
            tr("Network"),
            setting_line(
                tr("Port"), self.port, help_text=tr("The number at the end of the join link. 0 takes any free one.")
            ),
            setting_line(
                tr("Network card"),
                self.address,
                help_text=tr("The address in the join link. Participants have to be in the same network."),
            ),
            setting_line(
                tr("Name in the join link"),
                self.name,
                help_text=tr("When your network knows this computer by a name, for example lab.example.org."),
            ),
            setting_line(
                tr("Public address"),
                self.public_url,
                help_text=tr(
                    "Only behind a reverse proxy: the whole address at which it serves the session, with its path."
                ),
            ),
            setting_line(
                tr("Trusted proxy"),
                self.trusted_proxy,
                help_text=tr(
                    "The proxy's own address or network. What it says of its visitors' addresses is believed, "
                    "and nobody else's word."
                ),
            ),
        )

    def _secure(self) -> QWidget:
        self.certificate = label("", selectable=True)
        choose = button(tr("Choose…"), name="choose_certificate", on=self._ask_for_certificate)
        self.no_certificate = button(tr("Use none"), kind="quiet", name="no_certificate", on=self._drop_certificate)
        self.key = label("", "muted", selectable=True)
        choose_key = button(tr("Choose…"), on=lambda: self._ask_for_key(Path(self.launcher.settings.tls_certificate)))
        self._key_line = holder(row(label(tr("Key:"), "muted"), self.key, choose_key, None, gap=10))
        self.turn = _text("turn_url", 300, self._turn_typed)
        self.turn.setPlaceholderText(EXAMPLE)
        self.turn_user = _text("turn_user", 145, self._turn_user_typed)
        self.turn_user.setPlaceholderText(tr("User"))
        self.turn_user.setAccessibleName(tr("User of the TURN server"))
        self.turn_password = _text("turn_password", 145, self._turn_user_typed)
        self.turn_password.setEchoMode(QLineEdit.EchoMode.Password)
        self.turn_password.setPlaceholderText(tr("Password"))
        self.turn_password.setAccessibleName(tr("Password of the TURN server"))
        self._turn_login = holder(row(self.turn_user, self.turn_password, None, gap=10))
        self._turn_access = holder(column(self._turn_login, self._shared_secret(), gap=8))
        return setting_group(
            tr("Certificate and relay"),
            setting_line(
                tr("TLS certificate"),
                self.certificate,
                choose,
                self.no_certificate,
                below=self._key_line,
                help_text=tr(
                    "Only for networks that insist on https. On a lab network plain http is fine, and browsers trust "
                    "a certificate only when your organisation's IT issued it for the name in the join link."
                ),
            ),
            setting_line(
                tr("External TURN server"),
                self.turn,
                below=self._turn_access,
                help_text=tr(
                    "Relays players who cannot reach each other directly. Leave empty: this computer does it by itself."
                ),
            ),
        )

    def _shared_secret(self) -> QWidget:
        self.turn_secret = label("", "muted", selectable=True)
        choose = button(tr("Choose…"), name="choose_turn_secret", on=self._ask_for_turn_secret)
        self.no_turn_secret = button(tr("Use none"), kind="quiet", name="no_turn_secret", on=self._drop_turn_secret)
        title = label(tr("Shared secret:"), "muted")
        set_tip(
            title,
            tr("A file with the secret that the TURN server shares with this app. Each participant gets a password."),
        )
        return holder(row(title, self.turn_secret, choose, self.no_turn_secret, None, gap=10))

    def use_turn_secret(self, file: Path) -> None:
        """Takes it in the place of user and password when the server will be able to use it."""
        try:
            read_secret(file)
        except HostError as error:
            self.page.banner.say("stop", said(error.text))
            return
        self.launcher.change_settings(turn_secret_file=str(file), turn_user="", turn_password="")

    def _drop_turn_secret(self) -> None:
        self.launcher.change_settings(turn_secret_file="")

    def _monitor(self) -> QWidget:
        self.monitor = button(tr("Switch on"), "eye", name="monitor", on=self._toggle_monitor)
        self.monitor_state = label("", "muted")
        self.monitor_link = label("", selectable=True, wrap=True)
        self.monitor_qr = QrCode(112)
        self.copy = button(tr("Copy link"), "copy", name="copy_monitor", on=self._copy)
        self._copied = QTimer(self, singleShot=True, interval=1600)
        self._copied.timeout.connect(lambda: self.copy.setText(tr("Copy link")))
        here = button(tr("Open here"), "open", on=lambda: QDesktopServices.openUrl(QUrl(self.launcher.monitor.url)))
        renew = button(
            tr("New link"), "refresh", kind="quiet", name="renew_monitor",
            tip=tr("Whoever has the old link sees nothing more."), on=self.launcher.monitor.renew,
        )  # fmt: skip
        texts = column(self.monitor_link, row(self.copy, here, renew, None, gap=8), None, gap=8)
        shown = row(self.monitor_qr, texts, gap=16, margins=(0, 6, 0, 4))
        shown.setStretch(1, 1)
        self._monitor_shown = holder(shown)
        return setting_group(
            tr("Second screen"),
            setting_line(
                tr("Web monitor"),
                self.monitor,
                self.monitor_state,
                below=self._monitor_shown,
                help_text=tr(
                    "A read-only view of the running session for a tablet or another computer. The link is new for "
                    "each session; who has it sees the table, and can change nothing."
                ),
            ),
        )

    def _show_monitor(self) -> None:
        monitor, on = self.launcher.monitor, self.launcher.settings.monitor
        running = self.launcher.engine.state == "running"
        self.monitor.setText(tr("Switch off") if on else tr("Switch on"))
        words = tr("On: each session gets a link when it starts.") if on else tr("Off")
        self.monitor_state.setText(words if not (on and running) else tr("On"))
        self._monitor_shown.setVisible(bool(monitor.url))
        self.monitor_link.setText(monitor.url)
        self.monitor_qr.show_text(monitor.url)

    def _toggle_monitor(self) -> None:
        self.launcher.monitor.switch(not self.launcher.settings.monitor)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.launcher.monitor.url)
        self.copy.setText(tr("Copied"))
        self._copied.start()

    def _set(self, **changes: object) -> None:
        settings = self.launcher.settings
        if any(getattr(settings, name) != value for name, value in changes.items()):
            self.launcher.change_settings(**changes)

    def _port_typed(self) -> None:
        if self.port.text():
            self._set(port=int(self.port.text()))

    def _name_typed(self) -> None:
        try:
            self._set(join_name=checked_name(self.name.text().strip()))
        except HostError as error:
            self.page.banner.say("stop", said(error.text))

    def _public_url_typed(self) -> None:
        try:
            text = self.public_url.text().strip()
            self._set(public_url=public_address(text).url)
        except HostError as error:
            self.page.banner.say("stop", said(error.text))

    def _trusted_proxy_typed(self) -> None:
        try:
            text = self.trusted_proxy.text().strip()
            trusted_networks(text)
            self._set(trusted_proxy=text)
        except HostError as error:
            self.page.banner.say("stop", said(error.text))

    def _turn_typed(self) -> None:
        address = self.turn.text().strip()
        try:
            if address:
                turn_urls(address)
        except HostError as error:
            self.page.banner.say("stop", said(error.text))
            return
        self._set(turn_url=address)

    def _turn_user_typed(self) -> None:
        self._set(turn_user=self.turn_user.text().strip(), turn_password=self.turn_password.text())

    def _ask_for_certificate(self) -> None:
        self._ask_for_file(tr("Choose a certificate"), _certificates(), self.use_certificate)

    def _ask_for_key(self, certificate: Path) -> None:
        title = tr("Choose the certificate's key")
        self._ask_for_file(title, _certificates(), lambda key: self.use_certificate(certificate, key))

    def _ask_for_turn_secret(self) -> None:
        self._ask_for_file(tr("Choose the file with the TURN server's secret"), "", self.use_turn_secret)

    def _ask_for_file(self, title: str, kinds: str, then: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self, title, "", kinds)
        dialog.fileSelected.connect(lambda path: then(Path(path)))
        dialog.open()

    def _drop_certificate(self) -> None:
        self.launcher.change_settings(tls_certificate="", tls_key="")

    def _fill_addresses(self, chosen: str) -> None:
        self.address.clear()
        self.address.addItem(tr("The best one (automatic)"), "")
        for card in network_cards():
            # The name stays the same when the router hands out another address tomorrow.
            self.address.addItem(f"{card.address}  ({card.name}, {card_words(card)})", card.name)
            if card.address == chosen:
                chosen = card.name
        self.address.addItem(tr("This computer only (127.0.0.1)"), "127.0.0.1")
        if chosen and self.address.findData(chosen) < 0:
            self.address.addItem(tr("{address} (not connected now)", address=chosen), chosen)
        self.address.setCurrentIndex(max(0, self.address.findData(chosen)))


def _certificates() -> str:
    return tr("Certificates and keys (*.pem *.crt *.cer *.key);;All files (*)")


def _text(name: str, width: int, done: Callable[[], None]) -> QLineEdit:
    line = QLineEdit()
    line.setObjectName(name)
    line.setFixedWidth(width)
    line.editingFinished.connect(done)
    return line

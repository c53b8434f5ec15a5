"""How participants get in: the link in large type, to copy, to scan, to open here, to throw on a wall."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu

from igym_desktop.flow.natural import natural
from igym_desktop.flow.papers import invitation, seat_links
from igym_desktop.flow.paths import is_loopback
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Banner, action, button, chip, column, label, menu_button, row, set_icon
from igym_desktop.widgets.flow_layout import FlowLayout
from igym_desktop.widgets.qr import QrCode
from igym_desktop.widgets.web_pages import open_address
from igym_desktop.windows.invitation import InvitationWindow
from igym_desktop.windows.paper import SeatsDialog, show_paper
from igym_desktop.windows.personal_links import PersonalLinksDialog

NARROW = 760


class JoinPanel(QFrame):
    """Join link with its actions and its QR code."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self.launcher = launcher
        self.invitation: InvitationWindow | None = None
        self.url = label("", "url", selectable=True)
        self.url.setObjectName("join_url")
        self.url.setAccessibleName(tr("Join link"))
        self.state = chip("")
        self.qr = QrCode(104)
        self.copy = button(tr("Copy link"), "copy", name="copy_link", on=self._copy)
        here = button(
            tr("Open here"),
            "open",
            name="open_here",
            tip=tr("Open the participants' page in this computer's browser"),
            on=self._open_here,
        )
        invite = button(
            tr("Invitation window"),
            "screen",
            name="invitation",
            tip=tr("Link and QR code in full screen, for a projector"),
            on=self.show_invitation,
        )
        self._copied = QTimer(self, singleShot=True, interval=1600)
        self._copied.timeout.connect(self._reset_copy)
        head = FlowLayout(label(tr("Participants open this address in a browser"), "muted"), self.state, gap=10)
        papers = QMenu(self)
        action(papers, tr("Invitation…"), "page", self._print_invitation, name="print_invitation")
        action(papers, tr("Links for seats…"), "qr", self._ask_for_seats, name="print_seats")
        personal = action(papers, tr("Personal links…"), "link", self.ask_for_personal_links, name="personal_links")
        # They are signed with a key that lies beside the recordings: a server's are made there, by `igym links`.
        papers.aboutToShow.connect(lambda: personal.setEnabled(launcher.engine.server is None))
        self.papers = menu_button(tr("Print…"), "page", papers)
        self.papers.setObjectName("print_join")
        self.alone = Banner()
        self.alone.close_button.hide()
        self.invite = invite
        texts = column(head, self.url, 4, FlowLayout(self.copy, here, invite, self.papers, gap=8), self.alone, gap=3)
        layout = row(texts, self.qr, gap=20, margins=(20, 14, 16, 14))
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the address comes before its picture, which the invitation window shows large."""
        self._show_qr()
        super().resizeEvent(event)

    def _show_qr(self) -> None:
        self.qr.setVisible(self.window().width() >= NARROW and not self.alone.isVisibleTo(self))

    def show_url(self, url: str) -> None:
        """The address of the running session; one that means "this computer" to everybody invites nobody else."""
        if url == self.url.text():
            return
        # To a session elsewhere such an address is the server's own: what can be done about it, is done there.
        alone = bool(url) and is_loopback(url) and self.launcher.engine.server is None
        self.url.setText(url)
        self.qr.show_text("" if alone else url)
        self.invite.setEnabled(not alone)
        self.papers.setEnabled(not alone)
        self.alone.hide()
        if alone:
            self.alone.say(
                "warn",
                tr(
                    "Nobody else can join: this session is reachable from this computer only. Connect the cable or "
                    "Wi-Fi (or choose the network card in the settings), then stop the server and resume the session."
                ),
                (tr("Settings"), partial(self.launcher.navigate.emit, "settings")),
            )
        self._show_qr()
        if self.invitation:
            self.invitation.show_url(url)

    def show_admission(self, closed: bool) -> None:
        """Whether new participants can join."""
        tone = "warn" if closed else "go"
        if self.state.property("tone") == tone:
            return
        self.state.setText(tr("Admission closed") if closed else tr("Admission open"))
        self.state.setProperty("tone", tone)
        self.state.style().polish(self.state)

    def show_invitation(self) -> None:
        """A window of its own: on the second screen when there is one."""
        if self.invitation is not None and self.invitation.isVisible():
            self.invitation.activateWindow()
            return
        engine = self.launcher.engine
        self.invitation = InvitationWindow(engine.plan.title if engine.plan else "", engine.join_url)
        screens = QGuiApplication.screens()
        if len(screens) > 1:
            self.invitation.setGeometry(next(screen for screen in screens if screen is not self.screen()).geometry())
        self.invitation.showFullScreen()

    def _print_invitation(self) -> None:
        engine = self.launcher.engine
        self.paper = show_paper(invitation(engine.plan.title if engine.plan else "", engine.join_url), self.window())

    def _print_seats(self, seats: list[str]) -> None:
        engine = self.launcher.engine
        title = engine.plan.title if engine.plan else ""
        self.paper = show_paper(seat_links(title, engine.join_url, seats), self.window())

    def _ask_for_seats(self) -> None:
        engine = self.launcher.engine
        known = {str(person.get("seat")) for person in engine.mirror.participants.values() if person.get("seat")}
        title = engine.plan.title if engine.plan else ""
        self.seats = SeatsDialog(title, engine.join_url, sorted(known, key=natural), self.window())
        self.seats.open()

    def ask_for_personal_links(self) -> None:
        """Of the study that runs."""
        engine = self.launcher.engine
        entry = self.launcher.library.entries.get(Path(engine.plan.folder)) if engine.plan else None
        info = entry.info if entry else {}
        self.personal = PersonalLinksDialog(self.window(), info, self.launcher.data_root, engine.join_url)
        self.personal.open()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.url.text())
        self.copy.setText(tr("Copied"))
        set_icon(self.copy, "check")
        self._copied.start()

    def _reset_copy(self) -> None:
        self.copy.setText(tr("Copy link"))
        set_icon(self.copy, "copy")

    def _open_here(self) -> None:
        """A page of its own in this computer's browser."""
        if not open_address(self.url.text()):
            self.alone.say("warn", tr("No browser opened. Open this address in one yourself:"), details=self.url.text())

"""The Data page's line about a session on another computer: its files are fetched here, and then read as any others."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, Page, button, column, label, row
from igym_desktop.widgets.job_bar import JobBar


class ServerFiles(QFrame):
    """`fetched` names the session whose files are here now."""

    fetched = Signal(str)

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.setObjectName("server_files")
        self.setProperty("role", "panel")
        self.launcher, self._page = launcher, page
        self._told: dict[str, str] = {}
        """Session → what the last fetch brought: it takes the place of what a fetch is, and no room of its own."""
        self.name = label("", "strong", wrap=True)
        self.name.setObjectName("data_server_name")
        self.about = label("", "muted", wrap=True)
        self.fetch = button(tr("Fetch files"), "download", kind="primary", name="fetch_files",
                            on=launcher.remote_files.fetch)  # fmt: skip
        self.progress = JobBar()
        head = row(IconLabel("online", "accent", 22), column(self.name, self.about, gap=1), self.fetch, gap=12)
        head.setStretch(1, 1)
        self.setLayout(column(head, self.progress, gap=8, margins=(16, 10, 12, 10)))
        launcher.engine.state_changed.connect(self._changed)
        launcher.engine.link_changed.connect(self._changed)
        launcher.engine.view_changed.connect(self._view_changed)
        files = launcher.remote_files
        files.started.connect(self._started)
        files.progress.connect(self.progress.show_progress)
        files.finished.connect(self._finished)
        self.refresh()

    def refresh(self) -> None:
        """What can be fetched from where."""
        engine = self.launcher.engine
        server = engine.server if engine.alive and engine.mirror.session else None
        self.setVisible(server is not None)
        if server is None or engine.plan is None:
            return
        self.name.setText(tr("{title}, on {server}", title=engine.plan.title, server=server.shown))
        keeps, told = engine.plan.keeps_data, self._told.get(engine.plan.session)
        self.about.setText(
            told
            or tr(
                "Recordings, tables and replays lie on that computer. Fetched, they are listed below as a copy, with "
                "report, payments, export and replay as ever. The next time only what is new is sent."
            )
            if keeps
            else tr("Nothing of this session is kept there (save_data=False), so there are no files to fetch.")
        )
        self.fetch.setEnabled(keeps and not engine.is_lost and not self.launcher.remote_files.is_busy)

    def _changed(self, _: object) -> None:
        self.refresh()

    def _view_changed(self, difference: object) -> None:
        if getattr(difference, "everything", False):
            self.refresh()

    def _started(self) -> None:
        self.progress.begin(tr("Fetching…"), self.launcher.remote_files.cancel)
        self.refresh()

    def _finished(self, ok: bool, text: str, session: str) -> None:
        self.progress.end()
        self._told = {session: text} if ok else {}
        self.refresh()
        if ok:
            self.fetched.emit(session)
        else:
            self._page.banner.say("stop", text)

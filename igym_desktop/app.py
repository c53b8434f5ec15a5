"""Puts the application together: one window, one event loop, one engine."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication

from igym.host.store import not_kept
from igym_desktop import theme
from igym_desktop.background import in_background
from igym_desktop.child_job import CommandLine
from igym_desktop.collector import Collector
from igym_desktop.flow.paths import APP_NAME, AppPaths
from igym_desktop.i18n import language, tr
from igym_desktop.instance import SingleInstance
from igym_desktop.lab_child import LabChild
from igym_desktop.language import WindowLanguage
from igym_desktop.launcher import Launcher
from igym_desktop.notifications import Notifications
from igym_desktop.termination import Termination
from igym_desktop.windows.main_window import MainWindow

TRY_LANGUAGE_EVERY_MS = 500


class App:
    """The running application. `open` paints the window; `after_paint` does everything that can wait until then."""

    def __init__(
        self,
        qt: QApplication,
        paths: AppPaths,
        *,
        command_line: CommandLine | None = None,
        examples: Sequence[Path] | None = None,
    ) -> None:
        self.qt = qt
        extra = {"command_line": command_line} if command_line else {}
        self.launcher = Launcher(paths, examples=examples, **extra)
        self.language = WindowLanguage(qt)
        self.language.use(self.launcher.settings.language)
        self._dress()
        self.window = MainWindow(self.launcher)
        self.notifications = Notifications(self.launcher, self.window)
        self.launcher.settings_changed.connect(self._dress)
        self._speak_soon = QTimer(self.window, singleShot=True)
        self._speak_soon.timeout.connect(self._speak)
        self.launcher.settings_changed.connect(self._speak_soon_if_needed)
        self.collector = Collector(self.window)
        self.launcher.engine.state_changed.connect(self.collector.session_changed)

    def open(self) -> None:
        """Shows the window."""
        self.window.show()
        QTimer.singleShot(0, self.window, self.after_paint)

    def after_paint(self) -> None:
        """Reads the experiments and looks for a session of an earlier launcher."""
        self.launcher.reader.read_all()
        if not self.launcher.reader.busy:
            self.launcher.draw_pictures()
        in_background(_import_link)
        in_background(partial(_clear_unkept, self.launcher.data_root))
        found = self.launcher.engine.reattach()
        if found != "nothing":
            self.window.show_page("session")

    def raise_window(self) -> None:
        """A second start of the app asks for this."""
        self.window.setWindowState(
            self.window.windowState() & ~Qt.WindowState.WindowMinimized | Qt.WindowState.WindowActive
        )
        self.window.show()
        self.window.raise_()
        self.window.activateWindow()

    def end_with_signals(self) -> None:
        """SIGTERM and Ctrl+C close the window; a running session goes on, as after a crash."""
        self._termination = Termination(self.window.close_at_once, self.window)

    async def shut_down(self) -> None:
        """Ends every child that must not outlive the window."""
        self.launcher.reader.stop()
        self.launcher.pictures.stop()
        self.launcher.games.stop()
        self.launcher.replays.stop()
        self.launcher.remote_files.cancel()
        self.launcher.preview.close()
        await self.launcher.preview.engine.link.closed()
        for check in self.launcher.findChildren(LabChild):
            check.finish()
        self.launcher.engine.link.close()
        await self.launcher.engine.link.closed()
        QThreadPool.globalInstance().waitForDone(3000)
        self.collector.stop()

    def _speak_soon_if_needed(self) -> None:
        """Not now: the list it was chosen from goes with its page."""
        if not self.language.is_used(self.launcher.settings.language):
            self._speak_soon.start(0)

    def _speak(self) -> None:
        """The whole window in the language of the settings, as soon as nothing is lost by it."""
        before, code = language(), self.launcher.settings.language
        self.language.use(code)
        if self.window.furnish_anew():
            return
        self.language.use(before)
        self.launcher.notice.emit(
            "info", tr("The language changes once the app's other windows are closed and what is being done is done.")
        )
        self._speak_soon.start(TRY_LANGUAGE_EVERY_MS)

    def _dress(self) -> None:
        dark = theme.wants_dark(self.launcher.settings.theme)
        if dark == theme.is_dark() and self.qt.styleSheet():
            return
        theme.apply_theme(self.qt, dark=dark)
        if hasattr(self, "window"):
            self.window.retint()


def run(arguments: Sequence[str]) -> int:
    """The whole life of the launcher; returns its exit code."""
    parser = argparse.ArgumentParser(prog="igym-desktop", description="Interactive Gym: run studies on a lab network.")
    parser.add_argument("folder", nargs="?", type=Path, help="an experiment folder to add and choose")
    parser.add_argument("--start", action="store_true", help="start a session of FOLDER at once")
    parser.add_argument(
        "--self-test", action="store_true", help="play an example with simulated participants, report, quit"
    )
    parser.add_argument("--home", type=Path, help="keep settings, cache and data below this folder (portable)")
    options = parser.parse_args(arguments)
    qt = make_application()
    paths = AppPaths.below(options.home.resolve()) if options.home else AppPaths.of_this_user()
    instance = SingleInstance(str(paths.config))
    if not instance.claim():
        return 0
    import qasync

    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    app = App(qt, paths)
    app.window.fit(app.window.screen().availableSize())
    instance.raised.connect(app.raise_window)
    app.open()
    app.end_with_signals()
    with loop:
        code: int = loop.run_until_complete(_life(app, options))
    instance.release()
    return code


def _import_link() -> None:
    """What the first session needs, before somebody waits for it."""
    import socketio  # noqa: F401


def _clear_unkept(data_root: Path) -> None:
    """Sessions that were to keep nothing, whose engine was cut off."""
    for folder in list(data_root.glob(f"*/{not_kept.FOLDER}")):
        not_kept.clear_leftovers(folder.parent)


async def _life(app: App, options: argparse.Namespace) -> int:
    code = 0
    closed = asyncio.Event()
    app.window.closing.connect(closed.set)
    if options.self_test:
        from igym_desktop.self_test import self_test

        code = await self_test(app.launcher)
    else:
        if options.folder:
            await _take_folder(app, options.folder, start=options.start)
        await closed.wait()
    await app.shut_down()
    return code


async def _take_folder(app: App, folder: Path, *, start: bool) -> None:
    """Adds the folder of the command line; a running session of an earlier launcher goes first."""
    try:
        entry = app.launcher.add_folder(folder)
    except ValueError as error:
        app.launcher.notice.emit("stop", str(error))
        return
    app.launcher.choose(entry.folder)
    if start:
        await app.launcher.reader.described(entry.folder)
    if start and not app.launcher.engine.alive:
        app.launcher.start(entry.folder)


def make_application() -> QApplication:
    """The QApplication with the settings every entry point shares."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName(APP_NAME)
    qt.setApplicationDisplayName(APP_NAME)
    qt.setDesktopFileName("interactive-gym-desktop")
    qt.setQuitOnLastWindowClosed(False)
    qt.setFont(theme.base_font())
    return qt

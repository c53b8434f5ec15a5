"""The main window: sidebar, pages, and what closing it means while a session runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QFrame,
    QMainWindow,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from igym_desktop import icons
from igym_desktop.alive import unless_gone
from igym_desktop.child_job import ChildJob
from igym_desktop.flow.broken_games import now_text
from igym_desktop.flow.unsaved import Unsaved
from igym_desktop.flow.words import duration_text
from igym_desktop.help import HelpKey, open_manual
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, Page, column, label, restyle, row, set_icon, tint
from igym_desktop.widgets.chart import LineChart
from igym_desktop.widgets.plain import set_tip
from igym_desktop.widgets.plots import SmallPlot
from igym_desktop.widgets.series_chart import SeriesChart
from igym_desktop.windows.dialogs import ask
from igym_desktop.windows.unsaved import settle

SIDEBAR_WIDTH, COMPACT_WIDTH, LOW_HEIGHT = 216, 1080, 460
BEST_SIZE = QSize(1400, 880)

PageMaker = Callable[[Launcher], Page]


def page_table() -> list[tuple[str, str, str, PageMaker]]:
    """(name, title, icon, maker) in the sidebar's order; imports wait until a page is first shown."""

    def late(module: str, name: str) -> PageMaker:
        def make(launcher: Launcher) -> Page:
            from importlib import import_module

            return getattr(import_module(f"igym_desktop.pages.{module}"), name)(launcher)  # type: ignore[no-any-return]

        return make

    return [
        ("experiments", tr("Experiments"), "experiments", late("experiments", "ExperimentsPage")),
        ("configure", tr("Configure"), "configure", late("configure", "ConfigurePage")),
        ("preflight", tr("Preflight"), "preflight", late("preflight", "PreflightPage")),
        ("session", tr("Session"), "session", late("session", "SessionPage")),
        ("data", tr("Data"), "data", late("data", "DataPage")),
        ("log", tr("Log"), "log", late("log", "LogPage")),
        ("settings", tr("Settings"), "settings", late("settings", "SettingsPage")),
    ]


class _Pages(QStackedWidget):
    """Never lower than the page in front needs; those behind it have no say."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def heightForWidth(self, width: int) -> int:
        page = self.currentWidget()
        return page.least_height(width) if isinstance(page, Page) else 0


def _whole(pages: _Pages) -> QScrollArea:
    """In a window that is too low for a page, the page is scrolled and nothing of it squeezed."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(pages)
    return area


class MainWindow(QMainWindow):
    """Pages are made when first shown, so that the window is there at once."""

    closing = Signal()
    """The window closes for good; the app quits."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.launcher = launcher
        self.setWindowTitle("Interactive Gym")
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(QSize(640, 360))
        self.resize(1280, 820)
        self._closing_for_good = self._folded = False
        self._furnish()
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._show_status)
        launcher.navigate.connect(self.go_to)
        launcher.unsaved_found.connect(
            unless_gone(lambda unsaved, then: settle(self, unsaved, "start", then, self._stay))
        )
        launcher.notice.connect(self._show_notice)
        launcher.engine.state_changed.connect(self._engine_state)
        launcher.engine.view_changed.connect(self._show_status)
        launcher.engine.link_changed.connect(unless_gone(lambda _: self._show_status()))
        launcher.games.tried.connect(self._show_status)
        self._show_status()
        self.show_page("experiments")
        HelpKey(self)

    def _furnish(self) -> None:
        """Sidebar and room for the pages, with the words of the language now."""
        self._makers: dict[str, PageMaker] = {}
        self._buttons: dict[str, QToolButton] = {}
        self.pages: dict[str, Page] = {}
        self._stack = _Pages()
        central = QWidget()
        central.setLayout(row(self._sidebar(), _whole(self._stack), gap=0))
        self.setCentralWidget(central)
        central.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        central.setFocus()

    def furnish_anew(self) -> bool:
        """Everything in the language now; False, and nothing done, while another window or a job would be lost."""
        others = [window for window in QApplication.topLevelWidgets() if window is not self and _stays(window)]
        if others or any(job.running for job in self.findChildren(ChildJob)):
            return False
        name, self.launcher.unsaved = self.page_name, lambda: None
        self._furnish()  # Qt frees what was there, and with it what it had connected
        self._fold_sidebar(self.width() < COMPACT_WIDTH)
        self._close_ranks(self.height() < LOW_HEIGHT)
        self.show_page(name)
        return True

    @property
    def page_name(self) -> str:
        """Name of the page on screen."""
        return next(name for name, page in self.pages.items() if page is self._stack.currentWidget())

    def go_to(self, name: str) -> None:
        """As `show_page`, once nothing is unsaved on the page that is left."""
        unsaved = self._unsaved_here() if name != self.page_name else None
        if unsaved is None:
            self.show_page(name)
            return
        self._buttons[self.page_name].setChecked(True)
        settle(self, unsaved, "leave", partial(self.show_page, name), self._stay)

    def _unsaved_here(self) -> Unsaved | None:
        return self.launcher.unsaved() if self.page_name == "configure" else None

    def _stay(self) -> None:
        """Somebody would rather go on editing."""
        self.show_page("configure")

    def show_page(self, name: str) -> None:
        """Makes the page if need be and brings it to the front."""
        if name not in self.pages:
            self.pages[name] = self._makers[name](self.launcher)
            self._stack.addWidget(self.pages[name])
        self._stack.setCurrentWidget(self.pages[name])
        self._buttons[name].setChecked(True)
        self.pages[name].shown()

    def fit(self, room: QSize) -> None:
        """As large as it reads best; on a screen with less room all of that."""
        if room.width() < BEST_SIZE.width() or room.height() < BEST_SIZE.height():
            self.setWindowState(self.windowState() | Qt.WindowState.WindowMaximized)
        else:
            self.resize(BEST_SIZE)

    def retint(self) -> None:
        """After a change of theme."""
        icons.forget_tints()
        for widget in self.findChildren(QWidget):
            tint(widget)
            if isinstance(widget, (IconLabel, LineChart, SeriesChart, SmallPlot)):
                widget.tint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fold_sidebar(event.size().width() < COMPACT_WIDTH)
        self._close_ranks(event.size().height() < LOW_HEIGHT)
        super().resizeEvent(event)

    def _close_ranks(self, low: bool) -> None:
        """In a low window the sidebar's buttons stand as close as their icons allow."""
        if self._side.property("low") != low:
            self._side.setProperty("low", low)
            for nav in (*self._buttons.values(), self._help):
                restyle(nav)
            self._ranks.setContentsMargins(12, 8 if low else 20, 12, 8 if low else 14)
            self._ranks.setSpacing(1 if low else 3)

    def _fold_sidebar(self, fold: bool) -> None:
        """In a narrow window the sidebar shows icons only; names are in the tooltips."""
        self._side.setFixedWidth(66 if fold else SIDEBAR_WIDTH)
        style = Qt.ToolButtonStyle.ToolButtonIconOnly if fold else Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        for nav in (*self._buttons.values(), self._help):
            nav.setToolButtonStyle(style)
        self._product.setVisible(not fold)
        self.status_title.setVisible(not fold)
        self._folded = fold
        self._show_status()

    def closeEvent(self, event: QCloseEvent) -> None:
        unsaved = None if self._closing_for_good else self.launcher.unsaved()
        if unsaved is not None:
            event.ignore()
            settle(self, unsaved, "close", self._close_again, self._stay)
        elif self._closing_for_good or not self.launcher.engine.alive or self.launcher.engine.server is not None:
            self.launcher.engine.leave()
            event.accept()
            self.closing.emit()
        else:
            event.ignore()
            self._ask_before_closing()

    def _close_again(self) -> None:
        self.close()

    def close_at_once(self) -> None:
        """Without a question: a running session goes on by itself."""
        self.launcher.engine.let_go()
        self._close_for_good()

    def _ask_before_closing(self) -> None:
        engine = self.launcher.engine
        active = sum(engine.mirror.counts.get(name, 0) for name in ("connected", "away"))
        title = engine.plan.title if engine.plan else ""
        people = plural(active, "{n} participant is connected.", "{n} participants are connected.")
        ask(
            self,
            tr("A session is running"),
            tr(
                "{title} is running. {people}\nThe session can go on without this window: participants notice "
                "nothing, and the next "
                "start of the app shows it again.",
                title=title,
                people=people,
            ),
            [
                ("go_on", tr("Keep session running and quit"), "primary"),
                ("end", tr("End session and quit"), "danger"),
                ("cancel", tr("Cancel"), ""),
            ],
            self._close_as,
        )

    def _close_as(self, choice: str, reason: str) -> None:
        if choice == "go_on":
            self.launcher.engine.let_go()
            self._close_for_good()
        elif choice == "end":
            self.launcher.engine.state_changed.connect(self._close_when_stopped)
            self.launcher.engine.stop(end_session=True)
            self._close_when_stopped()

    def _close_when_stopped(self) -> None:
        if not self.launcher.engine.alive:
            self._close_for_good()

    def _close_for_good(self) -> None:
        self._closing_for_good = True
        self.close()

    def _sidebar(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("sidebar")
        frame.setFixedWidth(SIDEBAR_WIDTH)
        self._side = frame
        mark = label()
        mark.setPixmap(icons.pixmap("app", "#000000", 28, 2.0))
        self._product = label("Interactive Gym")
        self._product.setObjectName("product")
        group = QButtonGroup(frame)
        buttons = [self._nav_button(group, index, *entry) for index, entry in enumerate(page_table())]
        head = row(mark, self._product, None, gap=10, margins=(6, 0, 0, 12))
        self._ranks = column(
            head, *buttons, None, self._help_button(), self._status_card(), gap=3, margins=(12, 20, 12, 14)
        )
        frame.setLayout(self._ranks)
        return frame

    def _help_button(self) -> QToolButton:
        self._help = QToolButton()
        self._help.setObjectName("help")
        self._help.setText("  " + tr("Help"))
        self._help.setProperty("place", "sidebar")
        set_icon(self._help, "help")
        self._help.setIconSize(QSize(20, 20))
        self._help.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._help.setAccessibleName(tr("Help"))
        self._help.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._help.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_tip(self._help, tr("The manual (F1: the page about what is on screen)"))
        self._help.clicked.connect(self.open_help)
        return self._help

    def open_help(self) -> None:
        """The manual, in the browser and without the internet."""
        if not open_manual():
            self._show_notice("warn", tr("The manual is not part of this copy: “python build/dev.py docs” makes it."))

    def _nav_button(
        self, group: QButtonGroup, index: int, name: str, title: str, icon: str, maker: PageMaker
    ) -> QToolButton:
        nav = QToolButton()
        nav.setObjectName(f"nav_{name}")
        nav.setText(f"  {title}")
        nav.setProperty("place", "sidebar")
        set_icon(nav, icon)
        nav.setIconSize(QSize(20, 20))
        nav.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        nav.setCheckable(True)
        nav.setAccessibleName(title)
        nav.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        nav.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        set_tip(nav, tr("{title} (Ctrl+{number})", title=title, number=index + 1))
        nav.clicked.connect(partial(self.go_to, name))
        QShortcut(QKeySequence(f"Ctrl+{index + 1}"), self._side, partial(self.go_to, name))
        group.addButton(nav)
        self._buttons[name] = nav
        self._makers[name] = maker
        return nav

    def _status_card(self) -> QFrame:
        card = QFrame()
        card.setObjectName("statusCard")
        self._status_icon = IconLabel("session", "off", 18)
        self.status_title = label("", "strong", wrap=True)
        self.status_text = label("", "small", wrap=True)
        head = row(self._status_icon, self.status_title, gap=8)
        head.setStretch(1, 1)
        card.setLayout(column(head, self.status_text, gap=3, margins=(11, 10, 11, 10)))
        return card

    def _engine_state(self, state: str) -> None:
        running = state in ("starting", "running", "restarting", "stopping")
        (self._clock.start if running else self._clock.stop)()
        self._show_status()

    def _show_status(self) -> None:
        icon, tone, title, text = self._status()
        self._status_icon.show_icon(icon, tone)
        self.status_title.setText(title)
        self.status_text.setText(text)
        self.status_text.setVisible(bool(text) and not self._folded)
        set_tip(self._status_icon, f"{title}\n{text}".strip())

    def _status(self) -> tuple[str, str, str, str]:
        engine = self.launcher.engine
        state = engine.state
        title = engine.plan.title if engine.plan else ""
        if engine.server is not None and state in ("running", "failed"):
            return self._status_there(engine.server.shown, title)
        words = {
            "stopped": ("session", "off", tr("No session running"), ""),
            "starting": ("loading", "wait", tr("Starting…"), title),
            "restarting": ("refresh", "warn", tr("Server restarting…"), tr("Participants wait; nothing is lost.")),
            "stopping": ("loading", "wait", tr("Stopping…"), title),
            "failed": ("error", "stop", tr("Could not run"), title),
        }
        if state != "running":
            return words[state]
        started = engine.mirror.session.get("started_at")
        running = duration_text(time.time() - started) if started else ""
        joined = plural(engine.mirror.counts.get("joined", 0), "{n} participant", "{n} participants")
        folder = Path(engine.plan.folder) if engine.plan else None
        if (
            engine.mirror.cannot_play
            or now_text(engine.mirror.problems.values())
            or (folder and self.launcher.games.broken(folder))
        ):
            return "error", "stop", tr("A game fails"), f"{title}\n{tr('See the Session page.')}"
        return "go", "go", tr("Session running"), f"{title}\n{joined} · {running}" if running else title

    def _status_there(self, server: str, title: str) -> tuple[str, str, str, str]:
        """Of a session on another computer, whose name is always in sight."""
        engine, text = self.launcher.engine, f"{title}\n{server}".strip()
        if engine.state == "failed":
            return "offline", "stop", tr("Not connected"), server
        if engine.is_lost:
            return "offline", "warn", tr("Connection lost"), text
        if not engine.mirror.session:
            return "loading", "wait", tr("Connecting…"), server
        if engine.mirror.cannot_play or now_text(engine.mirror.problems.values()):
            return "error", "stop", tr("A game fails"), text
        return "online", "go", tr("Connected"), text

    def _show_notice(self, tone: str, text: str) -> None:
        page = self._stack.currentWidget()
        if isinstance(page, Page):
            page.banner.say(tone, text)


def _stays(window: QWidget) -> bool:
    """A window of its own that is open, no list or tip that goes by itself."""
    return window.isVisible() and window.windowType() in (Qt.WindowType.Window, Qt.WindowType.Dialog)

"""Opens every page and the main dialogs at twice the size, in a process of its own, and prints what does not fit.

Usage: scaled_window.py HOME STUDY [PICTURES]   (QT_SCALE_FACTOR and the platform from the environment)
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QTabWidget,
    QWidget,
)

from igym_desktop.widgets.path_label import PathLabel
from tests.desktop.conftest import fake_command
from tests.waiting import until

PAGES = ["experiments", "configure", "preflight", "session", "data", "settings", "log"]
SIZE = QSize(1280, 720)
"""A screen of 2560 × 1440 at 200 %."""
SMALLER = QSize(960, 540)
"""A screen of 1920 × 1080 at 200 %."""
SLACK = 2
"""Pixels of rounding between a layout and what it holds."""


def cut_texts(root: QWidget) -> Iterator[str]:
    """Labels and buttons that have less room than their words need."""
    for widget in (*root.findChildren(QLabel), *root.findChildren(QAbstractButton), *root.findChildren(QComboBox)):
        if isinstance(widget, PathLabel) and widget.toolTip() == widget.path:
            continue  # gives way on purpose, and says the whole path when pointed at
        if not widget.isVisibleTo(root) or not _words(widget) or isinstance(widget.parent(), (QTabBar, QLineEdit)):
            continue
        wanted = _needed(widget)
        if widget.width() + SLACK < wanted.width() or widget.height() + SLACK < wanted.height():
            yield f"{_name(widget)} needs {wanted.toTuple()}, has {widget.size().toTuple()}"


def _words(widget: QWidget) -> str:
    return widget.currentText() if isinstance(widget, QComboBox) else str(widget.text())  # type: ignore[attr-defined]


def _needed(widget: QWidget) -> QSize:
    wanted = widget.sizeHint()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return QSize(min(wanted.width(), widget.width()), widget.heightForWidth(widget.width()))
    if isinstance(widget, QComboBox):
        return QSize(min(wanted.width(), widget.width()), wanted.height())
    return wanted


def outside(root: QWidget) -> Iterator[str]:
    """What can be seen or pressed beyond its parent's edge, unless an area scrolls to it."""
    for widget in root.findChildren(QWidget):
        parent = widget.parentWidget()
        if (
            parent is None
            or widget.isWindow()
            or widget.size().isEmpty()
            or not widget.isVisibleTo(root)
            or _scrolls(widget)
        ):
            continue
        if not parent.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(widget.geometry()):
            yield f"{_name(widget)} at {_box(widget.geometry())} in {_name(parent)} of {parent.size().toTuple()}"


def _scrolls(widget: QWidget) -> bool:
    """The body of a scroll area, what Qt's own views move about, and pages that are not in front."""
    parent = widget.parentWidget()
    above = parent.parentWidget() if parent else None
    if isinstance(above, QScrollArea):
        return above.widget() is widget
    inner = (QAbstractScrollArea, QTabBar, QStackedWidget)
    return isinstance(parent, inner) or isinstance(above, inner)


def _box(box: QRect) -> tuple[int, ...]:
    return box.getRect()  # type: ignore[return-value]


def _name(widget: QWidget) -> str:
    said = widget.objectName() or widget.accessibleName()
    words = _words(widget) if isinstance(widget, (QLabel, QAbstractButton, QComboBox)) else ""
    return f"{type(widget).__name__} {said} {words[:50]!r}"


def sideways(root: QWidget) -> Iterator[str]:
    """Areas one would have to scroll sideways."""
    for area in root.findChildren(QScrollArea):
        if area.isVisibleTo(root) and area.horizontalScrollBar().maximum() > 0:
            wide = area.horizontalScrollBar().maximum() + area.viewport().width()
            yield f"{_name(area)} shows {area.viewport().width()} of {wide}"


class Look:
    """Looks at one thing after the other and remembers what does not fit."""

    def __init__(self, pictures: Path | None) -> None:
        self.pictures = pictures
        self.found: dict[str, list[str]] = {}

    async def at(self, name: str, root: QWidget) -> None:
        for _ in range(6):  # layouts settle over several turns of the loop
            await asyncio.sleep(0.02)
        self.found[name] = [*cut_texts(root), *outside(root), *sideways(root)]
        if self.pictures:
            root.grab().save(str(self.pictures / f"{name.replace(' ', '-')}.png"))

    async def at_tabs(self, name: str, root: QWidget, tabs: QTabWidget) -> None:
        for index in range(tabs.count()):
            tabs.setCurrentIndex(index)
            await self.at(f"{name} tab {index}", root)

    async def at_dialog(self, name: str, window: QWidget, opens: Callable[[], Any]) -> None:
        before = set(_dialogs())
        opens()
        await until(lambda: set(_dialogs()) - before, name)
        dialog = (set(_dialogs()) - before).pop()
        screen = QApplication.primaryScreen().availableGeometry().size().boundedTo(SIZE)
        await self.at(name, dialog)
        if dialog.width() > screen.width() or dialog.height() > screen.height():
            self.found[name].append(f"the dialog is {dialog.size().toTuple()} on a screen of {screen.toTuple()}")
        dialog.reject()
        await until(lambda: dialog not in _dialogs(), f"{name} closed")


def _dialogs() -> list[QDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]


async def look_around(app: Any, study: Path, look: Look) -> None:
    window, launcher = app.window, app.launcher
    window.resize(SIZE)
    entries = launcher.library.entries
    await until(lambda: study in entries and entries[study].status == "ready", "the study")
    launcher.choose(study, "experiments")
    for name in PAGES[:3]:
        window.show_page(name)
        await look.at(name, window)
    preflight = window.pages["preflight"]
    await look.at_dialog("lab check", window, preflight.lab.open.click)
    launcher.start(study)
    await until(lambda: launcher.engine.mirror.participants, "participants")
    session = window.pages["session"]
    await look.at_tabs("session", window, session.tabs)
    session.tabs.setCurrentIndex(0)
    people = next(iter(launcher.engine.mirror.participants.values()))
    session.people.select(str(people["id"]))
    await look.at("session with details", window)
    actions = session.actions_of_session
    for name, opens in (
        ("message all", actions.message_all), ("exclude", lambda: actions.exclude([people])),
        ("withdraw", lambda: actions.withdraw([people])), ("end session", session.end.click),
        ("rehearsal", session.rehearse.click), ("close window", window.close),
    ):  # fmt: skip
        await look.at_dialog(name, window, opens)
    session.join.show_invitation()
    session.join.invitation.showNormal()
    session.join.invitation.resize(SIZE)
    await look.at("invitation", session.join.invitation)
    session.join.invitation.close()
    for name in PAGES[4:]:
        window.show_page(name)
        await look.at(name, window)
    window.resize(SMALLER)
    for name in PAGES:
        window.show_page(name)
        await look.at(f"small {name}", window)
    window.resize(SIZE)
    assert window.devicePixelRatio() == float(os.environ["QT_SCALE_FACTOR"]), window.devicePixelRatio()
    assert window.mapToGlobal(QPoint()) is not None and window.size() == SIZE, window.size()
    launcher.engine.stop(end_session=True)
    await until(lambda: not launcher.engine.alive, "the end")
    await app.shut_down()


def main() -> None:
    import qasync

    from igym_desktop.app import App, make_application
    from igym_desktop.flow.paths import AppPaths
    from igym_desktop.launcher import Launcher

    home, study = Path(sys.argv[1]), Path(sys.argv[2])
    qt = make_application()
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    paths = AppPaths.below(home)
    settings = {"port": 0, "address": "127.0.0.1", "may_sleep": True, "theme": "light"}
    Launcher(paths, examples=[]).change_settings(language=os.environ["IGYM_TEST_LANGUAGE"], **settings)
    app = App(qt, paths, command_line=fake_command, examples=[study])
    app.open()
    look = Look(Path(sys.argv[3]) if len(sys.argv) > 3 else None)
    with loop:
        loop.run_until_complete(look_around(app, study, look))
    print(json.dumps({name: found for name, found in look.found.items() if found} | {"looked at": len(look.found)}))
    sys.stdout.flush()
    os._exit(0)  # Qt's objects have no order in which they like to go


if __name__ == "__main__":
    main()

"""Without a mouse: everything can be reached, has a name, and the place of the keyboard is seen."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLineEdit,
    QPushButton,
    QTabBar,
    QWidget,
)

from igym_desktop.widgets.basics import Card
from igym_desktop.windows.dialogs import ask
from tests.waiting import LIMIT_MS, until

from .test_main_window import open_app, started, stopped, study
from .test_pages import SCHEMA

__all__ = ["open_app", "study"]
PAGES = ["experiments", "configure", "preflight", "session", "data", "settings", "log"]
OPERABLE = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QTabBar, Card)


def operable(root: QWidget) -> list[QWidget]:
    """What a person can operate and sees now; parts of a control count with it."""
    found = [widget for kind in OPERABLE for widget in root.findChildren(kind)]
    return [widget for widget in found if widget.isVisibleTo(root) and widget.isEnabled() and not _is_part(widget)]


def _is_part(widget: QWidget) -> bool:
    return isinstance(widget.parentWidget(), (QComboBox, QLineEdit, QAbstractItemView, QTabBar))


def walk(root: QWidget) -> list[QWidget]:
    """Everything Tab comes to, in order, until it starts over; the keys are really pressed."""
    root.window().activateWindow()
    root.setFocus()
    seen: list[QWidget] = []
    for _ in range(400):
        QTest.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if widget is None or widget in seen:
            return seen
        seen.append(widget)
    raise AssertionError(f"Tab never comes round: {seen[-3:]}")


def unreachable(root: QWidget) -> list[str]:
    reached = walk(root)
    groups = {
        id(button.group()) for button in reached if isinstance(button, QAbstractButton) and button.group() is not None
    }
    missing = []
    for widget in operable(root):
        by_arrows = isinstance(widget, QAbstractButton) and id(widget.group()) in groups and widget.group() is not None
        proxied = widget.focusProxy() in reached
        if widget not in reached and not by_arrows and not proxied:
            missing.append(f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()}")
    return missing


def nameless(root: QWidget) -> list[str]:
    found = []
    for widget in walk(root):
        text = getattr(widget, "text", None)
        said = widget.accessibleName() or widget.toolTip() or (text() if callable(text) else "")
        placeholder = widget.placeholderText() if isinstance(widget, QLineEdit) else ""
        if isinstance(widget, (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView)) and not (said or placeholder):
            found.append(f"{type(widget).__name__} {widget.objectName()}")
    return found


def shows_focus(widget: QWidget) -> bool:
    """Whether the keyboard's place can be seen: the control looks different."""
    widget.clearFocus()
    QApplication.processEvents()
    before = widget.grab().toImage()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()
    return bool(widget.grab().toImage() != before)


@pytest.fixture
def running(behave: Any, study: Any, open_app: Any) -> Any:
    async def make() -> Any:
        behave(participants=10, problems=[])
        folder = study("mountain_car", title="Mountain Car", form=SCHEMA, scenes=[{"id": "welcome", "kind": "start"}])
        app = open_app(folder)
        await started(app, folder)
        await until(lambda: app.launcher.engine.mirror.participants, "participants")
        return app

    return make


def test_every_page_can_be_used_without_a_mouse(play: Any, running: Any) -> None:
    async def scenario() -> None:
        app = await running()
        missing, unnamed = {}, {}
        for name in PAGES:
            app.window.show_page(name)
            await asyncio.sleep(0.05)
            missing[name], unnamed[name] = unreachable(app.window), nameless(app.window)
        session = app.window.pages["session"]
        app.window.show_page("session")
        for index in range(session.tabs.count()):
            session.tabs.setCurrentIndex(index)
            await asyncio.sleep(0.05)
            missing[f"session tab {index}"] = unreachable(app.window)
            unnamed[f"session tab {index}"] = nameless(app.window)
        assert {page: found for page, found in missing.items() if found} == {}
        assert {page: found for page, found in unnamed.items() if found} == {}
        await stopped(app)

    play(scenario())


def test_the_place_of_the_keyboard_is_seen(play: Any, running: Any) -> None:
    async def scenario() -> None:
        app = await running()
        app.window.activateWindow()
        await until(app.window.isActiveWindow, "the window is active")
        unseen = []
        for name in PAGES:
            app.window.show_page(name)
            await asyncio.sleep(0.05)
            for widget in walk(app.window.pages[name]):
                if isinstance(widget, (QPushButton, QLineEdit, QComboBox, Card)) and not shows_focus(widget):
                    unseen.append(f"{name}: {type(widget).__name__} {widget.objectName() or widget.accessibleName()}")
        assert unseen == []
        await stopped(app)

    play(scenario())


def test_a_question_is_answered_by_keyboard(qapp: Any, qtbot: Any) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    answers: list[str] = []
    ask(parent, "End?", "Really end?", [("yes", "End", "danger"), ("no", "Cancel", "")],
        lambda choice, reason: answers.append(choice))  # fmt: skip
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is not None, timeout=LIMIT_MS)
    dialog = QApplication.activeModalWidget()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=LIMIT_MS)
    assert unreachable(dialog) == []
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None, timeout=LIMIT_MS)
    assert answers in ([], ["no"])

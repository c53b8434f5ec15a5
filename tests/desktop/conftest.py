from __future__ import annotations

import asyncio
import gc
import itertools
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

FULL_COLLECTION_EVERY = 25
_tests = itertools.count(1)

FAKE = Path(__file__).with_name("fake_engine.py")


def fake_command(kind: str, arguments: Sequence[str]) -> list[str]:
    return [sys.executable, str(FAKE), kind, *arguments]


@cache
def made_links() -> WeakSet[Any]:
    """The control links that were made since this was first called and are still there."""
    from igym_desktop.control_link import ControlLink

    links: WeakSet[Any] = WeakSet()
    make = ControlLink.__init__

    def remembered(link: ControlLink, *arguments: Any, **options: Any) -> None:
        make(link, *arguments, **options)
        links.add(link)

    ControlLink.__init__ = remembered  # type: ignore[method-assign]
    return links


async def settled() -> None:
    """Returns when every control link of the test has closed its connection."""
    gc.unfreeze()  # what an app sets aside when a session begins, in one process with many apps
    for link in list(made_links()):
        link.close()
        await link.closed()


@pytest.fixture(autouse=True)
def collected_in_this_thread() -> Iterator[None]:
    """No thread of a test may free a widget, those of tests before included."""
    gc.disable()
    yield
    _delete_what_was_closed()
    gc.collect(2 if next(_tests) % FULL_COLLECTION_EVERY == 0 else 1)
    gc.enable()


def _delete_what_was_closed() -> None:
    """Outside a loop Qt deletes nothing later: a change of looks would go through all widgets of the tests before."""
    if application := QCoreApplication.instance():
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def loop(qapp: Any) -> Iterator[Any]:
    import qasync

    made_links()
    qapp.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    yield loop
    loop.run_until_complete(asyncio.wait_for(settled(), 120))
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
    loop.close()
    asyncio.set_event_loop(None)


@pytest.fixture
def make_app(qapp: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """`make_app(examples, **more)`: an app with its window open, below one home for the test; taken down afterwards."""
    from igym_desktop.app import App
    from igym_desktop.flow.paths import AppPaths

    apps: list[App] = []

    def make(examples: Sequence[Path], **more: Any) -> App:
        app = App(qapp, AppPaths.below(tmp_path / "home"), examples=list(examples), **more)
        app.launcher.change_settings(port=0, address="127.0.0.1", may_sleep=True, theme="light")
        app.open()
        apps.append(app)
        return app

    yield make
    for app in apps:
        child = app.launcher.engine._child
        app.launcher.engine.let_go()
        if child is not None:
            child.kill()
        app.window.hide()
        app.launcher.deleteLater()
        app.window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def play(loop: Any) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    """Runs a scenario in the Qt event loop."""
    return lambda scenario: loop.run_until_complete(asyncio.wait_for(scenario, 200))


@pytest.fixture
def behave(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets how the fake engine behaves from now on."""
    return lambda **behaviour: monkeypatch.setenv("IGYM_FAKE", json.dumps(behaviour))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen platform cannot take size hints of dialogs; every other Qt warning fails the test."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True))

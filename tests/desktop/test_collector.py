"""Widgets are freed in the window's thread only, and still freed."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer


class Kept(QObject):
    """In a cycle with itself, so that only the collector can free it; notes the thread in which that happened."""

    def __init__(self, freed_in: list[int]) -> None:
        super().__init__()
        self.itself = self
        self.timer = QTimer(self, interval=1000)
        self.timer.start()
        self._freed_in = freed_in

    def __del__(self) -> None:
        self._freed_in.append(threading.get_ident())


def allocate_much() -> list[list[int]]:
    """Enough for the collector to start, were it allowed to."""
    return [[number] for number in range(50_000)]


def test_another_thread_never_frees_a_widget(make_app: Callable[..., Any], loop: Any, tmp_path: Path) -> None:
    app = make_app([])
    gc.enable()
    collector = type(app.collector)(app.window)
    freed_in: list[int] = []
    Kept(freed_in)

    thread = threading.Thread(target=allocate_much)
    thread.start()
    thread.join()
    assert freed_in == []
    allocated = allocate_much()
    collector.look()
    assert allocated
    assert freed_in == [threading.get_ident()]


def test_after_the_window_python_collects_by_itself_again(make_app: Callable[..., Any], loop: Any) -> None:
    app = make_app([])
    assert not gc.isenabled()
    app.collector.stop()
    assert gc.isenabled()

"""Noticing that the launcher is gone: its end of our standard input closes, however it died."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable


def watch_stdin(loop: asyncio.AbstractEventLoop, gone: Callable[[], None]) -> None:
    """Calls `gone` on the loop when standard input ends. The thread ends with the process."""

    def read() -> None:
        if sys.stdin is not None:
            wait_for_end(sys.stdin.fileno())
        try:
            loop.call_soon_threadsafe(gone)
        except RuntimeError:  # the loop has ended before the launcher
            pass

    threading.Thread(target=read, name="igym-leash", daemon=True).start()


def wait_for_end(descriptor: int) -> None:
    """Returns when nothing more can be read."""
    try:
        while os.read(descriptor, 4096):
            pass
    except (OSError, ValueError):
        pass


class Leash:
    """Decides when an engine without a launcher stops: after `grace_s` seconds without any, if it is to stop at all."""

    def __init__(self, stops: bool, grace_s: float, is_attended: Callable[[], bool], stop: Callable[[], None]) -> None:
        self._stops = stops
        self._grace_s = grace_s
        self._is_attended = is_attended
        self._stop = stop
        self._loose = False
        self._due: asyncio.TimerHandle | None = None

    def launcher_gone(self) -> None:
        """The launcher that started this engine has ended."""
        self._loose = True
        self.presence_changed()

    def presence_changed(self) -> None:
        """A launcher connected or disconnected."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if self._loose and self._stops and not self._is_attended():
            self._due = asyncio.get_running_loop().call_later(self._grace_s, self._stop)

"""Ends an env's process whose env does not come back, and tells in which line it was."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.told import Told, with_table

ALIVE_EVERY_S = 1.0
LOOK_EVERY_S = 0.05

Say = Callable[[dict[str, Any]], None]


class Watchdog:
    """Watches the thread that made it. `what` is one of `limits` (seconds): load, reset, step."""

    def __init__(self, say: Say, limits: dict[str, float], folder: str) -> None:
        self._say = say
        self._limits = limits
        self._folder = folder
        self._places = bridge_part("places")
        self._watched = threading.get_ident()
        self._busy: tuple[str, float] | None = None

    def start(self) -> None:
        threading.Thread(target=self._watch, daemon=True).start()

    def enter(self, what: str) -> None:
        self._busy = (what, steady_s())

    def leave(self) -> None:
        self._busy = None

    def _watch(self) -> None:
        told_at = 0.0
        while True:
            time.sleep(LOOK_EVERY_S)
            now, busy = steady_s(), self._busy
            if busy is not None and now - busy[1] > self._limits[busy[0]]:
                self._give_up(busy[0])
            if now - told_at >= ALIVE_EVERY_S:
                told_at = now
                self._say({"say": "alive"})

    def _give_up(self, what: str) -> None:
        frame = sys._current_frames().get(self._watched)
        stack = traceback.extract_stack(frame) if frame is not None else traceback.StackSummary()
        own = [entry for entry in stack if self._places.within(entry.filename, self._folder)]
        fault = {
            "say": "fault",
            "message": late(what, self._limits[what]),
            "traceback": self._places.listing(own or list(stack)[-3:], self._folder),
            "file": self._places.within(own[-1].filename, self._folder) if own else None,
            "line": own[-1].lineno if own else None,
        }
        self._say(with_table(fault))
        os._exit(1)


def late(what: str, limit_s: float) -> str:
    """What is told of an env that did not come back from `what` in time."""
    doing = {
        "load": Told("Loading the env"),
        "reset": Told("The env's reset()"),
        "step": Told("The env's step() or render()"),
    }[what]
    option = {
        "reset": Told(" The scene's runtime(reset_limit_s=…) sets this limit."),
        "step": Told(" The scene's runtime(step_limit_s=…) sets this limit."),
    }.get(what, "")
    return Told(
        "{doing} took longer than {seconds} seconds and was stopped.{option}",
        doing=doing,
        seconds=f"{limit_s:g}",
        option=option,
    )

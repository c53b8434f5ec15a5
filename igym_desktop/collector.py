"""Python's cyclic garbage collector, kept to the window's thread and away from its busy moments."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS = 1000


class Collector(QObject):
    """Lives as long as the window.

    Whatever thread happens to allocate runs the collector, and Qt allows widgets and timers to be freed in their own
    thread only: those that read an engine's output must never find one.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Collects the oldest generation that is due, as the collector would by itself."""
        due = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
        if any(due):
            gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))

    def session_changed(self, state: str) -> None:
        """What is there when a session begins stays: looking through it again would halt the live table."""
        if state == "starting":
            gc.unfreeze()
            gc.collect()
        elif state == "running":
            gc.freeze()

    def stop(self) -> None:
        """The window is gone."""
        self._timer.stop()
        gc.enable()

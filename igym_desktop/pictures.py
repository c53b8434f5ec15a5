"""First frames of the experiments' games, drawn once by a child process and kept as image files."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, CommandLine, Outcome
from igym_desktop.flow.library import fingerprint
from igym_desktop.widgets.draw_list import paint_picture

WIDTH = 800
LIMIT_S = 60.0


class Pictures(QObject):
    """`drawn(folder)` when a picture is there; one child at a time, after everything else is read."""

    drawn = Signal(Path)

    def __init__(self, cache: Path, command_line: CommandLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cache, self._command_line = cache, command_line
        self._queue: list[Path] = []
        self._tried: set[Path] = set()
        self._job: ChildJob | None = None

    @property
    def done(self) -> bool:
        """Whether everything that was wanted has been tried."""
        return bool(self._tried) and self._job is None and not self._queue

    def file_of(self, folder: Path) -> Path:
        """Where the picture of the experiment as it is now belongs."""
        return self._cache / f"{hashlib.sha256(f'{folder}|{fingerprint(folder)}'.encode()).hexdigest()[:32]}.png"

    def want(self, folder: Path) -> None:
        """Draws it unless it is there or could not be drawn."""
        file = self.file_of(folder)
        if file.is_file() or file in self._tried or folder in self._queue:
            return
        self._tried.add(file)
        self._queue.append(folder)
        self._next()

    def stop(self) -> None:
        """Ends the child."""
        self._queue.clear()
        if self._job:
            self._job.finished.disconnect()
            self._job.cancel()

    def _next(self) -> None:
        if self._job is not None or not self._queue:
            return
        folder = self._queue.pop(0)
        self._job = ChildJob(self._command_line("picture", [str(folder)]), LIMIT_S, self)
        self._job.start(partial(self._finished, folder, self.file_of(folder)))

    def _finished(self, folder: Path, file: Path, outcome: Outcome) -> None:
        if self._job:
            self._job.deleteLater()
        self._job = None
        picture = outcome.last.get("picture")
        if outcome.ok and picture:
            file.parent.mkdir(parents=True, exist_ok=True)
            if paint_picture(picture, folder, WIDTH).save(str(file)):
                self.drawn.emit(folder)
        self._next()

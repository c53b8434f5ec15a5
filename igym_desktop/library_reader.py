"""Keeps the library's descriptions current: runs `igym describe` in children and watches the files."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from igym_desktop.child_job import ChildJob, CommandLine, Outcome
from igym_desktop.flow.library import Library, source_files
from igym_desktop.i18n import tr

AT_ONCE = 2
LIMIT_S = 60.0
SETTLE_MS = 400
"""Editors write a file in several steps; wait for quiet before reading."""


class LibraryReader(QObject):
    """`changed(folder)` whenever an entry of the library is new or different."""

    changed = Signal(Path)

    def __init__(self, library: Library, command_line: CommandLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self._command_line = command_line
        self._queue: list[Path] = []
        self._jobs: dict[Path, ChildJob] = {}
        self._again: set[Path] = set()
        self._touched: set[Path] = set()
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._file_changed)
        self._watcher.directoryChanged.connect(self._file_changed)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._read_touched)

    @property
    def busy(self) -> bool:
        """Whether a description is still to come."""
        return bool(self._jobs or self._queue or self._touched)

    def read_all(self) -> None:
        """Reads what is not known yet and watches everything."""
        for entry in list(self.library.entries.values()):
            self._watch(entry.folder)
            if entry.status == "reading":
                self.read(entry.folder)

    def read(self, folder: Path) -> None:
        """Reads one experiment now, or again when it is being read already."""
        if folder in self._jobs:
            self._again.add(folder)
        elif folder not in self._queue:
            self._queue.append(folder)
            self._next()

    async def described(self, *folders: Path) -> None:
        """Returns when these experiments (all without any) have been read."""
        read = asyncio.Event()
        connection = self.changed.connect(read.set)
        entries = self.library.entries
        while any(entries[folder].status == "reading" for folder in folders or entries):
            read.clear()
            await read.wait()
        self.changed.disconnect(connection)

    def stop(self) -> None:
        """Ends every child."""
        self._queue.clear()
        self._again.clear()
        for job in list(self._jobs.values()):
            job.cancel()

    def _next(self) -> None:
        while self._queue and len(self._jobs) < AT_ONCE:
            folder = self._queue.pop(0)
            job = ChildJob(self._command_line("describe", [str(folder)]), LIMIT_S, self)
            self._jobs[folder] = job
            job.start(partial(self._finished, folder))

    def _finished(self, folder: Path, outcome: Outcome) -> None:
        self._jobs.pop(folder).deleteLater()
        if folder in self._again:
            # This answer is about files that have changed since.
            self._again.discard(folder)
            self._queue.append(folder)
        elif not outcome.cancelled:
            self.library.learned(folder, outcome.last if "ok" in outcome.last else _no_answer(outcome))
            self._watch(folder)
            self.changed.emit(folder)
        self._next()

    def _watch(self, folder: Path) -> None:
        if not folder.is_dir():
            return
        files = list(source_files(folder))
        paths = {str(folder), *(str(file) for file in files), *(str(file.parent) for file in files)}
        fresh = sorted(paths - set(self._watcher.files()) - set(self._watcher.directories()))
        if fresh:
            self._watcher.addPaths(fresh)

    def _file_changed(self, path: str) -> None:
        changed = Path(path)
        for folder in self.library.entries:
            if changed == folder or folder in changed.parents:
                self._touched.add(folder)
        self._settle.start()

    def _read_touched(self) -> None:
        touched, self._touched = self._touched, set()
        for folder in touched:
            # An editor that replaces a file instead of writing it ends the watch on it.
            self._watch(folder)
            self.read(folder)


def _no_answer(outcome: Outcome) -> dict[str, object]:
    text = tr("The experiment could not be read. Its own code may have stopped Python.")
    return {"ok": False, "error": {"text": text, "output": outcome.errors[-4000:]}}

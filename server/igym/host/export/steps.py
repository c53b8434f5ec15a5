"""How far an export is, and its end before time: asked with every stored row that is read, not only between files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from igym.host.store.store_reader import StoreReader
from igym.protocol.told import Told, together

Progress = Callable[[int, int, str], None]
Cancelled = Callable[[], bool]

TOLD_EVERY_ROWS = 250_000
"""A step that reads more than that reports in between, without counting as done."""


def partly_written(failures: list[str]) -> str:
    """What to tell a researcher whose export lacks these parts."""
    return Told(
        "{number} part(s) could not be written: {parts}. Everything else was. What was recorded is "
        "unchanged in session.sqlite3.",
        number=len(failures),
        parts=together(*failures, between="; "),
    )


class ExportCancelledError(Exception):
    """The researcher stopped an export. Files written so far are whole; none is half written."""


class Steps:
    """Counts an export's steps for its progress bar and stops it, also within a step, when asked."""

    def __init__(self, total: int, progress: Progress | None, cancelled: Cancelled) -> None:
        self._total, self._done = total, 0
        self._read, self._told = 0, 0
        self._progress, self._cancelled = progress, cancelled

    def done(self, what: str) -> None:
        """One step is on disk. Raises `ExportCancelledError` when it was asked for and steps are left."""
        self._done += 1
        self._read, self._told = 0, 0
        if self._progress:
            self._progress(self._done, self._total, what)
        if self._done < self._total:
            self.check()

    def check(self, rows: int = 0) -> None:
        """So many more rows were read. Raises `ExportCancelledError` when the researcher pressed Cancel."""
        self._read += rows
        if self._progress and self._read - self._told >= TOLD_EVERY_ROWS:
            self._told = self._read
            self._progress(
                self._done, self._total, Told("{number} rows read for the next file", number=f"{self._read:,}")
            )
        if self._cancelled():
            raise ExportCancelledError(
                Told(
                    "The export was stopped after {done} of {total} steps. Files that were finished are "
                    "complete, and nothing half written is left.",
                    done=self._done,
                    total=self._total,
                )
            )

    @contextmanager
    def watching(self, source: StoreReader) -> Iterator[None]:
        """While it lasts, whatever reads `source` is stopped too."""
        with source.checked(self.check):
            yield

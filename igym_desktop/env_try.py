"""Steps every env of an experiment a few times, in seconds, before people come to it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from igym_desktop.child_job import ChildJob, CommandLine, Outcome
from igym_desktop.flow.broken_games import Broken, broken_in
from igym_desktop.flow.library import fingerprint

FRAMES = 3
LIMIT_S = 120.0
Key = tuple[str, str]
"""Fingerprint of the files, and the profile."""


class EnvTry(QObject):
    """`tried(folder)` whenever what is known of an experiment's games has changed. Only real failures are told."""

    tried = Signal(Path)

    def __init__(self, command_line: CommandLine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command_line = command_line
        self._known: dict[Path, tuple[Key, tuple[Broken, ...]]] = {}
        self._jobs: dict[Path, tuple[Key, ChildJob]] = {}

    def broken(self, folder: Path) -> tuple[Broken, ...]:
        """Games that failed when they were tried last."""
        return self._known[folder][1] if folder in self._known else ()

    def want(self, folder: Path, profile: str) -> None:
        """Tries them unless these very files were tried with this profile."""
        key = (fingerprint(folder), profile)
        if folder in self._known and self._known[folder][0] == key:
            return
        if folder in self._jobs:
            if self._jobs[folder][0] == key:
                return
            self._jobs.pop(folder)[1].cancel()
        arguments = [str(folder), *(["--profile", profile] if profile else [])]
        arguments += ["--only", "envs", "--browser", "none", "--frames", str(FRAMES), "--json"]
        job = ChildJob(self._command_line("check", arguments), LIMIT_S, self)
        self._jobs[folder] = (key, job)
        job.start(partial(self._ended, folder, key))

    def stop(self) -> None:
        """The app closes."""
        jobs, self._jobs = list(self._jobs.values()), {}
        for _, job in jobs:
            job.cancel()

    def _ended(self, folder: Path, key: Key, outcome: Outcome) -> None:
        running = self._jobs.get(folder)
        if running is None or running[0] != key:
            return
        self._jobs.pop(folder)[1].deleteLater()
        if outcome.cancelled:
            return
        before = self.broken(folder)
        self._known[folder] = (key, broken_in(outcome.last))
        if self.broken(folder) != before:
            self.tried.emit(folder)

"""A look at the study as a participant sees it: an engine of its own, with data that are thrown away afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from igym_desktop.alive import unless_gone
from igym_desktop.child_job import ChildJob, CommandLine
from igym_desktop.engine import EngineKeeper
from igym_desktop.flow import profiles
from igym_desktop.flow.launch import LaunchPlan, LaunchRecord
from igym_desktop.flow.library import IGNORED_FOLDERS, STUDY, Entry
from igym_desktop.flow.log import LogBook
from igym_desktop.i18n import tr

NAME = "preview"
LOOK = "?look=1"
"""Joins without the button: after each change the page comes back by itself."""


class Preview(QObject):
    """One at a time. Everybody who joins is brought to the scene that is looked at."""

    changed = Signal()
    opened = Signal(str, bool)
    """(address, whether a browser took it)"""
    refused = Signal(str)
    """Why there is nothing to see, for a person."""

    def __init__(
        self,
        command_line: CommandLine,
        places: Path,
        log: LogBook,
        wheels_folder: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`places` is the folder its data lie below while it is looked at."""
        super().__init__(parent)
        self._command_line, self._places, self._log_book = command_line, places, log
        self._wheels_folder = wheels_folder
        self._place: Path | None = None
        self._moved: set[str] = set()
        self._partners: list[ChildJob] = []
        self._next: tuple[Entry, Mapping[str, Any], str, str] | None = None
        self.scene = ""
        self.engine = EngineKeeper(command_line, LaunchRecord(self._places / "running.json"), self)
        self.engine.view_changed.connect(unless_gone(lambda difference: self._move_everybody()))
        self.engine.state_changed.connect(self._engine_state)
        self.engine.failed.connect(self._failed)
        self.engine.log_line.connect(self._log)
        self._opened = False
        self._shown: tuple[Entry, Mapping[str, Any], str, str] | None = None
        self._port = 0
        """The port to come back at; 0 for any, which means that a browser is to be opened."""

    @property
    def url(self) -> str:
        """Where the preview is, empty while it is not up."""
        address = self.engine.join_url if self.engine.mirror.session else ""
        return f"{address}{LOOK}" if address else ""

    @property
    def busy(self) -> bool:
        """Whether it is starting or stopping."""
        return self.engine.alive and not self.engine.mirror.session

    def show(self, entry: Entry, overrides: Mapping[str, Any], scene: str, study: str = "") -> None:
        """Opens the browser at `scene` ("" for the beginning) with these options, saved or not.

        `study` is the text of a study.toml to look at instead of the one that is saved.
        """
        if self.engine.alive:
            # Its folder is one for both: the next begins when this one has stopped (`_engine_state`).
            self._next = (entry, overrides, scene, study)
            self.stop()
            return
        self.scene, self._moved, self._opened = scene, set(), bool(self._port)
        self._shown = (entry, overrides, scene, study)
        try:
            plan = self._plan(entry, overrides, study)
        except OSError as error:
            self.refused.emit(tr("The preview could not be prepared: {why}", why=error))
            return
        self.engine.start(plan)
        self._port = 0

    def follow(self, entry: Entry, overrides: Mapping[str, Any], scene: str, study: str = "") -> None:
        """Shows something else in the page that is open: it comes back by itself, as the address stays the same."""
        if not self.url:
            return
        wanted = (entry, overrides, scene, study)
        if self._shown is not None and wanted[:2] + wanted[3:] == self._shown[:2] + self._shown[3:]:
            self._shown, self.scene = wanted, scene
            self._moved.clear()
            self._move_everybody()
            return
        self._port, self._next = QUrl(self.url).port(), wanted
        self.stop()

    def shows(self, wanted: tuple[Entry, Mapping[str, Any], str, str]) -> bool:
        """Whether this is what is to be seen now, or what comes next."""
        return wanted in (self._shown, self._next)

    def add_partners(self, number: int) -> None:
        """Simulated participants who come to the same scene."""
        arguments = [self.engine.local_url, "--number", str(number), "--json"]
        job = ChildJob(self._command_line("simulate", arguments), 0, self).start()
        self._partners.append(job)

    def stop(self) -> None:
        """Ends it; its data are erased."""
        for job in self._partners:
            job.cancel()
        self._partners.clear()
        if self.engine.alive:
            self.engine.stop(end_session=False)

    def end(self) -> None:
        """Ends it for good: what was to be shown next is not wanted any more."""
        self._next = None
        self.stop()

    def close(self) -> None:
        """With the launcher: the engine ends by itself when its launcher is gone."""
        self.stop()
        self.engine.let_go()
        self._erase()

    def _plan(self, entry: Entry, overrides: Mapping[str, Any], study: str) -> LaunchPlan:
        self._erase()
        self._places.mkdir(parents=True, exist_ok=True)
        self._place = Path(tempfile.mkdtemp(dir=self._places))
        profile = ""
        if overrides:
            profile = str(profiles.write(self._place / f"{NAME}.toml", overrides))
        folder = _copy_with(entry.folder, self._place / "study", study) if study else entry.folder
        return LaunchPlan(
            str(folder), entry.experiment_id, entry.title, str(self._place / "data"), profile, port=self._port,
            address="127.0.0.1", when_launcher_gone="stop", grace_s=0, wheels_folder=self._wheels_folder(),
            may_sleep=True,
        )  # fmt: skip

    def _engine_state(self, state: str) -> None:
        if state in ("stopped", "failed"):
            self._erase()
            if state == "failed" or not self._next:
                self._shown, self._port = None, 0
        self.changed.emit()
        if state == "stopped" and self._next:
            # Taken out first: showing it starts an engine, whose states come here as well.
            following, self._next = self._next, None
            self.show(*following)

    def _move_everybody(self) -> None:
        """To the scene, once they have arrived; the first view also means that there is something to open."""
        if not self._opened and self.url:
            self._opened = True
            self.opened.emit(self.url, bool(QDesktopServices.openUrl(QUrl(self.url))))
            self.changed.emit()
        if not self.scene:
            return
        for key, row in self.engine.mirror.participants.items():
            if key not in self._moved and row.get("state") == "in_scene":
                # Before the command: its answer changes the view, which leads here again.
                self._moved.add(key)
                if row.get("scene_id") != self.scene:
                    args = {"participant": key, "scene": self.scene}
                    self.engine.command("move", args, tr("preview"), self._moved_or_not)

    def _moved_or_not(self, reply: Any) -> None:
        if not reply.ok:
            self.refused.emit(reply.text)

    def _failed(self, code: str, text: str, details: dict[str, Any]) -> None:
        self.refused.emit(text)

    def _log(self, line: Mapping[str, Any]) -> None:
        self._log_book.add({**line, "source": NAME})

    def _erase(self) -> None:
        """Also what a launcher that crashed has left behind."""
        self._place = None
        (self._places / "running.json").unlink(missing_ok=True)
        for place in self._places.glob("*") if self._places.is_dir() else ():
            if place.is_dir():
                shutil.rmtree(place, ignore_errors=True)


def _copy_with(folder: Path, target: Path, study: str) -> Path:
    """The study's folder with another study.toml: what is not saved yet must not be written into the study."""
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns(*IGNORED_FOLDERS - {"site-packages"}))
    (target / STUDY).write_text(study, encoding="utf-8")
    return target

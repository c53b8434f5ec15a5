"""`engine.json`: how a launcher finds the engine that is already running on a data folder, and the lock behind it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from igym.host.base.errors import HostError
from igym.host.base.held_files import remove, write_private
from igym.protocol.told import Told

ENGINE_FILE = "engine.json"
LOCK_FILE = "engine.lock"


@dataclass(frozen=True)
class EngineFacts:
    """What `engine.json` holds; readable by this user only, because of the token."""

    pid: int
    port: int
    control_token: str
    session: str
    started_at: float
    control_port: int = 0
    """Where the launcher reaches it on this computer, in plain HTTP."""


def write_engine_file(folder: Path, facts: EngineFacts) -> None:
    write_private(folder / ENGINE_FILE, json.dumps(asdict(facts)))


def read_engine_file(folder: Path) -> EngineFacts | None:
    """The facts of the last engine on this folder, whether it still runs or not; None when there are none."""
    try:
        data = json.loads((folder / ENGINE_FILE).read_text(encoding="utf-8"))
        return EngineFacts(**data)
    except (OSError, ValueError, TypeError):
        return None


def remove_engine_file(folder: Path) -> None:
    remove(folder / ENGINE_FILE)


class FolderLock:
    """Held for the life of the process: one engine per data folder. The system lets go of it, even after kill -9."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Raises `HostError` "already_running", or "no_write_permission"."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            file = (self._folder / LOCK_FILE).open("ab")
        except OSError as error:
            raise HostError(
                "no_write_permission",
                Told(
                    "The data folder {folder} cannot be written ({error}). Check that you may write there, or "
                    "choose another data folder in the settings.",
                    folder=self._folder,
                    error=error.strerror or error,
                ),
                str(error),
            ) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise self._already_running() from error
        if not self._is_there(file):
            # The one who held it has just removed it: this lock would keep nobody out.
            file.close()
            self.acquire()
            return
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _is_there(self, file: IO[bytes]) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), (self._folder / LOCK_FILE).stat())
        except FileNotFoundError:
            return False

    def _already_running(self) -> HostError:
        facts = read_engine_file(self._folder)
        where = Told(" on port {port} (process {pid})", port=facts.port, pid=facts.pid) if facts else ""
        return HostError(
            "already_running",
            Told(
                "This experiment is already running{place} with the data folder {folder}. Use that session, "
                "stop it first, or choose another data folder.",
                place=where,
                folder=self._folder,
            ),
            json.dumps({"port": facts.port, "pid": facts.pid, "session": facts.session} if facts else {}),
        )


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

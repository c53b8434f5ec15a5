"""Where a session with `save_data=False` lives while it runs: a folder of its own, gone when its engine is gone."""

from __future__ import annotations

import shutil
import stat
import sys
import time
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.store.engine_file import LOCK_FILE, FolderLock, remove_engine_file
from igym.protocol.told import Told

FOLDER = "not_kept"
TRIES = 10
RETRY_S = 0.2
NOTHING_KEPT = Told(
    "This session keeps nothing (save_data=False): its answers and recordings exist only while "
    "it runs and are removed with its end. Set save_data=True in experiment.py for a session "
    "whose data you need."
)
CANNOT_GO_ON = Told(
    "That session kept nothing (save_data=False), so nobody can go on with it after its server "
    "has stopped. Start a new session."
)


def remove_folder(home: Path) -> None:
    """Everything of the session below `home` that keeps nothing; raises `OSError` when something stays."""
    folder = home / FOLDER
    for attempt in range(TRIES):
        if not folder.exists():
            return
        try:
            _make_writable(folder)
            shutil.rmtree(folder)
            return
        except OSError:
            # A child that is just ending may still write, and Windows holds on to open files.
            if attempt == TRIES - 1:
                raise
            time.sleep(RETRY_S)


def _make_writable(folder: Path) -> None:
    """Copies of read-only sources cannot be removed on Windows."""
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def clear_leftovers(home: Path) -> bool:
    """What an engine left behind that had no chance to tidy up, unless one runs there now. True: there was some."""
    if not (home / FOLDER).exists():
        return False
    lock = FolderLock(home)
    try:
        lock.acquire()
    except HostError:
        return False
    try:
        # While the lock is held: an engine that starts now must not find half of it.
        remove_folder(home)
        remove_engine_file(home)
    finally:
        let_go(lock, home)
    return True


def let_go(lock: FolderLock, home: Path) -> None:
    """Releases the lock; a data folder in which nothing was ever kept goes with it."""
    # Elsewhere it is removed while it is held, so that nobody can have it meanwhile; Windows removes no open file.
    if sys.platform != "win32":
        _forget(home)
    lock.release()
    if sys.platform == "win32":
        _forget(home)


def _forget(home: Path) -> None:
    try:
        if {path.name for path in home.iterdir()} <= {LOCK_FILE}:
            (home / LOCK_FILE).unlink(missing_ok=True)
            home.rmdir()
    except OSError:
        pass  # another engine was quicker


def no_data(home: Path) -> HostError:
    """Why there is no database in this data folder."""
    if (home / FOLDER).exists():
        return HostError("nothing_kept", NOTHING_KEPT)
    return HostError(
        "no_data",
        Told("There is no recorded session in {folder}. Sessions with save_data=False leave none.", folder=home),
    )

"""Where a session's data go: the folder, held by this engine alone."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from igym.host import not_kept
from igym.host.engine_file import FolderLock, remove_engine_file
from igym.host.errors import HostError
from igym.host.journal import file_listener
from igym.host.session_start import resumable
from igym.host.store import Store
from igym.host.store_schema import DATABASE

if TYPE_CHECKING:
    from igym.host.engine import Engine


def open_home(engine: Engine, *, keeps_data: bool) -> None:
    """Take the data folder: its lock, its log, its database; one of its own when nothing is kept."""
    lock = FolderLock(engine.home)
    lock.acquire()
    engine.closers.add(lambda: not_kept.let_go(lock, engine.home))
    # With the lock in hand no other engine can be using what an earlier one left.
    left_over = engine.home / not_kept.FOLDER
    was_left = left_over.exists()
    if was_left:
        not_kept.remove_folder(engine.home)
        remove_engine_file(engine.home)
    if engine.options.resume is not None:
        _refuse_unkept(engine, was_left or not keeps_data)
    elif not keeps_data:
        engine.folder = left_over
        engine.closers.add(partial(_keep_nothing, engine))
        left_over.mkdir()
    listener, close_file = file_listener(engine.folder / "engine.log")
    engine.journal.add_listener(listener)
    engine.closers.add(close_file)
    engine.store = Store(engine.folder / DATABASE)
    engine.closers.add(engine.store.close)


def _refuse_unkept(engine: Engine, kept_nothing: bool) -> None:
    """Nobody can go on with a session that kept nothing; a stored one is gone on with whatever came after it."""
    assert engine.options.resume is not None
    try:
        resumable(engine.home / DATABASE, engine.options.resume)
    except HostError as error:
        if kept_nothing and error.code in ("no_data", "unknown_session"):
            raise HostError("nothing_kept", not_kept.CANNOT_GO_ON) from error


async def _keep_nothing(engine: Engine) -> None:
    """Called when database and log are closed, and before the lock is let go."""
    await asyncio.to_thread(not_kept.remove_folder, engine.home)
    remove_engine_file(engine.home)

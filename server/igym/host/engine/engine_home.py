"""Where a session's data go: the folder, held by this engine alone."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from igym.host.base.errors import HostError
from igym.host.base.journal import file_listener
from igym.host.jobs.handing import HandingRunner
from igym.host.session.session_start import resumable
from igym.host.store import not_kept
from igym.host.store.engine_file import FolderLock, remove_engine_file
from igym.host.store.postgres.place import Place, place_beside, schema_of, write_place
from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web.links import share_key
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine.engine import Engine

AGAIN_AFTER_S = 1.0
STANDS_BY = Told("Standing by: as soon as the server that runs this study's session is gone, this one goes on with it.")


async def open_home(engine: Engine, *, keeps_data: bool) -> None:
    """Take the data folder: its lock, its log, its database; one of its own when nothing is kept.

    Where the data are on a server that another one leads, `--standby` waits here until that one is gone.
    """
    lock = FolderLock(engine.home)
    lock.acquire()
    # Added first, so closed last: whoever takes the folder next finds nobody of ours writing there.
    engine.closers.add(lambda: not_kept.let_go(lock, engine.home))
    # With the lock in hand no other engine can be using what an earlier one left.
    left_over = engine.home / not_kept.FOLDER
    was_left = left_over.exists()
    if was_left:
        not_kept.remove_folder(engine.home)
        remove_engine_file(engine.home)
    if engine.options.database:
        _use_server(engine, keeps_data)
    elif engine.options.resume is not None:
        _refuse_unkept(engine, was_left or not keeps_data)
    elif not keeps_data:
        engine.folder = left_over
        # Before log and database are opened, so that they are closed when it is called.
        engine.closers.add(partial(_keep_nothing, engine))
        left_over.mkdir()
    listener, close_file = file_listener(engine.folder / "engine.log")
    engine.journal.add_listener(listener)
    engine.closers.add(close_file)
    engine.store = await _open_store(engine)
    engine.closers.add(engine.store.close)
    if engine.options.begin and not await asyncio.to_thread(_sessions, engine):
        engine.options = replace(engine.options, resume=None)
    try:
        await asyncio.to_thread(share_key, engine.folder)
    except OSError as error:
        engine.journal.warning("engine", f"The key of personal links could not be shared ({error}).")


def _use_server(engine: Engine, keeps_data: bool) -> None:
    """From now on the data folder tells that its database is on a server."""
    database = engine.home / DATABASE
    wanted = Place(engine.options.database, schema_of(engine.home.name))
    known = place_beside(database)
    if not keeps_data:
        raise HostError(
            "bad_database", Told("A study that keeps nothing (save_data=False) is kept on no server either.")
        )
    if database.exists() or known not in (None, wanted):
        where = known.text if known else database
        raise HostError(
            "bad_database",
            Told(
                "The data of this study are in {where}. They stay there: take another folder with --data for a study "
                "whose data are to be on this server.",
                where=where,
            ),
        )
    write_place(engine.home, wanted)
    runner = HandingRunner(
        engine.runner, engine.options.database, engine.home, lambda line: engine.journal.info("jobs", line)
    )
    engine.runner = runner
    engine.closers.add(runner.close)


async def _open_store(engine: Engine) -> Store:
    """In a thread: a server may be far away, and whoever stands by waits long."""
    database, loop = engine.folder / DATABASE, asyncio.get_running_loop()
    given_up = threading.Event()

    def lost() -> None:
        loop.call_soon_threadsafe(engine.lead_is_lost)

    def work() -> Store:
        place = place_beside(database)
        while engine.options.standby and place is not None:
            from igym.host.store.postgres.leadership import stand_by

            stand_by(place, lambda: not given_up.is_set(), begins=engine.options.begin)
            try:
                return Store(database, lost)
            except HostError as error:
                # Another one that stood by was quicker, or the database went away or is full: who stands by waits.
                if error.code not in ("already_running", "no_database") or given_up.is_set():
                    raise
                given_up.wait(AGAIN_AFTER_S)
        return Store(database, lost)

    if engine.options.standby:
        engine.journal.info("engine", STANDS_BY)
    try:
        return await asyncio.to_thread(work)
    except asyncio.CancelledError:
        given_up.set()
        raise


def _sessions(engine: Engine) -> int:
    """How many of the study there have been. Asked with the lock in hand: nobody else begins one meanwhile."""
    with StoreReader(engine.folder / DATABASE) as reader:
        return len(reader.sessions())


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

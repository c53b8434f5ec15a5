"""`igym cluster jobs`: files and checks of sessions are made here, and not beside the people who play."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.children.child import LocalRunner
from igym.host.jobs.queue import Queue
from igym.host.jobs.worker import Worker
from igym.host.store.postgres.place import checked_url
from igym.protocol.told import Told

FAILED_EXIT_CODE = 3


def jobs_options(arguments: list[str]) -> argparse.Namespace:
    """What a command line of `igym cluster jobs` asks for; one that cannot be meant ends the program."""
    parser = argparse.ArgumentParser(
        prog="igym cluster jobs",
        description="Writes files, checkpoints and checks of the sessions that servers run with the same --database. "
        "Any number of these may run; one that dies is replaced by the others, or by the servers themselves.",
    )
    parser.add_argument("--database", required=True, metavar="URL", help="the PostgreSQL server that the servers use")
    parser.add_argument(
        "--data", required=True, type=Path, action="append", metavar="FOLDER",
        help="the data folder of a server (its --data), on a disk that both see; may be given several times",
    )  # fmt: skip
    return parser.parse_args(arguments)


def jobs_main(arguments: list[str]) -> int:
    options = jobs_options(arguments)
    try:
        url, folders = checked_url(options.database), tuple(_folder(path) for path in options.data)
        _try(url)
    except HostError as error:
        sys.stderr.write(f"{error.text}\n")
        return FAILED_EXIT_CODE
    return asyncio.run(_work(url, folders))


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise HostError(
            "no_data",
            Told(
                "There is no folder {folder}. --data takes the data folder of a server, on a disk that this computer "
                "and the server share.",
                folder=path,
            ),
        )
    return path.resolve()


def _try(url: str) -> None:
    """Raises `HostError` when the database cannot be used."""
    queue = Queue(url)
    try:
        queue.has_worker("")
    except OSError as error:
        raise HostError(
            "no_database",
            Told(
                "The PostgreSQL server cannot be used ({error}). Check that it runs, that its address, user and "
                "password are right, and that the user may create a schema there.",
                error=error,
            ),
        ) from error
    finally:
        queue.close()


async def _work(url: str, folders: tuple[Path, ...]) -> int:
    worker = Worker(url, folders, LocalRunner(), _print)
    running = asyncio.create_task(worker.run())
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, running.cancel)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: running.get_loop().call_soon_threadsafe(running.cancel))
    _print(f"worker {worker.name} takes jobs of the sessions in {', '.join(map(str, folders))}")
    with contextlib.suppress(asyncio.CancelledError):
        await running
    return 0


def _print(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()

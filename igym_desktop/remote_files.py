"""Fetches the files of a session elsewhere into a folder here, so that the Data page reads them as its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from PySide6.QtCore import QObject, Signal

from igym.host.base.held_files import move
from igym.host.export.manifest import MANIFEST_NAME
from igym_desktop.flow import fetched
from igym_desktop.flow.fetched import PART, Wanted
from igym_desktop.flow.servers import Server
from igym_desktop.flow.sessions import DATABASE
from igym_desktop.flow.words import size_text
from igym_desktop.i18n import plural, said, tr

if TYPE_CHECKING:
    from igym_desktop.control_link import Reply
    from igym_desktop.engine import EngineKeeper

CHUNK = 256 * 1024
SILENCE_LIMIT_S = 60.0
ATTEMPTS = 6
"""In a row without a byte, of one file; each goes on where the last one stopped."""
RETRY_S = 2.0
ROUNDS = 5
"""Of a session in which files change all the time; the recordings are of one moment anyway."""

Fetch = Callable[[Wanted, Path], Awaitable[bool]]


class RemoteFiles(QObject):
    """One fetch at a time: `started`, `progress`, then `finished`."""

    started = Signal()
    progress = Signal(int, int, str)
    finished = Signal(bool, str, str)
    """Whether all is here, what to tell a person, and the session it was for."""

    def __init__(self, engine: EngineKeeper, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._task: asyncio.Task[None] | None = None
        self._busy = False

    @property
    def is_busy(self) -> bool:
        return self._busy

    def fetch(self) -> None:
        """Of the session that this launcher is attached to."""
        engine = self._engine
        if self._busy or engine.server is None or engine.plan is None:
            return
        self._busy = True
        self.started.emit()
        self.progress.emit(0, 0, tr("The server writes its files…"))
        engine.link.progress.connect(self._writing)
        folder, session = engine.plan.data_folder, engine.plan.session
        engine.command("fetch", {}, "", partial(self._listed, engine.server, folder, session))

    def cancel(self) -> None:
        """What is here stays; the next fetch goes on from there."""
        if self._task is not None:
            self._task.cancel()
        elif self._busy:
            self._engine.command("cancel_export", {}, "", lambda reply: None)

    def _writing(self, step: Mapping[str, Any]) -> None:
        self.progress.emit(int(step["done"]), int(step["total"]), said(str(step["what"])))

    def _listed(self, server: Server, folder: Path, session: str, reply: Reply) -> None:
        self._engine.link.progress.disconnect(self._writing)
        if not reply.ok:
            self._end(False, reply.text, session)
            return
        self._task = asyncio.get_event_loop().create_task(self._run(server, folder, session, reply.result))

    async def _run(self, server: Server, folder: Path, session: str, told: Mapping[str, Any]) -> None:
        try:
            text = await self._all(server, folder, told)
            self._end(True, text, session)
        except asyncio.CancelledError:
            self._end(
                False, tr("Stopped. What was fetched so far stays, and the next time goes on from there."), session
            )
        except ValueError as error:
            self._end(False, tr("The server sent a file name that cannot be used here: {name}", name=error), session)
        except OSError as error:
            why = error.strerror or str(error) or type(error).__name__
            self._end(False, tr("The files could not be fetched: {why}", why=why), session)

    async def _all(self, server: Server, folder: Path, told: Mapping[str, Any]) -> str:
        import aiohttp

        wanted = fetched.wanted_files(folder, told["files"])
        headers = {"Authorization": f"Bearer {told['ticket']}", "Accept-Encoding": "identity"}
        limit = aiohttp.ClientTimeout(total=None, sock_connect=SILENCE_LIMIT_S, sock_read=SILENCE_LIMIT_S)
        await asyncio.to_thread(fetched.mark_copy, folder, server)
        async with aiohttp.ClientSession(headers=headers, timeout=limit) as http:
            new = await self._whole(partial(_fetched, http, f"{server.address}remote/files/"), folder, wanted)
        return tr(
            "Everything of this session is on this computer as well: {files}, {size}.",
            files=plural(len(new), "{n} new file", "{n} new files"), size=size_text(sum(file.size for file in new)),
        )  # fmt: skip

    async def _whole(self, fetch: Fetch, folder: Path, wanted: Sequence[Wanted]) -> set[Wanted]:
        """Again where files changed at the server meanwhile: in the end each is as the list says."""
        new: set[Wanted] = set()
        before, unlisted = fetched.sums(folder), {file for file in wanted if file.name == DATABASE}
        listing = next((file for file in wanted if file.name == MANIFEST_NAME), None)
        for _ in range(ROUNDS):
            part = folder / f".{MANIFEST_NAME}{PART}"
            now = fetched.sums_in(part) if listing and await fetch(listing, part) else {}
            changed = [file for file in wanted if file in unlisted or not fetched.is_here(file, before, now)]
            changed = [file for file in changed if file is not listing]
            await self._each(fetch, changed)
            await asyncio.to_thread(fetched.drop_what_left, folder, before, now)
            if listing:
                # Last: what the list names is there before it.
                await asyncio.to_thread(move, part, listing.target)
            new, unlisted = new | set(changed), set()
            odd = await asyncio.to_thread(fetched.others_than_listed, changed, now)
            before = {name: known for name, known in now.items() if name not in odd}
            if not odd:
                break
            await asyncio.sleep(RETRY_S)  # the server writes a file first, and then what it says of it
        return new

    async def _each(self, fetch: Fetch, files: Sequence[Wanted]) -> None:
        for number, file in enumerate(files):
            self.progress.emit(number, len(files), f"{file.name} ({size_text(file.size)})")
            part = file.target.with_name(file.target.name + PART)
            if await fetch(file, part):
                await asyncio.to_thread(move, part, file.target)

    def _end(self, ok: bool, text: str, session: str) -> None:
        self._task, self._busy = None, False
        self.finished.emit(ok, text, session)


async def _fetched(http: Any, base: str, file: Wanted, part: Path) -> bool:
    """Whole, from where an attempt before stopped; False when the server has it no more. Raises `OSError`."""
    import aiohttp

    await asyncio.to_thread(_cleared, part)
    got, failures = _Got(), 0
    while True:
        before = got.have
        try:
            await _go_on(http, f"{base}{quote(file.name)}", part, got)
            return True
        except aiohttp.ClientResponseError as error:
            if error.status == 404:
                return False
            raise OSError(f"{file.name}: {error.status}") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            failures = 0 if got.have > before else failures + 1
            if failures >= ATTEMPTS:
                raise OSError(f"{file.name}: {error}") from error
            await asyncio.sleep(RETRY_S)


def _cleared(part: Path) -> None:
    part.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)


@dataclass
class _Got:
    """Bytes of a file that are here, and the state of the file they are of."""

    have: int = 0
    of: str = ""


async def _go_on(http: Any, url: str, part: Path, got: _Got) -> None:
    """A file that was changed meanwhile is begun anew: no two states are put together."""
    headers = {"Range": f"bytes={got.have}-", "If-Range": got.of} if got.have and got.of else {}
    async with http.get(url, headers=headers) as answer:
        answer.raise_for_status()
        got.of = answer.headers.get("Last-Modified", "")
        got.have = got.have if answer.status == 206 else 0
        with part.open("ab" if answer.status == 206 else "wb") as out:
            async for chunk in answer.content.iter_chunked(CHUNK):
                await asyncio.to_thread(out.write, chunk)
                got.have += len(chunk)

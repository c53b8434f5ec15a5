"""Files of a session for a launcher on another computer: the exported ones, and a copy of the recordings."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.host.base.clock import steady_s
from igym.host.base.held_files import remove
from igym.host.export.manifest import MANIFEST_NAME, Manifest
from igym.host.http.responses import NEVER_KEPT, error_answer
from igym.host.remote.whole_copy import copy_recordings
from igym.host.store.backup import BACKUPS, Progress
from igym.host.store.store_schema import DATABASE

HOLDS_S = 3600.0
COPY_NAME = ".for-a-launcher-{}.sqlite3"
FILES = "/remote/files/"
NO_TICKET = "This address belongs to a launcher that fetches files. Ask for them again there."


@dataclass(frozen=True)
class _Ticket:
    """What may be fetched with it, by name; `until` in s of the steady clock."""

    word: str
    files: Mapping[str, Path]
    copy: Path
    until: float


class Fetching:
    """`fetch` makes a ticket with a list of files, `GET /remote/files/NAME` gives them, from any byte on."""

    def __init__(self, folder: Path) -> None:
        """`folder`: the experiment's data."""
        self._folder = folder
        self._tickets: list[_Ticket] = []

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(FILES + "{name:.+}", self.file)

    async def fetch(self, progress: Progress) -> dict[str, Any]:
        """`{ticket, files: [{name, bytes}]}`: what is written by now, and the recordings of this moment.

        Raises `HostError`.
        """
        self.forget_old(steady_s())
        copy = self._folder / BACKUPS / COPY_NAME.format(secrets.token_hex(8))
        await asyncio.to_thread(copy_recordings, self._folder / DATABASE, copy, progress)
        files = {**await asyncio.to_thread(self._written), DATABASE: copy}
        ticket = _Ticket(secrets.token_urlsafe(32), files, copy, steady_s() + HOLDS_S)
        self._tickets.append(ticket)
        sizes = [{"name": name, "bytes": path.stat().st_size} for name, path in files.items()]
        return {"ticket": ticket.word, "files": sizes}

    async def file(self, request: web.Request) -> web.StreamResponse:
        scheme, _, word = request.headers.get("Authorization", "").partition(" ")
        self.forget_old(steady_s())
        known = [each for each in self._tickets if hmac.compare_digest(each.word.encode(), word.strip().encode())]
        if scheme.lower() != "bearer" or not known:
            return error_answer(403, "wrong_token", NO_TICKET)
        # Looked up, never joined to a path: what the list does not name is not there.
        path = known[0].files.get(request.match_info["name"])
        if path is None or not path.is_file():
            return error_answer(404, "not_found", NO_TICKET)
        return web.FileResponse(path, headers={"Cache-Control": NEVER_KEPT})

    def forget_old(self, now: float) -> None:
        """Tickets that hold no longer go with their copies."""
        self._forget(lambda ticket: ticket.until <= now)

    def clear(self) -> None:
        """At start and end, and when somebody's data are erased: no copy outlives what it is a copy of."""
        self._forget(lambda ticket: True)
        for left_over in (self._folder / BACKUPS).glob(COPY_NAME.format("*")):
            with contextlib.suppress(OSError):
                remove(left_over)

    def _forget(self, goes: Callable[[_Ticket], bool]) -> None:
        for ticket in [ticket for ticket in self._tickets if goes(ticket)]:
            self._tickets.remove(ticket)
            with contextlib.suppress(OSError):  # being read: it goes at the end
                remove(ticket.copy)

    def _written(self) -> dict[str, Path]:
        """Exported files by name, the list itself last: what it names is there before it."""
        listed = {name: self._folder / name for name in Manifest(self._folder).names("")}
        files = {name: path for name, path in listed.items() if path.is_file()}
        manifest = self._folder / MANIFEST_NAME
        return {**files, MANIFEST_NAME: manifest} if manifest.is_file() else files

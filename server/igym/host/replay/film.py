"""A replay as a video, or as some of its pictures beside each other, made by a browser without a window."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from aiohttp import web

from igym.host.browsers import browser_at, listen
from igym.host.errors import HostError
from igym.host.export.files import replacing
from igym.host.replay.files import ReplayFile
from igym.host.replay.server import ReplayServer
from igym.host.replay.webm import Picture, webm
from igym.host.responses import error_answer, json_answer

NO_BROWSER = (
    "A video is made by a browser, and there is no Chromium, Chrome or Edge on this computer. Install one of them, or "
    "give its path with --browser."
)


@dataclass(frozen=True)
class Wanted:
    """What is to be made. `speed`: 2 is twice as fast; `view`: number of the player whose view is shown; `scale`: of
    the scene's own size; `pictures`: how many a strip has."""

    kind: Literal["video", "strip"] = "video"
    speed: float = 1.0
    view: int = 0
    scale: float = 1.0
    pictures: int = 6


@dataclass
class Filmed:
    """What a browser has sent so far."""

    pictures: list[Picture] = field(default_factory=list)
    codec: str = ""
    size: tuple[int, int] = (0, 0)
    frames: int = 0
    duration_ms: float = 0.0
    failed: str = ""

    def file(self) -> bytes:
        """The finished file. Raises `HostError` "film_failed" when something is missing."""
        if self.failed or len(self.pictures) != (1 if self.codec == "png" else self.frames):
            why = self.failed or f"{len(self.pictures)} of {self.frames} frames came."
            raise HostError("film_failed", f"The replay could not be filmed: {why}")
        if self.codec == "png":
            return self.pictures[0].data
        return webm(self.pictures, self.codec, *self.size, self.duration_ms)


class _Receiver:
    """Takes what the filming page sends."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.film = Filmed()
        self.news = asyncio.Event()
        self.over = asyncio.Event()
        self._tell = tell

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/replay/film/picture", self._picture)
        app.router.add_post("/replay/film/done", self._done)
        app.router.add_post("/replay/film/failed", self._failed)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if int(query["number"]) != len(self.film.pictures):
            return error_answer(409, "out_of_order", "Pictures are sent one after the other.")
        data = await request.content.read()
        self.film.pictures.append(Picture(data, float(query["at_ms"]), query["key"] == "1"))
        self._tell(len(self.film.pictures))
        self.news.set()
        return json_answer({})

    async def _done(self, request: web.Request) -> web.StreamResponse:
        query, film = request.query, self.film
        film.codec, film.frames = query["codec"], int(query["frames"])
        film.size, film.duration_ms = (int(query["width"]), int(query["height"])), float(query["duration_ms"])
        self._end()
        return json_answer({})

    async def _failed(self, request: web.Request) -> web.StreamResponse:
        self.film.failed = request.query["text"]
        self._end()
        return json_answer({})

    def _end(self) -> None:
        self.over.set()
        self.news.set()


def film(
    browser: Path | None,
    replay: ReplayFile,
    to: Path,
    wanted: Wanted,
    tell: Callable[[int], None] = lambda frames: None,
) -> None:
    """Film `replay` and write the file `to`; `tell(frames)` hears how far it is.

    Raises `HostError`: "no_browser", "film_failed", or why it cannot be played.
    """
    if browser is None:
        raise HostError("no_browser", NO_BROWSER)
    data = asyncio.run(_filmed(browser, replay, wanted, tell)).file()
    with replacing(to) as stream:
        stream.write(data)


async def _filmed(browser: Path, replay: ReplayFile, wanted: Wanted, tell: Callable[[int], None]) -> Filmed:
    receiver = _Receiver(tell)
    server = ReplayServer(replay.root, more=(receiver,))
    await server.start()
    asked = {
        "token": server.token, "film": replay.id, "as": wanted.kind, "speed": wanted.speed, "view": wanted.view,
        "scale": wanted.scale, "frames": wanted.pictures,
    }  # fmt: skip
    url = f"{server.url.split('?')[0]}/film?{urlencode(asked)}"
    try:
        async with browser_at(browser, url) as process:
            await listen(process, receiver.news, receiver.over.is_set)
    finally:
        await server.close()
    if not receiver.over.is_set():
        receiver.film.failed = f"{browser.name} was started, but went silent."
    return receiver.film

"""Replays as videos, as moving pictures or as some of their pictures beside each other, made by a browser without a
window."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from aiohttp import web

from igym.host.base.errors import HostError
from igym.host.children.browsers import browser_at, listen
from igym.host.export.files import replacing
from igym.host.http.responses import error_answer, json_answer
from igym.host.replay.files import ReplayFile
from igym.host.replay.gif import gif
from igym.host.replay.server import ReplayServer
from igym.host.replay.webm import Picture, webm
from igym.protocol.told import Told

NO_BROWSER = Told(
    "A video is made by a browser, and there is no Chromium, Chrome or Edge on this computer. "
    "Install one of them, or give its path with --browser."
)
Kind = Literal["video", "gif", "strip"]
SUFFIXES: dict[Kind, str] = {"video": ".webm", "gif": ".gif", "strip": ".png"}


@dataclass(frozen=True)
class Wanted:
    """What is to be made. `speed`: 2 is twice as fast; `view`: number of the player whose view is shown; `scale`: of
    the scene's own size; `first`, `last`: only these frames and those between (a negative `last`: to the end);
    `pictures`: how many a strip has; `at`: the frames of a strip, in place of evenly spread ones."""

    kind: Kind = "video"
    speed: float = 1.0
    view: int = 0
    scale: float = 1.0
    first: int = 0
    last: int = -1
    pictures: int = 6
    at: tuple[int, ...] = ()


@dataclass(frozen=True)
class Take:
    """One file that is to be made of one replay."""

    replay: ReplayFile
    to: Path
    wanted: Wanted

    def check(self) -> None:
        """Raises `HostError` "no_such_frame" or "no_such_player": the recording does not have what is wanted of it."""
        frames = int(self.replay.body["frames"])
        last = frames - 1 if self.wanted.last < 0 else self.wanted.last
        asked = (self.wanted.first, last, *self.wanted.at)
        if not all(0 <= frame < frames for frame in asked) or last < self.wanted.first:
            raise HostError(
                "no_such_frame",
                Told(
                    "{replay} has the frames 0 to {last}; give frames of these, in order.",
                    replay=self.replay.id,
                    last=frames - 1,
                ),
            )
        players = len(self.replay.body["players"])
        if not 0 <= self.wanted.view < players:
            raise HostError(
                "no_such_player",
                Told(
                    "{replay} has the players 0 to {last}; give one of these.", replay=self.replay.id, last=players - 1
                ),
            )


@dataclass
class Filmed:
    """What a browser has sent of one take."""

    pictures: list[Picture] = field(default_factory=list)
    codec: str = ""
    size: tuple[int, int] = (0, 0)
    count: int = -1
    duration_ms: float = 0.0

    def file(self) -> bytes:
        """The finished file. Raises `HostError` "film_failed" when something is missing."""
        if len(self.pictures) != self.count or not self.count:
            raise _failure(Told("{number} of {all} pictures came.", number=len(self.pictures), all=self.count))
        if self.codec == "png":
            return self.pictures[0].data
        if self.codec == "gif":
            return gif([one.data for one in self.pictures], [one.at_ms for one in self.pictures], self.duration_ms)
        return webm(self.pictures, self.codec, *self.size, self.duration_ms)


def _failure(why: str) -> HostError:
    return HostError("film_failed", Told("The replay could not be filmed: {error}", error=why))


Tell = Callable[[Take, int], None]
Over = Callable[[Take], None]


class Studio:
    """Hands the takes to the filming page, one after the other, and takes what it sends.

    `made` and `failed` grow meanwhile. `tell(take, pictures)` hears of every picture, `over(take)` of each end; what
    they raise ends all.
    """

    def __init__(self, takes: Sequence[Take], tell: Tell, over: Over) -> None:
        self.waiting = deque(takes)
        self.made: list[Take] = []
        self.failed: list[tuple[Take, HostError]] = []
        self.stopped: Exception | None = None
        self.news = asyncio.Event()
        self._tell, self._over = tell, over
        self._take: Take | None = None
        self._film = Filmed()

    @property
    def is_over(self) -> bool:
        return self.stopped is not None or (not self.waiting and self._take is None)

    def add_to(self, app: web.Application) -> None:
        app.router.add_post("/replay/film/next", self._next)
        app.router.add_post("/replay/film/picture", self._picture)
        app.router.add_post("/replay/film/done", self._done)
        app.router.add_post("/replay/film/failed", self._failed)

    def give_up(self, why: str) -> None:
        """The browser has gone: so has the take it was at, or the first, if it never asked for any."""
        take = self._take or self.waiting.popleft()
        self.failed.append((take, _failure(why)))
        self._end(take)

    async def _next(self, request: web.Request) -> web.StreamResponse:
        """The next take, or null."""
        self._take, self._film = (self.waiting.popleft() if self.waiting else None), Filmed()
        self.news.set()
        take = self._take
        told: dict[str, Any] | None = {"id": take.replay.id, **asdict(take.wanted)} if take else None
        return json_answer({"take": told})

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        query, film = request.query, self._film
        if self._take is None or int(query["number"]) != len(film.pictures):
            return error_answer(409, "out_of_order", "Pictures are sent one after the other.")
        film.pictures.append(Picture(await request.content.read(), float(query["at_ms"]), query["key"] == "1"))
        take, count = self._take, len(film.pictures)
        self._told(lambda: self._tell(take, count))
        return json_answer({})

    async def _done(self, request: web.Request) -> web.StreamResponse:
        query, film = request.query, self._film
        film.codec, film.count = query["codec"], int(query["pictures"])
        film.size, film.duration_ms = (int(query["width"]), int(query["height"])), float(query["duration_ms"])
        await self._finish(film.file)
        return json_answer({})

    async def _failed(self, request: web.Request) -> web.StreamResponse:
        def file() -> bytes:
            raise _failure(request.query["text"])

        await self._finish(file)
        return json_answer({})

    async def _finish(self, file: Callable[[], bytes]) -> None:
        take = self._take
        if take is None:
            return
        try:
            data = await asyncio.to_thread(file)
            with replacing(take.to) as stream:
                stream.write(data)
            self.made.append(take)
        except HostError as error:
            self.failed.append((take, error))
        except OSError as error:
            self.stopped = error
        self._end(take)

    def _end(self, take: Take) -> None:
        self._take = None
        self._told(lambda: self._over(take))

    def _told(self, tell: Callable[[], None]) -> None:
        """What it raises, such as that an export was stopped, is for whoever wants the films, not for a request."""
        try:
            tell()
        except Exception as error:
            self.stopped = error
        self.news.set()


def film(
    browser: Path | None,
    takes: Sequence[Take],
    tell: Tell = lambda take, pictures: None,
    over: Over = lambda take: None,
) -> Studio:
    """Make all files that are wanted of replays of one data folder; returns what became of each.

    Raises `HostError` "no_browser" or why a take is not possible (see `Take.check`), `OSError` when the disk takes no
    file, and what `tell` and `over` do.
    """
    for take in takes:
        take.check()
    if browser is None:
        raise HostError("no_browser", NO_BROWSER)
    studio = asyncio.run(_filmed(browser, takes[0].replay.root, Studio(takes, tell, over)))
    if studio.stopped:
        raise studio.stopped
    return studio


async def _filmed(browser: Path, root: Path, studio: Studio) -> Studio:
    while not studio.is_over:
        server = ReplayServer(root, more=(studio,), at_work=studio.news.set)
        await server.start()
        try:
            url = f"{server.url.split('?')[0]}/film?token={server.token}"
            async with browser_at(browser, url) as process:
                await listen(process, studio.news, lambda: studio.is_over)
        finally:
            await server.close()
        if not studio.is_over:
            studio.give_up(Told("{browser} was started, but went silent.", browser=browser.name))
    return studio

"""The small server of the replay page, for this computer's browser alone."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from igym.host.base.errors import HostError
from igym.host.children.child import LocalRunner
from igym.host.export.kept_games import SOURCES, WHEELS
from igym.host.hostenv.kept_packages import differences
from igym.host.http.asset_files import AssetFiles
from igym.host.http.own_names import OwnNames
from igym.host.http.responses import ALWAYS_ASK, error_answer, file_answer, json_answer
from igym.host.http.web_files import Served, Vendored, inside, web_client_folder
from igym.host.packages.package_routes import PackageRoutes
from igym.host.packages.packages import read_browser
from igym.host.packages.wheels import WheelStore, default_store_folder
from igym.host.replay.files import Game, ReplayFile, earlier, find_replays, game_of
from igym.host.replay.judge import Finding, Played, judge, on_another
from igym.host.replay.reel_routes import ReelRoutes
from igym.host.replay.reels import Reels
from igym.host.replay.told import addressed, episode_json, match_json
from igym.host.web.file_routes import NOT_FOUND
from igym.host.web.web import PageRoutes, Routes, build_app
from igym.protocol.told import Told

ADDRESS = "127.0.0.1"
PLAYED_HERE = "/replay/here"
WRONG_TOKEN = "This address is not complete. Please open the replay from the launcher again."
Decided = Callable[[ReplayFile, Finding], None]


class ReplayServer:
    """Serves the replays of one data folder (or one file of it)."""

    def __init__(
        self, where: Path, decided: Decided | None = None, more: tuple[Routes, ...] = (),
        at_work: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Raises `HostError` when there is nothing to replay or the browser's Python is missing.

        `decided` hears of every check in a page, `at_work` now and then while a page runs an episode. `more`: further
        routes, behind the same token.
        """
        self._more = more
        self._at_work = at_work
        self.where = where
        self.replays = find_replays(where)
        self.token = secrets.token_urlsafe(16)
        self._decided = decided
        self._copies = sorted(
            {replay.root / replay.body["game"]["copy"] for replay in self.replays if replay.body["game"]}
        )
        client = web_client_folder()
        vendored = Vendored(client / "vendor")
        if not vendored.is_complete:
            raise HostError("packages_missing", Told("The Python for browsers is missing from this installation."))
        self._in_browsers = read_browser(client / "vendor" / "pyodide").vendored.keys()
        self._pages = PageRoutes(Served(client, without=("vendor",)), vendored, AssetFiles(where))
        self._reels = Reels(LocalRunner(), lambda line: None)
        self._reel_routes = ReelRoutes(self._reels)
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int = 0) -> str:
        """Listen; returns the page's address. Raises `HostError` "port_in_use"."""
        app = build_app([self, *self._more], (), OwnNames())
        app.middlewares.append(self._admitted_only)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._runner = runner
        site = web.TCPSite(runner, ADDRESS, port)
        try:
            await site.start()
        except OSError as error:
            raise HostError(
                "port_in_use", Told("Port {port} is taken by another program.", port=port), str(error)
            ) from error
        self.port = int(runner.addresses[0][1])
        return self.url

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}/replay?token={self.token}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        await self._reels.close()

    def add_to(self, app: web.Application) -> None:
        """The routes; all of them are behind the token."""
        app.router.add_get("/replay", self._page)
        app.router.add_get("/replay/film", self._film)
        app.router.add_get("/replay/list", self._list)
        app.router.add_get("/replay/episode/{id}", self._episode)
        app.router.add_post("/replay/verdict/{id}", self._verdict)
        app.router.add_post("/replay/working", self._working)
        app.router.add_post(PLAYED_HERE + "/{id}", self._play_here)
        app.router.add_get(PLAYED_HERE + "/{id}/{run}/news", self._reel_routes.news)
        app.router.add_get(PLAYED_HERE + "/{id}/{run}/pictures/{player}/{piece}", self._reel_routes.pictures)
        app.router.add_get("/kept/{copy:[0-9]{1,4}}/{path:.+}", self._asset)
        app.router.add_get("/static/{hash}/{path:.+}", self._pages.static)
        app.router.add_get("/vendor/{hash}/{path:.+}", self._pages.vendor)
        app.router.add_get("/favicon.ico", self._pages.icon)
        wheels = [folder for copy in self._copies for folder in (copy / WHEELS, copy / SOURCES / "wheels")]
        PackageRoutes(WheelStore([*wheels, default_store_folder()])).add_to(app)

    def _admits(self, request: web.Request) -> bool:
        given = request.query.get("token") or request.cookies.get(self._cookie, "")
        return hmac.compare_digest(given.encode(), self.token.encode())

    @property
    def _cookie(self) -> str:
        """Cookies know no ports: several replays may be open at once."""
        return f"igym_replay_{self.port}"

    @web.middleware
    async def _admitted_only(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Nothing is answered without the token: in the address of the page, later in the cookie that came with it."""
        if not self._admits(request):
            return error_answer(403, "wrong_token", WRONG_TOKEN)
        return await handler(request)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        page = self._pages.filled("replay.html")
        page.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")
        return page

    async def _film(self, request: web.Request) -> web.StreamResponse:
        page = self._pages.filled("film.html")
        page.set_cookie(self._cookie, self.token, httponly=True, samesite="Strict")
        return page

    async def _list(self, request: web.Request) -> web.StreamResponse:
        self.replays = find_replays(self.where)
        return json_answer({"replays": [replay.described() for replay in self.replays]})

    async def _episode(self, request: web.Request) -> web.StreamResponse:
        replay = self._asked(request)
        if replay is None:
            return error_answer(404, "not_found", NOT_FOUND)
        try:
            game = game_of(replay)
        except HostError as error:
            return error_answer(404, error.code, error.text)
        bundle = addressed(game.bundle, f"/kept/{self._copies.index(game.copy)}/")
        before = [episode_json(other) for other in earlier(replay, self.replays)]
        return json_answer(
            {"replay": replay.described() | episode_json(replay), "bundle": bundle, "earlier": before,
             "match": match_json(replay), "changed": list(game.changed),
             "played_here": f"{PLAYED_HERE}/{quote(replay.id)}" if self._is_played_here(game) else None}
        )  # fmt: skip

    def _is_played_here(self, game: Game) -> bool:
        """By this computer's own Python: no browser has the packages."""
        return bool(game.beyond_browsers(self._in_browsers))

    async def _play_here(self, request: web.Request) -> web.StreamResponse:
        replay = self._asked(request)
        if replay is None:
            return error_answer(404, "not_found", NOT_FOUND)
        return await self._reel_routes.play(replay, earlier(replay, self.replays), request.query.get("anew") == "1")

    async def _verdict(self, request: web.Request) -> web.StreamResponse:
        """What a page got when it played an episode again: `{checks, chain, ended, error}`."""
        replay = self._asked(request)
        if replay is None:
            return error_answer(404, "not_found", NOT_FOUND)
        # Not `request.json()`, which takes no long request: there are 8 digits for each frame of a session of hours.
        told = json.loads(await request.content.read())
        played = Played(str(told["checks"]), str(told["chain"]), int(told["ended"]), str(told.get("error") or ""))
        try:
            finding = self._judged(replay, game_of(replay), played)
        except HostError as error:
            finding = Finding("failed", None, "browser", error.text)
        if self._decided is not None:
            self._decided(replay, finding)
        return json_answer(finding.to_json(replay))

    def _judged(self, replay: ReplayFile, game: Game, played: Played) -> Finding:
        if not self._is_played_here(game):
            return judge(replay, game.changed, played, "browser")
        elsewhere = [] if game.changed else differences(game.lock)
        return on_another(elsewhere, judge(replay, game.changed, played, "python"))

    async def _working(self, request: web.Request) -> web.StreamResponse:
        self._at_work()
        return json_answer({})

    def _asked(self, request: web.Request) -> ReplayFile | None:
        wanted = request.match_info["id"]
        found = (replay for replay in self.replays if replay.id == wanted)
        return next(found, None)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        number = int(request.match_info["copy"])
        copy = self._copies[number] if number < len(self._copies) else None
        found = inside(copy / SOURCES, request.match_info["path"]) if copy else None
        return error_answer(404, "not_found", NOT_FOUND) if found is None else file_answer(found, ALWAYS_ASK)

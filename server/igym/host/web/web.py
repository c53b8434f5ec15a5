"""The HTTP side of the engine: the page, its files, and the routes of the other modules."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Protocol

from aiohttp import web

from igym.experiment import Experiment
from igym.experiment.scenes.pages import WebScene
from igym.host.http.asset_files import AssetFiles
from igym.host.http.own_names import OwnNames, only_own_names
from igym.host.http.responses import (
    ALWAYS_ASK,
    FOR_EVER,
    add_security_headers,
    error_answer,
    file_answer,
    packed_answer,
    unpacked_answer,
)
from igym.host.http.web_files import Bundled, Served, Vendored, bridge_for_browsers, python_for_browsers

PYTHON_BUNDLE, BRIDGE_BUNDLE = "py/igym_rendering.json", "py/igym_bridge.json"
MAX_REQUEST_BYTES = 64 * 1024
NO_COOKIE = "This page belongs to nobody here. Please open the link you were given again."
NOT_FOUND = "There is nothing at this address. Please check the link you were given."


class Routes(Protocol):
    """A module's own routes."""

    def add_to(self, app: web.Application) -> None: ...


class PageRoutes:
    """The page, the web client, the vendored runtime and the experiment's assets."""

    def __init__(
        self,
        client: Served,
        vendored: Vendored,
        assets: AssetFiles,
        admits: Callable[[web.Request], bool] = lambda request: True,
        prefix: str = "",
        games: bool = False,
    ) -> None:
        """`admits`: who may fetch the experiment's own files; `prefix`: below which path a proxy serves the pages;
        `games`: some are played in browsers, which then start Python before anything else."""
        self._games = games
        self._prefix = prefix
        self._client = client
        self._vendored = vendored
        self._assets = assets
        self._admits = admits
        self._bundled = Bundled(client.folder)
        main = self._bundled.joined("main.js")
        links = (f'<link rel="modulepreload" href="{{{{static}}}}{name}" />' for name in client.modules(main))
        self._modules = "\n    ".join(links)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.page)
        app.router.add_get("/seat/{label}", self.page)
        app.router.add_get("/static/{hash}/{path:.+}", self.static)
        app.router.add_get("/vendor/{hash}/{path:.+}", self.vendor)
        app.router.add_get("/assets/{path:.+}", self.asset)
        app.router.add_get("/favicon.ico", self.icon)

    async def page(self, request: web.Request) -> web.StreamResponse:
        # The preview's own frame: the same page, as large as other screens are.
        return self.filled("sizes.html" if "sizes" in request.query else "index.html")

    def filled(self, name: str) -> web.Response:
        """A page of the web client with the present addresses of its files."""
        text = (self._client.folder / name).read_text(encoding="utf-8")
        places = {
            "{{modules}}": self._modules,
            "{{early}}": self._early(),
            "{{main}}": "{{static}}" + self._bundled.joined("main.js"),
            "{{worker}}": "{{static}}" + self._bundled.joined("game/worker.js"),
            "{{static}}": escape(f"{self._prefix}/static/{self._client.hash}/"),
            "{{vendor}}": escape(f"{self._prefix}/vendor/{self._vendored.hash}/"),
            "{{boot}}": (self._client.folder / "boot.js").read_text(encoding="utf-8"),
        }
        # The first marks' contents have `{{static}}` in them.
        for mark, content in places.items():
            text = text.replace(mark, content)
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": ALWAYS_ASK})

    def _early(self) -> str:
        # A hundred modules would wait behind Python's megabytes; joined, they come beside them.
        if not (self._games and self._bundled.is_current):
            return ""
        return f"<script>\n{(self._client.folder / 'early.js').read_text(encoding='utf-8')}</script>"

    async def static(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path in (PYTHON_BUNDLE, BRIDGE_BUNDLE):
            body = python_for_browsers() if path == PYTHON_BUNDLE else bridge_for_browsers(self._client.folder)
            return packed_answer(body, _takes_packed(request), self._caching(request, self._client.hash))
        found = None if path.startswith("vendor/") else self._client.find(path)
        return _file(found, self._caching(request, self._client.hash))

    async def vendor(self, request: web.Request) -> web.StreamResponse:
        found = self._vendored.find(request.match_info["path"])
        caching = self._caching(request, self._vendored.hash)
        if found is not None and not _takes_packed(request) and not found.is_file():
            return await unpacked_answer(found, caching)
        return _file(found, caching)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        if not self._admits(request):
            return error_answer(403, "unknown_participant", NO_COOKIE)
        digest = request.query.get("sha256")
        if digest is not None:
            return _held(self._assets.held.get(digest))
        return _file(self._assets.find(request.match_info["path"]), ALWAYS_ASK)

    async def icon(self, request: web.Request) -> web.StreamResponse:
        return _file(self._client.find("ui/style/icon.svg"), ALWAYS_ASK)

    @staticmethod
    def _caching(request: web.Request, current: str) -> str:
        # A page from before an update still finds its files, but must not keep the new ones under the old address.
        return FOR_EVER if request.match_info["hash"] == current else ALWAYS_ASK


def _takes_packed(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "").lower()


def _held(content: bytes | None) -> web.StreamResponse:
    """A file that a game reads: its hash is in its address, so it never changes."""
    if content is None:
        return error_answer(404, "not_found", NOT_FOUND)
    headers = {"Cache-Control": FOR_EVER.replace("public", "private")}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


def _file(found: Path | None, caching: str) -> web.StreamResponse:
    return error_answer(404, "not_found", NOT_FOUND) if found is None else file_answer(found, caching)


def build_app(routes: list[Routes], frame_origins: tuple[str, ...], names: OwnNames | None = None) -> web.Application:
    """An application with these routes, for requests under `names`; Socket.IO is attached to it by the caller."""
    for suffix, kind in ((".mjs", "text/javascript"), (".js", "text/javascript"), (".wasm", "application/wasm")):
        mimetypes.add_type(kind, suffix)
    app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[only_own_names(names or OwnNames())])
    add_security_headers(app, frame_origins)
    for module in routes:
        module.add_to(app)
    return app


def frame_origins(experiment: Experiment) -> tuple[str, ...]:
    """Where the experiment's own external tasks come from: the only foreign pages a frame may show."""
    urls = [scene.url or "" for scene in experiment.scenes if isinstance(scene, WebScene)]
    return tuple(sorted({"/".join(url.split("/")[:3]) for url in urls if url.startswith(("http://", "https://"))}))

"""The HTTP side of the engine: the page, its files, and the routes of the other modules."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable
from html import escape
from typing import Protocol

from aiohttp import web

from igym.experiment.experiment import Experiment
from igym.experiment.scenes.pages import WebScene
from igym.host.http.asset_files import AssetFiles
from igym.host.http.own_names import OwnNames, only_own_names
from igym.host.http.responses import ALWAYS_ASK, FOR_EVER, add_security_headers, error_answer
from igym.host.http.web_files import Bundled, Served, Vendored
from igym.host.web.file_routes import NOT_FOUND, FileRoutes, file_or_none

MAX_REQUEST_BYTES = 64 * 1024
NO_COOKIE = "This page belongs to nobody here. Please open the link you were given again."


class Routes(Protocol):
    """A module's own routes."""

    def add_to(self, app: web.Application) -> None: ...


class PageRoutes(FileRoutes):
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
        super().__init__(client, vendored)
        self._games = games
        self._prefix = prefix
        self._assets = assets
        self._admits = admits
        self._bundled = Bundled(client.folder)
        main = self._bundled.joined("main.js")
        links = (f'<link rel="modulepreload" href="{{{{static}}}}{name}" />' for name in client.modules(main))
        self._modules = "\n    ".join(links)

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.page)
        app.router.add_get("/seat/{label}", self.page)
        app.router.add_get("/assets/{path:.+}", self.asset)
        super().add_to(app)

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

    async def asset(self, request: web.Request) -> web.StreamResponse:
        if not self._admits(request):
            return error_answer(403, "unknown_participant", NO_COOKIE)
        digest = request.query.get("sha256")
        if digest is not None:
            return _held(self._assets.held.get(digest))
        return file_or_none(self._assets.find(request.match_info["path"]), ALWAYS_ASK)


def _held(content: bytes | None) -> web.StreamResponse:
    """A file that a game reads: its hash is in its address, so it never changes."""
    if content is None:
        return error_answer(404, "not_found", NOT_FOUND)
    headers = {"Cache-Control": FOR_EVER.replace("public", "private")}
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


def know_types() -> None:
    """The type table of some systems lacks these, or has them wrong."""
    for suffix, kind in ((".mjs", "text/javascript"), (".js", "text/javascript"), (".wasm", "application/wasm")):
        mimetypes.add_type(kind, suffix)


def build_app(routes: list[Routes], frame_origins: tuple[str, ...], names: OwnNames | None = None) -> web.Application:
    """An application with these routes, for requests under `names`; Socket.IO is attached to it by the caller."""
    know_types()
    app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[only_own_names(names or OwnNames())])
    add_security_headers(app, frame_origins)
    for module in routes:
        module.add_to(app)
    return app


def frame_origins(experiment: Experiment) -> tuple[str, ...]:
    """Where the experiment's own external tasks come from: the only foreign pages a frame may show."""
    urls = [scene.url or "" for scene in experiment.scenes if isinstance(scene, WebScene)]
    return tuple(sorted({"/".join(url.split("/")[:3]) for url in urls if url.startswith(("http://", "https://"))}))

"""The host's own package index."""

from __future__ import annotations

from aiohttp import web

from igym.host.http.responses import FOR_EVER, NEVER_KEPT, error_answer, file_answer
from igym.host.packages.simple_index import index_page, project_page
from igym.host.packages.wheels import WheelStore


class PackageRoutes:
    """`/simple/…` and `/wheels/…`."""

    def __init__(self, store: WheelStore) -> None:
        self._store = store

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/simple/", self.index)
        app.router.add_get("/simple/{name}/", self.project)
        app.router.add_get("/wheels/{file}", self.wheel)

    async def index(self, request: web.Request) -> web.StreamResponse:
        return _html(index_page(self._store.wheels()))

    async def project(self, request: web.Request) -> web.StreamResponse:
        page = project_page(request.match_info["name"], self._store.wheels())
        return error_answer(404, "unknown_package", "This host has no such package.") if page is None else _html(page)

    async def wheel(self, request: web.Request) -> web.StreamResponse:
        path = self._store.file(request.match_info["file"])
        if path is None:
            return error_answer(404, "unknown_package", "This host has no such wheel.")
        return file_answer(path, FOR_EVER)


def _html(page: str) -> web.Response:
    return web.Response(text=page, content_type="text/html", headers={"Cache-Control": NEVER_KEPT})

"""The web client's files and the vendored runtime, under addresses that name their version."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from igym.host.http.responses import ALWAYS_ASK, FOR_EVER, error_answer, file_answer, packed_answer, unpacked_answer
from igym.host.http.web_files import Served, Vendored, bridge_for_browsers, python_for_browsers

CURRENT = "current"
"""Asks whether the files are still those of the address: so a page that was open during an upgrade finds out."""
PYTHON_BUNDLE, BRIDGE_BUNDLE = "py/igym_rendering.json", "py/igym_bridge.json"
NOT_FOUND = "There is nothing at this address. Please check the link you were given."


class FileRoutes:
    """`/static`, `/vendor` and the icon: whatever session runs, and wherever."""

    def __init__(self, client: Served, vendored: Vendored) -> None:
        self._client = client
        self._vendored = vendored

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/static/{hash}/{path:.+}", self.static)
        app.router.add_get("/vendor/{hash}/{path:.+}", self.vendor)
        app.router.add_get("/favicon.ico", self.icon)

    async def static(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path == CURRENT:
            return _is_current(request, self._client.hash)
        if path in (PYTHON_BUNDLE, BRIDGE_BUNDLE):
            body = python_for_browsers() if path == PYTHON_BUNDLE else bridge_for_browsers(self._client.folder)
            return packed_answer(body, _takes_packed(request), self._caching(request, self._client.hash))
        found = None if path.startswith("vendor/") else self._client.find(path)
        return file_or_none(found, self._caching(request, self._client.hash))

    async def vendor(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["path"] == CURRENT:
            return _is_current(request, self._vendored.hash)
        found = self._vendored.find(request.match_info["path"])
        caching = self._caching(request, self._vendored.hash)
        if found is not None and not _takes_packed(request) and not found.is_file():
            return await unpacked_answer(found, caching)
        return file_or_none(found, caching)

    async def icon(self, request: web.Request) -> web.StreamResponse:
        return file_or_none(self._client.find("ui/style/icon.svg"), ALWAYS_ASK)

    @staticmethod
    def _caching(request: web.Request, current: str) -> str:
        # A page from before an update still finds its files, but must not keep the new ones under the old address.
        return FOR_EVER if request.match_info["hash"] == current else ALWAYS_ASK


def _is_current(request: web.Request, current: str) -> web.Response:
    is_current = request.match_info["hash"] == current
    return web.Response(status=204 if is_current else 410, headers={"Cache-Control": "no-store"})


def _takes_packed(request: web.Request) -> bool:
    return "gzip" in request.headers.get("Accept-Encoding", "").lower()


def file_or_none(found: Path | None, caching: str) -> web.StreamResponse:
    return error_answer(404, "not_found", NOT_FOUND) if found is None else file_answer(found, caching)

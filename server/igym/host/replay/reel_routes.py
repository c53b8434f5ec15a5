"""What a page that shows a recorded game of the host asks for; who may ask is for whoever has these routes."""

from __future__ import annotations

from aiohttp import web

from igym.host.base.errors import HostError
from igym.host.http.responses import FOR_EVER, NEVER_KEPT, error_answer, file_answer, json_answer
from igym.host.replay.files import ReplayFile
from igym.host.replay.reels import Reels

GONE = "This recording was put away to make room for others. Please open it again."


class ReelRoutes:
    """`play` answers `{run}`; below that name are its `news` and its `pictures`."""

    def __init__(self, reels: Reels) -> None:
        self._reels = reels

    async def play(self, replay: ReplayFile, before: list[ReplayFile], anew: bool = False) -> web.StreamResponse:
        """`anew`: from the start in a fresh env, whatever was played before."""
        try:
            showing = await self._reels.open(replay, before, anew)
        except HostError as error:
            return error_answer(404, error.code, error.text)
        return json_answer({"run": showing.id})

    async def news(self, request: web.Request) -> web.StreamResponse:
        """`{parts, earlier, error, done}` behind `?after=` parts that are known already."""
        showing = self._reels.asked(request.match_info["run"])
        after = request.query.get("after", "0")
        if showing is None or not after.isdecimal():
            return error_answer(404, "gone", GONE)
        body = await self._reels.news(showing, int(after))
        return web.Response(text=body, content_type="application/json", headers={"Cache-Control": NEVER_KEPT})

    async def pictures(self, request: web.Request) -> web.StreamResponse:
        """One piece of one view."""
        showing = self._reels.asked(request.match_info["run"])
        player, number = request.match_info["player"], request.match_info["piece"]
        known = showing is not None and player.isdecimal() and number.isdecimal()
        found = showing.piece(int(player), int(number)) if showing is not None and known else None
        return error_answer(404, "gone", GONE) if found is None else file_answer(found, FOR_EVER)

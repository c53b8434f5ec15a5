"""What a page with recordings fetches: `GET /api/replay/<visit>/<number>` and the files of the game it is of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.experiment.experiment import Experiment
from igym.experiment.scenes import ReplayScene
from igym.host.base.errors import HostError
from igym.host.children.child import LogLine
from igym.host.export.kept_games import WHEELS
from igym.host.http.asset_files import AssetFiles
from igym.host.http.responses import ALWAYS_ASK, error_answer, file_answer, json_answer
from igym.host.http.web_files import inside
from igym.host.packages.scene_packages import runtime_of_browsers
from igym.host.packages.wheels import WheelStore, default_store_folder
from igym.host.ports import Runner
from igym.host.replay.files import Game, ReplayFile, game_of
from igym.host.replay.reel_routes import ReelRoutes
from igym.host.replay.reels import Reels
from igym.host.replay.told import addressed, episode_json, match_json
from igym.host.session.queries import SessionQueries
from igym.host.stimuli.finder import Finder
from igym.host.stimuli.recordings import Recording, Shelf, content_hash, cut
from igym.host.web.file_routes import NOT_FOUND
from igym.host.web.web import NO_COOKIE
from igym.protocol.told import Told

HERE = "/here"
MOST_OPEN = 32
"""Games whose kept files are remembered."""


@dataclass(frozen=True)
class _Kept:
    game: Game
    assets: AssetFiles
    wheels: WheelStore

    def find(self, path: str) -> Path | None:
        """A file that the game reads, or one that its specification names."""
        return inside(self.game.sources, path) if path in self.game.bundle["data"] else self.assets.find(path)


class Stimuli:
    """Finds and serves the recordings of one session's replay scenes."""

    def __init__(
        self,
        experiment: Experiment,
        folder: Path,
        root: Path,
        data: Path,
        session: str,
        queries: SessionQueries,
        participant: Callable[[web.Request], str | None],
        pyodide: Path,
        runner: Runner,
        log: LogLine,
        prefix: str = "",
    ) -> None:
        """`folder`: the experiment's; `root`: where all studies' data are, `data`: where this one's are.

        `participant`: whose browser asks, None: nobody's; `prefix`: below which path a proxy serves browsers.
        """
        self._experiment = experiment
        self._prefix = prefix
        self._shelf = Shelf(root, folder, (experiment.id, data))
        shows = any(isinstance(scene, ReplayScene) for scene in experiment.scenes)
        self._in_browsers = runtime_of_browsers(pyodide).vendored.keys() if shows else ()
        self._finder = Finder(self._shelf, folder, experiment.id, session)
        self._reels = Reels(runner, log)
        self._reel_routes = ReelRoutes(self._reels)
        self._queries = queries
        self._choosing = asyncio.Lock()
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._participant = participant

    async def find(self, context: dict[str, Any]) -> dict[str, Any]:
        """`{items, problem}` for the core (see `Finder.find`); one after the other, so that counts are true."""
        scene = self._experiment.scene(str(context["shows"]))
        assert isinstance(scene, ReplayScene)
        if scene.source == "own_last":
            return await asyncio.to_thread(self._finder.find, scene, context)
        async with self._choosing:
            return await asyncio.to_thread(self._finder.find, scene, context)

    def add_to(self, app: web.Application) -> None:
        here = "/api/replay/{visit:[0-9]{1,9}}/{number:[0-9]{1,2}}"
        app.router.add_get(here, self.episode)
        app.router.add_get(here + "/files/{path:.+}", self.file)
        app.router.add_get(here + "/wheels/{file}", self.wheel)
        app.router.add_post(here + HERE, self.play_here)
        app.router.add_get(here + HERE + "/{run}/news", self.news)
        app.router.add_get(here + HERE + "/{run}/pictures/{player}/{piece}", self.pictures)

    async def episode(self, request: web.Request) -> web.StreamResponse:
        """`{replay, bundle, earlier, match}` as the page of a researcher gets it, without who played."""
        item, refusal = self._item(request)
        if item is None:
            return refusal
        try:
            return json_answer(await asyncio.to_thread(self._opened, item, f"{self._prefix}{request.path}"))
        except HostError as error:
            return error_answer(404, error.code, error.text)

    async def file(self, request: web.Request) -> web.StreamResponse:
        kept, refusal = await self._kept_of(request)
        found = kept.find(request.match_info["path"]) if kept else None
        return refusal if found is None else file_answer(found, ALWAYS_ASK)

    async def wheel(self, request: web.Request) -> web.StreamResponse:
        kept, refusal = await self._kept_of(request)
        found = kept.wheels.file(request.match_info["file"]) if kept else None
        return refusal if found is None else file_answer(found, ALWAYS_ASK)

    async def play_here(self, request: web.Request) -> web.StreamResponse:
        """Begin to play a recording again that no browser can run; see `ReelRoutes`."""
        item, refusal = self._item(request)
        if item is None:
            return refusal
        try:
            if not self._is_played_here(await asyncio.to_thread(self._kept_game, item)):
                return error_answer(404, "not_found", NOT_FOUND)
            replay, before = await asyncio.to_thread(self._shown, item)
        except HostError as error:
            return error_answer(404, error.code, error.text)
        return await self._reel_routes.play(replay, before)

    async def news(self, request: web.Request) -> web.StreamResponse:
        item, refusal = self._item(request)
        return refusal if item is None else await self._reel_routes.news(request)

    async def pictures(self, request: web.Request) -> web.StreamResponse:
        item, refusal = self._item(request)
        return refusal if item is None else await self._reel_routes.pictures(request)

    async def close(self) -> None:
        await self._reels.close()

    def _item(self, request: web.Request) -> tuple[dict[str, Any] | None, web.Response]:
        """The recording that the request's own page shows, or the refusal."""
        participant = self._participant(request)
        if participant is None:
            return None, error_answer(403, "unknown_participant", NO_COOKIE)
        items = self._queries.replays_of(participant, int(request.match_info["visit"]))
        number = int(request.match_info["number"])
        found = items[number] if number < len(items) else None
        return found, error_answer(404, "not_found", NOT_FOUND)

    async def _kept_of(self, request: web.Request) -> tuple[_Kept | None, web.Response]:
        item, refusal = self._item(request)
        if item is None:
            return None, refusal
        try:
            return await asyncio.to_thread(self._kept_game, item), refusal
        except HostError as error:
            return None, error_answer(404, error.code, error.text)

    def _opened(self, item: dict[str, Any], path: str) -> dict[str, Any]:
        replay, before = self._shown(item)
        kept = self._kept_game(item)
        bundle = addressed(kept.game.bundle, f"{path}/files/", f"{path}/wheels/")
        nameless = {"followed": None, "reason": None}
        match = match_json(replay)
        players = [{**player, "name": ""} for player in match["players"]]
        return {
            "replay": {"frames": item["frames"], **episode_json(replay), **nameless},
            "earlier": [episode_json(other) | nameless for other in before],
            "bundle": bundle,
            "match": {**match, "id": "replay", "players": players, "me": item["player"]},
            "played_here": f"{path}{HERE}" if self._is_played_here(kept) else None,
        }

    def _shown(self, item: dict[str, Any]) -> tuple[ReplayFile, list[ReplayFile]]:
        """The recording as it was chosen, and its match's episodes before it."""
        replay, before = self._shelf.opened(_recording(item))
        replay = cut(replay, item["frames"])
        if content_hash(replay) != item["sha256"]:
            raise HostError("changed", Told("This recording is not what it was when it was chosen."))
        return replay, before

    def _is_played_here(self, kept: _Kept) -> bool:
        """By this computer's own Python: no browser has the packages."""
        return bool(kept.game.beyond_browsers(self._in_browsers))

    def _kept_game(self, item: dict[str, Any]) -> _Kept:
        key = (str(item["sha256"]), str(item["session"]))
        if key not in self._kept:
            replay, _ = self._shelf.opened(_recording(item))
            game = game_of(replay)
            spec = {name: part for name, part in game.bundle.items() if name not in ("files", "data")}
            wheels = WheelStore([game.copy / WHEELS, game.sources / "wheels", default_store_folder()])
            if len(self._kept) >= MOST_OPEN:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = _Kept(game, AssetFiles(game.sources, named_in=spec), wheels)
        return self._kept[key]


def _recording(item: dict[str, Any]) -> Recording:
    return Recording(item["study"], item["session"], item["match"], int(item["episode"]), item["scene"], item["file"])

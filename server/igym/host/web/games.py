"""What a browser needs to run a gym scene: the bundle of its files, and the inputs confirmed so far."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.core.match import Match
from igym.experiment.bundle import game_bundle
from igym.experiment.experiment import Experiment
from igym.host.hostenv.packages import check_host_packages
from igym.host.http.cookies import token_hash_of
from igym.host.http.responses import error_answer, json_answer
from igym.host.packages.scene_packages import ScenePackages, check_nothing_missing, runtime_of_browsers
from igym.host.packages.wheels import WheelStore
from igym.host.session.queries import SessionQueries
from igym.host.store.store_reader import StoreReader
from igym.host.store.stored_run import InputRun, input_run
from igym.host.web.web import NO_COOKIE

NO_GAME = "This study has no such game."
NO_MATCH = "You do not take part in that game."
NO_EPISODE = "That game has no such episode."


def browser_bundles(
    experiment: Experiment, folder: Path, pyodide: Path, store: WheelStore
) -> tuple[dict[str, dict[str, Any]], ScenePackages | None]:
    """The game bundle of every gym scene with its resolved packages, and those packages.

    Read once at the start, so that a file edited later cannot change a running session. Raises `HostError`.
    """
    scenes = experiment.games
    if not scenes:
        return {}, None
    on_host = [scene for scene in scenes if scene.runtime_options.where == "host"]
    check_host_packages(on_host, folder)
    bundles = {scene.id: _picture_only(game_bundle(scene, folder)) for scene in on_host}
    if len(on_host) == len(scenes):
        return bundles, None
    browser = runtime_of_browsers(pyodide)
    own = {
        scene.id: game_bundle(scene, folder, vendored=set(browser.vendored))
        for scene in scenes
        if scene.id not in bundles
    }
    packages = ScenePackages(own, browser, store)
    check_nothing_missing(packages)
    for scene_id, bundle in own.items():
        found = packages.of(scene_id)
        bundle["packages"], bundle["vendor_packages"] = found.urls, found.vendored
    return {**bundles, **own}, packages


def held_data(bundles: Mapping[str, Mapping[str, Any]], folder: Path) -> dict[str, bytes]:
    """SHA-256 → content of the files that games read in browsers. One changed after its bundle was made is missing."""
    contents = ((folder / path).read_bytes() for bundle in bundles.values() for path in bundle["data"])
    return {hashlib.sha256(content).hexdigest(): content for content in contents}


def _picture_only(bundle: dict[str, Any]) -> dict[str, Any]:
    """What a browser gets of a game that runs here: what it draws with, and none of the code."""
    return {**bundle, "files": {}, "data": {}, "packages": [], "vendor_packages": [], "onnx": {}, "imports": []}


def below(prefix: str, bundle: dict[str, Any]) -> dict[str, Any]:
    """The bundle for browsers that reach everything of this host below a path."""
    if not prefix:
        return bundle
    texts = {name: bundle[name] for name in ("files", "sources") if name in bundle}
    rest = json.dumps({name: value for name, value in bundle.items() if name not in texts})
    for path in ("/assets/", "/wheels/"):
        rest = rest.replace(f'"{path}', f'"{prefix}{path}')
    return {**json.loads(rest), **texts}


class GameRoutes:
    """`GET /api/game/<scene>` (its spec comes with the scene message) and `GET /api/inputs/<match>/<episode>`."""

    def __init__(
        self,
        bundles: Mapping[str, dict[str, Any]],
        queries: SessionQueries,
        database: Path,
        session_id: str,
        clock: Callable[[], float],
        prefix: str = "",
    ) -> None:
        """`prefix`: below which path a proxy serves browsers."""
        self._prefix = prefix
        self._bundles = bundles
        self._queries = queries
        self._database = database
        self._session_id = session_id
        self._clock = clock

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/game/{scene}", self.game)
        app.router.add_get("/api/inputs/{match}/{episode:[0-9]{1,9}}", self.inputs)

    async def game(self, request: web.Request) -> web.Response:
        if self.participant(request) is None:
            return error_answer(403, "unknown_participant", NO_COOKIE)
        bundle = self.bundle_of(request.match_info["scene"])
        if bundle is None:
            return error_answer(404, "unknown_scene", NO_GAME)
        return json_answer({name: value for name, value in below(self._prefix, bundle).items() if name != "spec"})

    def bundle_of(self, scene_id: str) -> dict[str, Any] | None:
        """What a browser gets to run a scene.

        A round of a repeated scene (`task_r1`, or `task_r1_r2` when nested) plays the scene it repeats.
        """
        while scene_id not in self._bundles:
            scene_id, mark, number = scene_id.rpartition("_r")
            if not (mark and number.isdecimal()):
                return None
        return self._bundles[scene_id]

    async def inputs(self, request: web.Request) -> web.Response:
        """For somebody who comes back: their own stored frames, and what the others agree on beyond."""
        participant = self.participant(request)
        if participant is None:
            return error_answer(403, "unknown_participant", NO_COOKIE)
        match = request.match_info["match"]
        found = self._queries.match(match)
        members = found.members if found else []
        if found is None or participant not in members:
            return error_answer(404, "unknown_match", NO_MATCH)
        episode = int(request.match_info["episode"])
        if episode >= self._queries.episodes_of(found):
            return error_answer(404, "unknown_episode", NO_EPISODE)
        run = await asyncio.to_thread(
            stored_inputs, self._database, self._session_id, match, episode, members, participant
        )
        return json_answer(
            {
                "seed": self._queries.match_seed(match),
                "playing": found.episode,
                "frames": run.frames,
                "inputs": run.inputs,
                "globals": run.globals,
                "marks": run.marks,
                "due": self._queries.frames_due(found, self._clock()),
                "stored": self._queries.stored_to(participant, match, episode),
                "scores": self._queries.scores_before(match, episode),
                "told": await self._told(found, episode, participant, run.frames),
            }
        )

    async def _told(self, match: Match, episode: int, own: str, first: int) -> dict[str, Any] | None:
        """What the only other member, who has finished and left, recorded from frame `first` on.

        It is one member's word: the page takes it if the marks show that it holds for whoever asks.
        """
        others = [seat for seat in match.seats if seat.participant != own]
        if len(others) != 1 or others[0].over is None:
            return None
        run = await asyncio.to_thread(
            recorded_from, self._database, self._session_id, match.id, episode, others[0].participant, first
        )
        return {"player": others[0].player, "inputs": run.inputs, "marks": run.marks} if run.frames else None

    def participant(self, request: web.Request) -> str | None:
        """Whose cookie the request carries."""
        own = token_hash_of(request.headers.get("Cookie", ""), self._session_id)
        return self._queries.participant_for_token(own) if own else None


def stored_inputs(database: Path, session: str, match: str, episode: int, members: list[str], own: str) -> InputRun:
    """Inputs of frames 0, 1, …: those of the member's own rows, then what all others agree on.

    What a single other member says everybody did is no one's word but their own: beyond the own rows at least two
    others must have recorded the same.
    """
    with StoreReader(database) as reader:
        runs = {member: input_run(reader, session, match, episode, member) for member in members}
    mine = runs.pop(own, InputRun())
    agreed = _agreed([run.inputs for run in runs.values() if run.frames])
    frames = min((len(values) for values in agreed.values()), default=0)
    if frames <= mine.frames or (mine.inputs and agreed.keys() != mine.inputs.keys()):
        return mine
    joined = {player: [*mine.inputs.get(player, []), *inputs[mine.frames :]] for player, inputs in agreed.items()}
    return InputRun(joined, frames, globals=mine.globals, marks=mine.marks)


def recorded_from(database: Path, session: str, match: str, episode: int, member: str, first: int) -> InputRun:
    """What one member recorded from frame `first` on."""
    with StoreReader(database) as reader:
        return input_run(reader, session, match, episode, member, first=first)


def _agreed(runs: list[dict[str, list[int]]]) -> dict[str, list[int]]:
    """The inputs as far as at least two runs go and none says anything else."""
    if len(runs) < 2 or len({frozenset(run) for run in runs}) != 1:
        return {}
    players = sorted(runs[0])
    frames = [list(zip(*(run[player] for player in players), strict=False)) for run in runs]
    common: list[tuple[int, ...]] = []
    while len(told := [one[len(common)] for one in frames if len(one) > len(common)]) > 1 and len(set(told)) == 1:
        common.append(told[0])
    return {player: [frame[index] for frame in common] for index, player in enumerate(players)}

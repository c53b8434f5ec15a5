"""The games of an experiment tried out in a real browser of this computer: what they cost, whether they roll back."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.experiment.experiment import Experiment
from igym.host.children.browsers import browser_at
from igym.host.http.asset_files import AssetFiles
from igym.host.http.responses import error_answer, json_answer
from igym.host.http.web_files import Served, Vendored, web_client_folder
from igym.host.packages.package_routes import PackageRoutes
from igym.host.packages.scene_packages import wheel_store
from igym.host.studies.env_bridge import human_agents
from igym.host.web.file_routes import NOT_FOUND
from igym.host.web.games import browser_bundles, held_data
from igym.host.web.web import PageRoutes, build_app
from igym.protocol.told import Told, from_table

ADDRESS = "127.0.0.1"
LIMIT_S = 150.0
Finding = dict[str, Any]


def try_in_browser(browser: Path, experiment: Experiment, folder: Path, frames: int) -> dict[str, Finding]:
    """Scene id → `{strategy, reasons, differs, step_ms, save_ms, load_ms, frame_ms}` or `{error}` (`check/trial.js`).

    Scenes that run on the host are left out. Raises `HostError` when packages are missing.
    """
    trials = _trials(experiment, folder, frames)
    held = held_data({trial["scene"]: trial["bundle"] for trial in trials}, folder)
    return asyncio.run(_tried(browser, trials, AssetFiles(folder, experiment, held=held))) if trials else {}


def _trials(experiment: Experiment, folder: Path, frames: int) -> list[dict[str, Any]]:
    vendor = web_client_folder() / "vendor" / "pyodide"
    bundles, _ = browser_bundles(experiment, folder, vendor, wheel_store(folder))
    in_browser = [scene for scene in experiment.games if scene.runtime_options.where == "browser"]
    return [
        {"scene": scene.id, "bundle": bundles[scene.id], "match": _match(bundles[scene.id]), "frames": frames}
        for scene in in_browser
    ]


def _match(bundle: dict[str, Any]) -> dict[str, Any]:
    spec = bundle["spec"]
    people = human_agents(spec)
    players = [{"player": player, "agent": agent, "name": ""} for player, agent in enumerate(people)]
    bots = [entry["agent"] for entry in spec["policies"]["agents"] if entry["kind"] != "human"]
    return {"id": "check", "seed": spec["environment"].get("seed") or 1, "me": 0, "players": players, "bots": bots,
            "episode": 0}  # fmt: skip


async def _tried(browser: Path, trials: list[dict[str, Any]], assets: AssetFiles) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    done = asyncio.Event()

    def told(scene: str, finding: Finding) -> None:
        found[scene] = finding
        if len(found) == len(trials):
            done.set()

    site = _CheckSite(trials, assets, told)
    url = await site.start()
    try:
        async with browser_at(browser, url) as process:
            await _either(done.wait(), process.wait())
    finally:
        await site.close()
    silent = {"error": Told("{browser} was started to try the game out, but gave no answer.", browser=browser.name)}
    return {trial["scene"]: found.get(trial["scene"], silent) for trial in trials}


async def _either(*waits: Any) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, timeout=LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


class _CheckSite:
    """What the check page asks for; a token keeps other programs of this computer out."""

    def __init__(self, trials: list[dict[str, Any]], assets: AssetFiles, told: Callable[[str, Finding], None]) -> None:
        client = web_client_folder()
        self._pages = PageRoutes(Served(client, without=("vendor",)), Vendored(client / "vendor"), assets)
        self._trials = trials
        self._told = told
        self._folder = assets.folder
        self._token = secrets.token_urlsafe(16)
        self._runner: web.AppRunner | None = None

    async def start(self) -> str:
        runner = self._runner = web.AppRunner(build_app([self], ()), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, ADDRESS, 0).start()
        return f"http://{ADDRESS}:{runner.addresses[0][1]}/check?token={self._token}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/check", self._page)
        app.router.add_get("/check/trials", self._list)
        app.router.add_post("/check/found/{scene}", self._take)
        self._pages.add_to(app)
        PackageRoutes(wheel_store(self._folder)).add_to(app)

    def _admits(self, request: web.Request) -> bool:
        return hmac.compare_digest(request.query.get("token", "").encode(), self._token.encode())

    async def _page(self, request: web.Request) -> web.StreamResponse:
        return self._pages.filled("check.html") if self._admits(request) else error_answer(404, "not_found", NOT_FOUND)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if not self._admits(request):
            return error_answer(404, "not_found", NOT_FOUND)
        return json_answer({"trials": self._trials})

    async def _take(self, request: web.Request) -> web.StreamResponse:
        scene = request.match_info["scene"]
        if not self._admits(request) or scene not in {trial["scene"] for trial in self._trials}:
            return error_answer(404, "not_found", NOT_FOUND)
        self._told(scene, dict(from_table(await request.json())))
        return json_answer({})

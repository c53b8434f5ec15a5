"""The server of a lab check: the seats' page, the game to try, and the table that grows on disk."""

from __future__ import annotations

import asyncio
import urllib.parse
from collections.abc import Callable
from typing import Any

import socketio
from aiohttp import web

from igym.core.lab import LabCheck
from igym.core.lab_verdict import Wanted
from igym.experiment.experiment import Experiment
from igym.host.base.clock import Clock
from igym.host.base.closers import Closers
from igym.host.base.journal import Journal
from igym.host.base.network import bind_addresses
from igym.host.children.child import LocalRunner
from igym.host.children.researcher import Researcher
from igym.host.export.files import write_json
from igym.host.http.asset_files import AssetFiles
from igym.host.http.own_names import OwnNames
from igym.host.http.responses import error_answer, json_answer
from igym.host.http.web_files import Served, Vendored, web_client_folder
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ice.turn import start_turn
from igym.host.lab.lab_file import LAB_FILE
from igym.host.lab.lab_sockets import LabSockets
from igym.host.lab.lab_tables import write_lab_tables
from igym.host.packages.package_routes import PackageRoutes
from igym.host.packages.scene_packages import PackageList, wheel_store
from igym.host.session.settings import EngineOptions
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.web.doorkeeper import Doorkeeper, raise_file_limit
from igym.host.web.front_door import open_door
from igym.host.web.games import below, browser_bundles, held_data
from igym.host.web.web import PageRoutes, Routes, build_app
from igym.protocol.lab import LabMatch, SeatWelcome
from igym.protocol.server import MatchPlayer, Preload
from igym.protocol.told import Told

GAME_PATH = "/api/labcheck/game"
TELL_EVERY_S = 0.25
SAVE_EVERY_S = 1.0
SEED = 1
Tell = Callable[[dict[str, Any]], None]


class LabHost:
    """One lab check being run. `start` raises `HostError`; `close` may be called at any time, also twice."""

    def __init__(self, options: EngineOptions, clock: Clock, journal: Journal, tell: Tell) -> None:
        self._options = options
        self._clock = clock
        self._journal = journal
        self._tell = tell
        self._closers = Closers(lambda text: self._journal.warning("lab check", text))
        self._dirty = asyncio.Event()
        self._publishing: asyncio.Task[None] | None = None
        self.sockets: LabSockets | None = None

    async def start(self) -> str:
        """The address that seats open."""
        door = open_door(self._options)
        self._closers.add(door.close)
        self._public = door.public
        experiment = await self._experiment()
        self.file = self._options.data / experiment.id / LAB_FILE
        self._keeps = experiment.save_data
        if not self._keeps:
            self._journal.info("labcheck", "Results are shown and not kept (save_data=False).")
        self._bundle, self._preload, self._match = await asyncio.to_thread(self._game, experiment)
        held = held_data({"": self._bundle} if self._bundle else {}, self._options.folder)
        self._assets = AssetFiles(self._options.folder, experiment, (self._options.data,), held)
        self.check = LabCheck(wanted_of(experiment, self._bundle))
        server = BoundedServer()
        self._relay_guests = RelayGuests(external=door.turn)
        ice = await self._ice(door.address, door.port)
        self.sockets = LabSockets(
            server, self.check, self._clock, self._journal, ice, self._welcome, self._dirty.set, self._relay_guests,
        )  # fmt: skip
        application = self._application(server)
        keeper = Doorkeeper(lambda address, text: self._journal.warning("door", text), raise_file_limit(), door.proxies)
        application.middlewares.append(keeper.patience)
        runner = web.AppRunner(application, shutdown_timeout=1.0, access_log=None)
        await runner.setup()
        self._closers.add(runner.cleanup, self.sockets.close)
        for bound, tls in door.sockets:
            listening = await keeper.listen(runner, bound, tls)
            self._closers.add(listening.close)
        self.sockets.start()
        self._publishing = asyncio.create_task(self._publish())
        return f"{door.join_url}labcheck"

    async def again(self) -> None:
        assert self.sockets is not None
        await self.sockets.again()

    async def forget(self, seat: str) -> None:
        assert self.sockets is not None
        await self.sockets.forget(seat)

    async def close(self) -> None:
        """What was measured is on disk afterwards, unless the study keeps nothing."""
        if self._publishing is not None:
            self._publishing.cancel()
            await asyncio.gather(self._publishing, return_exceptions=True)
            self._publishing = None
            await asyncio.to_thread(self._save)
        await self._closers.close()

    # -- what is tried

    async def _experiment(self) -> Experiment:
        """Loaded in a process of its own: a researcher's file that hangs must not hang the check."""
        extra = ["--profile", str(self._options.profile)] if self._options.profile else []
        researcher = Researcher(
            LocalRunner(), self._options.folder, extra, lambda line: self._journal.info("researcher", line)
        )
        try:
            return Experiment.from_json((await researcher.start()).experiment)
        finally:
            await researcher.close()

    def _game(self, experiment: Experiment) -> tuple[dict[str, Any] | None, PackageList, LabMatch | None]:
        """The first game that browsers run: its bundle, its packages, and a match of a seat with itself."""
        client = web_client_folder()
        self._client = Served(client, without=("vendor",))
        self._vendored = Vendored(client / "vendor")
        self._wheels = wheel_store(self._options.folder, self._options.wheel_folders)
        bundles, packages = browser_bundles(
            experiment, self._options.folder, self._vendored.folder / "pyodide", self._wheels
        )
        scene = next((scene for scene in experiment.games if scene.id in bundles), None)
        if scene is None or packages is None or scene.runtime_options.where != "browser":
            return None, PackageList([], []), None
        humans = [str(agent) for agent in scene.policies_options.humans] or ["spectator"]
        players = [MatchPlayer(player=player, agent=agent) for player, agent in enumerate(humans)]
        bots = [str(agent) for agent in scene.policies_options.bots]
        return bundles[scene.id], packages.of(scene.id), LabMatch(id="labcheck", seed=SEED, players=players, bots=bots)

    def _welcome(self, seat: str) -> SeatWelcome:
        preload = Preload(**self._preload.below(self._public.prefix).told())
        return SeatWelcome(title=self.check.wanted.title, seat=seat, match=self._match, preload=preload)

    # -- the web side

    def _application(self, server: socketio.AsyncServer) -> web.Application:
        pages = PageRoutes(self._client, self._vendored, self._assets, prefix=self._public.prefix)
        routes: list[Routes] = [
            _LabRoutes(pages, lambda: self._bundle, self._public.prefix),
            PackageRoutes(self._wheels),
        ]
        app = build_app(routes, (), OwnNames((self._options.address or "", self._public.name)))
        server.attach(app)
        return app

    async def _ice(self, address: str, port: int) -> dict[str, Any]:
        """STUN and relay as in a session."""
        guests, bind = self._relay_guests, bind_addresses(self._options.address)[0]
        try:
            turn = await start_turn(guests.credentials, address, bind, port, guests)
        except OSError as error:
            self._journal.warning("labcheck", f"No UDP port could be opened ({error}).")
            return guests.offer(address, None)
        self._closers.add(turn.close)
        return guests.offer(address, turn.port)

    # -- telling and keeping

    async def _publish(self) -> None:
        saved_at = 0.0
        while True:
            await self._dirty.wait()
            self._dirty.clear()
            self._tell(self.check.to_json())
            if self._clock() - saved_at >= SAVE_EVERY_S:
                saved_at = self._clock()
                await asyncio.to_thread(self._save)
            await asyncio.sleep(TELL_EVERY_S)

    def _save(self) -> None:
        """A check without any seat leaves the last one's result alone, and so does a study that keeps nothing."""
        if not self.check.seats or not self._keeps:
            return
        try:
            found = self.check.to_json()
            write_json(self.file, {"at": self._clock(), **found})
            write_lab_tables(self.file.parent, found)
        except OSError as error:
            self._journal.warning("labcheck", f"{self.file} cannot be written ({error}).")


class _LabRoutes:
    """The seats' page under every address that a lab's computers may have open already."""

    def __init__(self, pages: PageRoutes, bundle: Callable[[], dict[str, Any] | None], prefix: str) -> None:
        self._pages = pages
        self._prefix = prefix
        self._bundle = bundle

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/", self.to_check)
        app.router.add_get("/seat/{label}", self.to_check)
        app.router.add_get("/labcheck", self.page)
        app.router.add_get(GAME_PATH, self.game)
        app.router.add_get("/static/{hash}/{path:.+}", self._pages.static)
        app.router.add_get("/vendor/{hash}/{path:.+}", self._pages.vendor)
        app.router.add_get("/assets/{path:.+}", self._pages.asset)
        app.router.add_get("/favicon.ico", self._pages.icon)

    async def to_check(self, request: web.Request) -> web.StreamResponse:
        seat = request.match_info.get("label") or request.query.get("seat")
        raise web.HTTPFound(f"{self._prefix}/labcheck" + (f"?seat={urllib.parse.quote(seat)}" if seat else ""))

    async def page(self, request: web.Request) -> web.StreamResponse:
        return self._pages.filled("labcheck.html")

    async def game(self, request: web.Request) -> web.StreamResponse:
        bundle = self._bundle()
        if bundle is None:
            return error_answer(404, "unknown_scene", Told("This experiment has no game that runs in browsers."))
        return json_answer(below(self._prefix, bundle))


def wanted_of(experiment: Experiment, bundle: dict[str, Any] | None) -> Wanted:
    """What the experiment needs of its seats; the most players of any of its games."""
    games = experiment.games
    fps = [float(scene.rendering_options.fps) for scene in games if bundle and scene.id == bundle["scene"]]
    return Wanted(
        title=experiment.title or experiment.id,
        scene=bundle["scene"] if bundle else None,
        fps=fps[0] if fps else None,
        players=max((scene.players for scene in games), default=1),
        screening=experiment.screening,
    )

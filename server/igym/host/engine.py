"""The engine: everything that runs for one session, put together, started and stopped in the right order."""

from __future__ import annotations

import asyncio
import gc
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.core.events import EngineStarted, EngineStopping
from igym.experiment import Experiment
from igym.host import network, not_kept
from igym.host.asset_files import AssetFiles
from igym.host.awake import stay_awake
from igym.host.bounded_sockets import BoundedServer
from igym.host.checkpoints import Checkpoints, remove_checkpoint
from igym.host.clock import Clock, coarse_clock
from igym.host.closers import Closers
from igym.host.commands import HostCommands
from igym.host.connections import Connections
from igym.host.control import ControlSockets
from igym.host.doorkeeper import Doorkeeper, raise_file_limit
from igym.host.effects import EffectRunner
from igym.host.engine_file import EngineFacts, FolderLock, remove_engine_file, write_engine_file
from igym.host.erasure import Erasure
from igym.host.errors import HostError
from igym.host.export.kept_games import next_copy
from igym.host.exports import Exports
from igym.host.front_door import FrontDoor, open_door
from igym.host.games import GameRoutes, browser_bundles, held_data
from igym.host.hostenv.envs import HostEnvs
from igym.host.intake import RowIntake
from igym.host.join import JoinRoutes
from igym.host.journal import Journal, file_listener
from igym.host.keeping import files_changed, keep_copy, package_locks
from igym.host.lab_file import read_lab_check
from igym.host.markers import LslOutlet, Markers
from igym.host.own_names import OwnNames
from igym.host.package_routes import PackageList, PackageRoutes, ScenePackages, wheel_store
from igym.host.queries import SessionQueries
from igym.host.relay_guests import RelayGuests
from igym.host.researcher import Researcher
from igym.host.researcher_process import LoadedExperiment
from igym.host.responses import error_answer
from igym.host.resume_report import tell_of_resume
from igym.host.retention import Retention
from igym.host.runtime import Runtime
from igym.host.session_start import RULES, Begun, begin, recover, refuse_other_rules, resumable
from igym.host.settings import EngineOptions
from igym.host.sockets import ParticipantSockets
from igym.host.sources import sources_digest
from igym.host.space import SpaceWatch
from igym.host.store import Store
from igym.host.store_reader import StoreReader
from igym.host.troubles import HostProblems
from igym.host.turn import start_turn
from igym.host.version import app_version
from igym.host.watch import MatchWatch
from igym.host.web import PageRoutes, build_app, frame_origins
from igym.host.web_files import Served, Vendored, web_client_folder

SHUTDOWN_LIMIT_S = 1.0
CANNOT_KEEP_AWAKE = "Nothing here can keep this computer from sleeping; set its energy options so that it stays on."
LAST_ANSWERS_S = 60.0
"""Functions run one after the other; when everybody ends at once, the last payments take their time."""
DATABASE = "session.sqlite3"


@dataclass(frozen=True)
class Ready:
    """What the engine's `ready` line tells."""

    port: int
    join_url: str
    session: str
    pid: int
    data_folder: Path
    control_token: str
    control_port: int
    keeps_data: bool = True
    """False: `data_folder` is gone when the engine is gone."""


class Engine:
    """One session being run. `start` raises `HostError`; `stop` may be called at any time, from anywhere."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self.clock = Clock()
        self.journal = Journal(self.clock)
        self.problems = HostProblems(self.clock, self.journal)
        self.token = options.token or secrets.token_urlsafe(32)
        self.stopped = asyncio.Event()
        self.has_failed = False
        """It ended although nobody asked it to."""
        self.control: ControlSockets | None = None
        self._closers = Closers(lambda text: self.journal.warning("engine", text))
        self._running: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[Any] | None = None
        self._was_ready = False
        self._stopping: asyncio.Task[None] | None = None

    # -- starting

    async def start(self) -> Ready:
        self._starting = asyncio.current_task()
        try:
            ready = await self._start()
            self._starting, self._was_ready = None, True
            return ready
        except BaseException:
            await self._closers.close()
            raise

    async def _start(self) -> Ready:
        options = self.options
        self._keep_awake()
        door = open_door(options)
        self._closers.add(door.close)
        self.join_url = door.join_url
        loaded = await self._load()
        self.home = options.data / str(loaded.experiment["id"])
        self.folder = self.home
        self._open_folder(keeps_data=bool(loaded.experiment["save_data"]))
        begun = await self._begin(loaded)
        self.begun = begun
        self._assemble(begun)
        await self._wake(begun, await self._start_ice(door.address, door.port))
        await self._listen(door)
        self._announce(begun, door)
        _tune_gc()
        return Ready(door.port, self.join_url, begun.id, os.getpid(), self.folder, self.token, door.control_port,
                     self.keeps_data)  # fmt: skip

    def _keep_awake(self) -> None:
        """From here to the end of the session, with or without a launcher."""
        if not self.options.may_sleep:
            awake = stay_awake()
            self._closers.add(awake.release)
            if not awake.means:
                self.journal.info("engine", CANNOT_KEEP_AWAKE)
        clock_trouble = coarse_clock()
        if clock_trouble:
            self.problems.report("clock", "warning", "Coarse clock", clock_trouble)

    async def _load(self) -> LoadedExperiment:
        extra = ["--profile", str(self.options.profile)] if self.options.profile else []
        self.researcher = Researcher(
            self.options.folder, extra, lambda line: self.journal.info("researcher", line), self.problems.report
        )
        self._closers.add(self.researcher.close)
        return await self.researcher.start()

    def _open_folder(self, *, keeps_data: bool) -> None:
        lock = FolderLock(self.home)
        lock.acquire()
        self._closers.add(lambda: not_kept.let_go(lock, self.home))
        # With the lock in hand no other engine can be using what an earlier one left.
        left_over = self.home / not_kept.FOLDER
        was_left = left_over.exists()
        if was_left:
            not_kept.remove_folder(self.home)
            remove_engine_file(self.home)
        if self.options.resume is not None:
            self._refuse_unkept(was_left or not keeps_data)
        elif not keeps_data:
            self.folder = left_over
            self._closers.add(self._keep_nothing)
            left_over.mkdir()
        listener, close_file = file_listener(self.folder / "engine.log")
        self.journal.add_listener(listener)
        self._closers.add(close_file)
        self.store = Store(self.folder / DATABASE)
        self._closers.add(self.store.close)

    def _refuse_unkept(self, kept_nothing: bool) -> None:
        """Nobody can go on with a session that kept nothing; a stored one is gone on with whatever came after it."""
        assert self.options.resume is not None
        try:
            resumable(self.home / DATABASE, self.options.resume)
        except HostError as error:
            if kept_nothing and error.code in ("no_data", "unknown_session"):
                raise HostError("nothing_kept", not_kept.CANNOT_GO_ON) from error

    @property
    def keeps_data(self) -> bool:
        return self.folder == self.home

    async def _keep_nothing(self) -> None:
        """Called when database and log are closed, and before the lock is let go."""
        await asyncio.to_thread(not_kept.remove_folder, self.home)
        remove_engine_file(self.home)

    async def _begin(self, loaded: LoadedExperiment) -> Begun:
        client = web_client_folder()
        self.vendored = Vendored(client / "vendor")
        self.client = Served(client, without=("vendor",))
        self.wheels = wheel_store(self.options.folder, self.options.wheel_folders)
        if self.options.resume is not None:
            begun = await self._resume()
        else:
            experiment = Experiment.from_json(loaded.experiment)
            packages = self._bundle(experiment)
            begun = await self._new_session(experiment, loaded.described, packages)
        self.clock.not_before(begun.last_at)
        return begun

    async def _resume(self) -> Begun:
        database = self.folder / DATABASE
        assert self.options.resume is not None
        row = resumable(database, self.options.resume)
        refuse_other_rules(row)
        begun = await asyncio.to_thread(recover, database, row)
        packages = self._bundle(begun.experiment)
        await self.store.set_session_state(row.id, "running", None)
        tell_of_resume(begun, row, self.problems)
        lock = await package_locks(begun.experiment, self.options.folder, packages)
        if files_changed(row.options, self.options.folder, lock):
            copy = next_copy(self.folder, row.id)
            facts = {"run": {"session": row.id, "resumed_at": self.clock()}}
            await keep_copy(self, begun.experiment, copy, {**facts, "packages": lock}, lock)
            self.problems.report(
                "sources",
                "warning",
                "The experiment's files have changed",
                "They are not the ones this session was started with. Its scenes and options stay as they were; games "
                "and functions use the files as they are now.",
            )
        return begun

    async def _new_session(
        self, experiment: Experiment, described: dict[str, Any], packages: ScenePackages | None
    ) -> Begun:
        lock = await package_locks(experiment, self.options.folder, packages)
        facts = {
            "app_version": app_version(),
            "rules": RULES,
            "sources_sha256": sources_digest(self.options.folder),
            "packages": lock,
            "profile": str(self.options.profile) if self.options.profile else None,
            "join_url": self.join_url,
        }
        begun = await begin(self.store, experiment, described, facts, self.home / DATABASE)
        kept = {"options": described, "packages": facts["packages"], "run": {**facts, "session": begun.id}}
        checked = read_lab_check(self.home)
        kept |= {"lab_check": checked} if checked else {}
        await keep_copy(self, experiment, self.folder / "experiment" / begun.id, kept, lock)
        return begun

    def _bundle(self, experiment: Experiment) -> ScenePackages | None:
        self.bundles, packages = browser_bundles(
            experiment, self.options.folder, self.vendored.folder / "pyodide", self.wheels
        )
        self._held = held_data(self.bundles, self.options.folder)
        self.preload = packages.together() if packages else PackageList([], [])
        return packages

    # -- putting together

    def _assemble(self, begun: Begun) -> None:
        database = self.folder / DATABASE
        self.exports = Exports(database, begun.id, lambda line: self.journal.info("export", line), self.problems)
        self.erasure = Erasure(self.store, begun.id, begun.session, self.exports, self.journal, self.problems)
        runner = EffectRunner(
            lambda: self.runtime, self.researcher, self.exports, self.erasure, self.preload, self.journal
        )
        self.effects = runner
        self.retention = Retention(self.store, begun.id, self.exports, self.journal)
        self._closers.add(self.retention.close)
        if self.options.markers is not None:
            runner.markers = Markers(LslOutlet(self.options.markers, begun.id))
        self.runtime = Runtime(
            begun.session, self.store, begun.id, self.clock, self.problems, runner.run, begun.next_seq
        )
        self.queries = SessionQueries(begun.session)
        self.server = BoundedServer()
        intake = RowIntake(self.runtime, self.queries, self.store, begun.id, self.journal)
        if self.options.resume is not None:
            with StoreReader(database) as reader:
                joined = {person.id: person.joined_at for person in begun.session.state.participants.values()}
                intake.budgets.restore(reader.stored_by_participant(begun.id), joined)
        self.host_envs = HostEnvs(
            self.runtime, intake, database, begun.id, self.options.folder, self.journal, self.problems
        )
        connections = Connections(self.server, secrets.token_hex(3))
        self.relay_guests = RelayGuests()
        self.sockets = ParticipantSockets(
            self.server, self.runtime, self.queries, self.store, intake, self.journal, begun.id, connections,
            self.host_envs, self.problems, self.relay_guests,
        )  # fmt: skip
        runner.sockets, runner.host_envs = self.sockets, self.host_envs
        self.host_envs.send = self.sockets.send
        self.checkpoints = Checkpoints(self.folder, begun.id, self.runtime, self.journal)
        commands = HostCommands(self)
        self.control = ControlSockets(
            self.server,
            self.runtime,
            self.problems,
            self.journal,
            self.token,
            commands.performers,
            commands.reads,
            commands.own,
        )
        self.space = SpaceWatch(self.folder, self.problems, intake.budgets.biggest)
        self._closers.add(commands.close, self.host_envs.close, runner.close, self.exports.close)
        self._closers.add(self.control.close, self.space.close)

    def _application(self, begun: Begun) -> web.Application:
        assets = AssetFiles(self.options.folder, begun.experiment, (self.options.data,), self._held)
        pages = PageRoutes(self.client, self.vendored, assets)
        games = GameRoutes(self.bundles, self.queries, self.folder / DATABASE, begun.id)
        self.watch = MatchWatch(pages, games, self.queries, self.host_envs.look, self.folder / DATABASE, begun.id)
        # A researcher who watches has no participant's cookie, and needs the game's pictures all the same.
        pages.admits = lambda request: games.participant(request) is not None or self.watch.admits(request)
        app = build_app(
            [
                pages,
                JoinRoutes(self.runtime, begun.id, self.space),
                games,
                self.watch,
                PackageRoutes(self.wheels),
            ],
            frame_origins(begun.experiment),
            OwnNames((self.options.join_name, self.options.address or "")),
        )
        app.router.add_get("/monitor", self._monitor(pages))
        self.server.attach(app)
        return app

    def _monitor(self, pages: PageRoutes) -> Any:
        async def answer(request: web.Request) -> web.StreamResponse:
            if self.control is None or not self.control.admits_monitor(request.query.get("token", "")):
                return error_answer(403, "wrong_token", "The monitor is switched off, or its address has changed.")
            return pages.filled("monitor.html")

        return answer

    async def _wake(self, begun: Begun, ice: dict[str, Any]) -> None:
        """The core learns first of all that it runs (again): only then may time pass for it."""
        started = self.runtime.submit(EngineStarted(self.join_url, ice, self.options.kind))
        for event in begun.first_events:
            self.runtime.submit(event)
        self.exports.start()
        self._running = asyncio.create_task(self.runtime.run())
        self._running.add_done_callback(self._runtime_ended)
        await started
        for participant in begun.to_erase:
            await self.erasure.erase(participant)
        self.retention.start(self.options.retention_days, self.problems)
        if self.options.resume is not None:
            # Files whose writing the end of the last engine came before.
            self.exports.file(do="all")

    async def _listen(self, door: FrontDoor) -> None:
        application = self._application(self.begun)
        keeper = Doorkeeper(self._tell_of_crowd, raise_file_limit())
        application.middlewares.append(keeper.patience)
        runner = web.AppRunner(application, shutdown_timeout=SHUTDOWN_LIMIT_S, access_log=None)
        await runner.setup()
        self._closers.add(runner.cleanup)
        for bound, tls in door.sockets:
            listening = await keeper.listen(runner, bound, tls)
            self._closers.add(listening.close)
        assert self.control is not None
        self.control.start()
        self.space.start()

    def _tell_of_crowd(self, address: str, text: str) -> None:
        self.problems.report(
            f"crowd:{address}",
            "warning",
            "One computer opens too many connections",
            f"The computer {address} opens far more connections than a browser needs. The session goes on; look "
            "whether somebody there disturbs it.",
        )
        self.journal.info("door", text)

    def _announce(self, begun: Begun, door: FrontDoor) -> None:
        facts = EngineFacts(os.getpid(), door.port, self.token, begun.id, self.clock(), door.control_port)
        write_engine_file(self.home, facts)
        if not self.keeps_data:
            self.journal.warning("engine", not_kept.NOTHING_KEPT)
        if door.address == "127.0.0.1" and self.options.address is None:
            self.problems.report(
                "network",
                "warning",
                "No network",
                "This computer is in no network, so only browsers on this computer can take part. Check the network "
                "cable or Wi-Fi, then start the session again.",
            )

    async def _start_ice(self, address: str, port: int) -> dict[str, Any]:
        """How browsers find each other: this host's STUN, and a relay (its own, or the one in the settings)."""
        bind = network.bind_addresses(self.options.address)[0]
        guests = self.relay_guests
        try:
            self.turn = await start_turn(guests.credentials, address, bind, port, guests)
        except OSError as error:
            self.problems.report(
                "stun",
                "warning",
                "Browsers may not connect directly",
                f"No UDP port could be opened ({error}). Games go through this computer instead.",
            )
            return {"turn": self.options.external_turn} if self.options.external_turn else {}
        self._closers.add(self.turn.close)
        offer = guests.offer(address, self.turn.port)
        return {**offer, "turn": self.options.external_turn} if self.options.external_turn else offer

    @property
    def trail_code(self) -> str:
        """The short code of everything recorded so far, for paper; empty when nothing is kept."""
        if not self.keeps_data:
            return ""
        with StoreReader(self.folder / DATABASE) as reader:
            head = reader.trail_head(self.begun.id)
        return head.code if head else ""

    # -- stopping

    @property
    def is_attended(self) -> bool:
        """A launcher is connected."""
        return self.control is not None and self.control.is_attended

    def on_presence(self, listener: Callable[[], None]) -> None:
        """`listener` is called when a launcher comes or goes; only after `start`."""
        assert self.control is not None
        self.control.on_presence(listener)

    def _runtime_ended(self, running: asyncio.Task[None]) -> None:
        """Unless it was asked to: what is on disk is whole, and an engine started again goes on from there."""
        if self._running is running and not running.cancelled():
            self.journal.error("engine", f"The session cannot go on in this process: {running.exception()!r}")
            self._stopping = asyncio.get_running_loop().create_task(self._break_off())

    async def _break_off(self) -> None:
        self._running, self.has_failed = None, True
        await self._closers.close()
        self.stopped.set()

    @property
    def is_ready(self) -> bool:
        """It has started, and somebody could take part; it may have stopped since."""
        return self._was_ready

    @property
    def is_stopping(self) -> bool:
        return self._stopping is not None

    @property
    def has_ended(self) -> bool:
        """The session is over for everybody, and nobody can go on with it."""
        return self.begun.session.state.phase == "ended"

    def stop_soon(self, reason: str) -> None:
        """Like `stop`, from where nobody can wait. Before the engine stands, starting is broken off."""
        if self._starting is not None:
            self._starting.cancel()
        elif self._stopping is None:
            self._stopping = asyncio.get_running_loop().create_task(self.stop(reason))

    async def stop(self, reason: str) -> None:
        """Everything handled so far is on disk, everybody is told, files are written; safe to call twice."""
        if self._running is None:
            return
        running, self._running = self._running, None
        self.journal.info("engine", f"Stopping: {reason}")
        await self.host_envs.close()
        await self.effects.answered(LAST_ANSWERS_S)
        await self.runtime.submit(EngineStopping(reason))
        self.runtime.stop()
        await running
        ended = self.has_ended
        await (self._seal() if ended else self.checkpoints.finish())
        await self.exports.finish()
        if ended:
            await self.store.set_session_state(self.begun.id, "ended", self.clock())
        remove_engine_file(self.home)
        await self._closers.close()
        self.stopped.set()

    async def _seal(self) -> None:
        remove_checkpoint(self.folder, self.begun.id)
        await self.erasure.finish()


def _tune_gc() -> None:
    """What was made so far stays for good; collecting it again and again would cost milliseconds in play."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)

"""The engine: everything that runs for one session, put together, started and stopped in the right order."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.core.events import EngineStarted, EngineStopping
from igym.host.base.clock import Clock, coarse_clock
from igym.host.base.closers import Closers
from igym.host.base.collector import Collector
from igym.host.base.errors import HostError
from igym.host.base.journal import Journal
from igym.host.base.pulse import LoopLag
from igym.host.base.troubles import HostProblems
from igym.host.children.awake import stay_awake
from igym.host.children.child import LocalRunner
from igym.host.children.researcher import Researcher
from igym.host.children.researcher_process import LoadedExperiment
from igym.host.cluster.redis_bus import checked_server
from igym.host.engine.engine_home import open_home
from igym.host.engine.engine_parts import Parts, application, assemble, start_ice
from igym.host.engine.engine_session import begin_session
from igym.host.ports import Runner
from igym.host.session.checkpoints import remove_checkpoint
from igym.host.session.responders import Responders
from igym.host.session.session_start import Begun
from igym.host.session.settings import EngineOptions
from igym.host.store import not_kept
from igym.host.store.engine_file import EngineFacts, remove_engine_file, write_engine_file
from igym.host.store.postgres.place import place_beside
from igym.host.store.store_reader import StoreReader
from igym.host.web.doorkeeper import Doorkeeper, raise_file_limit
from igym.host.web.front_door import FrontDoor, open_door
from igym.protocol.told import Told

SHUTDOWN_LIMIT_S = 1.0
BEAT_EVERY_S = 1.0
"""How often a server that leads shows those who stand by that it is alive."""
CANNOT_KEEP_AWAKE = Told(
    "Nothing here can keep this computer from sleeping; set its energy options so that it stays on."
)
LAST_ANSWERS_S = 60.0
"""Functions run one after the other; when everybody ends at once, the last payments take their time."""


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


class Engine(Parts):
    """One session being run. `start` raises `HostError`; `stop` may be called at any time, from anywhere."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self.clock = Clock()
        self.journal = Journal(self.clock)
        self.runner: Runner = LocalRunner()
        self.problems = HostProblems(self.clock, self.journal)
        self.token = options.token or secrets.token_urlsafe(32)
        self.stopped = asyncio.Event()
        self.has_failed = False
        """It ended although nobody asked it to."""
        self.control = self.remote = None
        self.loop_lag = LoopLag()
        self.closers = Closers(lambda text: self.journal.warning("engine", text))
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
            await self.closers.close()
            raise

    async def _start(self) -> Ready:
        options = self.options
        self._keep_awake()
        # First of all: whoever reads that the port is taken has loaded no study and touched no folder.
        door = open_door(options)
        self.closers.add(door.close)
        self.join_url, self.public, self.external_turn = door.join_url, door.public, door.turn
        self.at = f"{door.address}:{door.port}"
        if options.redis:
            await checked_server(options.redis)
        loaded = await self._load()
        self.home = options.data / str(loaded.experiment["id"])
        self.folder = self.home
        await open_home(self, keeps_data=bool(loaded.experiment["save_data"]))
        begun = await begin_session(self, loaded)
        self.begun = begun
        assemble(self, begun)
        await self._wake(begun, await start_ice(self, door.address, door.port))
        # The core runs before anybody can come in, and its address is told only when somebody answers there.
        await self._listen(door)
        self._announce(begun, door)
        self._start_collector()
        return Ready(door.port, self.join_url, begun.id, os.getpid(), self.folder, self.token, door.control_port,
                     self.keeps_data)  # fmt: skip

    def _start_collector(self) -> None:
        """Last of all: what is there by now stays."""
        collector = Collector(self._is_empty)
        collector.start()
        self.closers.add(collector.close)

    def _is_empty(self) -> bool:
        """Nobody is there who would notice a pause."""
        return self.begun.session.is_deserted

    def _keep_awake(self) -> None:
        """From here to the end of the session, with or without a launcher."""
        if not self.options.may_sleep:
            awake = stay_awake()
            self.closers.add(awake.release)
            if not awake.means:
                self.journal.info("engine", CANNOT_KEEP_AWAKE)
        clock_trouble = coarse_clock()
        if clock_trouble:
            self.problems.report("clock", "warning", Told("Coarse clock"), clock_trouble)

    async def _load(self) -> LoadedExperiment:
        extra = ["--profile", str(self.options.profile)] if self.options.profile else []

        def make() -> Researcher:
            return Researcher(
                self.runner,
                self.options.folder,
                extra,
                lambda line: self.journal.info("researcher", line),
                self.problems.report,
            )

        self.researcher = make()
        self.responders = Responders(make)
        self.closers.add(self.researcher.close)
        self.closers.add(self.responders.close)
        return await self.researcher.start()

    @property
    def keeps_data(self) -> bool:
        return self.folder == self.home

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
        assert self.control is not None
        # Its first look builds every row of a session that goes on: before anybody waits for an answer.
        self.control.start()
        served = application(self, self.begun)
        keeper = Doorkeeper(self._tell_of_crowd, raise_file_limit(), door.proxies)
        served.middlewares.append(keeper.patience)
        runner = web.AppRunner(served, shutdown_timeout=SHUTDOWN_LIMIT_S, access_log=None)
        await runner.setup()
        self.closers.add(runner.cleanup)
        for bound, tls in door.sockets:
            listening = await keeper.listen(runner, bound, tls)
            self.closers.add(listening.close)
        self.pages.serve(self.desk)
        self.space.start()
        self.loop_lag.start()
        self.closers.add(self.loop_lag.close)
        if place_beside(self.database) is not None:
            beating = asyncio.create_task(self._keep_beating())
            self.closers.add(partial(_end, beating))

    async def _keep_beating(self) -> None:
        """From the loop and not from the store's thread: a loop that stands still shall not seem alive."""
        while True:
            await asyncio.wait([self.store.beat()])
            await asyncio.sleep(BEAT_EVERY_S)

    def _tell_of_crowd(self, address: str, text: str) -> None:
        self.problems.report(
            f"crowd:{address}",
            "warning",
            Told("One computer opens too many connections"),
            Told(
                "The computer {address} opens far more connections than a browser needs. The session goes "
                "on; look whether somebody there disturbs it.",
                address=address,
            ),
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
                Told("No network"),
                Told(
                    "This computer is in no network, so only browsers on this computer can take part. Check the "
                    "network cable or Wi-Fi, then start the session again."
                ),
            )

    @property
    def trail_code(self) -> str:
        """The short code of everything recorded so far, for paper; empty when nothing is kept."""
        if not self.keeps_data:
            return ""
        with StoreReader(self.database) as reader:
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
            self._end_broken(running.exception())

    def cannot_go_on(self, error: BaseException) -> None:
        """The same of whatever the session cannot do without."""
        if self._running is not None and self._stopping is None:
            self._running.cancel()
            self._end_broken(error)

    def _end_broken(self, error: BaseException | None) -> None:
        why = error.text if isinstance(error, HostError) else repr(error)
        self.journal.error("engine", f"The session cannot go on in this process: {why}")
        self._stopping = asyncio.get_running_loop().create_task(self._break_off())

    def lead_is_lost(self) -> None:
        """Another server goes on with this session: nothing that is done here counts any more."""
        if self._stopping is None:
            self.journal.error("engine", "Another server goes on with this session; this one ends.")
            if self._running is not None:
                self._running.cancel()
            self._stopping = asyncio.get_running_loop().create_task(self._break_off())

    async def _break_off(self) -> None:
        self._running, self.has_failed = None, True
        await self.closers.close()
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
        # Rows of running games and last answers become events, so both come before the event that is to be the last.
        await self.host_envs.close()
        await self.effects.answered(LAST_ANSWERS_S)
        await self.pages.gather_pings()
        await self.runtime.submit(EngineStopping(reason))
        self.runtime.stop()
        await running
        ended = self.has_ended
        await (self._seal() if ended else self.checkpoints.finish())
        await self.exports.finish()
        # After the files: a session that is called ended has all of them.
        if ended:
            await self.store.set_session_state(self.begun.id, "ended", self.clock())
        # Before the lock goes: the next engine on this folder must not find the address of this one.
        remove_engine_file(self.home)
        await self.closers.close()
        self.stopped.set()

    async def _seal(self) -> None:
        await self.checkpoints.close()
        try:
            await asyncio.to_thread(remove_checkpoint, self.folder, self.begun.id)
        except OSError as error:
            self.journal.warning("engine", f"The session's last state could not be removed ({error}).")
        await self.erasure.finish()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

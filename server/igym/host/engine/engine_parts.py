"""What an engine is made of, put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from igym.host.base import network
from igym.host.base.clock import Clock
from igym.host.base.closers import Closers
from igym.host.base.journal import Journal
from igym.host.base.markers import LslOutlet, Markers
from igym.host.base.pulse import LoopLag
from igym.host.base.space import SpaceWatch
from igym.host.base.troubles import HostProblems
from igym.host.children.researcher import Researcher
from igym.host.cluster.core_end import CoreEnd
from igym.host.cluster.leader import Leader
from igym.host.engine.commands import HostCommands
from igym.host.engine.effects import EffectRunner
from igym.host.files.erasure import Erasure
from igym.host.files.exports import Exports
from igym.host.files.retention_run import Retention
from igym.host.hostenv.envs import HostEnvs
from igym.host.http.asset_files import AssetFiles
from igym.host.http.own_names import OwnNames
from igym.host.http.proxies import PublicAddress
from igym.host.http.responses import error_answer
from igym.host.http.web_files import Served, Vendored
from igym.host.ice.external_turn import ExternalTurn
from igym.host.ice.relay_guests import RelayGuests
from igym.host.ice.turn import TurnServer, start_turn
from igym.host.inbox import Inbox
from igym.host.packages.package_routes import PackageRoutes
from igym.host.packages.scene_packages import PackageList
from igym.host.packages.wheels import WheelStore
from igym.host.ports import Runner, Store
from igym.host.remote.attaching import PASS_FILE, Attaching, RemoteRoutes
from igym.host.session.checkpoints import Checkpoints
from igym.host.session.control import CONTROL, MONITOR, ControlSockets
from igym.host.session.intake import RowIntake
from igym.host.session.queries import SessionQueries
from igym.host.session.responders import Responders
from igym.host.session.runtime import Runtime
from igym.host.session.session_start import Begun
from igym.host.session.settings import EngineOptions
from igym.host.sockets.bounded_sockets import BoundedServer
from igym.host.sockets.desk import SessionDesk
from igym.host.sockets.own_pages import OwnPages
from igym.host.stimuli.routes import Stimuli
from igym.host.store.postgres.place import schema_of
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web.games import GameRoutes
from igym.host.web.join import JoinRoutes
from igym.host.web.status_routes import Reading, StatusRoutes
from igym.host.web.watch import MatchWatch
from igym.host.web.web import PageRoutes, build_app, frame_origins
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine.engine import Engine


class Parts:
    """What a running session consists of; `assemble` and `application` say who is handed what."""

    options: EngineOptions
    clock: Clock
    journal: Journal
    runner: Runner
    problems: HostProblems
    closers: Closers
    loop_lag: LoopLag
    token: str
    """Lets a launcher in."""
    public: PublicAddress
    external_turn: ExternalTurn | None
    home: Path
    """`data/<experiment-id>`."""
    folder: Path
    """The same, or the folder below it of a session that keeps nothing."""
    store: Store
    researcher: Researcher
    responders: Responders
    vendored: Vendored
    client: Served
    wheels: WheelStore
    bundles: dict[str, dict[str, Any]]
    """Scene → what browsers get to run its game."""
    held: dict[str, bytes]
    preload: PackageList
    exports: Exports
    erasure: Erasure
    effects: EffectRunner
    retention: Retention
    runtime: Runtime
    queries: SessionQueries
    server: BoundedServer
    games: GameRoutes
    stimuli: Stimuli
    host_envs: HostEnvs
    relay_guests: RelayGuests
    pages: OwnPages | CoreEnd
    """The way to participants' pages, which this process or edges hold."""
    desk: SessionDesk
    at: str
    """Address and port of this server."""
    checkpoints: Checkpoints
    space: SpaceWatch
    watch: MatchWatch
    turn: TurnServer
    control: ControlSockets | None
    remote: Attaching | None
    """Lets launchers on other computers in; None where none may."""

    @property
    def database(self) -> Path:
        return self.folder / DATABASE


def assemble(engine: Engine, begun: Begun) -> None:
    """Make everything that runs beside the session. Each is handed what it needs, so those come first that need least:
    the inbox of the core, the way to the pages, what acts, and then the runtime, which fills both."""
    inbox, queries = Inbox(), SessionQueries(begun.session)
    engine.queries, engine.server = queries, BoundedServer((CONTROL, MONITOR))
    engine.relay_guests = RelayGuests(external=engine.external_turn)
    _to_files(engine, begun)
    engine.pages = _pages(engine, begun)
    sockets = engine.pages.sockets
    intake = _intake(engine, begun, inbox)
    engine.host_envs = HostEnvs(
        begun.session, engine.clock, inbox, sockets, intake, engine.database, begun.id, engine.options.folder,
        engine.journal, engine.problems, engine.runner,
    )  # fmt: skip
    engine.games = GameRoutes(engine.bundles, queries, engine.database, begun.id, engine.clock, engine.public.prefix)
    engine.stimuli = Stimuli(
        begun.experiment, engine.options.folder, engine.home.parent, engine.folder, begun.id, queries,
        engine.games.participant, engine.vendored.folder / "pyodide", engine.runner,
        lambda line: engine.journal.info("replay", line), engine.public.prefix,
    )  # fmt: skip
    engine.closers.add(engine.stimuli.close)
    engine.effects = EffectRunner(
        inbox, engine.clock, sockets, engine.host_envs, engine.stimuli, engine.researcher, engine.responders,
        engine.exports, engine.erasure, engine.preload.below(engine.public.prefix), engine.journal,
        _markers(engine.options, begun),
    )  # fmt: skip
    engine.runtime = Runtime(
        begun.session, engine.store, begun.id, engine.clock, engine.problems, engine.effects.run, begun.next_seq, inbox
    )
    engine.runtime.on_change(engine.host_envs.follow)
    if isinstance(engine.pages, CoreEnd):
        engine.runtime.on_change(engine.pages.follow)
    engine.desk = SessionDesk(
        inbox, engine.clock, queries, engine.store, intake, engine.journal, begun.id, engine.host_envs,
        engine.problems, engine.relay_guests, engine.pages.gather_pings,
    )  # fmt: skip
    engine.checkpoints = Checkpoints(engine.folder, begun.id, engine.runtime, engine.journal, engine.runner)
    engine.closers.add(engine.retention.close, engine.checkpoints.close)
    commands = _control(engine)
    engine.space = SpaceWatch(engine.folder, engine.problems, intake.budgets.biggest)
    engine.closers.add(commands.close, engine.host_envs.close, engine.effects.close, engine.exports.close)
    assert engine.control is not None
    engine.closers.add(engine.control.close, engine.space.close)


def _pages(engine: Engine, begun: Begun) -> OwnPages | CoreEnd:
    if not engine.options.redis:
        return OwnPages(
            engine.server, engine.clock, engine.queries, engine.relay_guests, engine.journal, begun.id
        )  # fmt: skip
    turn = Leader(engine.store.epoch, begun.id, f"http://{engine.at}")
    made = CoreEnd(
        engine.options.redis, schema_of(engine.home.name), turn, engine.queries, engine.relay_guests, engine.clock,
        engine.journal, engine.problems, engine.cannot_go_on,
    )  # fmt: skip
    engine.closers.add(made.close)
    return made


def _to_files(engine: Engine, begun: Begun) -> None:
    engine.exports = Exports(
        engine.database,
        begun.id,
        lambda line: engine.journal.info("export", line),
        engine.problems,
        engine.runner,
    )
    engine.erasure = Erasure(engine.store, begun.id, begun.session, engine.exports, engine.journal, engine.problems)
    engine.retention = Retention(engine.store, begun.id, engine.exports, engine.journal)


def _intake(engine: Engine, begun: Begun, inbox: Inbox) -> RowIntake:
    made = RowIntake(inbox, engine.clock, engine.queries, engine.store, begun.id, engine.journal, engine.problems)
    if engine.options.resume is not None:
        with StoreReader(engine.database) as reader:
            joined = {person.id: person.joined_at for person in begun.session.state.participants.values()}
            made.budgets.restore(reader.stored_by_participant(begun.id), joined)
    return made


def _markers(options: EngineOptions, begun: Begun) -> Markers | None:
    return None if options.markers is None else Markers(LslOutlet(options.markers, begun.id))


def _control(engine: Engine) -> HostCommands:
    engine.remote = _attaching(engine)
    commands = HostCommands(engine)
    engine.control = ControlSockets(
        engine.server, engine.runtime, engine.problems, engine.journal, engine.token, commands.performers,
        commands.reads, commands.own, engine.remote.door if engine.remote else None,
    )  # fmt: skip
    return commands


def _attaching(engine: Engine) -> Attaching | None:
    options = engine.options
    if options.remote is None:
        return None
    file = Path(options.remote) if options.remote else engine.home / PASS_FILE
    made = Attaching(file, engine.folder, engine.journal, engine.problems, plain_http=options.remote_over_http)
    engine.erasure.on_erased = made.fetching.clear
    engine.closers.add(made.close)
    return made


def application(engine: Engine, begun: Begun) -> web.Application:
    """The web app: what browsers may ask for."""

    def admits(request: web.Request) -> bool:
        # A researcher who watches has no participant's cookie, and needs the game's pictures all the same.
        return engine.games.participant(request) is not None or engine.watch.admits(request)

    assets = AssetFiles(engine.options.folder, begun.experiment, (engine.options.data,), engine.held)
    pages = PageRoutes(
        engine.client, engine.vendored, assets, admits, engine.public.prefix, games=bool(begun.experiment.browser_games)
    )
    engine.watch = MatchWatch(
        pages, engine.games, engine.queries, engine.host_envs.look, engine.database, begun.id, engine.public.prefix
    )
    app = build_app(
        [
            pages,
            JoinRoutes(engine.runtime, begun.id, engine.space, engine.home),
            engine.games,
            engine.stimuli,
            engine.watch,
            PackageRoutes(engine.wheels),
            RemoteRoutes(engine.remote),
            _status(engine),
        ],
        frame_origins(begun.experiment),
        OwnNames((engine.options.join_name, engine.options.address or "", engine.public.name)),
    )
    app.router.add_get("/monitor", _monitor(engine, pages))
    engine.server.attach(app)
    return app


def _status(engine: Engine) -> StatusRoutes:
    def trouble() -> str:
        if engine.is_stopping:
            return "stopping"
        return "storage" if engine.runtime.is_blocked or engine.space.is_short else ""

    def read() -> Reading:
        counts, matches = engine.runtime.session.counts()
        return Reading(
            counts, matches, engine.runtime.handled, engine.pages.connected, engine.runtime.acks,
            engine.loop_lag.lags, engine.runtime.is_blocked, engine.space.free,
        )  # fmt: skip

    return StatusRoutes(read, trouble, (engine.options.metrics_token, engine.token))


def _monitor(engine: Engine, pages: PageRoutes) -> Any:
    async def answer(request: web.Request) -> web.StreamResponse:
        if engine.control is None or not engine.control.admits_monitor(request.query.get("token", "")):
            return error_answer(403, "wrong_token", "The monitor is switched off, or its address has changed.")
        return pages.filled("monitor.html")

    return answer


async def start_ice(engine: Engine, address: str, port: int) -> dict[str, Any]:
    """How browsers find each other: STUN and a relay, this host's own or those in the settings."""
    bind = network.bind_addresses(engine.options.address)[0]
    guests = engine.relay_guests
    try:
        engine.turn = await start_turn(guests.credentials, address, bind, port, guests)
    except OSError as error:
        engine.problems.report(
            "stun",
            "warning",
            Told("Browsers may not connect directly"),
            Told("No UDP port could be opened ({error}). Games go through this computer instead.", error=error),
        )
        return guests.offer(address, None)
    engine.closers.add(engine.turn.close)
    return guests.offer(address, engine.turn.port)

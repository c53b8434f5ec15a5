"""What an engine is made of, put together."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from aiohttp import web

from igym.host import network
from igym.host.asset_files import AssetFiles
from igym.host.bounded_sockets import BoundedServer
from igym.host.checkpoints import Checkpoints
from igym.host.commands import HostCommands
from igym.host.connections import Connections
from igym.host.control import ControlSockets
from igym.host.effects import EffectRunner
from igym.host.erasure import Erasure
from igym.host.exports import Exports
from igym.host.games import GameRoutes
from igym.host.hostenv.envs import HostEnvs
from igym.host.intake import RowIntake
from igym.host.join import JoinRoutes
from igym.host.markers import LslOutlet, Markers
from igym.host.own_names import OwnNames
from igym.host.package_routes import PackageRoutes
from igym.host.queries import SessionQueries
from igym.host.relay_guests import RelayGuests
from igym.host.responses import error_answer
from igym.host.retention import Retention
from igym.host.runtime import Runtime
from igym.host.session_start import Begun
from igym.host.sockets import ParticipantSockets
from igym.host.space import SpaceWatch
from igym.host.status_routes import Reading, StatusRoutes
from igym.host.stimuli.routes import Stimuli
from igym.host.store_reader import StoreReader
from igym.host.store_schema import DATABASE
from igym.host.turn import start_turn
from igym.host.watch import MatchWatch
from igym.host.web import PageRoutes, build_app, frame_origins
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.engine import Engine


def assemble(engine: Engine, begun: Begun) -> None:
    """Make everything that runs beside the session, each told of those it works with."""
    database = engine.folder / DATABASE
    engine.exports = Exports(database, begun.id, lambda line: engine.journal.info("export", line), engine.problems)
    engine.erasure = Erasure(engine.store, begun.id, begun.session, engine.exports, engine.journal, engine.problems)
    runner = EffectRunner(
        lambda: engine.runtime,
        engine.researcher,
        engine.responders,
        engine.exports,
        engine.erasure,
        engine.preload.below(engine.public.prefix),
        engine.journal,
    )
    engine.effects = runner
    engine.retention = Retention(engine.store, begun.id, engine.exports, engine.journal)
    engine.closers.add(engine.retention.close)
    if engine.options.markers is not None:
        runner.markers = Markers(LslOutlet(engine.options.markers, begun.id))
    engine.runtime = Runtime(
        begun.session, engine.store, begun.id, engine.clock, engine.problems, runner.run, begun.next_seq
    )
    engine.queries = SessionQueries(begun.session)
    runner.stimuli = Stimuli(
        begun.experiment, engine.options.folder, engine.home.parent, engine.folder, begun.id, engine.queries,
        engine.vendored.folder / "pyodide", engine.public.prefix,
    )  # fmt: skip
    engine.server = BoundedServer()
    intake = RowIntake(engine.runtime, engine.queries, engine.store, begun.id, engine.journal)
    if engine.options.resume is not None:
        with StoreReader(database) as reader:
            joined = {person.id: person.joined_at for person in begun.session.state.participants.values()}
            intake.budgets.restore(reader.stored_by_participant(begun.id), joined)
    engine.host_envs = HostEnvs(
        engine.runtime, intake, database, begun.id, engine.options.folder, engine.journal, engine.problems
    )
    connections = Connections(engine.server, secrets.token_hex(3))
    engine.relay_guests = RelayGuests()
    engine.sockets = ParticipantSockets(
        engine.server, engine.runtime, engine.queries, engine.store, intake, engine.journal, begun.id, connections,
        engine.host_envs, engine.problems, engine.relay_guests,
    )  # fmt: skip
    runner.sockets, runner.host_envs = engine.sockets, engine.host_envs
    engine.host_envs.send = engine.sockets.send
    engine.checkpoints = Checkpoints(engine.folder, begun.id, engine.runtime, engine.journal)
    engine.closers.add(engine.checkpoints.close)
    commands = HostCommands(engine)
    engine.control = ControlSockets(
        engine.server,
        engine.runtime,
        engine.problems,
        engine.journal,
        engine.token,
        commands.performers,
        commands.reads,
        commands.own,
    )
    engine.space = SpaceWatch(engine.folder, engine.problems, intake.budgets.biggest)
    engine.closers.add(commands.close, engine.host_envs.close, runner.close, engine.exports.close)
    engine.closers.add(engine.control.close, engine.space.close)


def application(engine: Engine, begun: Begun) -> web.Application:
    """The web app: what browsers may ask for."""
    assets = AssetFiles(engine.options.folder, begun.experiment, (engine.options.data,), engine.held)
    pages = PageRoutes(
        engine.client, engine.vendored, assets, prefix=engine.public.prefix, games=bool(begun.experiment.browser_games)
    )
    games = GameRoutes(
        engine.bundles, engine.queries, engine.folder / DATABASE, begun.id, engine.clock, engine.public.prefix
    )
    engine.watch = MatchWatch(
        pages, games, engine.queries, engine.host_envs.look, engine.folder / DATABASE, begun.id, engine.public.prefix
    )
    assert engine.effects.stimuli is not None
    engine.effects.stimuli.participant = games.participant
    # A researcher who watches has no participant's cookie, and needs the game's pictures all the same.
    pages.admits = lambda request: games.participant(request) is not None or engine.watch.admits(request)
    app = build_app(
        [
            pages,
            JoinRoutes(engine.runtime, begun.id, engine.space, engine.home),
            games,
            engine.effects.stimuli,
            engine.watch,
            PackageRoutes(engine.wheels),
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
            counts, matches, engine.runtime.handled, len(engine.sockets.connections.all()), engine.runtime.acks,
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
    """How browsers find each other: this host's STUN, and a relay (its own, or the one in the settings)."""
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
        return {"turn": engine.options.external_turn} if engine.options.external_turn else {}
    engine.closers.add(engine.turn.close)
    offer = guests.offer(address, engine.turn.port)
    return {**offer, "turn": engine.options.external_turn} if engine.options.external_turn else offer

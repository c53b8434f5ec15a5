"""Running an engine as a process: for the launcher (`igym engine`) and by hand (`igym serve`)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import shlex
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from igym.host.base.cards import network_cards
from igym.host.base.clock import fine_timers
from igym.host.base.errors import HostError
from igym.host.base.journal import LibraryLog, Line, print_json
from igym.host.children.consoles import can_show
from igym.host.children.leash import Leash, watch_stdin
from igym.host.cluster.redis_bus import checked_redis
from igym.host.engine.engine import Engine, Ready
from igym.host.session.settings import (
    EngineOptions,
    add_engine_arguments,
    add_kind_argument,
    add_remote_arguments,
    add_server_arguments,
    engine_options,
)
from igym.host.store.postgres.place import place_beside
from igym.host.store.store_schema import DATABASE
from igym.protocol.passes import link
from igym.protocol.told import Told

FAILED_EXIT_CODE = 3
HANDED_OVER_WITHIN_S = 0.0001
QR_BLOCKS = "█▀▄"
BROKEN_EXIT_CODE = 4


def engine_main(arguments: list[str]) -> int:
    """`igym engine --folder F …`: JSON lines on stdout, end of stdin = the launcher is gone."""
    parser = argparse.ArgumentParser(prog="igym engine", description="Runs one session for the launcher.")
    parser.add_argument("--folder", type=Path, required=True)
    add_engine_arguments(parser, of_launcher=True)
    add_kind_argument(parser)
    parsed = parser.parse_args(arguments)
    return run_loop(_run_for_launcher(engine_options(parsed, parsed.folder)))


def serve_main(arguments: list[str]) -> int:
    """`igym serve FOLDER …`: the same engine without a launcher."""
    return run_loop(run_by_hand(serve_options(arguments)))


def serve_options(arguments: list[str], *, of_cluster: bool = False) -> EngineOptions:
    """What a command line of `igym serve` asks for, or of `igym cluster core`; one that cannot be meant ends the
    program."""
    name = "cluster core" if of_cluster else "serve"
    parser = argparse.ArgumentParser(prog=f"igym {name}", description="Runs an experiment without the launcher.")
    parser.add_argument("folder", type=Path)
    if of_cluster:
        parser.add_argument("--redis", required=True, metavar="URL", help="the Redis server between core and edges")
    add_engine_arguments(parser)
    add_server_arguments(parser)
    add_remote_arguments(parser)
    add_kind_argument(parser)
    parsed = parser.parse_args(arguments)
    if parsed.remote == "" and parsed.database:
        parser.error("--remote needs its FILE with --database: all servers of the study have to know the same passes")
    if parsed.remote_over_http and parsed.remote is None:
        parser.error("--remote-over-http goes with --remote")
    if parsed.standby and not parsed.database:
        parser.error("--standby needs the --database that the other server keeps the session in")
    if parsed.begin and not parsed.standby:
        parser.error("--begin goes with --standby; without both a new session begins")
    if (parsed.turn_user or parsed.turn_secret_file) and not parsed.turn_url:
        parser.error("--turn-user and --turn-secret-file are of the server that --turn names")
    if of_cluster:
        _check_core(parser, parsed)
    try:
        return engine_options(parsed, parsed.folder)
    except HostError as error:
        parser.error(error.text)


def _check_core(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> None:
    if not parsed.database:
        parser.error("igym cluster core needs a --database: whoever stands by has to find everything there")
    if not parsed.public_url:
        parser.error("igym cluster core needs the --public-url at which people reach the edges: it holds no sockets")
    if parsed.tls_certificate:
        parser.error("--tls-certificate is for servers that participants reach; in a cluster the proxy has it")
    try:
        checked_redis(parsed.redis)
    except HostError as error:
        parser.error(error.text)


def run_loop(work: Any) -> int:
    """Runs a coroutine on the fastest loop this system has."""
    # The store's thread lets go of Python's lock at each statement, and would wait 5 ms for it while the loop is busy.
    sys.setswitchinterval(HANDED_OVER_WITHIN_S)
    with fine_timers(), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return int(runner.run(work))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    else:
        import uvloop

        return uvloop.new_event_loop


async def _run_for_launcher(options: EngineOptions) -> int:
    # The launcher must always read one JSON object a line, whatever a library prints.
    with contextlib.redirect_stdout(sys.stderr):
        engine = Engine(options)
        _collect_library_logs(engine)
        out = sys.__stdout__

        def say(message: dict[str, Any]) -> None:
            print_json(message, out)

        def say_log(line: Line) -> None:
            if not engine.is_attended:
                say({"event": "log", **line})

        engine.journal.print = say_log
        # Ctrl+C in the terminal of the launcher is meant for the launcher: whether the session goes on is its decision.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop_on(engine, (signal.SIGTERM,))
        leash = Leash(
            options.when_launcher_gone == "stop",
            options.grace_s,
            lambda: engine.is_attended,
            lambda: engine.stop_soon("the launcher is gone"),
        )
        watch_stdin(asyncio.get_running_loop(), leash.launcher_gone)
        return await _run(engine, say_ready=lambda ready: say(_ready_line(ready)), say_failed=lambda e: say(_failed(e)),
                          prepared=lambda: engine.on_presence(leash.presence_changed))  # fmt: skip


async def run_by_hand(options: EngineOptions) -> int:
    """Runs a session without a launcher until it is asked to end; the exit code."""
    engine = Engine(options)
    _collect_library_logs(engine)
    engine.journal.print = _print_line
    _stop_on(engine, (signal.SIGINT, signal.SIGTERM), lambda: _print_pausing(engine))

    def say_failed(error: HostError) -> None:
        sys.stderr.write(f"{error.text}\n")
        if error.code == "bad_experiment" and error.details:
            sys.stderr.write(f"{error.details}\n")

    def say_ready(ready: Ready) -> None:
        _print_invitation(ready)
        _print_remote(engine)

    code = await _run(engine, say_ready=say_ready, say_failed=say_failed, prepared=lambda: None)
    _print_how_to_go_on(engine)
    _print_code(engine)
    return code


async def _run(
    engine: Engine,
    say_ready: Callable[[Ready], None],
    say_failed: Callable[[HostError], None],
    prepared: Callable[[], None],
) -> int:
    try:
        ready = await engine.start()
    except HostError as error:
        say_failed(error)
        return FAILED_EXIT_CODE
    except Exception as error:
        say_failed(
            HostError("internal", Told("The server could not start: {error}", error=error), traceback.format_exc())
        )
        return FAILED_EXIT_CODE
    except asyncio.CancelledError:
        return 0
    # Before the launcher hears of it and connects: its coming is what keeps the leash quiet.
    prepared()
    say_ready(ready)
    await engine.stopped.wait()
    return BROKEN_EXIT_CODE if engine.has_failed else 0


def _stop_on(engine: Engine, signals: tuple[signal.Signals, ...], say: Callable[[], None] = lambda: None) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        say()
        engine.stop_soon("it was asked to end")

    for number in signals:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))


def _collect_library_logs(engine: Engine) -> None:
    root = logging.getLogger()
    root.addHandler(LibraryLog(engine.journal))
    # Socket.IO names every malformed packet of every stranger at error level; the count is what matters.
    for name in ("engineio.server", "socketio.server"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _ready_line(ready: Ready) -> dict[str, Any]:
    return {
        "event": "ready",
        "port": ready.port,
        "control_port": ready.control_port,
        "join_url": ready.join_url,
        "session": ready.session,
        "pid": ready.pid,
        "data_folder": str(ready.data_folder),
        "keeps_data": ready.keeps_data,
    }


def _failed(error: HostError) -> dict[str, Any]:
    return {"event": "failed", "code": error.code, "text": error.text, "details": error.details}


def _print_line(line: Line) -> None:
    if line["level"] != "debug":
        sys.stderr.write(f"[{line['level']}] {line['source']}: {line['text']}\n")


def _print_invitation(ready: Ready) -> None:
    """The link large enough to be scanned from a terminal."""
    import segno

    sys.stdout.write(f"\nParticipants open this address:\n\n    {ready.join_url}\n\n")
    if can_show(QR_BLOCKS, sys.stdout):
        segno.make(ready.join_url, error="m").terminal(out=sys.stdout, compact=True)
    others = [f"{card.address} ({card.name})" for card in network_cards() if f"//{card.address}" not in ready.join_url]
    if others:
        sys.stdout.write(f"\nOther addresses of this computer (--address takes one, or a name): {', '.join(others)}\n")
    home = ready.data_folder if ready.keeps_data else ready.data_folder.parent
    kept = _where_data_are(home) if ready.keeps_data else "nothing of it is kept (save_data=False)"
    stop = "pause: `--resume` goes on with this session later" if ready.keeps_data else "stop; nothing is kept then"
    sys.stdout.write(
        f"\nSession {ready.session}; {kept}\n"
        f"The control token is in {home / 'engine.json'}\n"
        f"Press Ctrl+C to {stop}.\n"
        f"`igym end {home}` ends the session for everybody.\n"
    )
    sys.stdout.flush()


def _print_remote(engine: Engine) -> None:
    """How launchers elsewhere attach. The link of a pass is shown once, when the pass is made: output is often kept."""
    remote = engine.remote
    if remote is None:
        return
    file, passes = remote.passes.file, remote.passes.now()
    if remote.passes.is_new:
        for given in passes.values():
            sys.stdout.write(
                "\nA launcher on another computer attaches with this link (Session, Connect to a server…). Whoever has "
                f"it can do everything with the session:\n\n    {link(engine.join_url, given)}\n\n"
            )
    else:
        names = ", ".join(passes) or "nobody"
        sys.stdout.write(f"Launchers on other computers may attach with the passes of: {names}\n")
    again = shlex.join(["igym", "passes", str(file), "--address", engine.join_url])
    sys.stdout.write(f"The passes are in {file}; `{again}` shows their links.\n")
    sys.stdout.flush()


def _where_data_are(home: Path) -> str:
    place = place_beside(home / DATABASE)
    return f"the data are in {home}" if place is None else f"the data are on {place.text}; their files in {home}"


def _print_pausing(engine: Engine) -> None:
    """Once: whoever presses Ctrl+C again is waiting, and has been told for what."""
    if engine.is_stopping or not engine.is_ready:
        return
    if engine.has_ended:
        text = "The session has ended. Writing the last files…"
    elif engine.keeps_data:
        text = "Pausing the session; nobody is sent home. Writing the files…"
    else:
        text = "Stopping; nothing of this session is kept."
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()


def _print_code(engine: Engine) -> None:
    """Last of all, when nothing is recorded any more."""
    code = engine.trail_code if engine.is_ready and not engine.has_failed else ""
    if code:
        sys.stdout.write(f"For your paper log, the code of everything recorded so far: {code}\n")
        sys.stdout.flush()


def _print_how_to_go_on(engine: Engine) -> None:
    """What Ctrl+C left: a session that waits. Ending it is something else."""
    if not engine.is_ready or engine.has_ended or not engine.keeps_data or engine.has_failed:
        return
    options = engine.options
    again = ["igym", "serve", str(options.folder), "--data", str(options.data), "--resume", engine.begun.id]
    sys.stdout.write(
        f"The session is paused, and everybody can go on where they are. To go on with it:\n\n"
        f"    {shlex.join(again)}\n\nTo end it for everybody, go on with it and then, in another terminal:\n\n"
        f"    {shlex.join(['igym', 'end', str(engine.home)])}\n"
    )
    sys.stdout.flush()

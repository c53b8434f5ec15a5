"""The launcher's namespace: the whole view once, then what changed, and commands with answers."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import socketio
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.core.effects import CommandDone, Perform
from igym.core.events import Command
from igym.core.view import plain
from igym.host.base.clock import steady_s
from igym.host.base.journal import Journal, Line
from igym.host.base.troubles import HostProblems
from igym.host.remote.door import Door, Guest
from igym.host.remote.rights import refusal, told_of
from igym.host.session.runtime import Runtime
from igym.host.session.view_changes import View, changes_of
from igym.protocol.told import Told, with_table

CONTROL = "/control"
MONITOR = "/monitor"
LEAST_GAP_S = 0.25
REFRESH_S = 1.0
"""Durations, RTTs and waiting times move without events."""
MOST_OF_THE_TIME = 0.05
"""Looks at very many people are further apart, so that everything else has the rest of the time."""
UNWATCHED_S = 60.0
"""Between looks while nobody watches: one at 800 people is some hundredths of a second in which nobody is served."""
ROWS_AT_ONCE = 250
"""Of people and of matches, to somebody who has just connected: a few milliseconds of work."""
PIECES_GAP_S = 0.01
"""Between two pieces, in which everybody else is served."""
MAX_REASON = 500
COMMAND_LINE = "command line"
"""What `igym end` calls itself, for researcher_actions.csv."""

Performer = Callable[[dict[str, Any]], Awaitable[Any]]

LONGEST_PAUSE_S = 5.0


def pause_after(took_s: float) -> float:
    """Seconds until the next look at a session, after one that took so long."""
    return min(max(LEAST_GAP_S, took_s / MOST_OF_THE_TIME), REFRESH_S)


class CommandFailedError(Exception):
    """A command that could not be carried out; `text` is for the researcher."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class ControlSockets:
    """Publishes the session to launchers (and read-only to monitors) and takes commands from launchers."""

    def __init__(
        self,
        server: socketio.AsyncServer,
        runtime: Runtime,
        problems: HostProblems,
        journal: Journal,
        token: str,
        performers: Mapping[str, Performer],
        reads: Mapping[str, Performer],
        own: Mapping[str, Performer],
        door: Door | None = None,
    ) -> None:
        """`performers` carry out what the core accepted, `reads` add to its answers, `own` need no core at all;
        `door`: lets launchers on other computers in."""
        self._server = server
        self._runtime = runtime
        self._problems = problems
        self._journal = journal
        self._token = token
        self._performers = performers
        self._reads = reads
        self._own = own
        self._door = door
        self._launchers: set[str] = set()
        self._guests: dict[str, Guest] = {}
        """Those of the launchers that are on other computers."""
        self._monitors: set[str] = set()
        self.monitor_token: str | None = None
        self.pause: Callable[[float], Awaitable[None]] = asyncio.sleep
        """Waits so many seconds, after a wrong token."""
        self._wrong = 0
        self._shown: View | None = None
        self._seq = 0
        self._looked_s = steady_s()
        self._dirty = asyncio.Event()
        self._telling = asyncio.Lock()
        """What was looked at first is told first, and everything to all, however long a word to one is under way."""
        self._emitting: set[asyncio.Task[None]] = set()
        self._publishing: asyncio.Task[None] | None = None
        self._on_presence: list[Callable[[], None]] = []
        runtime.on_change(self._dirty.set)
        journal.add_listener(self._send_log)
        server.on("connect", self._connect, namespace=CONTROL)
        server.on("disconnect", self._disconnect, namespace=CONTROL)
        server.on("command", self._command, namespace=CONTROL)
        server.on("connect", self._connect_monitor, namespace=MONITOR)
        server.on("disconnect", self._disconnect_monitor, namespace=MONITOR)

    @property
    def is_attended(self) -> bool:
        """The launcher of this computer is connected."""
        return len(self._launchers) > len(self._guests)

    def on_presence(self, listener: Callable[[], None]) -> None:
        """Called when a launcher comes or goes."""
        self._on_presence.append(listener)

    def start(self) -> None:
        # What a stored session holds is no change for anybody: whoever comes first gets the whole.
        self._runtime.session.look().take_changes()
        self._publishing = asyncio.create_task(self._publish())

    async def close(self) -> None:
        if self._publishing is not None:
            self._publishing.cancel()
            await asyncio.gather(self._publishing, return_exceptions=True)

    def switch_monitor(self, on: bool) -> dict[str, str | None]:
        """`{path}` of the read-only monitor, with a new token each time it is switched on; None when it is off."""
        self.monitor_token = secrets.token_urlsafe(16) if on else None
        return self.monitor_path()

    def monitor_path(self) -> dict[str, str | None]:
        return {"path": f"/monitor?token={self.monitor_token}" if self.monitor_token else None}

    def admits_monitor(self, token: str) -> bool:
        return self.monitor_token is not None and _knows({"token": token}, self.monitor_token)

    def tell_progress(self, progress: dict[str, Any]) -> None:
        """Shows launchers how far a long command is."""
        if self._launchers:
            self._emit_soon("progress", progress)

    # -- coming and going

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        if isinstance(auth, dict) and "proof" in auth:
            await self._connect_guest(sid, environ, auth)
        elif not _knows(auth, self._token):
            await self._slow_down("A connection with a wrong token was refused")
            raise SocketRefused("the token is wrong", {"code": "wrong_token"})
        await self._tell_all(sid, CONTROL, self._launchers)
        # After the view: lines speak of people and matches that it has by then.
        lines = [line for line, _ in self._journal.recent] if sid in self._guests else self._journal.unprinted()
        for line in lines:
            await self._server.emit("log", with_table(line), to=sid, namespace=CONTROL)
        self._check_is_there(sid, CONTROL, self._launchers)
        for listener in self._on_presence:
            listener()

    def _check_is_there(self, sid: str, namespace: str, watchers: set[str]) -> None:
        """Of the end of a connection that was still being let in nobody is told."""
        if not self._server.is_open(sid, namespace):
            watchers.discard(sid)
            self._guests.pop(sid, None)
            raise SocketRefused("gone", {"code": "gone"})

    async def _connect_guest(self, sid: str, environ: dict[str, Any], auth: dict[str, Any]) -> None:
        if self._door is None:
            raise SocketRefused("launchers on other computers are not let in", {"code": "no_remote"})
        self._guests[sid] = await self._door.admit(auth, environ)

    async def _let_go_of_guests(self) -> None:
        """Those whose passes are none any more: a line removed from the file holds for whoever is in already."""
        for sid, guest in list(self._guests.items()):
            if self._door is not None and not self._door.holds(guest):
                self._journal.info("remote", f"The pass of {guest.name} has ended; its launcher is let go.")
                await self._server.drop(sid, CONTROL)

    async def _slow_down(self, text: str) -> None:
        """Each wrong token waits longer, and only the first of each ten times as many is written down."""
        self._wrong += 1
        if str(self._wrong).strip("0") == "1":
            self._journal.warning("control", text, count=self._wrong)
        await self.pause(min(LONGEST_PAUSE_S, 0.1 * 2 ** min(self._wrong, 10)))

    async def _disconnect(self, sid: str, reason: str = "") -> None:
        self._launchers.discard(sid)
        guest = self._guests.pop(sid, None)
        if guest is not None:
            self._journal.info("remote", f"The launcher of {guest.name} left ({guest.address}).")
        for listener in self._on_presence:
            listener()

    async def _connect_monitor(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        given = auth.get("token") if isinstance(auth, dict) else None
        if not self.admits_monitor(given if isinstance(given, str) else ""):
            if given is not None:
                await self._slow_down("A monitor with a wrong token was refused")
            raise SocketRefused("the monitor is switched off or the token is wrong", {"code": "wrong_token"})
        await self._tell_all(sid, MONITOR, self._monitors)
        self._check_is_there(sid, MONITOR, self._monitors)

    async def _disconnect_monitor(self, sid: str, reason: str = "") -> None:
        self._monitors.discard(sid)

    # -- the view

    async def _tell_all(self, sid: str, namespace: str, watchers: set[str]) -> None:
        """The whole view, in pieces, so that nobody else waits for it; from the first one on come changes as well."""
        async with self._telling:
            # Whoever watches already is told first: all then rest on the same, from which later changes are told.
            shown = await self._tell_changes()
            kept = self._runtime.session.look()
            people, matches = kept.people(0, ROWS_AT_ONCE), kept.matches(0, ROWS_AT_ONCE)
            rows = {"participants": plain(tuple(people)), "matches": plain(tuple(matches))}
            whole = with_table({**shown, "seq": self._seq, **rows})
            watchers.add(sid)
            await self._server.emit("snapshot", whole, to=sid, namespace=namespace)
        if len(people) == ROWS_AT_ONCE or len(matches) == ROWS_AT_ONCE:
            self._soon(self._tell_rest(sid, namespace, watchers))

    async def _tell_rest(self, sid: str, namespace: str, watchers: set[str]) -> None:
        """Rows as they are when their piece is sent: what changed in between has been told, and is in them."""
        kept, first = self._runtime.session.look(), ROWS_AT_ONCE
        while sid in watchers:
            people, matches = kept.people(first, ROWS_AT_ONCE), kept.matches(first, ROWS_AT_ONCE)
            if not people and not matches:
                return
            rows = {"participants": plain(tuple(people)), "matches": plain(tuple(matches)), "gone": []}
            async with self._telling:
                # The rest as everybody has it: what is over before the next look could not be taken back.
                shown = {**(self._shown or self._small_parts()), "seq": self._seq}
                await self._server.emit("changes", with_table({**shown, **rows}), to=sid, namespace=namespace)
            first += ROWS_AT_ONCE
            await asyncio.sleep(PIECES_GAP_S)

    def _small_parts(self) -> View:
        """Everything of a view but its rows of people and matches."""
        view = self._runtime.session.small_parts().to_json()
        return {**view, "problems": [*view["problems"], *self._problems.to_json()], "seq": self._seq,
                "events": self._runtime.handled}  # fmt: skip

    async def _publish(self) -> None:
        while True:
            try:
                async with asyncio.timeout(REFRESH_S):
                    await self._dirty.wait()
            except TimeoutError:
                pass
            # Before the look, not after it: what happens while it is sent wants another one.
            self._dirty.clear()
            begun_s = steady_s()
            await self._let_go_of_guests()
            if self._launchers or self._monitors:
                await self._publish_changes()
            else:
                # Whoever comes next gets everything; what changed until then is of no use to them.
                self._shown = None
                self._look_unwatched()
            # Also after nothing was sent: a busy session must not turn this loop into its main work.
            await asyncio.sleep(pause_after(steady_s() - begun_s))

    def _look_unwatched(self) -> None:
        """Now and then, so that there are few rows to make when somebody comes."""
        now = steady_s()
        if now - self._looked_s >= UNWATCHED_S:
            self._looked_s = now
            self._runtime.session.look().take_changes()

    async def _publish_changes(self) -> None:
        async with self._telling:
            await self._tell_changes()

    async def _tell_changes(self) -> View:
        """All parts of the view but its rows, as everybody who watches has them from now on."""
        people, matches = self._runtime.session.look().take_changes()
        small = self._small_parts()
        is_watched = self._launchers or self._monitors
        changes = changes_of(self._shown, small, people, matches) if is_watched else None
        self._shown = small
        if changes is not None:
            self._seq += 1
            changes = with_table({**changes, "seq": self._seq, "events": small["events"]})
            await self._tell(CONTROL, self._launchers, "changes", changes)
            await self._tell(MONITOR, self._monitors, "changes", changes)
        return small

    async def _tell(self, namespace: str, watchers: set[str], name: str, data: Any) -> None:
        """To each who was let in: who still waits for that, or for a refusal, is in the namespace already."""
        for sid in tuple(watchers):
            await self._server.emit(name, data, to=sid, namespace=namespace)

    def _send_log(self, line: Line) -> None:
        if self._launchers:
            self._emit_soon("log", line)

    def _emit_soon(self, name: str, data: dict[str, Any]) -> None:
        self._soon(self._tell(CONTROL, self._launchers, name, with_table(data)))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._emitting.add(task)
        task.add_done_callback(self._emitting.discard)

    # -- commands

    async def _command(self, sid: str, data: Any = None) -> dict[str, Any]:
        guest = self._guests.get(sid)
        command = _parse(data, guest.by if guest else "")
        if command is None:
            return _no("malformed", Told("The command could not be understood."))
        try:
            if guest is not None:
                self._check_guest(guest, command)
            return with_table({"ok": True, "result": await self._carry_out(command)})
        except CommandFailedError as error:
            return _no(error.code, error.text)

    def _check_guest(self, guest: Guest, command: Command) -> None:
        """Written down whether it may be or not: who asked for what, about whom, from where."""
        why = refusal(command.name, command.args)
        about = told_of(command.args)
        told = f"{command.name[:40]}{f' ({about})' if about else ''}"
        self._journal.info(
            "remote", f"{guest.by}, {guest.address}: {told}{' was refused' if why else ''}",
            by=guest.name, address=guest.address, command=command.name[:40], reason=command.reason,
        )  # fmt: skip
        if why:
            raise CommandFailedError("not_remote", why)

    async def _carry_out(self, command: Command) -> Any:
        if command.name == "monitor":
            return self.switch_monitor(bool(command.args["on"])) if "on" in command.args else self.monitor_path()
        # The host's own problems first; those of the core are its to clear, by the command itself.
        if command.name == "clear_problem" and self._problems.clear(str(command.args.get("id"))):
            return None
        if command.name in self._own:
            return await self._own[command.name](command.args)
        outcome = await self._runtime.submit(command)
        done = outcome.first(CommandDone)
        if outcome.failed or done is None:
            raise CommandFailedError(
                "internal", Told("The command could not be carried out. The problem list tells more.")
            )
        if not done.ok:
            raise CommandFailedError(done.code, done.text)
        if command.name in self._reads:
            return {**(done.result or {}), **await self._reads[command.name](command.args)}
        performed = outcome.first(Perform)
        if performed is None:
            return done.result
        return await self._performers[performed.name](performed.args)


def _parse(data: Any, guest: str) -> Command | None:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str):
        return None
    args, reason = data.get("args") or {}, data.get("reason") or ""
    if not isinstance(args, dict) or not isinstance(reason, str):
        return None
    # Whoever comes from elsewhere is called by their pass, whatever they call themselves.
    by = guest or (COMMAND_LINE if data.get("by") == COMMAND_LINE else "launcher")
    return Command(data["name"], args, reason[:MAX_REASON], by)


def _knows(auth: Any, token: str) -> bool:
    given = auth.get("token") if isinstance(auth, dict) else None
    return isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())


def _no(code: str, text: str) -> dict[str, Any]:
    return with_table({"ok": False, "code": code, "text": text})

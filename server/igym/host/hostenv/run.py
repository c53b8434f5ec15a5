"""One match on the host as the engine sees it: between its process, its players' pages, the store and the core."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from igym.core.events import (
    Event,
    HostEnvFailed,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    HostGlobalsSet,
)
from igym.core.match import Match, MatchPhase
from igym.core.participant import PersonState
from igym.core.session import Session
from igym.host.base.clock import Clock
from igym.host.hostenv.facts import RunFacts
from igym.host.hostenv.locals import LocalRows
from igym.host.hostenv.process import EnvProcess
from igym.host.hostenv.row_buffer import Chunk, RowBuffer
from igym.host.hostenv.spectators import Look, Spectators
from igym.host.hostenv.viewers import Viewers
from igym.host.hostenv.watchdog import late
from igym.host.studies.env_bridge import bridge_part
from igym.protocol.base import Message
from igym.protocol.binary import Rows
from igym.protocol.client import HostSeen
from igym.protocol.told import Told, from_table

WRITE_EVERY_S = 1.0
SHOWN_WITHIN_S = 0.4
"""Pages tell what they have drawn a few times a second: rows wait so long for that before they are written."""
SILENCE_GRACE_S = 5.0
CLOSE_LIMIT_S = 3.0
WRITE_LIMIT_S = 30.0
CHANGED_TEXT = (
    "The engine was interrupted in this match. The env was given the same seed and actions again and went another way "
    "than before, so the match could not go on; everything recorded until then is kept. An env that takes its chance "
    "only from env.np_random or the seeded global generators can be continued."
)


@dataclass(frozen=True)
class Surroundings:
    """What a run needs of the engine. `write` stores rows of a member and returns when they are on disk."""

    session: Session
    clock: Clock
    submit: Callable[[Event], Awaitable[Any]]
    send: Callable[[str, Message], Awaitable[None]]
    write: Callable[[str, Rows], Awaitable[None]]
    slow: Callable[[str, str], None]


class HostRun:
    """`start`, then `follow` after every change of the session's state, until `close`."""

    def __init__(self, match: Match, facts: RunFacts, process: EnvProcess, around: Surroundings) -> None:
        self._match, self._facts, self._process, self._around = match, facts, process, around
        self._members = {seat.player: seat.participant for seat in match.seats}
        shown = "frames_shown" in facts.order["spec"]["runtime"]["record"]
        waits = facts.order["spec"]["gameplay"]["pace"] == "on_input"
        self._local = {player: LocalRows(len(match.seats), shown, waits) for player in self._members}
        self.viewers = Viewers(match.id, self._members, self._order, around.send)
        self._spectators = Spectators(match.id, self._order)
        self._recording = dict(self._members)
        self._opened = False
        self._early: list[dict[str, Any]] = []
        self._buffer = RowBuffer()
        self._to_write: asyncio.Queue[Callable[[], Awaitable[Any]]] = asyncio.Queue()
        self._limit_s = facts.limits["load"] + SILENCE_GRACE_S
        self._busy = "load"
        self._started = self._paused = self._closing = self._failed = self._over = False
        self._substituted: set[int] = set()
        self._allowed = facts.order["allowed"]
        self._slow_told = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._talk()), asyncio.create_task(self._write())]

    async def close(self) -> None:
        """The match is over: the process says what is left, and ends. Everything is on disk afterwards."""
        if self._closing:
            return
        self._closing = True
        self._order({"do": "close"})
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=CLOSE_LIMIT_S)
        await self._finish()

    async def halt(self) -> None:
        """The engine stops while the match does not: what was played so far is on disk, and can be gone on from."""
        if not self._closing:
            self._closing = True
            await self._finish()

    async def _finish(self) -> None:
        # It ends first: nothing may be played that is not handed on.
        await self._end_process()
        self._hand_rows_on()
        try:
            async with asyncio.timeout(WRITE_LIMIT_S):
                await self._to_write.join()
        except TimeoutError:
            pass
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def input(self, player: int, number: int, at_ms: float) -> bool:
        """Whether this is an input of the scene."""
        code = bridge_part("analog").code_of(number)
        if code is None or code >= self._facts.inputs[player]:
            return False
        self._order({"do": "input", "player": player, "input": number, "at_ms": at_ms})
        return True

    async def look(self, player: int) -> Look:
        """What a researcher sees of this player's view now."""
        view = await self._spectators.picture(player)
        return Look(view, self.viewers.phase, self.viewers.hud)

    def _order(self, order: dict[str, Any]) -> None:
        """Before the process has been told what it plays, orders wait."""
        if self._opened:
            self._process.send(order)
        else:
            self._early.append(order)

    # -- what the core decided

    def follow(self) -> None:
        match = self._match
        for seat in match.seats:
            if seat.gone is not None and not match.is_over:
                self._left(seat.player, seat.participant)
            if seat.substitute and seat.player not in self._substituted:
                self._substituted.add(seat.player)
                self._order({"do": "absent", "player": seat.player})
        if match.allowed != self._allowed:
            self._allowed = match.allowed
            self._order({"do": "allow", "episodes": match.allowed})
        if match.phase is MatchPhase.PLAYING:
            self._play()
        elif match.phase is MatchPhase.PAUSED and self._started and not self._paused:
            self._paused = True
            self._order({"do": "pause"})
            self._hand_rows_on()

    def _left(self, player: int, participant: str) -> None:
        """Their rows end here; who withdrew with their data gets none of the running second either."""
        if player not in self._recording:
            return
        withdrawn = self._around.session.state.participants[participant].state is PersonState.WITHDRAWN
        if not withdrawn:
            self._hand_rows_on()
        self._recording.pop(player, None)
        self.viewers.drop(player)

    def _play(self) -> None:
        if not self._started:
            self._started = True
            countdown_s = self._facts.countdown_s
            earliest = self._around.clock() + (countdown_s if self._facts.order["interrupted"] else 0.0)
            self._order({"do": "start", "at": max(earliest, (self._match.starts_at or 0.0) + countdown_s)})
        if self._paused:
            self._paused = False
            self._order({"do": "resume"})

    # -- what the process says

    async def _talk(self) -> None:
        try:
            await self._process.start()
            if await self._process.read(self._limit_s) is None:
                return await self._ended()
            self._process.send({**self._facts.order, "clock_ahead_s": self._around.clock.ahead_s})
            self._opened = True
            # In the order they were given, after what it plays: an input before the game would be nobody's.
            for order in self._early:
                self._process.send(order)
            while True:
                message = await self._process.read(self._limit_s)
                if message is None:
                    return await self._ended()
                await self._heard(message)
        except TimeoutError:
            await self._fail(late(self._busy, self._limit_s), "")
        except OSError as error:
            await self._fail(Told("The env's process could not be started: {error}", error=error), "")

    async def _heard(self, message: dict[str, Any]) -> None:
        say = message["say"]
        if say == "looked":
            # Packed beside the game, so it tells nothing of what the game is at.
            self._spectators.take(message)
            return
        if say == "resetting":
            self._busy = "reset"
        elif say not in ("alive", "ready"):
            self._busy = "step"
        if say != "alive":
            self._limit_s = self._facts.limits[self._busy] + SILENCE_GRACE_S
        if say in ("view", "phase", "move", "hud", "sounds"):
            await self.viewers.show(message)
        else:
            await self._acts[say](self, message)

    async def _ready(self, message: dict[str, Any]) -> None:
        # Not awaited: the core's answer may be an order to this very run.
        self._around.submit(HostEnvReady(self._match.id))
        self.follow()

    async def _alive(self, message: dict[str, Any]) -> None:
        self._hand_rows_on_if_due()

    async def _frame(self, message: dict[str, Any]) -> None:
        people = self._around.session.state.participants
        for player, participant in self._recording.items():
            self._local[player].add(message, self.viewers.seen[player], player, people[participant].rtt_ms)
        self._buffer.add(message["row"], self._around.clock())
        self._hand_rows_on_if_due()

    async def _episode_started(self, message: dict[str, Any]) -> None:
        self._later(HostEpisodeStarted(self._match.id, message["episode"]))

    async def _episode_ended(self, message: dict[str, Any]) -> None:
        # In one queue, rows first: the core judges an episode by what is on disk when it hears of its end.
        self._hand_rows_on()
        fields: dict[str, Any] = {name: message[name] for name in ("episode", "frames", "reason", "chain", "scores")}
        members = tuple(self._recording.values())
        self._later(HostEpisodeEnded(match=self._match.id, participants=members, **fields))

    async def _game_over(self, message: dict[str, Any]) -> None:
        self._over = True
        self._later(HostGameOver(self._match.id))

    async def _globals(self, message: dict[str, Any]) -> None:
        values = message["values"]
        by_player = {0: values} if self._match.is_solo else {
            seat.player: values.get(seat.agent) for seat in self._match.seats
        }  # fmt: skip
        for player, participant in self._recording.items():
            known = self._around.session.state.participants[participant].globals
            own = by_player.get(player)
            changed = {name: value for name, value in own.items() if known.get(name) != value} \
                if isinstance(own, dict) else {}  # fmt: skip
            if changed:
                self._later(HostGlobalsSet(participant, self._match.id, changed))

    async def _cost(self, message: dict[str, Any]) -> None:
        period_ms = 1000 / self._facts.fps
        if message["p50_ms"] > period_ms and not self._slow_told:
            self._slow_told = True
            self._around.slow(
                self._match.id,
                Told(
                    "One step of the env in match {match} takes {milliseconds} ms here, and at {fps} fps there "
                    "are {budget} ms for it, so the game runs slower than asked for.",
                    match=self._match.id,
                    milliseconds=f"{message['p50_ms']:.0f}",
                    fps=f"{self._facts.fps:g}",
                    budget=f"{period_ms:.0f}",
                ),
            )

    async def _fault(self, message: dict[str, Any]) -> None:
        told = from_table(message)
        text, file, line = told["message"], told["file"], told["line"]
        placed = Told("{text} ({file}, line {line})", text=text, file=file, line=line) if file else text
        await self._fail(placed, told["traceback"])

    async def _changed(self, message: dict[str, Any]) -> None:
        await self._fail(CHANGED_TEXT, "")

    _acts: dict[str, Callable[[HostRun, dict[str, Any]], Awaitable[None]]] = {
        "ready": _ready,
        "resetting": _alive,
        "alive": _alive,
        "frame": _frame,
        "started": _episode_started,
        "ended": _episode_ended,
        "over": _game_over,
        "globals": _globals,
        "cost": _cost,
        "fault": _fault,
        "changed": _changed,
    }

    async def _ended(self) -> None:
        """The process is gone; without a word of why, what it printed last has to explain it."""
        if self._closing or self._failed or self._over:
            return
        process = self._process
        # Asked before its end is made sure of: a process that is killed has another code.
        code = await process.exit_code()
        await self._end_process()
        text = Told(
            "The env's process ended by itself (exit code {code}) in the {what} of the env. Code written "
            "in C that crashes does this, as do os._exit() and too little memory.",
            code=code,
            what=self._busy,
        )
        await self._fail(text, process.last_prints)

    async def _fail(self, text: str, traceback: str) -> None:
        if self._failed or self._closing:
            return
        self._failed = True
        await self._end_process()
        self._hand_rows_on()
        self._later(HostEnvFailed(self._match.id, text, traceback))

    async def _end_process(self) -> None:
        await self._process.end()

    # -- to the disk, in order

    def _hand_rows_on_if_due(self) -> None:
        if self._buffer.is_due(self._around.clock(), WRITE_EVERY_S):
            self._hand_rows_on()

    def _hand_rows_on(self) -> None:
        chunk = self._buffer.take()
        if chunk is not None:
            members, until = dict(self._recording), self._around.clock() + SHOWN_WITHIN_S
            self._to_write.put_nowait(lambda: self._store(members, chunk, until))

    def seen(self, player: int, message: HostSeen) -> None:
        """What a player's page says it shows."""
        for episode, frame, at_ms in self.viewers.note(player, message):
            self._local[player].drawn(episode, frame, at_ms, message.refresh_ms)

    def _rows(self, player: int, participant: str, chunk: Chunk) -> Rows:
        local = self._local[player].take(chunk.episode, chunk.first, chunk.count)
        return Rows.model_validate({**chunk.fields, "visit": self._facts.visits[participant], "local": local})

    async def _store(self, members: dict[int, str], chunk: Chunk, until: float) -> None:
        # At the end nobody draws any more.
        if not self._closing:
            await asyncio.sleep(max(0.0, until - self._around.clock()))
        batches = [(participant, self._rows(player, participant, chunk)) for player, participant in members.items()]
        await asyncio.gather(*(self._around.write(participant, rows) for participant, rows in batches))

    def _later(self, event: Event) -> None:
        """The core hears of it when all rows before it are on disk."""
        self._to_write.put_nowait(lambda: self._around.submit(event))

    async def _write(self) -> None:
        while True:
            job = await self._to_write.get()
            try:
                await job()
            finally:
                self._to_write.task_done()

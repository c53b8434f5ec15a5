"""All matches on the host: started and stopped as the core says, spoken to by their players' pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from igym.core.effects import StartHostEnv, StopHostEnv
from igym.core.events import HostEnvFailed, HostGameOver
from igym.core.match import Match
from igym.core.session import Session
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.hostenv.facts import run_facts
from igym.host.hostenv.process import EnvProcess
from igym.host.hostenv.run import HostRun, Surroundings
from igym.host.hostenv.spectators import Look
from igym.host.ports import Bus, Runner, Sockets
from igym.host.session.intake import RowIntake
from igym.protocol.base import Message
from igym.protocol.client import HostInput, HostJoin, HostSeen
from igym.protocol.told import Told

NOT_YOURS = ("not_yours", "You do not take part in such a game on the host.")
NO_SUCH_INPUT = ("malformed", "The game has no such input.")


class HostEnvs:
    """One `HostRun` per running match; `follow` is to be called after each group of events."""

    def __init__(
        self,
        session: Session,
        clock: Clock,
        bus: Bus,
        sockets: Sockets,
        intake: RowIntake,
        database: Path,
        session_id: str,
        folder: Path,
        journal: Journal,
        problems: HostProblems,
        runner: Runner,
    ) -> None:
        self._runner = runner
        self._session, self._bus, self._sockets = session, bus, sockets
        self._database, self._session_id, self._folder = database, session_id, folder
        self._journal, self._problems = journal, problems
        self._runs: dict[str, HostRun] = {}
        self._early: dict[str, set[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._around = Surroundings(session, clock, bus.submit, self._send, intake.insist, self._slow)

    def pid(self, match: str) -> int | None:
        """The process of a running match."""
        run = self._runs.get(match)
        return run.pid if run else None

    async def look(self, match: str, player: int) -> Look | None:
        """What a researcher sees of a player's view; None while the match is not run here."""
        run = self._runs.get(match)
        return await run.look(player) if run else None

    async def start(self, effect: StartHostEnv) -> None:
        match = self._session.state.matches[effect.match]
        if not match.is_over:
            self._soon(self._start(match))

    async def stop(self, effect: StopHostEnv) -> None:
        self._early.pop(effect.match, None)
        run = self._runs.pop(effect.match, None)
        if run is not None:
            self._soon(run.close())

    async def close(self) -> None:
        """Ends every process; what they still had to say is on disk."""
        runs, self._runs = list(self._runs.values()), {}
        await asyncio.gather(*(run.halt() for run in runs), *self._tasks, return_exceptions=True)

    async def receive(self, participant: str, message: Message) -> tuple[str, str] | None:
        """Act on what a player's page says; `(code, text)` of a refusal, or None."""
        match_id = str(getattr(message, "match", ""))
        run = self._runs.get(match_id)
        match = self._session.state.matches.get(match_id)
        seat = match.seat_of(participant) if match else None
        if match is None or not match.on_host or seat is None or not seat.stays:
            return NOT_YOURS
        if run is None:
            self._note_early(match_id, seat.player, message)
            return None
        if isinstance(message, HostInput):
            return None if run.input(seat.player, message.input, message.at_ms) else NO_SUCH_INPUT
        if isinstance(message, HostJoin):
            await run.viewers.join(seat.player)
        elif isinstance(message, HostSeen):
            run.seen(seat.player, message)
        return None

    def _note_early(self, match: str, player: int, message: Message) -> None:
        """A page may be there before the process is."""
        if isinstance(message, HostJoin):
            self._early.setdefault(match, set()).add(player)

    async def _start(self, match: Match) -> None:
        facts = await asyncio.to_thread(run_facts, self._session, match, self._database, self._session_id)
        if match.is_over or match.id in self._runs:
            return
        if facts.over:
            await self._bus.submit(HostGameOver(match.id))
            return
        if len(facts.visits) < len(match.members):
            await self._bus.submit(HostEnvFailed(match.id, "A player's page was not known any more."))
            return
        process = EnvProcess(self._runner, self._folder, lambda line: self._journal.info(f"env of {match.id}", line))
        run = HostRun(match, facts, process, self._around)
        self._runs[match.id] = run
        run.start()
        for player in self._early.pop(match.id, ()):
            await run.viewers.join(player)

    def follow(self) -> None:
        """Games go on, stand still and lose players as the session's state says."""
        for run in self._runs.values():
            run.follow()

    async def _send(self, participant: str, message: Message) -> None:
        await self._sockets.send(participant, message, None)

    def _slow(self, match: str, text: str) -> None:
        self._problems.report(f"slow {match}", "warning", Told("An env is too slow"), text)

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

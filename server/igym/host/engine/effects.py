"""Carrying out what the core decided, in order. Runs only after the cause is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from igym.core import effects as core
from igym.core.events import Answered, DifferenceFound
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.markers import Markers
from igym.host.children.researcher import Researcher
from igym.host.children.researcher_process import Answer
from igym.host.files.erasure import Erasure
from igym.host.files.exports import Exports
from igym.host.hostenv.envs import HostEnvs
from igym.host.packages.scene_packages import PackageList
from igym.host.ports import Bus, Sockets
from igym.host.session.responders import Responders
from igym.host.stimuli.routes import Stimuli
from igym.protocol.server import Welcome
from igym.protocol.told import Told

TOLD_EVERY_S = 3.0
Run = Callable[[Any], Awaitable[None]]


class EffectRunner:
    """One method per kind of effect. Nothing here waits for a researcher, a file or a slow browser."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        sockets: Sockets,
        host_envs: HostEnvs,
        stimuli: Stimuli,
        researcher: Researcher,
        responders: Responders,
        exports: Exports,
        erasure: Erasure,
        preload: PackageList,
        journal: Journal,
        markers: Markers | None,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._sockets = sockets
        self._host_envs = host_envs
        self._stimuli = stimuli
        self._markers = markers
        self._researcher = researcher
        self._responders = responders
        self._exports = exports
        self._erasure = erasure
        self._preload = preload
        self._journal = journal
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runs: dict[type[core.Effect], Run] = {
            core.Send: self._send,
            core.CloseConnection: self._close_connection,
            core.Ask: self._ask,
            core.ExportEpisode: self._export_episode,
            core.ExportScene: self._export_scene,
            core.ExportMatch: self._export_match,
            core.FindDifference: self._find_difference,
            core.EraseRows: self._erase,
            core.StartHostEnv: host_envs.start,
            core.StopHostEnv: host_envs.stop,
            core.Problem: self._problem,
            core.Log: self._log,
        }

    async def run(self, effects: Sequence[core.Effect], at: float) -> None:
        """Effects that answer their cause (Refuse, CommandDone, Perform) are left to whoever sent it.

        `at`: when their cause was handled, unix seconds.
        """
        for effect in effects:
            run = self._runs.get(type(effect))
            if isinstance(effect, core.Record):
                self._mark(effect, at)
            elif run is not None:
                await run(effect)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def answered(self, limit_s: float) -> None:
        """Waits for functions that were asked, at most `limit_s`: the last answers belong to the data.

        What the answers bring about is waited for too; meanwhile the log shows that something is still done.
        """
        ends_at = asyncio.get_running_loop().time() + limit_s
        while self._tasks and (left_s := ends_at - asyncio.get_running_loop().time()) > 0:
            await asyncio.wait(set(self._tasks), timeout=min(left_s, TOLD_EVERY_S))
            if self._tasks:
                self._journal.info("engine", f"Waiting for {len(self._tasks)} last answers and comparisons")

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- to browsers

    async def _send(self, effect: core.Send) -> None:
        message = effect.message
        if isinstance(message, Welcome):
            preload = message.preload.model_copy(update=self._preload.told())
            message = message.model_copy(update={"preload": preload})
        await self._sockets.send(effect.participant, message, effect.connection)

    async def _close_connection(self, effect: core.CloseConnection) -> None:
        await self._sockets.hang_up(effect.connection)

    # -- to the researcher's code

    async def _ask(self, effect: core.Ask) -> None:
        if effect.kind == "replays":
            self._soon(self._find_replays(effect))
            return
        # Queued here and not in the task, so that functions begin in the order of the effects.
        answer = (
            self._responders.ask(effect)
            if effect.kind == "responder"
            else self._researcher.ask(effect.kind, effect.function, effect.context, effect.limit_s)
        )
        self._soon(self._pass_on(effect, answer))

    async def _pass_on(self, effect: core.Ask, asked: asyncio.Future[Answer]) -> None:
        answer = await asked
        # Waited for, because what it brings about may ask again: the last answers are known only then.
        about = effect.context.get("participant")
        await self._bus.submit(Answered(effect.question_id, answer.value, answer.error, about))

    async def _find_replays(self, effect: core.Ask) -> None:
        """Recordings are looked for here, not by a researcher's function."""
        try:
            found = await self._stimuli.find(effect.context)
        except Exception as error:
            self._journal.write("error", "stimuli", Told("Looking for recordings failed: {error}", error=repr(error)))
            found = {"items": [], "problem": Told("Looking for recordings failed: {error}", error=error)}
        await self._bus.submit(Answered(effect.question_id, found, None, effect.context.get("participant")))

    # -- to files

    async def _export_episode(self, effect: core.ExportEpisode) -> None:
        self._exports.file(do="episode", participant=effect.participant, match=effect.match, episode=effect.episode)

    async def _export_scene(self, effect: core.ExportScene) -> None:
        self._exports.file(do="scene", participant=effect.participant, visit=effect.visit)

    async def _export_match(self, effect: core.ExportMatch) -> None:
        self._exports.file(do="match", match=effect.match)

    async def _find_difference(self, effect: core.FindDifference) -> None:
        self._soon(self._compare(effect))

    async def _compare(self, effect: core.FindDifference) -> None:
        found = await self._exports.request(do="difference", match=effect.match, episode=effect.episode)
        event = DifferenceFound(
            effect.match, effect.episode, found["frame"], tuple(found["columns"]), found["compared"]
        )
        self._bus.submit(event)

    async def _erase(self, effect: core.EraseRows) -> None:
        self._soon(self._erasure.erase(effect.participant))

    # -- to the researcher

    def _mark(self, effect: core.Record, at: float) -> None:
        if effect.kind == "session_ended":
            self._exports.check()
        if self._markers is not None:
            self._markers.take(effect, self._clock() - at)

    async def _problem(self, effect: core.Problem) -> None:
        self._journal.write(
            effect.level,
            "session",
            f"{effect.title}: {effect.text}",
            traceback=effect.traceback,
            participant=effect.participant,
            match=effect.match,
        )

    async def _log(self, effect: core.Log) -> None:
        self._journal.write(effect.level, "session", effect.text, **effect.data)

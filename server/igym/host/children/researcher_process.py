"""One child process with the researcher's code: the calls it works on, and what its end means for them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.children.child import LogLine
from igym.host.children.line_child import LineChild
from igym.host.ports import Runner
from igym.protocol.told import Told

CANCEL_LIMIT_S = 1.0
"""An `async def` function that is late has so long to end; then its process is ended."""
TRIES = 2
"""So often a call is handed over that never begins, because Python is busy with something nobody asked for."""


@dataclass(frozen=True)
class Answer:
    """What a function returned, or `error` = {type, message, traceback, file, line}."""

    value: Any = None
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class LoadedExperiment:
    """What the child found in the folder, as JSON: the experiment, and its whole configuration for the export.

    The engine builds its own `Experiment` from this, so a researcher's code is never imported there.
    """

    experiment: dict[str, Any]
    described: dict[str, Any]


@dataclass(eq=False)
class Call:
    """One function to be called. `limit_s` counts from the moment it begins."""

    kind: str
    function: str
    context: dict[str, Any]
    limit_s: float
    answer: asyncio.Future[Answer]
    has_begun: bool = False
    tries: int = 0

    def settle(self, answer: Answer) -> None:
        """The first answer stands."""
        if not self.answer.done():
            self.answer.set_result(answer)


@dataclass(eq=False)
class _Running:
    """A call that was handed over. `turn` resolves when the next one may begin: False, this one never began."""

    call: Call
    number: int
    turn: asyncio.Future[bool]
    timer: asyncio.TimerHandle | None = None
    is_async: bool = False

    def release(self, began: bool) -> None:
        if not self.turn.done():
            self.turn.set_result(began)

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


class ResearcherProcess:
    """Runs calls handed over one after the other. `ended` is told in words why a process went that nobody ended."""

    def __init__(
        self, runner: Runner, folder: Path, options: list[str], log: LogLine, ended: Callable[[str], None]
    ) -> None:
        self._child = LineChild(runner, "researcher", [str(folder), *options], log)
        self._ended = ended
        self._open: dict[int, _Running] = {}
        self._last_number = 0
        self._cause = ""
        self._following: asyncio.Task[None] | None = None
        self._closing = False
        self.has_begun = False
        """Whether a call ever began in it."""

    @property
    def is_alive(self) -> bool:
        return self._following is not None and not self._following.done() and not self._cause

    @property
    def busy_with(self) -> str | None:
        """The function that keeps the others waiting."""
        begun = [entry.call.function for entry in self._open.values() if entry.call.has_begun and not entry.is_async]
        return begun[0] if begun else None

    async def start(self, limit_s: float) -> LoadedExperiment:
        """Waits until the child has loaded the experiment; raises `HostError` "bad_experiment"."""
        try:
            await self._child.start()
            async with asyncio.timeout(limit_s):
                first = await self._child.read()
        except TimeoutError as error:
            await self._child.end()
            raise HostError(
                "bad_experiment",
                Told(
                    "Loading the experiment took longer than {seconds} seconds and was stopped. Look for work "
                    "that experiment.py does while it is imported (a download, training, an endless loop) and "
                    "move it away.",
                    seconds=f"{limit_s:g}",
                ),
            ) from error
        except BaseException:
            await self._child.end()
            raise
        if first is None or first.get("event") != "loaded":
            await self._child.end()
            raise _load_failure(first)
        self._following = asyncio.create_task(self._follow())
        return LoadedExperiment(first["experiment"], first["described"])

    async def run(self, call: Call) -> bool:
        """Returns when the next call may begin: this one has returned, or it waits for something of its own.

        False: the process ended before this call had begun, so it may be handed to another one.
        """
        self._last_number += 1
        running = _Running(call, self._last_number, asyncio.get_running_loop().create_future())
        self._open[running.number] = running
        call.tries += 1
        # Before the question is sent: a child that reads nothing any more holds up the sending itself.
        self._arm(running, call.limit_s, self._not_begun)
        question = {"id": running.number, "kind": call.kind, "function": call.function, "context": call.context}
        await self._child.send(question)
        return await running.turn

    async def end(self) -> None:
        """Kills the child; calls under way end with an error. Safe to call twice."""
        self._closing = True
        # Killed first, so that the reading ends; what it still said is heard before the calls are broken off.
        self._child.kill()
        if self._following is not None:
            await self._following
        await self._child.end()

    # -- what the child says

    async def _follow(self) -> None:
        try:
            while (line := await self._child.read()) is not None:
                self._hear(line)
        except (ValueError, OSError) as error:
            self._kill(
                Told("The process of the experiment's functions said something unreadable ({error}).", error=error)
            )
        code = await self._child.exit_code()
        await self._child.end()
        self._break_off(code)

    def _hear(self, line: dict[str, Any]) -> None:
        running = self._open.get(line.get("id", 0))
        if running is None:
            return
        if line.get("state") == "begun":
            running.call.has_begun = self.has_begun = True
            self._arm(running, running.call.limit_s, self._late)
        elif line.get("state") == "waits":
            running.is_async = True
            running.release(began=True)
        else:
            self._close(running, Answer(line.get("value"), line.get("error")))

    def _close(self, running: _Running, answer: Answer) -> None:
        running.stop_timer()
        self._open.pop(running.number, None)
        running.call.settle(answer)
        running.release(began=True)

    # -- time

    def _arm(self, running: _Running, after_s: float, then: Callable[[_Running], None]) -> None:
        running.stop_timer()
        running.timer = asyncio.get_running_loop().call_later(max(after_s, 0.0), then, running)

    def _late(self, running: _Running) -> None:
        call = running.call
        call.settle(Answer(error=late_error(call)))
        if not running.is_async:
            self._kill(
                Told(
                    "{function} did not return within {seconds} seconds.",
                    function=call.function,
                    seconds=f"{call.limit_s:g}",
                )
            )
            return
        # The others that wait in the same process must not pay for this one.
        self._child.write({"cancel": running.number})
        self._arm(running, CANCEL_LIMIT_S, self._not_cancelled)

    def _not_cancelled(self, running: _Running) -> None:
        if self.busy_with is not None:
            # A plain function is at work within its own limit: the cancellation is heard after it.
            self._arm(running, CANCEL_LIMIT_S, self._not_cancelled)
        else:
            self._kill(
                Told(
                    "{function} could not be stopped after {seconds} seconds.",
                    function=running.call.function,
                    seconds=f"{running.call.limit_s:g}",
                )
            )

    def _not_begun(self, running: _Running) -> None:
        if len(self._open) > 1:
            # An async function that computes instead of waiting holds it up; its own limit ends that.
            self._arm(running, CANCEL_LIMIT_S, self._not_begun)
        else:
            self._kill(Told("The process of the experiment's functions was busy with something that nobody asked for."))

    # -- the end

    def _kill(self, cause: str) -> None:
        self._cause = self._cause or cause
        self._child.kill()

    def _break_off(self, code: int | None) -> None:
        by_itself = Told("the process ended by itself (exit code {code})", code=code)
        cause = self._cause or Told("{text} (exit code {code}).", text=self._suspect(), code=code)
        for running in list(self._open.values()):
            call = running.call
            if not (call.has_begun or self._closing) and call.tries < TRIES:
                running.stop_timer()
                running.release(began=False)
                continue
            why = Told("its process was ended. {cause}", cause=self._cause) if self._cause else by_itself
            self._close(
                running,
                Answer(error=plain_error("ProcessError", Told("{function}: {why}", function=call.function, why=why))),
            )
        self._open.clear()
        if not self._closing:
            self._ended(cause)

    def _suspect(self) -> str:
        begun = [entry.call.function for entry in self._open.values() if entry.call.has_begun]
        name = self.busy_with or (begun[0] if len(begun) == 1 else None)
        return (
            Told("{function} ended its process", function=name)
            if name
            else Told("The process of the experiment's functions ended by itself")
        )


def late_error(call: Call) -> dict[str, Any]:
    return plain_error(
        "Timeout",
        Told(
            "{function} did not return within {seconds} seconds; it was stopped and its default was used.",
            function=call.function,
            seconds=f"{call.limit_s:.1f}",
        ),
    )


def plain_error(kind: str, message: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "traceback": "", "file": None, "line": None}


def _load_failure(first: dict[str, Any] | None) -> HostError:
    if first is None:
        return HostError(
            "bad_experiment",
            Told(
                "Python ended while it was loading the experiment, without an error of its own. The log "
                "shows what was printed last; a package with compiled code is the usual cause."
            ),
        )
    error = first.get("error", {})
    return HostError(
        "bad_experiment", str(error.get("text", Told("The experiment could not be loaded."))), json.dumps(error)
    )

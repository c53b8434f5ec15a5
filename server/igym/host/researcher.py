"""Calling a researcher's functions in processes of their own, each call with a deadline.

A function that is slow, hangs or kills its process costs its own deadline and one process, nothing else: the process is
ended and a fresh one takes its place.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.host import spawn
from igym.host.errors import HostError
from igym.host.line_child import ChildEndedError, LineChild, LogLine

LOAD_LIMIT_S = 30.0


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


class ResearcherProcess:
    """One child that has loaded the experiment and answers one call at a time."""

    def __init__(self, folder: Path, options: list[str], log: LogLine) -> None:
        self._child = LineChild(spawn.command("researcher", [str(folder), *options]), log)

    @property
    def is_alive(self) -> bool:
        return self._child.is_alive

    async def start(self, limit_s: float) -> LoadedExperiment:
        """Waits until the child has loaded the experiment; raises `HostError` "bad_experiment"."""
        try:
            await self._child.start()
            async with asyncio.timeout(limit_s):
                first = await self._child.read()
        except TimeoutError as error:
            await self.end()
            raise HostError(
                "bad_experiment",
                f"Loading the experiment took longer than {limit_s:g} seconds and was stopped. Look for work that "
                "experiment.py does while it is imported (a download, training, an endless loop) and move it away.",
            ) from error
        except BaseException:
            await self.end()
            raise
        if first is None or first.get("event") != "loaded":
            await self.end()
            raise _load_failure(first)
        return LoadedExperiment(first["experiment"], first["described"])

    async def call(self, kind: str, function: str, context: dict[str, Any], limit_s: float) -> Answer:
        """Never raises: a late or broken answer is an `Answer` with an error, and the process is gone afterwards."""
        question = {"kind": kind, "function": function, "context": context}
        try:
            async with asyncio.timeout(max(limit_s, 0.0)):
                reply = await self._child.request(question)
        except TimeoutError:
            await self.end()
            return Answer(error=_late(function, limit_s))
        except (ChildEndedError, OSError, ValueError) as error:
            await self.end()
            return Answer(error=_plain_error("ProcessError", f"{function}: {error}"))
        except asyncio.CancelledError:
            await self.end()
            raise
        return Answer(value=reply.get("value"), error=reply.get("error"))

    async def end(self) -> None:
        """Kills the child; safe to call twice."""
        await self._child.end()


class _Slot:
    """One place in the pool; empty until its process has loaded the experiment."""

    process: ResearcherProcess | None = None


class ResearcherPool:
    """A few processes that share the calls; the first one also tells whether the experiment can be loaded at all."""

    def __init__(self, folder: Path, options: list[str], log: LogLine, size: int = 2) -> None:
        self._folder = folder
        self._options = options
        self._log = log
        self._slots = [_Slot() for _ in range(size)]
        self._idle: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()
        self._reviving: set[asyncio.Task[None]] = set()

    async def start(self, limit_s: float = LOAD_LIMIT_S) -> LoadedExperiment:
        """Loads the experiment in the first process, then lets the others follow; raises `HostError`."""
        first, *others = self._slots
        loaded = await self._fill(first, limit_s)
        self._idle.put_nowait(first)
        for slot in others:
            self._revive_soon(slot)
        return loaded

    async def ask(self, kind: str, function: str, context: dict[str, Any], limit_s: float) -> Answer:
        """Calls a function within `limit_s` seconds, waiting for a free process included."""
        ends_at = time.monotonic() + limit_s
        try:
            async with asyncio.timeout(max(limit_s, 0.0)):
                slot = await self._idle.get()
        except TimeoutError:
            return Answer(error=_late(function, limit_s))
        try:
            return await self._ask_in(slot, kind, function, context, ends_at)
        finally:
            if slot.process is not None and slot.process.is_alive:
                self._idle.put_nowait(slot)
            else:
                self._revive_soon(slot)

    async def close(self) -> None:
        """Kills every process; calls under way end with an error."""
        for task in self._reviving:
            task.cancel()
        await asyncio.gather(*self._reviving, return_exceptions=True)
        await asyncio.gather(*(slot.process.end() for slot in self._slots if slot.process is not None))

    async def _ask_in(self, slot: _Slot, kind: str, function: str, context: dict[str, Any], ends_at: float) -> Answer:
        if slot.process is None:
            try:
                await self._fill(slot, ends_at - time.monotonic())
            except HostError as error:
                return Answer(error=_plain_error("LoadError", error.text))
        assert slot.process is not None
        return await slot.process.call(kind, function, context, ends_at - time.monotonic())

    async def _fill(self, slot: _Slot, limit_s: float) -> LoadedExperiment:
        process = ResearcherProcess(self._folder, self._options, self._log)
        loaded = await process.start(max(limit_s, 0.0))
        slot.process = process
        return loaded

    def _revive_soon(self, slot: _Slot) -> None:
        slot.process = None
        task = asyncio.create_task(self._revive(slot))
        self._reviving.add(task)
        task.add_done_callback(self._reviving.discard)

    async def _revive(self, slot: _Slot) -> None:
        try:
            await self._fill(slot, LOAD_LIMIT_S)
        except HostError as error:
            self._log(f"the process for the researcher's code could not be started again: {error.text}")
        self._idle.put_nowait(slot)


def _late(function: str, limit_s: float) -> dict[str, Any]:
    return _plain_error(
        "Timeout", f"{function} did not return within {limit_s:.1f} seconds; it was stopped and its default was used."
    )


def _plain_error(kind: str, message: str) -> dict[str, Any]:
    return {"type": kind, "message": message, "traceback": "", "file": None, "line": None}


def _load_failure(first: dict[str, Any] | None) -> HostError:
    if first is None:
        return HostError(
            "bad_experiment",
            "Python ended while it was loading the experiment, without an error of its own. The log shows what was "
            "printed last; a package with compiled code is the usual cause.",
        )
    error = first.get("error", {})
    return HostError("bad_experiment", str(error.get("text", "The experiment could not be loaded.")), json.dumps(error))

"""How long the engine's loop serves nobody else, with 40 in play and launchers coming: after nobody, after 10,000."""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import socketio
from figures import Figure, figure, report
from growth import BROWSER

from igym.core.events import Command, Connected, Disconnected, Joined, MessageReceived
from igym.core.joining import JoinRequest
from igym.core.session import Session
from igym.host.base.pulse import LAGS_KEPT, Durations
from igym.host.engine.engine import Engine
from igym.host.session.control import CONTROL
from igym.host.session.runtime import Runtime
from igym.host.session.settings import EngineOptions
from igym.protocol.codec import decode
from tests.load.crowd import write_study
from tests.loop_watch import watched_loop

BEFORE = int(os.environ.get("IGYM_BENCH_PEOPLE", "10000"))
PLAYING, FRAMES = 40, 600
LAUNCHERS = 3
LIMIT_S = 180
GOAL = "≤ 50 ms"


class Measured(Engine):
    """Without the files of those who came before: the exporter is a process of its own, and busy for minutes."""

    async def let_come_and_go(self, people: int) -> None:
        plain, self.exports.file = self.exports.file, lambda **fields: None  # type: ignore[method-assign]
        try:
            for number in range(people):
                await one_comes_and_goes(self.runtime, self.begun.session, number)
        finally:
            self.exports.file = plain  # type: ignore[method-assign]


async def one_comes_and_goes(runtime: Runtime, session: Session, number: int) -> None:
    admitted = session.admit(JoinRequest(None, None, {}, "en"))
    assert isinstance(admitted, Joined)
    who, connection = admitted.participant, f"before-{number}"
    hello: Any = decode("hello", {"protocol": 1, "tab": "t", "browser": BROWSER, "visit": None})
    await runtime.submit(dataclasses.replace(admitted, token_hash=f"hash {number}"))
    for event in (
        Connected(who, connection),
        MessageReceived(who, connection, hello),
        Command("exclude", {"participant": who, "message": "thanks"}, "over"),
    ):
        runtime.submit(event)
    await runtime.submit(Disconnected(who, connection))


async def played(engine: Engine) -> dict[str, Any]:
    """Simulated people in a process of their own; what they measured."""
    arguments = [engine.join_url, "--number", str(PLAYING), "--frames", str(FRAMES), "--every", "0.1", "--json"]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "igym.cli", "simulate", *arguments, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await asyncio.wait_for(child.communicate(), LIMIT_S)
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    assert told["ok"], told
    return told


async def attached(engine: Engine, seconds: float) -> None:
    """A launcher that comes late: it gets the whole view, in pieces, and then what changes."""
    client = socketio.AsyncClient(reconnection=False)
    await client.connect(engine.join_url, auth={"token": engine.token}, namespaces=[CONTROL], transports=["websocket"])
    await asyncio.sleep(seconds)
    await client.disconnect()


@contextmanager
def collections() -> Iterator[list[float]]:
    """How long each run of the collector took (ms of processor time), also while people came and went before."""
    took: list[float] = []
    begun = 0.0

    def note(phase: str, _: dict[str, int]) -> None:
        nonlocal begun
        if phase == "start":
            begun = time.thread_time()
        else:
            took.append(1000 * (time.thread_time() - begun))

    gc.callbacks.append(note)
    try:
        yield took
    finally:
        gc.callbacks.remove(note)


@dataclasses.dataclass
class Stops:
    step_ms: float
    """Of processor time, the longest."""
    step: str
    """Whose that was."""
    lag_ms: float
    """By the clock, the longest."""
    collected_ms: list[float]
    told: dict[str, Any]
    """What the people measured."""


async def stops(home: Path, before: int) -> Stops:
    study = write_study(home / "study", frames=FRAMES)
    engine = Measured(EngineOptions(folder=study, data=home / "data", port=0, address="127.0.0.1"))
    await engine.start()
    try:
        with collections() as collected_ms:
            await engine.let_come_and_go(before)
            # Steps of this script are not the engine's.
            launchers = [asyncio.create_task(attached(engine, 5)) for _ in range(LAUNCHERS)]
            with watched_loop(asyncio.current_task(), *launchers) as watch:
                engine.loop_lag.lags = Durations(LAGS_KEPT)
                told = await played(engine)
                await asyncio.gather(*launchers)
        lag_ms = 1000 * (engine.loop_lag.lags.quantile(1.0) or 0.0)
        return Stops(1000 * watch.longest_s, watch.longest, lag_ms, collected_ms, told)
    finally:
        await engine.stop("measured")


def main() -> None:
    figures: list[Figure] = []
    longest: list[str] = []
    for before in (0, BEFORE):
        with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
            found = asyncio.run(stops(Path(folder), before))
        acks = found.told["measures"]["ack_ms"]
        longest.append(f"after {before:,} the longest step was one of {found.step[:160]}")
        figures += [
            figure(f"after {before:,}: longest step of the loop, processor", "ms", [found.step_ms], GOAL),
            figure(f"after {before:,}: runs of the collector, processor", "ms", found.collected_ms or [0.0], GOAL),
            figure(f"after {before:,}: longest lag of the loop, by the clock", "ms", [found.lag_ms]),
            figure(f"after {before:,}: batch of 30 rows to its acknowledgement, p99", "ms", [acks["p99"]]),
        ]
    report(
        "Stops of the engine's loop",
        figures,
        [
            f"{PLAYING} people play in pairs, {LAUNCHERS} launchers attach meanwhile; the others came and went before.",
            "Lags by the clock hold what else the machine does; processor time of single steps does not.",
            *longest,
        ],
    )


if __name__ == "__main__":
    main()

"""An engine in this process on a free port, with its own data folder, and experiments small enough to read."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import gc
import io
import itertools
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from igym.host.children.child import LocalRunner
from igym.host.children.researcher import Researcher
from igym.host.children.researcher_process import LoadedExperiment
from igym.host.engine.engine import Engine
from igym.host.session.settings import EngineOptions
from igym.host.simulate.client import ParticipantClient
from tests.loop_watch import LoopWatch, watched_loop
from tests.waiting import LIMIT_S

StartEngine = Callable[..., Awaitable[Engine]]
StartResearcher = Callable[..., Awaitable[tuple[Researcher, LoadedExperiment]]]

FULL_COLLECTION_EVERY = 20
_ended = itertools.count(1)

SURVEY = """
from igym import Experiment, Stager, StartScene, EndScene, TextBox

experiment = Experiment(
    id="survey", title="A <b>survey</b>",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p>"),
        TextBox("words", question="A few words?"),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""

ENV = """
class Env:
    def reset(self, seed=None):
        return 0, {}
    def step(self, action):
        return 0, 0.0, False, False, {}

env = Env()
"""

SOLO = """
from igym import Experiment, Stager, StartScene, GymScene, EndScene, Human

experiment = Experiment(
    id="solo", title="Solo",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p>"),
        GymScene("game")
            .environment(file="env.py")
            .policies({"agent_0": Human})
            .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 1}, default_action=0, num_episodes=2),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""

PAIR = """
from igym import Experiment, Stager, GymScene, EndScene, Human

experiment = Experiment(
    id="pair", title="Pair",
    stager=Stager([
        GymScene("duel")
            .environment(file="env.py")
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 1}, default_action=0, num_episodes=2, max_steps=200)
            .waitroom(timeout_s=60, countdown_s=0),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""


def table(engine: Engine, name: str) -> list[dict[str, str]]:
    """One of the tables the engine wrote, wherever it lies below its folder."""
    [file] = Path(engine.folder).rglob(name)
    return list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))


def write_experiment(folder: Path, source: str, files: dict[str, str] | None = None) -> Path:
    """An experiment folder with `experiment.py`, `env.py` and more files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {"experiment.py": source, "env.py": ENV, **(files or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


@contextlib.asynccontextmanager
async def told_when_stuck(limit_s: float = 120.0) -> AsyncIterator[None]:
    """Fails with what every task is waiting for, which the stacks of threads do not show."""
    told = io.StringIO()

    def note() -> None:
        for task in asyncio.all_tasks():
            task.print_stack(file=told)

    noting = asyncio.get_running_loop().call_later(limit_s - 1.0, note)
    try:
        async with asyncio.timeout(limit_s):
            yield
    except TimeoutError:
        pytest.fail(f"Still not done after {limit_s:g} seconds.\n{told.getvalue()}")
    finally:
        noting.cancel()


def set_aside() -> None:
    """Spares the next engine, which begins with a collection, going through all that lives as long as the run."""
    if next(_ended) % FULL_COLLECTION_EVERY == 0:
        gc.collect()
    gc.freeze()


@pytest.fixture
async def start_engine(tmp_path: Path) -> AsyncIterator[StartEngine]:
    """`await start_engine(source, **options)`: a running engine; `engine.ready` tells where. Stopped afterwards.

    While it runs nothing may keep its loop from everybody else; `engine.loop_watch` tells how it went so far.
    """
    engines: list[Engine] = []
    watching = contextlib.ExitStack()
    watches: list[LoopWatch] = []

    async def start(source: str, files: dict[str, str] | None = None, **options: Any) -> Engine:
        folder = write_experiment(tmp_path / "experiment", source, files)
        defaults: dict[str, Any] = {"port": 0, "address": "127.0.0.1", "data": tmp_path / "data"}
        engine = Engine(EngineOptions(folder=folder, **{**defaults, **options}))
        engine.ready = await engine.start()  # type: ignore[attr-defined]
        engines.append(engine)
        if not watches:
            watches.append(watching.enter_context(watched_loop(asyncio.current_task())))
        engine.loop_watch = watches[0]  # type: ignore[attr-defined]
        return engine

    with watching:
        yield start
    for engine in engines:
        async with told_when_stuck():
            await engine.stop("the test is over")
    set_aside()
    for watch in watches:
        watch.check()


@pytest.fixture
async def new_client() -> AsyncIterator[Callable[[Engine], ParticipantClient]]:
    """`new_client(engine)`: a participant's connection, closed after the test."""
    clients: list[ParticipantClient] = []

    def make(engine: Engine) -> ParticipantClient:
        client = ParticipantClient(engine.join_url)
        clients.append(client)
        return client

    yield make
    for client in clients:
        async with told_when_stuck():
            await client.close()


@pytest.fixture
def printed() -> list[str]:
    return []


@pytest.fixture
def problems() -> list[tuple[str, ...]]:
    """(key, level, title, text) of what the researcher was told."""
    return []


@pytest.fixture
async def start_researcher(
    tmp_path: Path, printed: list[str], problems: list[tuple[str, ...]]
) -> AsyncIterator[StartResearcher]:
    pools: list[Researcher] = []

    async def make(source: str, limit_s: float = LIMIT_S) -> tuple[Researcher, LoadedExperiment]:
        pool = Researcher(
            LocalRunner(), write_experiment(tmp_path / "study", source), [], printed.append,
            lambda *told: problems.append(told),
        )  # fmt: skip
        pools.append(pool)
        return pool, await pool.start(limit_s)

    yield make
    for pool in pools:
        await pool.close()

"""A hundred thousand messages of hostile participants in all states of a session, with honest players beside them."""

from __future__ import annotations

import asyncio
import csv
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.fuzz.hostile import Hostile
from tests.host.conftest import write_experiment
from tests.loop_watch import LONGEST_STEP_S
from tests.parity import shared
from tests.waiting import until

MESSAGES = 100_000
ATTACKERS = 4
HONEST = 4
EPISODES = 2
FRAMES = 600
CALM_FRAMES = 60
MEMORY_BYTES = 64 * 1024 * 1024
LIMIT_S = 400.0

STUDY = """
from igym import Experiment, Stager, StartScene, GymScene, TextBox, EndScene, Human

experiment = Experiment(
    id="siege", title="Siege",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p>"),
        GymScene("duel")
            .environment(file="env.py")
            .policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowLeft": 0, "ArrowRight": 1}, default_action=0, num_episodes=2, max_steps=900)
            .waitroom(timeout_s=600, countdown_s=0),
        TextBox("opinion", question="How was it?"),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""


@dataclass
class Siege:
    """An engine in its own process; `found` is there once it has ended."""

    url: str
    folder: Path
    session: str
    found: dict[str, Any] = field(default_factory=dict)


@asynccontextmanager
async def engine(folder: Path) -> AsyncIterator[Siege]:
    study = write_experiment(folder / "study", STUDY)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fuzz.engine_under_attack", str(study), str(folder / "data"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**24,
    )  # fmt: skip
    assert process.stdin and process.stdout
    try:
        ready = json.loads(await process.stdout.readline())
        siege = Siege(ready["url"], Path(ready["folder"]), ready["session"])
        yield siege
        process.stdin.close()
        siege.found = json.loads(await asyncio.wait_for(process.stdout.readline(), 120))
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def honest_people(siege: Siege, frames: int = FRAMES) -> list[str]:
    """Pairs play their matches in real time; returns how they ended."""
    people = [
        SimulatedParticipant(
            siege.url, Behaviour(seed=seed, frames=frames, speed=1, think_s=0.5, reports=True, echoes=True)
        )
        for seed in range(HONEST)
    ]
    ends = await asyncio.gather(*(person.run(limit_s=LIMIT_S) for person in people))
    return [end.outcome for end in ends]


def attackers(siege: Siege) -> list[Hostile]:
    """Two who go on to the lobby and meet in a match of their own, and two who are strangers to every match."""
    matches = ("m001", "m002", "m003")
    return [Hostile(siege.url, 1000 + number, matches, advance=number < 2) for number in range(ATTACKERS)]


async def playing_pairs(siege: Siege) -> None:
    """The honest people are in their matches: whoever comes now meets somebody else."""

    def formed() -> int:
        with StoreReader(siege.folder / DATABASE) as reader:
            return len(list(reader.records(siege.session, kinds=("match_formed",))))

    await until(lambda: formed() == HONEST // 2, "the honest people's matches")


def exported(siege: Siege, honest: tuple[str, ...]) -> dict[tuple[str, str], list[str]]:
    """(match, episode) → what each honest member's file says of it, without what is their browser's own."""
    files: dict[tuple[str, str], list[str]] = {}
    for metrics in sorted((siege.folder / "duel").glob("*_aggregated_metrics.json")):
        told = json.loads(metrics.read_text(encoding="utf-8"))
        for entry in told["episodes"]:
            for member in entry["members"]:
                if told["match"] in honest:
                    (path,) = (siege.folder / "duel").glob(f"{member['participant']}_ep{entry['episode']}.csv")
                    files.setdefault((told["match"], entry["episode"]), []).append(_shared(path))
    return files


def _shared(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["frame"]) for row in rows] == list(range(FRAMES)), path.name
    return "\n".join(str(shared(row)) for row in rows)


async def test_honest_people_notice_nothing_of_a_siege(tmp_path: Path) -> None:
    async with engine(tmp_path / "calm") as calm:
        assert await asyncio.wait_for(honest_people(calm, CALM_FRAMES), LIMIT_S) == ["finished"] * HONEST
    assert calm.found["unhandled"] == []

    async with engine(tmp_path / "siege") as siege:
        playing = asyncio.create_task(honest_people(siege))
        await playing_pairs(siege)
        hostile = attackers(siege)
        await asyncio.wait_for(asyncio.gather(*(one.attack(MESSAGES // ATTACKERS) for one in hostile)), LIMIT_S)
        assert await playing == ["finished"] * HONEST
        # Whoever comes after the siege is served as if nothing had been.
        late = ParticipantClient(siege.url)
        await late.join()
        await late.connect()
        assert (await late.inbox.get()).name
        await late.close()

    assert sum(one.sent for one in hostile) >= MESSAGES
    assert siege.found["unhandled"] == []
    assert siege.found["stalls"] == [] and siege.found["longest_step_s"] < LONGEST_STEP_S
    assert siege.found["peak_bytes"] - calm.found["peak_bytes"] < MEMORY_BYTES
    files = exported(siege, ("m001", "m002"))
    assert len(files) == HONEST // 2 * EPISODES
    assert all(len(texts) == 2 and len(set(texts)) == 1 for texts in files.values())

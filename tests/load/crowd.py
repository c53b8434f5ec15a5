"""Many simulated participants in a session that a real launcher runs, and what must be true of it afterwards."""

from __future__ import annotations

import asyncio
import csv
import json
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from igym.core.events import Event
from igym.core.session import Session
from igym.experiment.experiment import Experiment
from igym.host.session.session_start import rng_maker
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.browser.launcher_process import LauncherProcess
from tests.host.conftest import ENV
from tests.parity import shared

ENDINGS = ("unfinished", "screened_out", "excluded", "withdrawn", "dropped", "timed_out")
TILES = {
    "joined": None,
    "loading": ("arriving", "loading", "screening"),
    "in_scene": ("in_scene",),
    "waiting": ("waiting",),
    "playing": ("playing", "countdown"),
    "paused": ("paused",),
    "finished": ("finished",),
    "early": ENDINGS,
}
"""What each figure above the launcher's table adds up; None: everybody."""

STUDY = """
from igym import EndScene, Experiment, GymScene, Human, Stager, StartScene, TextBox

experiment = Experiment(
    id="crowd", title="Crowd",
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body="<p>Hello</p>"),
        GymScene("duel")
            .environment(file="env.py")
            .policies({{"left": Human, "right": Human}})
            .rendering(fps=30)
            .gameplay(action_mapping={{"ArrowLeft": 0}}, default_action=0, max_steps={frames}, num_episodes={episodes})
            .multiplayer(reconnection={{"timeout_s": {reconnection_s}}})
            .waitroom(timeout_s={waitroom_s}, countdown_s={countdown_s}),
        TextBox("opinion", question="How was it?"),
        EndScene("thanks").display(header="Thank you"),
    ]),
)
"""


def write_study(folder: Path, **values: float) -> Path:
    """A study of a page, a game of two, a survey and a last page."""
    given = {"frames": 60, "episodes": 1, "waitroom_s": 600, "countdown_s": 1, "reconnection_s": 60} | values
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "experiment.py").write_text(textwrap.dedent(STUDY).format(**given), encoding="utf-8")
    (folder / "env.py").write_text(ENV, encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Sample:
    """What the launcher's window showed at one moment, resting on the first `events` events of the session."""

    at: float
    events: int
    tiles: dict[str, str]
    table: dict[str, str]


@dataclass
class Seen:
    """How a crowd fared."""

    session: str
    data: Path
    people: list[SimulatedParticipant]
    outcomes: list[str]
    samples: list[Sample] = field(default_factory=list)

    @property
    def database(self) -> Path:
        return self.data / "session.sqlite3"


async def attend(home: Path, study: Path, number: int, behaviour: Behaviour, *, every_s: float, limit_s: float) -> Seen:
    """A launcher starts the study, `number` people take part one after the other; its window is read every second."""
    launcher = await asyncio.to_thread(LauncherProcess, home, study)
    try:
        await asyncio.to_thread(launcher.tell, "start", folder=str(study))
        state = await asyncio.to_thread(launcher.tell, "until", state="running")
        people = [SimulatedParticipant(state["url"], _like(behaviour, index)) for index in range(number)]
        seen = Seen(str(state["session"]["id"]), home / "documents" / "data" / "crowd", people, [])
        watching = asyncio.create_task(_watch(launcher, seen.samples))
        try:
            seen.outcomes = await asyncio.gather(
                *(_take_part(person, index * every_s, limit_s) for index, person in enumerate(people))
            )
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        seen.samples.append(await asyncio.to_thread(_sample, launcher))
        await asyncio.to_thread(launcher.click, "end_session")
        await asyncio.to_thread(launcher.tell, "answer", key="end")
        await asyncio.to_thread(launcher.tell, "until", state="stopped")
        return seen
    finally:
        await asyncio.to_thread(launcher.close)


def _like(behaviour: Behaviour, index: int) -> Behaviour:
    return Behaviour(**{**vars(behaviour), "seed": behaviour.seed + index})


async def _take_part(person: SimulatedParticipant, after_s: float, limit_s: float) -> str:
    await asyncio.sleep(after_s)
    return (await person.run(limit_s=limit_s)).outcome


async def _watch(launcher: LauncherProcess, samples: list[Sample]) -> None:
    due = time.monotonic()
    while True:
        # Shielded: an order that is under way is answered before the next one is given.
        asking = asyncio.ensure_future(asyncio.to_thread(_sample, launcher))
        try:
            samples.append(await asyncio.shield(asking))
        except asyncio.CancelledError:
            await asking
            raise
        due = max(due + 1, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


def _sample(launcher: LauncherProcess) -> Sample:
    state = launcher.tell("look")
    return Sample(time.time(), state["events"], state["tiles"], state["table"])


# -- what must be true


@dataclass
class Truth:
    """What the stored events say, worked out anew: the states at each sample, and everybody's states in order."""

    disagreements: list[str]
    histories: dict[str, list[str]]
    lags_s: list[float]
    """How old the newest event was that each sample had not taken account of; 0 when it knew all."""


def truth_of(seen: Seen) -> Truth:
    """Compare every look at the window with the state after exactly the events it claims to rest on."""
    truth = Truth([], {}, [])
    wanted = {handled: list(looks) for handled, looks in groupby(seen.samples, key=lambda sample: sample.events)}
    for handled, at, states in _replayed(seen):
        for person, state in states.items():
            history = truth.histories.setdefault(person, [])
            if history[-1:] != [state]:
                history.append(state)
        for sample in wanted.pop(handled, []):
            truth.disagreements += _differences(sample, states)
        truth.lags_s += [sample.at - at for sample in seen.samples if sample.events == handled - 1 and sample.at > at]
    truth.disagreements += [f"no state rests on {handled} events" for handled in wanted]
    truth.lags_s += [0.0] * (len(seen.samples) - len(truth.lags_s))
    return truth


def _replayed(seen: Seen) -> Iterator[tuple[int, float, dict[str, str]]]:
    with StoreReader(seen.database) as reader:
        row = reader.session(seen.session)
        assert row is not None
        experiment = Experiment.from_json(row.experiment["definition"])
        session = Session(experiment, session_id=row.id, rng=rng_maker(row.seed))
        yield 0, row.started_at, {}
        for stored in reader.events(row.id):
            session.handle(Event.from_json(stored.body), stored.at)
            people = session.state.participants.values()
            yield stored.seq + 1, stored.at, {person.id: str(person.state) for person in people}


def _differences(sample: Sample, states: dict[str, str]) -> list[str]:
    found = [] if sample.table == states else [f"after {sample.events} events the table's rows are not the truth"]
    tally = Counter(states.values())
    for tile, counted in TILES.items():
        right = len(states) if counted is None else sum(tally[state] for state in counted)
        if sample.tiles[tile].split(" / ")[0] != str(right):
            found.append(f"after {sample.events} events “{tile}” shows {sample.tiles[tile]}, true is {right}")
    return found


def pages_told_otherwise(seen: Seen, truth: Truth) -> list[str]:
    """People whose page did not show, in order, the states the host had them in.

    Who completes a match is told to wait and matched within the same event: only the page shows that wait. A page that
    was away and came back is shown where it is, not what it missed: such people are left out.
    """
    before_pages = ("arriving", "loading", "screening")
    wrong = []
    for person in (person for person in seen.people if person.client.connections == 1):
        states = [state for state in truth.histories[person.client.participant] if state not in before_pages]
        in_order = [state for state, _ in groupby(states)]
        if not _only_adds(person.phases, in_order, "waiting"):
            wrong.append(f"{person.client.participant}: was {states}, its page showed {person.phases}")
    return wrong


def _only_adds(longer: list[str], shorter: list[str], extra: str) -> bool:
    left = list(shorter)
    for item in longer:
        if left[:1] == [item]:
            left.pop(0)
        elif item != extra:
            return False
    return not left


def assert_exported_alike(data: Path, *, matches: int, episodes: int, frames: int) -> None:
    """All files of all matches are there, whole, equal between partners, and stamped so."""
    stamps = sorted((data / "duel").glob("*_aggregated_metrics.json"))
    assert len(stamps) == matches
    for path in stamps:
        stamp: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        assert stamp["parity"] == "identical", (path.name, stamp["episodes"])
        assert len(stamp["episodes"]) == episodes
        for episode in stamp["episodes"]:
            names = episode["participants"]
            assert len(names) == 2
            one, other = (_parity_cells(data / "duel" / f"{name}_ep{episode['episode']}.csv") for name in names)
            assert one == other, path.name
            assert [int(row["frame"]) for row in one] == list(range(frames))


def _parity_cells(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [shared(row) for row in csv.DictReader(file)]

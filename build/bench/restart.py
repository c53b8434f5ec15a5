"""How long a killed engine takes to be back after hours: from the whole event log, and from its last checkpoint."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
from figures import Figure, figure, report

from igym.core.effects import Effect
from igym.core.events import Command, Connected, EngineStarted, Event, MessageReceived, RowsStored, RttMeasured
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.session import Session
from igym.experiment.form import describe_experiment
from igym.experiment.loader import load_experiment
from igym.host.children.child import LocalRunner
from igym.host.session.checkpoints import EVERY_EVENTS, Checkpoints, remove_checkpoint
from igym.host.session.runtime import event_record, record_rows
from igym.host.session.session_start import Begun, begin, recover, resumable
from igym.host.simulate.client import BROWSER
from igym.host.store.store import BatchRecord, Store
from igym.protocol.base import Message
from igym.protocol.codec import decode
from igym.protocol.version import PROTOCOL_VERSION
from tests.load.crowd import write_study

HOURS = float(os.environ.get("IGYM_BENCH_HOURS", "4"))
PEOPLE = 35
FRAMES = 30
MATCHES_A_HOUR = 12
COMMIT_EVERY = 5_000


class Lab:
    """Sends a session what 35 people's browsers would, and stores every event as the engine does."""

    def __init__(self, begun: Begun, store: Store, now: float) -> None:
        self.session, self.id, self.store, self.now = begun.session, begun.id, store, now
        self.seq = 0
        self._events: list[Any] = []
        self._records: list[Any] = []
        self._batches: list[Any] = []

    def handle(self, event: Event) -> None:
        self._note(event, self.session.handle(event, self.now))

    def _note(self, event: Event, effects: list[Effect]) -> None:
        self._events.append(event_record(self.seq, self.now, event))
        self._records += record_rows(self.seq, self.now, effects)
        self.seq += 1

    def say(self, who: str, name: str, **fields: Any) -> None:
        message = decode(name, fields)
        assert isinstance(message, Message), message
        self.handle(MessageReceived(who, f"c-{who}", message))

    def rows(self, who: str, match: str, visit: int, first: int) -> None:
        facts = {"v": 1, "scene": "duel", "visit": visit, "match": match, "episode": 0, "seq": first // FRAMES,
                 "first": first, "count": FRAMES, "parity": {}, "local": {}, "inputs": {}, "chain": "ab"}  # fmt: skip
        batch = BatchRecord(participant=who, match=match, scene="duel", visit=visit, episode=0, seq=first // FRAMES,
                            first=first, count=FRAMES, packed=msgpack.packb(facts), received_at=self.now)  # fmt: skip
        self._batches.append(self.store.append_batch(self.id, batch))
        self.handle(RowsStored(who, match, 0, first, FRAMES, first + FRAMES - 1, "ab"))

    async def commit(self, *, at_least: int = 1) -> None:
        if len(self._events) >= at_least:
            await asyncio.gather(self.store.append_events(self.id, self._events, self._records), *self._batches)
            self._events, self._records, self._batches = [], [], []


def arrive(lab: Lab) -> list[str]:
    people = []
    for _ in range(PEOPLE):
        joined = lab.session.admit(JoinRequest(None, None, {}, "en"))
        assert not isinstance(joined, JoinRefused)
        lab.handle(joined)
        who = joined.participant
        lab.handle(Connected(who, f"c-{who}"))
        lab.say(who, "hello", protocol=PROTOCOL_VERSION, tab="t", browser=BROWSER, visit=None)
        lab.say(who, "loaded", load_ms=1.0, cold=False)
        people.append(who)
    return people


def play(lab: Lab, people: list[str]) -> None:
    """Everybody reaches the game; whoever has a partner plays."""
    for who in people:
        person = lab.session.state.participants[who]
        if person.visit and person.visit.scene_id == "welcome":
            lab.say(who, "advance", visit=person.visit.number, timing={"shown_ms": 0.0, "submitted_ms": 1.0})
    for who in people:
        match = lab.session.state.participants[who].match
        for seat in lab.session.state.matches[match].seats if match else ():
            if seat.participant != who:
                lab.say(who, "link", match=match, peer=seat.player, state="up", transport="p2p", rtt_ms=5.0)
        if match:
            lab.say(who, "match_ready", match=match)


def second(lab: Lab, people: list[str], number: int) -> None:
    """What everybody's browser sends in one second of play."""
    lab.now += 1
    for who in people:
        person = lab.session.state.participants[who]
        if number % 2:
            lab.handle(RttMeasured(who, 4.0))
        match = lab.session.state.matches.get(person.match) if person.match else None
        if match is None or match.started_at is None or person.visit is None:
            continue
        visit = person.visit.number
        lab.rows(who, match.id, visit, lab.session.stored_to(who, match.id, 0))
        lab.say(who, "metrics", visit=visit, match=match.id, values={"fps": 30.0, "stalls": 0, "rollbacks": 1})


def again(lab: Lab, people: list[str]) -> None:
    """A game is over; the same scene again, as a session of many short games has it."""
    for match in [match for match in lab.session.state.matches.values() if not match.is_over]:
        lab.handle(Command("end_match", {"match": match.id}, "next game", "bench"))
    for who in people:
        lab.handle(Command("move", {"participant": who, "scene": "welcome"}, "next game", "bench"))
    play(lab, people)


async def lived(folder: Path) -> tuple[Path, str, int]:
    """A data folder with the log of the whole time, a checkpoint nearly as old as one can be, and a killed engine."""
    experiment = load_experiment(write_study(folder / "study", frames=30_000))
    data = folder / "data"
    data.mkdir()
    store = Store(data / "session.sqlite3")
    begun = await begin(store, experiment, describe_experiment(experiment), {"app_version": "bench"}, store.path)
    lab = Lab(begun, store, time.time() - HOURS * 3600)
    lab.handle(EngineStarted("http://127.0.0.1/"))
    people = arrive(lab)
    play(lab, people)
    seconds = int(HOURS * 3600)
    for number in range(seconds):
        second(lab, people, number)
        if number % (3600 // MATCHES_A_HOUR) == 0 and number:
            again(lab, people)
        await lab.commit(at_least=COMMIT_EVERY)
        if number == seconds - EVERY_EVENTS // (PEOPLE * 5 // 2):
            await lab.commit()
            await keep(data, begun.id, lab)
    await lab.commit()
    store.close()
    return data, begun.id, lab.seq


async def keep(data: Path, session: str, lab: Lab) -> None:
    engine: Any = SimpleNamespace(session=lab.session, handled=lab.seq, on_change=lambda listener: None)
    journal: Any = SimpleNamespace(warning=print)
    await Checkpoints(data, session, engine, journal, LocalRunner()).finish()


def recovery_s(data: Path, session: str) -> tuple[float, Session]:
    started = time.perf_counter()
    database = data / "session.sqlite3"
    begun = recover(database, resumable(database, session))
    return time.perf_counter() - started, begun.session


def main() -> None:
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        data, session, events = asyncio.run(lived(Path(folder)))
        with_s = [recovery_s(data, session) for _ in range(3)]
        size_kb = (data / "checkpoints" / f"{session}.state").stat().st_size / 1024
        remove_checkpoint(data, session)
        without_s, replayed = recovery_s(data, session)
        assert all(found.view(0) == replayed.view(0) for _, found in with_s)
    figures += [
        figure("from the last checkpoint", "s", [seconds for seconds, _ in with_s], "≤ 3 s"),
        figure("from the whole log", "s", [without_s]),
        figure("events in the log", "", [events]),
        figure("size of the checkpoint", "kB", [size_kb]),
    ]
    report(
        f"Restart after {HOURS:g} hours with {PEOPLE} people",
        figures,
        [
            "From reading the database to a session that knows everybody; the process's own start is not in it.",
            f"The checkpoint is as old as it can be: {EVERY_EVENTS:,} events. Both ways end in the same view.",
        ],
    )


if __name__ == "__main__":
    main()

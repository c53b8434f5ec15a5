"""Files of a session in which 1,000 people finished: what each of them costs the exporter, and the end of it."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgpack
from figures import figure, report
from restart import Lab

from igym.core.effects import ExportEpisode, ExportMatch, ExportScene
from igym.core.events import Connected, Disconnected, EngineStarted, Joined, RowsStored, RttMeasured
from igym.core.joining import JoinRequest
from igym.experiment.experiment import Experiment
from igym.experiment.form import describe_experiment
from igym.experiment.policies import Human
from igym.experiment.scenes import EndScene, GymScene, StartScene, TextBox
from igym.host.export.exporter import Exporter
from igym.host.files.export_child import scene_of_visit
from igym.host.session.session_start import begin
from igym.host.simulate.client import BROWSER
from igym.host.store.store import BatchRecord, Store
from igym.host.store.store_reader import StoreReader
from igym.protocol.version import PROTOCOL_VERSION

PEOPLE = int(os.environ.get("IGYM_BENCH_PEOPLE", "1000"))
FRAMES = 300
BATCH = 30
PINGS = 60
"""A ping every 5 seconds for five minutes."""


def experiment() -> Experiment:
    game = (
        GymScene("play")
        .environment(code="env = 1")
        .policies({"left": Human})
        .gameplay(num_episodes=1, max_steps=FRAMES)
    )
    scenes = [StartScene("start"), TextBox("words"), game, EndScene("end")]
    return Experiment(id="files", title="Files", stager=scenes, participants=2 * PEOPLE)


class Hall(Lab):
    """People who come, answer, play and go, one after the other; `asked` are the files asked for of each."""

    asked: list[Any]

    def handle(self, event: Any) -> None:
        self.now += 0.01
        effects = self.session.handle(event, self.now)
        self.asked += [e for e in effects if isinstance(e, ExportEpisode | ExportScene | ExportMatch)]
        self._note(event, effects)

    def visit(self) -> list[Any]:
        """One more person, from the link to the last page; which files were asked for."""
        self.asked = []
        joined = self.session.admit(JoinRequest(None, None, {}, "en"))
        assert isinstance(joined, Joined)
        who = joined.participant
        self.handle(joined)
        self.handle(Connected(who, f"c-{who}"))
        self.say(who, "hello", protocol=PROTOCOL_VERSION, tab="t", browser=BROWSER, visit=None)
        self.say(who, "advance", visit=1, timing={"shown_ms": 0.0, "submitted_ms": 1.0})
        for _ in range(PINGS):
            self.handle(RttMeasured(who, 5.0))
        self.say(who, "answers", visit=2, values={"text": "hello"}, timing={"shown_ms": 0.0, "submitted_ms": 1.0})
        self.say(who, "loaded", load_ms=1.0, cold=False)
        match = str(self.session.state.participants[who].match)
        self.say(who, "match_ready", match=match)
        self.now += 10.0
        self.handle(RttMeasured(who, 5.0))
        for first in range(0, FRAMES, BATCH):
            self.batch(who, match, first)
            values = {"fps": 60.0, "stalls": 0, "rollbacks": 0}
            self.say(who, "metrics", visit=3, match=match, values=values)
        chain = {"match": match, "episode": 0, "frames": FRAMES, "chain": "ab", "reason": "max_steps"}
        self.say(who, "episode_ended", visit=3, scores={"left": 1.0}, **chain)
        self.say(who, "game_over", visit=3, match=match, reason="complete")
        assert self.session.state.participants[who].is_final, "this person has come to the end"
        self.handle(Disconnected(who, f"c-{who}"))
        return self.asked

    def batch(self, who: str, match: str, first: int) -> None:
        numbers = list(range(first, first + BATCH))
        facts = {"v": 1, "scene": "play", "visit": 3, "match": match, "episode": 0, "seq": first // BATCH,
                 "first": first, "count": BATCH, "parity": {"t": numbers, "actions.left": numbers},
                 "local": {"local.fps": numbers}, "inputs": {"0": numbers}, "chain": "ab"}  # fmt: skip
        record = BatchRecord(participant=who, match=match, scene="play", visit=3, episode=0, seq=first // BATCH,
                             first=first, count=BATCH, packed=msgpack.packb(facts), received_at=self.now)  # fmt: skip
        self._batches.append(self.store.append_batch(self.id, record))
        self.handle(RowsStored(who, match, 0, first, BATCH, first + BATCH - 1, "ab"))


def timed_s(act: Callable[[], Any]) -> tuple[float, float]:
    """Processor time and wall-clock time."""
    begun, wall = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - begun, time.perf_counter() - wall


def write(exporter: Exporter, asked: list[Any]) -> None:
    """What the exporting process does for one person."""
    for effect in asked:
        if isinstance(effect, ExportScene):
            scene = scene_of_visit(exporter, effect.participant, effect.visit)
            assert scene is not None
            exporter.export_scene(effect.participant, scene)
        elif isinstance(effect, ExportMatch):
            exporter.export_match(effect.match)
        else:
            exporter.export_episode(effect.participant, effect.match, effect.episode)


async def measured(folder: Path) -> tuple[list[float], tuple[float, float]]:
    """Processor time for each person's own files in ms, and both times for what is written at the end in s."""
    study = experiment()
    data = folder / "data"
    data.mkdir()
    store = Store(data / "session.sqlite3")
    begun = await begin(store, study, describe_experiment(study), {"app_version": "bench"}, store.path)
    hall = Hall(begun, store, time.time())
    hall.asked = []
    hall.handle(EngineStarted("http://127.0.0.1/"))
    await hall.commit()
    each: list[float] = []
    with StoreReader(store.path) as reader:
        exporter = Exporter(reader, data, begun.id)
        for _ in range(PEOPLE):
            asked = hall.visit()
            await hall.commit()
            each.append(timed_s(lambda asked=asked: write(exporter, asked))[0] * 1000)  # type: ignore[misc]
        end = timed_s(lambda: (exporter.export_last(), exporter.export_tables()))
        assert not exporter.failures, exporter.failures
    store.close()
    return each, end


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="igym-bench-") as folder:
        each, (processor_s, wall_s) = asyncio.run(measured(Path(folder)))
    early, late = statistics.median(each[20:60]), statistics.median(each[-40:])
    report(
        f"Files of {PEOPLE} people",
        [
            figure("one person's own files, processor", "ms", each[-40:], note=f"{early:.0f} ms of the first 40"),
            figure("the same: ratio", "×", [late / early], "≤ 1.3"),
            figure("tables and measurements at the end, processor", "s", [processor_s]),
            figure("the same by the clock", "s", [wall_s], "≤ 30 s"),
        ],
        [f"{FRAMES} frames and {PINGS} pings of each; the exporter alone, on a computer that does other things too."],
    )


if __name__ == "__main__":
    main()

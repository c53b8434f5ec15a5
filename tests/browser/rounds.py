"""Two people for several tests: they play one game for each, and load the browser's Python once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser

from igym.host.base import spawn
from igym.host.export.exporter import Exporter
from igym.host.store.store_reader import StoreReader
from tests.browser.conditions import wait_until
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import play

STUDY = """
from igym import EndScene, Experiment, Fifo, GymScene, Human, Stager, StartScene, StaticScene

def game(number):
    scene = (
        GymScene(f"play_{number}")
        .environment(file="env.py", config={"frames": FRAMES}, seed=11 + number)
        .rendering(fps=30, width=400, height=240, smooth_motion=False, rollback_smoothing_ms=None)
        .policies({"left": Human, "right": Human})
        .gameplay(action_mapping={"ArrowUp": 1, "ArrowDown": 2}, default_action=0, num_episodes=2, countdown_s=1,
                  reset_freeze_s=FREEZE_S)
        .waitroom(timeout_s=300)
        .matchmaking(Fifo())
    )
    return scene.multiplayer(reconnection={"timeout_s": RETURN_S}) if RETURN_S else scene

def door(number):
    return StaticScene(f"door_{number}").display(header=f"Door {number}.")

experiment = Experiment(
    id="rounds",
    title="Rounds",
    stager=Stager([
        StartScene("hello").display(header="Hello there"),
        *(scene for number in range(ROUNDS) for scene in (door(number), game(number))),
        EndScene("bye").display(header="Goodbye"),
    ]),
)
"""


class Pair(Protocol):
    """Two people with the engine of their study, which is ended with them."""

    engine: EngineProcess
    people: list[ParticipantPage]

    def tidy(self) -> None:
        """Everything that a test changed around them is as it was at first."""

    def close(self) -> None: ...


class PairOfProfiles:
    """Two people who share a browser, each with a profile of their own."""

    def __init__(self, browser: Browser, study: Path, folder: Path) -> None:
        self.engine = EngineProcess(study, folder / "data").start()
        self.people = [ParticipantPage(browser, self.engine.url) for _ in range(2)]

    def tidy(self) -> None: ...

    def close(self) -> None:
        for person in self.people:
            person.context.close()
        self.engine.stop()


END_LIMIT_MS = 240_000
"""Two whole episodes, on a computer that draws a few pictures in a second."""


@dataclass(frozen=True)
class Round:
    """One game of two episodes; both people see it and neither has played yet."""

    pair: Pair
    number: int
    rounds: int
    frames: int

    @property
    def scene(self) -> str:
        return f"play_{self.number}"

    @property
    def folder(self) -> Path:
        """Where `finish_alike` has this game's files written."""
        return self.pair.engine.data_root.parent / "exported" / self.scene

    @property
    def next_page(self) -> str:
        return "Goodbye" if self.number + 1 == self.rounds else f"Door {self.number + 1}."

    def records(self, *kinds: str) -> list[dict[str, Any]]:
        """What the engine wrote down of this game so far."""
        return [record for record in self.pair.engine.records(*kinds) if record["scene"] == self.scene]

    def play(self, frames: int) -> None:
        """Both press keys until this many frames of each are stored."""
        play(self.pair.people, self.pair.engine, frames, scene=self.scene)

    def finish_alike(self) -> list[dict[str, str]]:
        """Wait for the next page of everybody; files must be whole and the same. Returns one member's rows."""
        for person in self.pair.people:
            person.sees(self.next_page, limit_ms=END_LIMIT_MS)
            person.assert_clean()
        (ended,) = wait_until(self.pair.people[0], lambda: self.records("match_ended"), f"the end of {self.scene}")
        wait_until(self.pair.people[0], lambda: self._exported(ended["match"]), f"files of {self.scene}")
        assert_parity(self.folder, members=len(self.pair.people), episodes=2)
        rows = read_rows(next(self.folder.glob("*_ep0.csv")))
        assert len(rows) == self.frames
        return rows

    def _exported(self, match: str) -> bool:
        """Writes this match's files; whether both members' recordings of both episodes are compared in them.

        The engine has its exports written when the computer has nothing better to do, which may be at the end.
        """
        engine = self.pair.engine
        with StoreReader(engine.folder / "session.sqlite3") as reader:
            Exporter(reader, self.folder.parent, engine.session).export_match(match)
        found = [json.loads(path.read_text("utf-8")) for path in self.folder.glob("*_aggregated_metrics.json")]
        return [entry["parity"] != "pending" for entry in found[0]["episodes"]] == [True, True]


class Rounds:
    """Gives a round to each test that asks. After a test that failed the next one gets new people.

    `return_s`: how long a match waits for a player who is gone; the product's own limit when None.
    """

    def __init__(
        self, seated: Callable[[Path, Path], Pair], folder: Path, *, rounds: int, frames: int = 120,
        return_s: float | None = None, freeze_s: float = 0,
    ) -> None:  # fmt: skip
        """`seated(study, folder)` lets two people come to the study; what they need is written into the folder."""
        self._seated, self._folder = seated, folder
        self._rounds, self._frames = rounds, frames
        self._return_s, self._freeze_s = return_s, freeze_s
        self._pairs = 0
        self._pair: Pair | None = None
        self._data: Path | None = None
        self._next = 0

    def assert_verified(self) -> None:
        """Everything the last people recorded goes again as it was recorded; they have gone."""
        if self._data is None:
            return
        argv = spawn.command("verify", [str(self._data), "--browser", "none"])
        done = subprocess.run(argv, env=spawn.environment(os.environ), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    @contextmanager
    def round(self) -> Iterator[Round]:
        pair = self._pair = self._pair or self._opened()
        one = Round(pair, self._next, self._rounds, self._frames)
        try:
            if one.number == 0:
                self._come(pair)
            for person in one.pair.people:
                person.sees(f"Door {one.number}.")
                person.press("Continue")
            for person in one.pair.people:
                person.sees_game()
            yield one
        except BaseException as error:
            for number, person in enumerate(pair.people):
                error.add_note(f"console of person {number}:\n" + "\n".join(person.said[-20:]))
            self.close()
            raise
        one.pair.tidy()
        self._next += 1
        if self._next == self._rounds:
            self.close()

    def _opened(self) -> Pair:
        folder = self._folder / f"pair{self._pairs}"
        folder.mkdir()
        self._pairs, self._next = self._pairs + 1, 0
        study = study_copy(folder, "duet")
        values = {
            "ROUNDS": self._rounds, "FRAMES": self._frames, "RETURN_S": self._return_s, "FREEZE_S": self._freeze_s,
        }  # fmt: skip
        lines = [f"{name} = {value}" for name, value in values.items()]
        (study / "experiment.py").write_text("\n".join([*lines, STUDY]), "utf-8")
        return self._seated(study, folder)

    @staticmethod
    def _come(pair: Pair) -> None:
        for person in pair.people:
            person.join()
            person.sees("Hello there")
            person.press("Start")

    def close(self) -> None:
        if self._pair is not None:
            pair, self._pair = self._pair, None
            pair.close()
            self._data = pair.engine.folder

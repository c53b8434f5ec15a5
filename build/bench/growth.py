"""What one thing costs the session's core when 10,000 people joined before, beside what it costs with 40: as ratios."""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from figures import figure, report

from igym.core.events import Command, Connected, EngineStarted, Joined, MessageReceived, RowsStored, RttMeasured, Tick
from igym.core.joining import JoinRequest
from igym.core.ledger import Report
from igym.core.session import Session
from igym.core.view import plain
from igym.experiment.design import Design
from igym.experiment.experiment import Experiment
from igym.experiment.policies import Human
from igym.experiment.scenes import EndScene, GymScene, StartScene
from igym.host.session.checkpoints import EVERY_EVENTS
from igym.host.session.control import ROWS_AT_ONCE
from igym.protocol.codec import decode

FEW, MANY = 40, int(os.environ.get("IGYM_BENCH_PEOPLE", "10000"))
SAMPLES = 30
LOOKED_UP = 300
LOOK_UP, BARE = "look-up of a token", "the same look-up in two bare dicts"
FLAT = "≤ 1.3"
BROWSER = {
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0 Safari/537.36",
    "language": "en", "screen_width": 1920, "screen_height": 1080, "viewport_width": 1600, "viewport_height": 900,
    "pixel_ratio": 1.0, "touch": False, "webgl": True, "hardware_threads": 4, "timezone": "Europe/Berlin",
}  # fmt: skip


def experiment() -> Experiment:
    game = GymScene("play").environment(code="env = 1").policies({"left": Human}).gameplay(num_episodes=40)
    return Experiment(
        id="growth", title="Growth", stager=[StartScene("start"), game, EndScene("end")], participants=2 * MANY,
        design=Design({"light": ["on", "off"], "sound": ["on", "off"]}),
    )  # fmt: skip


class Crowd:
    """A session, and people who join it, one after the other."""

    def __init__(self) -> None:
        self.session = Session(experiment(), "s1", random.Random)
        self.now = 1_000_000.0
        self.connections = 0
        self.do(EngineStarted("http://10.0.0.1:8000/"))

    def do(self, event: Any) -> list[Any]:
        self.now += 0.01
        return self.session.handle(event, self.now)

    def join(self) -> str:
        """The name of somebody new, whose page stands open."""
        admitted = self.session.admit(JoinRequest(None, None, {}, "en"))
        assert isinstance(admitted, Joined)
        who = admitted.participant
        self.do(Joined(who, None, None, {}, "en", token_hash=f"hash {who}"))
        self.connections += 1
        self.do(Connected(who, f"c{self.connections}"))
        self.say(who, "hello", protocol=1, tab="t", browser=BROWSER, visit=None)
        return who

    def say(self, who: str, name: str, **values: Any) -> None:
        person = self.session.state.participants[who]
        message = decode(name, values)
        assert person.live is not None or name == "hello"
        self.do(MessageReceived(who, person.live or f"c{self.connections}", message))  # type: ignore[arg-type]

    def play(self, who: str, episodes: int = 1) -> str:
        """On from the start page into the game; so many episodes are stored and told. The match."""
        self.say(who, "advance", visit=1, timing={"shown_ms": 0, "submitted_ms": 1000})
        self.say(who, "loaded", load_ms=10.0, cold=True)
        match = str(self.session.state.participants[who].match)
        for episode in range(episodes):
            self.do(RowsStored(who, match, episode, 0, 30, 29))
            self.session.state.ledger.add_report(who, match, episode, Report(30, "c", "done", {"left": 1.0}))
        return match

    def leave(self, who: str) -> None:
        self.do(Command("exclude", {"participant": who, "message": "thanks"}, "over"))

    def go_on_until(self, people: int) -> None:
        """So many have joined, of whom half played, and all but the last ten are done."""
        state = self.session.state
        for who in list(state.roster.under_way):
            self.leave(who)
        while len(state.participants) < people:
            who = self.join()
            if len(state.participants) % 2:
                self.play(who)
            if len(state.participants) <= people - 10:
                self.leave(who)
            if len(state.participants) % 500 == 0:
                self.session.checkpoint()
                state = self.session.state


def cost_us(act: Callable[[], Any], samples: int = SAMPLES) -> float:
    """Median processor time."""
    taken = []
    for _ in range(samples):
        begun = time.process_time_ns()
        act()
        taken.append((time.process_time_ns() - begun) / 1000)
    return statistics.median(taken)


def each_us(act: Callable[[str], Any], keys: list[str]) -> float:
    """As `cost_us` of one call, where one alone is too short for the clock."""
    pieces = iter([keys[first : first + LOOKED_UP] for first in range(0, len(keys), LOOKED_UP)])

    def piece() -> None:
        for key in next(pieces):
            act(key)

    return cost_us(piece) / LOOKED_UP


def costs(crowd: Crowd) -> dict[str, float]:
    session, known = crowd.session, list(crowd.session.state.participants)
    asked = [f"hash {who}" for who in random.Random(1).choices(known, k=SAMPLES * LOOKED_UP)]
    # What any index of so many people costs, however it is made: as many keys and values, each with its own place.
    bare = {f"hash {who}": who for who in known}
    people = {who: (who, object()) for who in known}
    leaving = iter([crowd.join() for _ in range(SAMPLES)])
    playing = crowd.join()
    crowd.play(playing, episodes=30)
    rows = iter(range(30, 40))
    match = str(crowd.session.state.participants[playing].match)
    ledger = crowd.session.state.ledger

    def store() -> None:
        crowd.do(RowsStored(playing, match, next(rows), 0, 30, 29))

    return {
        "join, condition drawn, page shown": cost_us(crowd.join),
        LOOK_UP: each_us(session.participant_for_token, asked),
        BARE: each_us(lambda key: people[bare[key]][0], asked),
        "what the page of a newcomer asks": cost_us(lambda: session.describe_join({}, "hash of nobody")),
        "end of somebody's part": cost_us(lambda: crowd.leave(next(leaving))),
        "rows stored of a new episode": cost_us(
            lambda: crowd.do(RowsStored(playing, match, next(rows), 0, 30, 29)), 10
        ),
        "scores of a match so far": cost_us(lambda: ledger.scores_before(match, 30)),
        "a ping, and what launchers are told then": cost_us(lambda: look(crowd, playing, match)),
        "first look of a launcher, longest piece": first_look_us(session),
        "checkpoint taken over": taken_over_us(session),
    }


def look(crowd: Crowd, playing: str, match: str) -> None:
    """What the engine does for launchers after an event."""
    crowd.do(RttMeasured(playing, 5.0))
    crowd.session.look().take_changes()
    crowd.session.small_parts().to_json()


def first_look_us(session: Session) -> float:
    """The launcher that comes later gets everybody in pieces; this is the longest of them."""
    kept, first, longest = session.look(), 0, 0.0
    while people := kept.people(first, ROWS_AT_ONCE):
        begun = time.process_time_ns()
        json.dumps(plain(tuple(people)))
        longest = max(longest, (time.process_time_ns() - begun) / 1000)
        first += ROWS_AT_ONCE
    return longest


def taken_over_us(session: Session) -> float:
    """What is left to the engine of a checkpoint, which a process of its own makes of the log."""
    made = session.checkpoint()
    for _ in range(EVERY_EVENTS):
        session.handle(Tick(), session.state.last_event_at)
    return cost_us(lambda: session.go_back_to(made, session.handled), 1)


def main() -> None:
    gc.disable()
    crowd = Crowd()
    crowd.go_on_until(FEW)
    few = costs(crowd)
    crowd.go_on_until(MANY)
    many = costs(crowd)
    figures = []
    for name, before in few.items():
        goal = (
            "" if name in ("first look of a launcher, longest piece", "checkpoint taken over", LOOK_UP, BARE) else FLAT
        )
        figures.append(figure(name, "µs", [many[name]], note=f"{before:.2g} µs with {FEW}"))
        figures.append(figure(f"{name}: ratio", "×", [many[name] / before], goal))
    # Memory that is not in the processor's cache is slower, for a dict as for the session's indices.
    beside = (many[LOOK_UP] / few[LOOK_UP]) / (many[BARE] / few[BARE])
    figures.append(figure(f"{LOOK_UP}: ratio, by that of the bare dicts", "×", [beside], FLAT))
    report(f"Growth: {FEW} → {MANY} people who joined", figures, ["Processor time of one process, garbage kept."])


if __name__ == "__main__":
    main()

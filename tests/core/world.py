"""A session on a virtual clock, with people who behave as their browsers would."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from random import Random
from typing import Any

from igym.core.effects import Ask, CloseConnection, CommandDone, Effect, Problem, Record, Refuse, Send
from igym.core.events import (
    Answered,
    Command,
    Connected,
    Disconnected,
    EngineStarted,
    Event,
    Joined,
    MessageReceived,
    RowsStored,
    RttMeasured,
    Tick,
)
from igym.core.joining import JoinRefused, JoinRequest
from igym.core.limits import PING_EVERY_S
from igym.core.places import spot_of
from igym.core.session import Session
from igym.experiment.experiment import Experiment
from igym.protocol.base import Message, ProtocolError
from igym.protocol.codec import decode

START = 1_000_000.0
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def make_rng(purpose: str) -> Random:
    digest = hashlib.sha256(f"fixed seed {purpose}".encode()).digest()
    return Random(int.from_bytes(digest, "big"))


def message(name: str, /, **fields: Any) -> Message:
    decoded = decode(name, fields)
    assert not isinstance(decoded, ProtocolError), decoded
    return decoded


def browser(**changes: Any) -> dict[str, Any]:
    return {
        "user_agent": DESKTOP,
        "language": "en",
        "screen_width": 1920,
        "screen_height": 1080,
        "viewport_width": 1600,
        "viewport_height": 900,
        "pixel_ratio": 1.0,
        "touch": False,
        "webgl": True,
        "hardware_threads": 4,
        "timezone": "Europe/Berlin",
    } | changes


class World:
    """Keeps the log as the host would, so that any test can replay what it did."""

    def __init__(self, experiment: Experiment, session_id: str = "s1") -> None:
        self.experiment = experiment
        self.session_id = session_id
        self.session = Session(experiment, session_id, make_rng)
        self.now = START
        self.log: list[tuple[dict[str, Any], float]] = []
        self.effects: list[Effect] = []
        self.people: dict[str, Person] = {}
        self.connections = 0
        self.asked_until: dict[str, float] = {}
        """Questions nobody has answered, and when the researcher's process would stop their function."""
        self._view: tuple[tuple[int, int, float], dict[str, Any]] | None = None
        self.do(EngineStarted("http://10.0.0.1:8000/"))

    def do(self, event: Event) -> list[Effect]:
        self.log.append((json.loads(json.dumps(event.to_json())), self.now))
        if isinstance(event, Answered):
            self.asked_until.pop(event.question_id, None)
        effects = self.session.handle(event, self.now)
        self.effects += effects
        for effect in effects:
            self._deliver(effect)
        return effects

    def _deliver(self, effect: Effect) -> None:
        if isinstance(effect, Ask):
            self.asked_until[effect.question_id] = self.now + effect.limit_s
        if isinstance(effect, Send):
            self.people[effect.participant].receive(effect)
        if isinstance(effect, CloseConnection):
            for person in self.people.values():
                if person.connection == effect.connection:
                    person.connection = None

    def replayed(self) -> Session:
        """A fresh session fed with the stored log."""
        return Shadow(self).caught_up()

    def go_on_from_checkpoint(self) -> None:
        """The present state written as bytes and read again takes the session's place."""
        self.session = Session.from_checkpoint(
            self.session.checkpoint(), self.experiment, make_rng, self.session.handled
        )

    def restart(self, down_s: float = 5.0) -> None:
        """kill -9 of the engine, and its start after ``down_s``."""
        self.session = self.replayed()
        self.asked_until.clear()
        for person in self.people.values():
            person.connection = None
        self.now += down_s
        self.do(EngineStarted("http://10.0.0.1:8000/"))

    def run(self, seconds: float, pings: bool = True, ping_every_s: float = PING_EVERY_S) -> None:
        """Let time pass: every deadline gets its tick, connected browsers answer a ping every ``ping_every_s``.

        A researcher's function that was not answered runs into its time limit, as it would in its process.
        """
        end = self.now + seconds
        next_ping = self.now + ping_every_s
        while True:
            deadline = self.session.next_deadline
            late = min(self.asked_until, key=self.asked_until.__getitem__, default=None)
            stops_at = self.asked_until[late] if late else end
            at = min(deadline if deadline is not None else end, next_ping if pings else end, stops_at, end)
            self.now = max(self.now, at)
            if late and stops_at <= self.now:
                error = {"type": "Timeout", "message": "It did not return in time."}
                self.do(Answered(late, None, error))
            elif pings and self.now >= next_ping:
                next_ping += ping_every_s
                self._pings()
            elif self.now >= end:
                self.do(Tick())
                return
            else:
                self.do(Tick())

    def _pings(self) -> None:
        for person in self.people.values():
            if person.connection and not person.frozen:
                self.do(RttMeasured(person.id, person.rtt_ms))
                person.play_on()

    def join(self, seat: str | None = None, label: str | None = None, *, language: str = "en", **params: str) -> Person:
        admitted = self.session.admit(JoinRequest(label, seat, params, language))
        assert not isinstance(admitted, JoinRefused), admitted
        person = Person(self, admitted.participant)
        self.people[person.id] = person
        self.do(
            Joined(
                admitted.participant, admitted.label, admitted.seat, params, language, token_hash=f"hash {person.id}"
            )
        )
        return person

    def arrive(self, count: int = 1, loaded: bool = True, **more: Any) -> list[Person]:
        people = [self.join(**more) for _ in range(count)]
        for person in people:
            person.open(loaded=loaded)
        return people

    def command(self, name: str, /, **args: Any) -> CommandDone:
        done = [effect for effect in self.do(Command(name, args, "a reason")) if isinstance(effect, CommandDone)]
        assert len(done) == 1
        return done[0]

    def answer(self, kind: str, value: Any = None, error: dict[str, Any] | None = None) -> list[Effect]:
        """Answer the latest question of this kind."""
        asked = self.asked(kind)[-1]
        return self.do(Answered(asked.question_id, value, error))

    def answer_all(self) -> None:
        """Every function returns None, also those that are asked next."""
        while self.asked_until:
            self.do(Answered(next(iter(self.asked_until))))

    def asked(self, kind: str) -> list[Ask]:
        return [effect for effect in self.effects if isinstance(effect, Ask) and effect.kind == kind]

    def records(self, kind: str, participant: str | None = None) -> list[Record]:
        return [
            effect
            for effect in self.effects
            if isinstance(effect, Record) and effect.kind == kind and participant in (None, effect.participant)
        ]

    def of(self, kind: type[Effect]) -> list[Any]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def problems(self) -> list[Problem]:
        return self.of(Problem)

    def view(self) -> dict[str, Any]:
        """Made anew only after something has happened: people look at it far more often than that."""
        seen = (id(self.session), len(self.log), self.now)
        if self._view is None or self._view[0] != seen:
            self._view = (seen, self.session.view(self.now).to_json())
        return self._view[1]

    def row(self, person: Person) -> dict[str, Any]:
        return next(row for row in self.view()["participants"] if row["id"] == person.id)

    def match(self, index: int = -1) -> dict[str, Any]:
        return self.view()["matches"][index]

    def counts(self) -> dict[str, int]:
        return self.view()["counts"]


class Shadow:
    """A second session, fed with the stored log as far as that goes whenever it is looked at."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._session = Session(world.experiment, world.session_id, make_rng)
        self._read = 0

    def caught_up(self) -> Session:
        for body, at in self._world.log[self._read :]:
            self._session.handle(Event.from_json(body), at)
        self._read = len(self._world.log)
        return self._session


class Person:
    """A participant and what their browser has on screen."""

    def __init__(self, world: World, identifier: str) -> None:
        self.world = world
        self.id = identifier
        self.connection: str | None = None
        self.tab = "tab-1"
        self.inbox: list[Message] = []
        self.rtt_ms = 10.0
        self.frozen = False
        self.stands_still = False
        """Its game gets no new frames, whatever the page believes."""
        self.confirmed = 0

    def receive(self, effect: Send) -> None:
        if effect.connection in (None, self.connection) and self.connection is not None:
            self.inbox.append(effect.message)

    def connect(self) -> str:
        self.world.connections += 1
        name = f"c{self.world.connections}"
        self.world.do(Connected(self.id, name))
        return name

    def open(self, *, loaded: bool = True, visit: int | None = None, tab: str | None = None, **looks: Any) -> Person:
        """A page opens and says hello; with ``visit`` it is the page that was open before."""
        self.tab = tab or self.tab
        name = self.connect()
        self.connection = name
        hello = message("hello", protocol=1, tab=self.tab, browser=browser(**looks), visit=visit)
        self.world.do(MessageReceived(self.id, name, hello))
        if loaded and self.connection:
            self.say("loaded", load_ms=10.0, cold=True)
        return self

    def reload(self) -> Person:
        self.close()
        return self.open()

    def blink(self, seconds: float = 0.0) -> Person:
        """The socket goes and comes back; the page stays."""
        visit = self.visit
        self.close()
        if seconds:
            self.world.run(seconds)
        return self.open(visit=visit, loaded=False)

    def close(self, reason: str = "transport close") -> None:
        name, self.connection = self.connection, None
        if name:
            self.world.do(Disconnected(self.id, name, reason))

    def say(self, name: str, /, **fields: Any) -> list[Effect]:
        assert self.connection is not None, f"{self.id} is not connected"
        return self.world.do(MessageReceived(self.id, self.connection, message(name, **fields)))

    def refused(self, name: str, /, **fields: Any) -> str | None:
        """Code with which this message is refused; None when it is taken."""
        refusals = [effect for effect in self.say(name, **fields) if isinstance(effect, Refuse)]
        return refusals[0].code if refusals else None

    def last(self, name: str) -> Any:
        found = [item for item in self.inbox if item.name == name]
        assert found, f"{self.id} never got {name}"
        return found[-1]

    def got(self, name: str) -> list[Any]:
        return [item for item in self.inbox if item.name == name]

    @property
    def visit(self) -> int | None:
        row = self.world.session._state.participants[self.id].visit
        return row.number if row else None

    @property
    def state(self) -> str:
        return str(self.world.session._state.participants[self.id].state)

    @property
    def scene(self) -> str | None:
        person = self.world.session._state.participants[self.id]
        return (person.ended_in or spot_of(person.place)).scene

    @property
    def match(self) -> str | None:
        return self.world.session._state.participants[self.id].match

    @property
    def seat(self) -> int:
        matches = self.world.session._state.matches
        seat = matches[str(self.match)].seat_of(self.id)
        assert seat is not None
        return seat.player

    def advance(self) -> list[Effect]:
        return self.say("advance", visit=self.visit, timing={"shown_ms": 0, "submitted_ms": 1000})

    def send_answers(self, **values: Any) -> list[Effect]:
        timing = {"shown_ms": 0.0, "submitted_ms": 1500.0, "first_change_ms": {}}
        return self.say("answers", visit=self.visit, values=values, timing=timing)

    def play_on(self) -> None:
        """What the page of a match that is played tells of its frames every now and then."""
        if self.stands_still or self.state != "playing":
            return
        match = self.world.session._state.matches.get(str(self.match))
        if match is None or match.is_solo or match.on_host:
            return
        self.confirmed += 60
        self.measure(confirmed=self.confirmed)

    def measure(self, *earlier: dict[str, Any], **values: Any) -> list[Effect]:
        """What the page measured of its play, with samples of the seconds before."""
        samples = [{"age_ms": 1000.0 * age, "values": one} for age, one in enumerate(reversed((*earlier, values)))]
        return self.say("metrics", visit=self.visit, match=self.match, samples=samples[::-1])

    def link(self, peer: Person, state: str = "up", transport: str = "p2p") -> None:
        self.say("link", match=self.match, peer=peer.seat, state=state, transport=transport, rtt_ms=8.0)

    def ready(self) -> None:
        self.say("match_ready", match=self.match)

    def rows(self, frames: int, first: int = 0, episode: int = 0, match: str | None = None) -> None:
        """A batch of this member's rows is on disk."""
        name = match or str(self.match)
        last = first + frames - 1
        self.world.do(RowsStored(self.id, name, episode, first, frames, last, "ab"))

    def end_episode(self, frames: int, episode: int = 0, chain: str = "ab", **more: Any) -> None:
        fields = {"reason": "terminated", "scores": {}} | more
        self.say(
            "episode_ended", visit=self.visit, match=self.match, episode=episode, frames=frames, chain=chain, **fields
        )

    def game_over(self, reason: str = "complete") -> None:
        self.say("game_over", visit=self.visit, match=self.match, reason=reason)


def connect_all(people: Iterable[Person]) -> None:
    """Every pair linked, every member ready."""
    members = list(people)
    for one in members:
        for other in members:
            if one is not other:
                one.link(other)
    for one in members:
        one.ready()


def start_playing(world: World, people: list[Person]) -> str:
    """From a formed match to its first frame; the match id."""
    connect_all(people)
    match = str(people[0].match)
    world.run(4.0)
    assert {person.state for person in people} == {"playing"}, [person.state for person in people]
    return match

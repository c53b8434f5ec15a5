"""Random studies on the virtual clock, each with a diary of what people did: kept beside the exporter, never by it.

The diary is made of what was sent, what the core let through, and where it says people are after each event. It knows
nothing of records, from which alone the exporter makes its tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from igym.core.effects import Ask, Effect, EraseRows, Record, Refuse
from igym.core.events import Answered, EngineStarted, Event, MessageReceived, RowsStored
from igym.core.participant import ENDINGS, ConnectionState
from igym.experiment.participation import Callbacks
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene, TextBox
from igym.experiment.stager import Branch, RandomizeOrder
from tests.core.experiments import game, make
from tests.core.world import START, Person, World
from tests.host.export.store_builder import Row, StoreBuilder

BATCH = 10
SESSION = "s1"


def hook(context: Any) -> None: ...


def study() -> Any:
    """Pages, an order, a branch, a game for two, a game alone, a code; every hook is asked."""
    orders = RandomizeOrder([TextBox("text"), StaticScene("read")], id="pages")
    together = game("duel", 2).waitroom(timeout_s=60, on_timeout="end", countdown_s=0)
    together = together.multiplayer(reconnection={"on_timeout": "bot", "timeout_s": 8})
    ways = Branch(hook, {"a": TextBox("why"), "b": game("solo", 1)}, id="way")
    names = ("on_join", "on_answers", "on_episode_end", "on_payment")
    callbacks = {name: hook for name in names if name in Callbacks.model_fields}
    return make(orders, together, ways, CompletionCodeScene("code"), EndScene("end"), callbacks=callbacks)


@dataclass
class Told:
    """One person as the diary has them; times are unix seconds."""

    joined_at: float
    status: str = "in progress"
    reloads: int = 0
    disconnections: int = 0
    earnings: float | None = None
    opened: bool = False
    away_theirs: bool = False
    hidden: bool = False
    blurred: bool = False


@dataclass
class Seen:
    """A visit that was seen after some event."""

    scene: str
    entered_at: float
    left_at: float | None = None
    spent: Counter[str] = field(default_factory=Counter)


class Diary(World):
    """A world that stores what happens as the host would, and notes it by itself."""

    def __init__(self, builder: StoreBuilder) -> None:
        self.builder = builder.session(SESSION)
        self.people_told: dict[str, Told] = {}
        self.visits: dict[tuple[str, int], Seen] = {}
        self.entered: Counter[str] = Counter()
        self.answers: list[tuple[str, str, str, str, str]] = []
        self.frames: Counter[tuple[str, str, int]] = Counter()
        self.ends: dict[tuple[str, str, int], dict[str, Any]] = {}
        self.broken_off: set[tuple[str, str, int]] = set()
        self.events = 0
        self.erased: set[str] = set()
        self._over: set[str] = set()
        self._seq = 0
        self._last = START
        super().__init__(study(), SESSION)

    # -- every event

    def do(self, event: Event) -> list[Effect]:
        self._pass(self.now)
        before = self._before(event)
        effects = super().do(event)
        records = [effect for effect in effects if isinstance(effect, Record)]
        for n, record in enumerate(records):
            self.builder.written(self._seq, n, self.now, record)
        self.events += len(records)
        self._seq += 1
        self.erased |= {effect.participant for effect in effects if isinstance(effect, EraseRows)}
        self._note(event, before, effects)
        return effects

    def _before(self, event: Event) -> dict[str, tuple[bool, bool]]:
        """Id → whether their part was over and whether their page was there."""
        if not hasattr(self, "session"):
            return {}
        people = self.session.state.participants.values()
        return {p.id: (p.state in ENDINGS, p.connection is ConnectionState.CONNECTED) for p in people}

    def _pass(self, now: float) -> None:
        """The time since the event before counts to where each page was meanwhile."""
        for (who, _), seen in self.visits.items():
            if seen.left_at is None:
                seen.spent[self._attention(who)] += now - self._last
        self._last = now

    def _attention(self, who: str) -> str:
        told = self.people_told[who]
        if self.session.state.participants[who].connection is not ConnectionState.CONNECTED:
            return "gone"
        return "hidden" if told.hidden else "blurred" if told.blurred else "active"

    def _note(self, event: Event, before: dict[str, tuple[bool, bool]], effects: list[Effect]) -> None:
        restarted = isinstance(event, EngineStarted)
        for person in self.session.state.participants.values():
            told = self.people_told.setdefault(person.id, Told(self.now))
            was_over, was_there = before.get(person.id, (False, False))
            is_there = person.connection is ConnectionState.CONNECTED
            if was_there and not is_there:
                told.away_theirs = not restarted
            self._note_hello(event, effects, person.id, told, was_over)
            if is_there and not was_there and told.away_theirs and not was_over:
                told.disconnections += 1
            if is_there:
                told.away_theirs = False
            over = person.state in ENDINGS
            if over and not was_over and told.away_theirs and not was_there:
                told.disconnections += str(person.state) != "finished"
            told.status = str(person.state) if over else "in progress"
            self._note_visit(person, told)
        self._note_matches()

    def _note_hello(self, event: Event, effects: list[Effect], who: str, told: Told, was_over: bool) -> None:
        if not isinstance(event, MessageReceived) or event.participant != who:
            return
        if any(isinstance(effect, Refuse) for effect in effects):
            return
        message = event.message
        if message.name == "hello":
            if message.visit is None:  # a page that was opened anew
                told.reloads += told.opened and not was_over
                told.away_theirs = told.hidden = told.blurred = False
            told.opened = True
        elif message.name == "focus":
            told.hidden, told.blurred = message.hidden, message.blurred

    def _note_visit(self, person: Any, told: Told) -> None:
        self.entered[person.id] = person.visits
        now = person.visit.number if person.visit else None
        for (who, number), seen in self.visits.items():
            if who == person.id and number != now and seen.left_at is None:
                seen.left_at = self.now
        if now is not None and (person.id, now) not in self.visits:
            self.visits[person.id, now] = Seen(person.visit.scene_id, self.now)

    def _note_matches(self) -> None:
        for match in self.session.state.matches.values():
            if match.is_over and match.id not in self._over:
                self._over.add(match.id)
                begun = {ep for (_, known, ep) in (*self.frames, *self.ends) if known == match.id}
                self.broken_off |= {(who, match.id, ep) for ep in begun for who in match.members
                                    if (who, match.id, ep) not in self.ends}  # fmt: skip

    # -- what people do

    def rows(self, person: Person, match: Any) -> None:
        """The next batch of this member, if the host would store it."""
        key = (person.id, match.id, 0)
        first = self.frames[key]
        asked: Any = SimpleNamespace(name="rows", match=match.id, scene=match.scene_id, episode=0,
                                     last_frame=first + BATCH - 1)  # fmt: skip
        if self.session.accepts_rows(person.id, asked) is not None:
            return
        rows: list[Row] = [({"rewards.left": float(first + n)}, {"rtt_ms": 20.0, "predicted.1": n == 0})
                           for n in range(BATCH)]  # fmt: skip
        self.builder.play(person.id, match.id, match.scene_id, rows, first=first)
        self.frames[key] += BATCH
        self.do(RowsStored(person.id, match.id, 0, first, BATCH, first + BATCH - 1, "ab"))

    def end_episode(self, person: Person, match: Any, frames: int) -> None:
        key = (person.id, match.id, 0)
        fields = {"visit": person.visit or 1, "match": match.id, "episode": 0, "frames": frames, "chain": "ab",
                  "reason": "terminated", "scores": {"left": float(frames), "right": 1.0}}  # fmt: skip
        if person.refused("episode_ended", **fields) is None:
            self.ends.setdefault(key, fields)

    def send_answers(self, person: Person, values: dict[str, Any]) -> None:
        scene, visit = person.scene, person.visit
        effects = person.send_answers(**values)
        if any(isinstance(effect, Record) and effect.kind == "answers" for effect in effects):
            self.answers += [(person.id, str(scene), str(visit), name, str(value)) for name, value in values.items()]

    def return_from(self, question: Ask, value: Any) -> None:
        self.do(Answered(question.question_id, value))


def alive(world: Diary, rng: Random) -> Person | None:
    people = [person for person in world.people.values() if person.connection]
    return rng.choice(people) if people else None


def join(world: Diary, rng: Random) -> None:
    if len(world.people) < 10 and world.session.state.phase == "running":
        world.join().open()


def come_back(world: Diary, rng: Random) -> None:
    gone = [person for person in world.people.values() if not person.connection]
    if gone:
        person = rng.choice(gone)
        person.open(visit=person.visit if rng.random() < 0.5 else None, loaded=True)


def go_on(world: Diary, rng: Random) -> None:
    """Whatever the person's page asks for."""
    person = alive(world, rng)
    if person is None or not person.visit:
        return
    if person.state == "in_scene":
        if person.scene in ("text", "why"):
            world.send_answers(person, {"text": rng.choice(["yes", "=1+1", "a, b"])})
        else:
            person.advance()
    elif person.match:
        play(world, rng, person)


def play(world: Diary, rng: Random, person: Person) -> None:
    match = world.session.state.matches[str(person.match)]
    members = [world.people[who] for who in match.members]
    if person.state == "countdown":
        for one in (each for each in members if each.connection and each.match == match.id):
            for other in members:
                if other is not one and one.match == match.id:
                    seat = match.seat_of(other.id)
                    one.say("link", match=match.id, peer=seat.player, state="up", transport="p2p", rtt_ms=5.0)
            if one.match == match.id:
                one.ready()
    elif person.state == "playing":
        # A partner plays on as well, mostly: whoever gets no frame for long ends the match.
        for one in members:
            if one is person or (one.connection and one.match == match.id and rng.random() < 0.8):
                _play_on(world, one, match)


def _play_on(world: Diary, person: Person, match: Any) -> None:
    world.rows(person, match)
    if world.frames[person.id, match.id, 0] >= 3 * BATCH:
        world.end_episode(person, match, 3 * BATCH)
        if person.match == match.id:
            person.game_over()


def late(world: Diary, rng: Random) -> None:
    """Rows and the end of an episode from a browser whose match is over."""
    person, matches = alive(world, rng), list(world.session.state.matches.values())
    if person is None or not matches:
        return
    match = rng.choice(matches)
    if match.is_over and match.seat_of(person.id) and world.frames[person.id, match.id, 0]:
        world.rows(person, match)
        if rng.random() < 0.3:
            world.end_episode(person, match, world.frames[person.id, match.id, 0])


def look_away(world: Diary, rng: Random) -> None:
    person = alive(world, rng)
    if person is not None:
        person.say("focus", hidden=rng.random() < 0.4, blurred=rng.random() < 0.5, at_ms=0.0)


def command(world: Diary, rng: Random) -> None:
    if not world.people:
        return
    who = rng.choice(list(world.people))
    name = rng.choice(["exclude", "withdraw", "end_match", "restart_scene", "requeue", "replace_with_bot"])
    match = rng.choice([*world.session.state.matches, "m0"])
    world.command(name, participant=who, match=match, erase=rng.random() < 0.5)


def answer(world: Diary, rng: Random) -> None:
    """A researcher's function returns."""
    if not world.asked_until:
        return
    asked = rng.choice(list(world.asked_until))
    question = [effect for effect in world.of(Ask) if effect.question_id == asked][-1]
    who = question.context.get("participant")
    values: dict[str, Any] = {"branch": rng.choice("ab"), "on_join": {"condition": rng.choice(["red", "blue"])},
                              "on_payment": rng.choice([1, 2.5])}  # fmt: skip
    value = values.get(question.kind)
    world.return_from(question, value)
    if question.kind == "on_payment" and who in world.people_told:
        world.people_told[who].earnings = float(value)


def close(world: Diary, rng: Random) -> None:
    if person := alive(world, rng):
        person.close()


def reload(world: Diary, rng: Random) -> None:
    if person := alive(world, rng):
        person.reload()


def freeze(world: Diary, rng: Random) -> None:
    if person := alive(world, rng):
        person.frozen = not person.frozen


ACTIONS: list[tuple[int, Callable[[Diary, Random], None]]] = [
    (6, join), (4, come_back), (40, go_on), (4, late), (5, look_away), (2, command), (12, answer), (3, close),
    (3, reload), (1, freeze), (10, lambda world, rng: world.run(rng.choice([0.5, 2.0, 6.0, 20.0]))),
    (1, lambda world, rng: world.restart(2.0)),
]  # fmt: skip


def generated(folder: Path, seed: int, steps: int) -> Diary:
    """A whole session, stored in `folder`; most of them are ended by the researcher."""
    rng, builder = Random(seed), StoreBuilder(folder)
    world = Diary(builder)
    weights, acts = zip(*ACTIONS, strict=True)
    for act in rng.choices(acts, weights, k=steps):
        world.now += rng.choice([0.0, 0.25, 1.0])
        act(world, rng)
    if rng.random() < 0.8:
        world.command("end_session")
        while world.asked_until:
            answer(world, rng)
    world.run(5.0)
    return world

"""Whatever thirty people do in whatever order: nobody is lost, double-booked or waiting without a deadline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from igym.core.effects import Ask, Record
from igym.core.events import Answered
from igym.core.match import BEFORE_PLAY, MatchPhase
from igym.core.participant import ENDINGS, ConnectionState, PersonState
from igym.core.state import State
from igym.experiment.matchmakers import GroupReunion, LatencyMatchmaker
from igym.experiment.participation import Callbacks
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene, TextBox
from igym.experiment.stager import Branch, RandomizeOrder
from tests.core.experiments import game, make
from tests.core.one_by_one import check_found, check_kept
from tests.core.plain import plain
from tests.core.world import Person, World

pytestmark = pytest.mark.no_cover  # counting lines makes it three times as long; other tests reach them too
S = PersonState
PEOPLE = 30


def two_players() -> Any:
    return make(
        TextBox("text"),
        game("match", 2).waitroom(timeout_s=60, on_timeout="end"),
        StaticScene("next"),
        EndScene("end"),
        entry_screening={"max_ping_ms": 300, "min_ping_samples": 2},
    )


def three_probed() -> Any:
    scene = game("match", 3, bots=1).matchmaking(
        LatencyMatchmaker(max_server_rtt_ms=200, max_p2p_rtt_ms=100, prefer="best"), relax_after_s=20
    )
    return make(scene.multiplayer(reconnection={"on_timeout": "bot", "timeout_s": 8}), EndScene("end"))


def again_together() -> Any:
    first = game("one", 2).multiplayer(reconnection={"on_timeout": "requeue"})
    second = game("two", 2).matchmaking(GroupReunion(wait_s=15)).waitroom(on_timeout="bot", timeout_s=40)
    return make(first, second.multiplayer(reconnection={"on_timeout": "default_action"}), EndScene("end"))


def groups_in_order() -> Any:
    games = [game(name, 2).matchmaking(forbid_repeat_partners=True) for name in ("x", "y")]
    alone = game("solo", 1)
    return make(RandomizeOrder([*games, alone], per="group", balanced=True), EndScene("end"))


def waits_for_a_bot() -> Any:
    play = game("play", 1, bots=1).waitroom(acted_wait_s=(2, 20), debriefing="It was a program.", timeout_s=30)
    return make(TextBox("text"), play, StaticScene("next"), EndScene("end"))


def hook(context: Any) -> None: ...


def with_hooks() -> Any:
    """Every question there is about a person; what the functions return is drawn in ``answer``."""
    play = game("play", 2).waitroom(timeout_s=60, on_timeout="completion_code")
    play = play.multiplayer(
        reconnection={"on_timeout": "bot", "timeout_s": 8},
        monitoring={"continuous_callback": hook, "callback_every_frames": 1},
    )
    ways = Branch(hook, {"a": StaticScene("a"), "b": game("alone", 1).content(page_for=hook)})
    callbacks = dict.fromkeys(Callbacks.model_fields, hook)
    return make(
        TextBox("text"), ways, play, CompletionCodeScene("code"), EndScene("end"),
        callbacks=callbacks, entry_screening={"callback": hook},
    )  # fmt: skip


EXPERIMENTS: dict[str, Callable[[], Any]] = {
    "with hooks": with_hooks,
    "two players": two_players,
    "three probed": three_probed,
    "again together": again_together,
    "groups in order": groups_in_order,
    "waits for a bot": waits_for_a_bot,
}


def alive(world: World, number: int) -> Person | None:
    people = [person for person in world.people.values() if person.connection]
    return people[number % len(people)] if people else None


def join(world: World, number: int) -> None:
    if len(world.people) < PEOPLE:
        person = world.join()
        person.rtt_ms = (5.0, 40.0, 90.0, 160.0, 400.0)[number % 5]
        person.open(loaded=number % 4 != 0)


def open_again(world: World, number: int) -> None:
    gone = [person for person in world.people.values() if not person.connection]
    if gone:
        person = gone[number % len(gone)]
        person.open(visit=person.visit if number % 2 else None, loaded=number % 3 != 0)


def with_alive(act: Callable[[Person, int], Any]) -> Callable[[World, int], None]:
    def run(world: World, number: int) -> None:
        person = alive(world, number)
        if person is not None:
            act(person, number)

    return run


def page(person: Person, number: int) -> None:
    if person.state == "in_scene" and person.visit:
        person.send_answers(text="x") if person.scene == "text" else person.advance()


def link_up(person: Person, number: int) -> None:
    match = person.world.session._state.matches.get(str(person.match))
    if match is None:
        return
    me = match.seat_of(person.id)
    for seat in match.seats:
        if seat is not me:
            state = ("up", "up", "up", "lost")[number % 4]
            transport = ("p2p", "relay")[number % 2]
            person.say("link", match=match.id, peer=seat.player, state=state, transport=transport, rtt_ms=None)


def ready(person: Person, number: int) -> None:
    if person.match:
        person.ready()


def connect_match(person: Person, number: int) -> None:
    """Everybody of this person's match who is there links up and gets ready."""
    match = person.world.session._state.matches.get(str(person.match))
    for seat in match.seats if match else []:
        member = person.world.people[seat.participant]
        if member.connection and member.match == person.match:
            link_up(member, 0)
            member.ready()


def probe(person: Person, number: int) -> None:
    for started in person.got("probe_start")[-3:]:
        fields = {"probe": started.probe, "peer": started.peer}
        good = number % 5 != 0
        person.say("probe", **fields, state="connected" if good else "failed", rtt_ms=[float(number % 150)])


def play(person: Person, number: int) -> None:
    if person.state == "playing":
        person.rows(30, first=30 * (number % 3))
        if number % 2:
            person.end_episode(30, chain="ab" if number % 3 else "cd")
        if number % 4 == 3:
            person.game_over()


def command(world: World, number: int) -> None:
    people = list(world.people)
    matches = list(world.session._state.matches)
    if not people:
        return
    names = ("exclude", "restart_scene", "requeue", "replace_with_bot", "pause_match", "resume_match", "end_match")
    who, match = people[number % len(people)], matches[number % len(matches)] if matches else "m0"
    world.command(names[number % len(names)], participant=who, match=match)


def answer(world: World, number: int) -> None:
    """One researcher's function returns: something usable most of the time, and what it returned is noted."""
    if not world.asked_until:
        return
    asked = list(world.asked_until)[number % len(world.asked_until)]
    question = world.session.state.questions[asked]
    values: dict[str, Any] = {"branch": ("a", "b", "nowhere")[number % 3], "page_for": "<p>page</p>", "on_payment": 1}
    value = values.get(question.kind, {"globals": {"seen": asked}, "exclude": number % 31 == 0})
    error = {"type": "ValueError", "message": "boom"} if number % 7 == 0 else None
    world.do(Answered(asked, None if error else value, error))


ACTIONS: dict[str, Callable[[World, int], None]] = {
    "join": join,
    "join again": join,
    "open": open_again,
    "open again": open_again,
    "close": with_alive(lambda person, number: person.close()),
    "reload": with_alive(lambda person, number: person.reload()),
    "freeze": with_alive(lambda person, number: setattr(person, "frozen", not person.frozen)),
    "loaded": with_alive(lambda person, number: person.say("loaded", load_ms=1.0, cold=False)),
    "page": with_alive(page),
    "link": with_alive(link_up),
    "ready": with_alive(ready),
    "connect": with_alive(connect_match),
    "connect again": with_alive(connect_match),
    "probe": with_alive(probe),
    "probe again": with_alive(probe),
    "play": with_alive(play),
    "hide": with_alive(lambda p, n: p.say("focus", hidden=n % 2 == 0, blurred=False, at_ms=0.0)),
    "leave": with_alive(lambda person, number: person.say("leave") if number % 7 == 0 else None),
    "command": command,
    "answer": answer,
    "answer again": answer,
    "wait": lambda world, number: world.run((0.5, 3.0, 6.0, 16.0, 70.0)[number % 5]),
    "wait again": lambda world, number: world.run((0.5, 3.0, 6.0, 16.0)[number % 4]),
    "checkpoint": lambda world, number: world.go_on_from_checkpoint(),
    "restart": lambda world, number: world.restart(float(number % 20)) if number % 5 == 0 else None,
}


def check(world: World) -> None:
    state: State = world.session._state
    booked: Counter[str] = Counter()
    for room in state.waitrooms.values():
        booked.update(room.tickets.keys())
        booked.update(room.absent.keys())
    for match in state.matches.values():
        assert len(set(match.members)) == len(match.members)
        if not match.is_over:
            booked.update(seat.participant for seat in match.remaining)
            check_match(world, match)
    assert not [who for who, times in booked.items() if times > 1], "double-booked"
    for person in state.participants.values():
        check_person(state, person, booked)
    check_questions(state)
    check_probes(state)


def check_questions(state: State) -> None:
    """One question about a person at a time, and somebody to whom its answer means something."""
    about = Counter(question.subject for question in state.questions.values())
    for person in state.participants.values():
        assert about[person.id] == (1 if person.asked else 0)
        assert not person.mailbox or person.asked, "a question waits although none is under way"


class Order:
    """Reads records and questions as they left the core; raises at a consequence before its cause."""

    def __init__(self) -> None:
        self.seen: dict[str, Any] = {}
        self.asked: set[str] = set()
        self.paid: set[str] = set()
        self.inside: dict[str, str] = {}
        self.playing: dict[str, str] = {}

    def ask(self, asked: Ask) -> None:
        who = asked.context.get("participant")
        # After a restart what has no answer yet is asked again: the same question, made when it was.
        if who is None or asked.question_id in self.asked:
            return
        self.asked.add(asked.question_id)
        assert who not in self.paid, f"{asked.kind} after the payment"
        assert asked.context["globals"].get("seen") == self.seen.get(who), "made before the last answer counted"
        if asked.kind == "on_payment":
            self.paid.add(who)

    def record(self, record: Record) -> None:
        take = getattr(self, record.kind, None)
        if take is not None:
            take(str(record.participant), record)

    def globals(self, who: str, record: Record) -> None:
        self.seen[who] = record.body["values"].get("seen", self.seen.get(who))

    def scene_entered(self, who: str, record: Record) -> None:
        assert who not in self.inside, "entered before the scene before it was left"
        self.inside[who] = str(record.scene)

    def scene_left(self, who: str, record: Record) -> None:
        assert self.inside.pop(who) == record.scene
        self.playing.pop(who, None)

    def match_formed(self, who: str, record: Record) -> None:
        for player in record.body["players"]:
            assert player["participant"] not in self.playing, "formed before the match before it was over"
            self.playing[player["participant"]] = str(record.match)

    def match_ended(self, who: str, record: Record) -> None:
        self.playing = {member: match for member, match in self.playing.items() if match != record.match}


def check_order(world: World) -> None:
    order = Order()
    for effect in world.effects:
        if isinstance(effect, Ask):
            order.ask(effect)
        elif isinstance(effect, Record):
            order.record(effect)


def check_match(world: World, match: Any) -> None:
    state: State = world.session._state
    scene = state.scenes[match.spec_id]
    assert len(match.seats) + len(match.bots) == len(scene.policies_options.mapping)  # type: ignore[attr-defined]
    assert match.remaining, "a running match without players"
    deadlines = state.deadlines
    if match.phase in BEFORE_PLAY:
        assert deadlines.at("match", match.id) is not None
    if match.phase is MatchPhase.PAUSED:
        assert match.pauses
        for cause in match.pauses:
            endless = cause == "researcher" or (match.is_solo and cause.startswith("return"))
            assert endless or deadlines.at("pause", f"{match.id} {cause}") is not None, cause
    else:
        assert not match.pauses


def check_person(state: State, person: Any, booked: Counter[str]) -> None:
    deadlines = state.deadlines
    match = state.matches.get(person.match) if person.match else None
    if person.state is S.WAITING:
        assert any(deadlines.at(rule, person.id) is not None for rule in ("waiting", "acted"))
        assert person.waitroom and person.match is None
    elif person.state in (S.COUNTDOWN, S.PLAYING, S.PAUSED):
        assert match is not None and not match.is_over and booked[person.id] == 1
        wanted = {MatchPhase.PLAYING: S.PLAYING, MatchPhase.PAUSED: S.PAUSED}.get(match.phase, S.COUNTDOWN)
        assert person.state is wanted
    elif person.state is S.IN_SCENE:
        assert booked[person.id] == 0 and person.match is None
        assert person.visit is not None or person.asked or person.open_match
    elif person.state is S.SCREENING:
        assert person.asked or deadlines.at("screening", person.id) is not None
    elif person.state in ENDINGS:
        assert booked[person.id] == 0 and person.visit is None
    if person.state in ENDINGS:
        assert person.closing is not None
    elif person.connection is ConnectionState.CONNECTED:
        assert deadlines.at("silent", person.id) is not None
    else:
        waits = [deadlines.at(rule, person.id) for rule in ("lost", "dropped", "arrival")]
        assert any(at is not None for at in waits), f"{person.state} and away without an end"


def check_probes(state: State) -> None:
    probed = Counter(member for probe in state.probes.values() for member in probe.members)
    assert not [who for who, times in probed.items() if times > 1]
    for probe in state.probes.values():
        assert state.deadlines.at("probe", probe.id) is not None
        assert all(state.waitrooms[probe.room].tickets[member].probe == probe.id for member in probe.members)
    for room in state.waitrooms.values():
        assert all(ticket.probe is None or ticket.probe in state.probes for ticket in room.tickets.values())


def check_counts(world: World) -> None:
    check_found(world.session.state)
    view = world.session.view(world.now)
    check_kept(world.session, view)
    truth = Counter(row.state for row in view.participants)
    for name in S:
        assert view.counts[str(name)] == truth[str(name)]
    waiting = sum(1 for row in view.participants if row.state == "waiting" and row.connection == "connected")
    assert sum(room.waiting for room in view.waitrooms) == waiting


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    derandomize=True,
)
@given(steps=st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 419)), min_size=20, max_size=150))
def test_any_interleaving(name: str, steps: list[tuple[str, int]]) -> None:
    world = World(EXPERIMENTS[name]())
    for _ in range(6):
        join(world, 1)
    for taken, (action, number) in enumerate(steps):
        ACTIONS[action](world, number)
        check(world)
        if taken % 5 == 0:  # what is shown is made anew from the state each time: a look now and then sees as much
            check_counts(world)
    check_order(world)
    replayed = world.replayed()
    assert replayed.view(world.now) == world.session.view(world.now)
    assert plain(replayed.state) == plain(world.session.state)
    finish(world)


def finish(world: World) -> None:
    """Everybody goes away; with time everything comes to an end, and nothing is left waiting."""
    for match in list(world.session._state.matches):
        world.command("resume_match", match=match)
    for person in list(world.people.values()):
        person.close()
    world.run(2 * 3600, pings=False)
    check(world)
    check_counts(world)
    check_order(world)
    state = world.session._state
    assert {person.state for person in state.participants.values()} <= ENDINGS
    assert all(match.is_over for match in state.matches.values())
    assert not state.probes and not state.questions
    ended = {(record.match, record.body["reason"]) for record in world.records("match_ended")}
    assert len(ended) == len(state.matches) and all(reason for _, reason in ended)

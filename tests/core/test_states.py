"""Every pair of (state, event): what is legal happens, what is not is refused or raises, and nothing breaks."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from igym.core.effects import Effect, Refuse
from igym.core.events import (
    Answered,
    Connected,
    DifferenceFound,
    Disconnected,
    EngineStarted,
    EngineStopping,
    Event,
    HistoryLoaded,
    HostEnvFailed,
    HostEnvReady,
    HostEpisodeEnded,
    HostEpisodeStarted,
    HostGameOver,
    HostGlobalsSet,
    Joined,
    MessageReceived,
    RowsStored,
    RttMeasured,
    Tick,
)
from igym.core.match import IllegalTransitionError, Match, MatchPhase, Seat
from igym.core.participant import ENDINGS, Participant, PersonState, Visit
from igym.core.places import Closed, Deciding, Entry, InMatch, InRoom, Page, Place
from igym.core.session import IllegalEventError
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene, TextBox
from igym.protocol.binary import Relay
from igym.protocol.codec import CLIENT_MESSAGES
from igym.protocol.server import Closed as ServerClosed
from tests.core.experiments import game, make
from tests.core.world import Person, Shadow, World, browser, connect_all

pytestmark = pytest.mark.no_cover  # counting lines makes it three times as long; other tests reach them too
S = PersonState
JUST_DROPPED_S = 1900
"""Longer than somebody may be away (``dropped_after_s``)."""
RARELY_S = 8.0
"""Pings in these long waits: often enough that nobody who is there counts as silent."""

VISIT = Visit(1, "s", 0, 0.0)
THE_END = Closed(S.FINISHED, ServerClosed(outcome="finished", header="", body=""))


def a_match(phase: MatchPhase = MatchPhase.FORMING) -> Match:
    match = Match("m", "s", "s", 1, [Seat(0, "a", "p", 0.0)], [], 0.0)
    match.phase = phase
    return match


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Entry(), Page(VISIT)),
        (Entry(), InRoom(VISIT, "s")),
        (Entry(), InMatch(VISIT, a_match(), 0)),
        (Deciding(), InRoom(VISIT, "s")),
        (Deciding(), InMatch(VISIT, a_match(), 0)),
        (Page(VISIT), Entry()),
        (InRoom(VISIT, "s"), InRoom(VISIT, "s")),
        (InMatch(VISIT, a_match(), 0), InMatch(VISIT, a_match(), 0)),
        *((THE_END, place) for place in (Entry(), Deciding(), Page(VISIT), InRoom(VISIT, "s"), THE_END)),
    ],
)
def test_a_place_that_cannot_follow_is_refused_and_nothing_changes(before: Place, after: Place) -> None:
    person = Participant("p", 1, None, None, {}, None, "", 0.0)
    person.place = before
    with pytest.raises(IllegalTransitionError):
        person.move(after)
    assert person.place is before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MatchPhase.ENDED, MatchPhase.PLAYING),
        (MatchPhase.FORMING, MatchPhase.PLAYING),
        (MatchPhase.PLAYING, MatchPhase.COUNTDOWN),
        (MatchPhase.PAUSED, MatchPhase.CONNECTING),
    ],
)
def test_a_phase_that_cannot_follow_is_refused_and_nothing_changes(before: MatchPhase, after: MatchPhase) -> None:
    match = a_match(before)
    with pytest.raises(IllegalTransitionError, match=f"{before} → {after}"):
        match.move(after)
    assert match.phase is before


def test_a_person_passes_every_state_of_a_visit_in_order() -> None:
    world = a_world()
    person, partner = world.join(), world.join()
    passed: list[str] = []

    def look() -> None:
        if not passed or passed[-1] != person.state:
            passed.append(person.state)

    def step(action: Callable[[], Any]) -> None:
        action()
        look()

    look()
    for member in (person, partner):
        step(lambda member=member: member.open())
    step(lambda: world.run(5))
    step(lambda: person.send_answers(text="x"))
    step(lambda: partner.send_answers(text="x"))
    step(lambda: connect_all([person, partner]))
    step(lambda: world.run(4))
    step(lambda: world.command("pause_match", match=person.match))
    step(lambda: world.command("resume_match", match=person.match))
    step(lambda: world.command("end_match", match=person.match))
    step(lambda: world.command("move", participant=person.id, scene="end"))
    assert passed == [
        "arriving", "screening", "in_scene", "waiting", "countdown", "playing", "paused", "playing", "in_scene",
        "finished",
    ]  # fmt: skip


def a_world() -> World:
    scenes = (TextBox("text"), game("match", 2), StaticScene("next"), CompletionCodeScene("code"), EndScene("end"))
    return World(make(*scenes, entry_screening={"max_ping_ms": 500, "min_ping_samples": 2}))


def at_the_door(state: PersonState) -> tuple[World, Person]:
    world = a_world()
    person = world.join()
    if state is not S.ARRIVING:
        person.rtt_ms = 900.0
        person.open()
    if state is S.SCREENED_OUT:
        world.run(5)
    return world, person


def bring_to(state: PersonState) -> tuple[World, Person]:
    """A world with a person in this state, and a partner where one is needed."""
    if state in (S.ARRIVING, S.SCREENING, S.SCREENED_OUT):
        return at_the_door(state)
    world = a_world()
    person, partner = world.arrive(2)
    if state is S.LOADING:
        person.close()
        person.open(loaded=False)
    world.run(5)
    for member in (person, partner) if state in (S.COUNTDOWN, S.PLAYING, S.PAUSED, S.LOADING) else (person,):
        member.send_answers(text="x")
    if state is S.LOADING:
        person.say("loaded", load_ms=1.0, cold=True)
        person.close()
        person.open(loaded=False)
    if state in (S.PLAYING, S.PAUSED):
        connect_all([person, partner])
        world.run(4)
    if state is S.PAUSED:
        world.command("pause_match", match=person.match)
    if state is S.IN_SCENE:
        world.command("restart_scene", participant=person.id)
        world.command("move", participant=person.id, scene="text")
    endings: dict[PersonState, Callable[[], Any]] = {
        S.FINISHED: lambda: world.command("move", participant=person.id, scene="end"),
        S.UNFINISHED: lambda: world.command("end_session"),
        S.EXCLUDED: lambda: world.command("exclude", participant=person.id),
        S.WITHDRAWN: lambda: person.say("leave"),
        S.DROPPED: lambda: (
            world.command("move", participant=person.id, scene="next"),
            person.close(),
            world.run(JUST_DROPPED_S, ping_every_s=RARELY_S),
        ),
        S.TIMED_OUT: lambda: world.run(121),
    }
    if state in endings:
        endings[state]()
    return world, person


@pytest.mark.parametrize("state", list(S))
def test_every_state_can_be_reached(state: PersonState) -> None:
    world, person = bring_to(state)
    assert person.state == str(state)
    assert world.counts()[str(state)] >= 1


GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "contract" / "golden_messages.json").read_text(encoding="utf-8")
)["client"]
NOT_EVENTS = {"rows", "relay"}
"""Binary messages never reach the core as messages: rows come as RowsStored, relayed packets pass by."""
HARMLESS = {
    "hello",
    "pong",
    "clock",
    "console",
    "client_error",
    "activity",
    "focus",
    "loading",
    "loaded",
    "notice_read",
}
TAKEN_WHEN: dict[str, set[PersonState]] = {
    "globals_set": set(S) - ENDINGS - {S.ARRIVING},
    "leave": set(S) - {S.ARRIVING, S.DROPPED},
    "answers": {S.IN_SCENE},
}


def fields_for(name: str, person: Person) -> dict[str, Any]:
    """A golden message made to fit: the present visit and match."""
    fields = dict(GOLDEN[name])
    if "visit" in fields and name != "hello":
        fields["visit"] = person.visit or 1
    if name == "answers":
        fields["values"] = {"text": "fine"}
    if name == "hello":
        fields |= {"browser": browser(), "tab": person.tab}
    return fields


@pytest.mark.parametrize(("state", "name"), list(itertools.product(S, sorted(set(CLIENT_MESSAGES) - NOT_EVENTS))))
def test_every_message_in_every_state_is_taken_or_refused(state: PersonState, name: str) -> None:
    world, person = bring_to(state)
    if person.connection is None:
        connection = person.connect()
        person.connection = connection
    row = world.row(person)
    effects = person.say(name, **fields_for(name, person))
    refusals = [effect for effect in effects if isinstance(effect, Refuse)]
    assert len(refusals) <= 1
    unknown = state in (S.ARRIVING, S.DROPPED) and name != "hello"
    if unknown:
        assert refusals[0].code == "hello_first"
    elif name in HARMLESS:
        assert not refusals
    elif name in TAKEN_WHEN:
        assert bool(refusals) is (state not in TAKEN_WHEN[name]), refusals
    if refusals:
        assert world.row(person)["state"] == row["state"], "a refused message changes nothing"
    _still_sound(world, Shadow(world))


def test_binary_messages_are_not_taken_as_events() -> None:
    world, person = bring_to(S.PLAYING)
    event = MessageReceived(person.id, str(person.connection), Relay(to=1, packet=b"x"))
    effects = world.session.handle(event, world.now)
    assert [effect.code for effect in effects if isinstance(effect, Refuse)] == ["out_of_state"]


def transferred(world: World, person: Person) -> None:
    """The same person presses the button at the seat a researcher moved them to."""
    done = world.command("transfer", participant=person.id, seat="PC3")
    if done.ok:
        world.do(Joined(person.id, None, "PC3", {}, "en", token_hash="another"))


def about_match(world: World, person: Person, event: Any) -> None:
    """The event about the person's match; the host is told when there is no such match."""
    if person.match:
        world.do(replace(event, match=person.match))
    else:
        with pytest.raises(IllegalEventError):
            world.session.handle(event, world.now)


OTHER_EVENTS: dict[str, Callable[[World, Person], Any]] = {
    "connected": lambda world, person: world.do(Connected(person.id, "c-new")),
    "disconnected": lambda world, person: world.do(Disconnected(person.id, str(person.connection))),
    "disconnected_unknown": lambda world, person: world.do(Disconnected(person.id, "c-unknown")),
    "rtt": lambda world, person: world.do(RttMeasured(person.id, 12.0)),
    "rows": lambda world, person: world.do(RowsStored(person.id, str(person.match), 0, 0, 30, 29, "ab")),
    "tick": lambda world, person: world.do(Tick()),
    "answered": lambda world, person: world.do(Answered("q999", None)),
    "restart": lambda world, person: world.do(EngineStarted("http://x/")),
    "stopping": lambda world, person: world.do(EngineStopping("closed")),
    "reload": lambda world, person: person.reload(),
    "long absence": lambda world, person: (person.close(), world.run(JUST_DROPPED_S, ping_every_s=RARELY_S)),
    "exclude": lambda world, person: world.command("exclude", participant=person.id),
    "move": lambda world, person: world.command("move", participant=person.id, scene="next"),
    "restart_scene": lambda world, person: world.command("restart_scene", participant=person.id),
    "requeue": lambda world, person: world.command("requeue", participant=person.id),
    "replace_with_bot": lambda world, person: world.command("replace_with_bot", participant=person.id),
    "withdraw": lambda world, person: world.command("withdraw", participant=person.id, erase=True),
    "transfer": lambda world, person: world.command("transfer", participant=person.id, seat="PC9"),
    "message": lambda world, person: world.command("message", to="all", text="Hello"),
    "end_session": lambda world, person: world.command("end_session"),
    "pause_match": lambda world, person: world.command("pause_match", match=person.match),
    "resume_match": lambda world, person: world.command("resume_match", match=person.match),
    "end_match": lambda world, person: world.command("end_match", match=person.match),
    "close_admission": lambda world, person: world.command("close_admission"),
    "open_admission": lambda world, person: world.command("open_admission"),
    "participant_details": lambda world, person: world.command("participant_details", participant=person.id),
    "match_details": lambda world, person: world.command("match_details", match=person.match),
    "joined": transferred,
    "history_loaded": lambda world, person: world.do(HistoryLoaded((("Ann", "Bob"),))),
    "difference_found": lambda world, person: about_match(world, person, DifferenceFound("", 0, 3, ("rewards.a",), 9)),
    "host_env_ready": lambda world, person: about_match(world, person, HostEnvReady("")),
    "host_env_failed": lambda world, person: about_match(world, person, HostEnvFailed("", "it stopped")),
    "host_episode_started": lambda world, person: about_match(world, person, HostEpisodeStarted("", 0)),
    "host_episode_ended": lambda world, person: about_match(
        world, person, HostEpisodeEnded("", 0, 30, "terminated", "ab", participants=(person.id,))
    ),
    "host_game_over": lambda world, person: about_match(world, person, HostGameOver("")),
    "host_globals_set": lambda world, person: about_match(world, person, HostGlobalsSet(person.id, "", {"score": 3})),
}


def test_every_kind_of_event_is_in_the_table() -> None:
    kinds = {kind.type for kind in Event.__subclasses__()}
    own_names = {"rows_stored": "rows", "engine_started": "restart", "engine_stopping": "stopping"}
    known = {own_names.get(kind, kind) for kind in kinds - {"message", "command"}}
    assert known <= set(OTHER_EVENTS)


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, sorted(OTHER_EVENTS))))
def test_every_other_event_in_every_state_keeps_the_session_sound(state: PersonState, event: str) -> None:
    world, person = bring_to(state)
    OTHER_EVENTS[event](world, person)
    if state in ENDINGS and event != "withdraw":
        assert person.state == str(state), "the end stays the end"
    shadow = Shadow(world)
    _still_sound(world, shadow)
    world.run(30)
    _still_sound(world, shadow)


def _still_sound(world: World, shadow: Shadow) -> None:
    counts = world.counts()
    assert sum(counts[str(state)] for state in S) == counts["joined"] == len(world.people)
    assert shadow.caught_up().view(world.now) == world.session.view(world.now)
    effects: list[Effect] = world.effects
    assert all(json.dumps(effect.to_json(), allow_nan=False) for effect in effects[-20:])

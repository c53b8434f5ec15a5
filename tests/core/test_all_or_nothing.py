"""A rule that raises leaves nothing behind: all is as before, the researcher is told, everyone else plays on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import pytest

from igym.core import checkpoint, commands, journey, messages
from igym.core import session as sessions
from igym.core.effects import RuleFailed
from igym.core.events import Answered, EngineStopping, HostEnvFailed, RowsStored
from igym.core.groups import Groups
from igym.core.happenings import PlaceLeft
from igym.core.ledger import Ledger
from igym.core.participant import ENDINGS
from igym.core.probe import ProbeMemory
from igym.core.session import Session
from igym.core.state import State
from igym.experiment.participation import Callbacks
from igym.experiment.scenes import CompletionCodeScene, EndScene, StaticScene, TextBox
from igym.experiment.stager import Branch
from tests.core.experiments import game, make
from tests.core.plain import plain
from tests.core.world import World, connect_all, make_rng, start_playing


def rule(context: Any) -> None: ...


def choose(context: Any) -> str:
    return "a"


def make_world() -> World:
    play = game("play", 2).multiplayer(
        monitoring={
            "hidden_warn_s": 2,
            "hidden_exclude_s": 60,
            "continuous_callback": rule,
            "callback_every_frames": 1,
        },
        reconnection={"on_timeout": "bot", "timeout_s": 3},
    )
    alone = game("alone", 1).content(page_for=rule)
    ways = Branch(choose, {"a": StaticScene("a"), "b": StaticScene("b")})
    return World(
        make(
            TextBox("text"), play.waitroom(timeout_s=30, on_timeout="completion_code"), ways, alone,
            CompletionCodeScene("code"), EndScene("end"),
            callbacks=dict.fromkeys(Callbacks.model_fields, rule),
            entry_screening={"callback": rule, "max_ping_ms": 300, "min_ping_samples": 2},
        )
    )  # fmt: skip


def story(world: World) -> None:
    """A session in which nearly everything happens once, written so that it goes on whatever fails in it."""
    people = world.arrive(7)
    world.answer_all()
    world.run(5)
    world.answer_all()
    gently(world, lambda: [person.send_answers(text="x") for person in people[:5]])
    world.answer_all()
    world.run(1)
    gently(world, lambda: start_playing(world, people[:2]))
    gently(world, lambda: connect_all(people[2:4]))
    for person in people[:4]:
        gently(world, lambda p=person: p.say("episode_started", visit=p.visit, match=p.match, episode=0))
        gently(world, lambda p=person: p.rows(30))
        gently(
            world,
            lambda p=person: p.say(
                "metrics", visit=p.visit, match=p.match, samples=[{"age_ms": 0.0, "values": {"fps": 30.0}}]
            ),
        )
    world.answer_all()
    gently(world, lambda: people[0].say("focus", hidden=True, blurred=False, at_ms=0.0))
    world.run(3)
    gently(world, lambda: people[0].say("focus", hidden=False, blurred=False, at_ms=0.0))
    gently(world, lambda: world.command("pause_match", match=people[0].match))
    gently(world, lambda: world.command("resume_match", match=people[0].match))
    gently(world, lambda: world.command("message", to="all", text="Hello"))
    gently(world, partial(people[1].say, "leave"))
    gently(world, people[0].reload)
    world.answer_all()
    gently(world, people[0].ready)
    people[2].close()
    world.run(6)
    for person in (people[0], people[3]):
        gently(world, lambda p=person: p.end_episode(30))
        gently(world, lambda p=person: p.game_over())
    world.run(31, pings=False)
    world.answer_all()
    gently(world, lambda: world.command("move", participant=people[3].id, scene="alone"))
    world.answer_all()
    gently(world, lambda: (people[3].ready(), people[3].rows(3), people[3].end_episode(3), people[3].game_over()))
    world.answer_all()
    gently(world, people[3].advance)
    gently(world, lambda: world.command("exclude", participant=people[5].id))
    people[6].close()
    world.run(40, pings=False)
    world.answer_all()
    world.do(EngineStopping("a pause"))
    gently(world, lambda: world.command("withdraw", participant=people[1].id, erase=True))
    world.run(2000, pings=False)
    world.answer_all()
    gently(world, people[6].open)
    gently(world, lambda: world.command("end_session"))
    world.answer_all()
    world.run(700, pings=False)


def gently(world: World, act: Callable[[], Any]) -> None:
    """What a browser does next, unless the failure before it took away what it needs."""
    try:
        act()
    except (KeyError, AssertionError, IndexError):
        assert world.of(RuleFailed), "only a failed rule may have taken it away"


TABLES: dict[str, dict[Any, Any]] = {
    "event": sessions._EVENT_RULES,
    "deadline": sessions._DEADLINE_RULES,
    "answer": sessions._ANSWER_RULES,
    "follows": journey._FOLLOWS,
    "step": journey._STEPS,
    "message": messages._RULES,
    "command": commands.COMMANDS,
}
RULES = [(table, key) for table, rules in TABLES.items() for key in rules]


def name_of(key: Any) -> str:
    return key if isinstance(key, str) else key.__name__


def wrap(rule: Any, around: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Any:
    """An event has several steps; the last one is its rule."""
    return (*rule[:-1], around(rule[-1])) if isinstance(rule, tuple) else around(rule)


@cache
def first_units() -> dict[tuple[str, Any], int]:
    """In which turn of the story each rule is used for the first time; what it never uses is missing."""
    found: dict[tuple[str, Any], int] = {}
    turns = 0
    with pytest.MonkeyPatch.context() as patch:
        run = Session._run

        def counting(self: Session, unit: Any) -> Any:
            nonlocal turns
            turns += 1
            return run(self, unit)

        def noting(own: Callable[..., Any], name: tuple[str, Any]) -> Callable[..., Any]:
            def noted(*args: Any) -> Any:
                found.setdefault(name, turns)
                return own(*args)

            return noted

        patch.setattr(Session, "_run", counting)
        for table, key in RULES:
            around = partial(noting, name=(table, key))
            patch.setitem(TABLES[table], key, wrap(TABLES[table][key], around))
        world = make_world()
        story(world)
    assert not world.of(RuleFailed)
    return found


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Any], None]:
    """Lets the rule do its work and then raise, once. Checks that its turn is undone, exactly."""
    failed, before, turns = [], [], 0
    run, undo = Session._run, Session._undo

    def install(table: str, key: Any) -> None:
        def breaking(own: Callable[..., Any]) -> Callable[..., Any]:
            def broken(*args: Any) -> Any:
                done = own(*args)
                if not failed:
                    failed.append(key)
                    raise RuntimeError(f"{name_of(key)} is broken")
                return done

            return broken

        def noting(self: Session, unit: Any) -> Any:
            nonlocal turns
            turns += 1
            if turns == first_units()[table, key]:
                before.append(checkpoint.dump(self.state))
            return run(self, unit)

        monkeypatch.setattr(Session, "_run", noting)
        monkeypatch.setitem(TABLES[table], key, wrap(TABLES[table][key], breaking))

    def checked(self: Session) -> None:
        undo(self)
        was = State(self.state.experiment, "", make_rng, Groups(), Ledger(), ProbeMemory())
        checkpoint.load(before[0], was)
        assert plain(self.state) == plain(was)

    monkeypatch.setattr(Session, "_undo", checked)
    return install


@pytest.mark.parametrize(
    ("table", "key"), sorted(first_units(), key=str), ids=lambda part: part if isinstance(part, str) else name_of(part)
)
def test_every_rule_that_fails_is_undone_told_and_survived(
    table: str, key: Any, failing: Callable[[str, Any], None]
) -> None:
    failing(table, key)
    world = make_world()
    story(world)
    told = world.of(RuleFailed)
    assert len(told) == 1 and "is broken" in told[0].error and "broken" in told[0].traceback
    assert [problem.title for problem in world.problems()].count("Internal error") == 1
    assert len(world.records("rule_failed")) == 1
    counts = world.counts()
    assert counts["joined"] == len(world.people)
    if name_of(key) != "end_session" and name_of(key) != "SessionEnding":
        ended = sum(counts[str(state)] for state in ENDINGS)
        assert ended >= len(world.people) - 1, "at most the one it happened to is held up"


LEAST = {"event": 8, "deadline": 8, "answer": 6, "follows": 14, "step": 7, "message": 9, "command": 7}
"""At least so many rules of each table are broken in turn."""


def test_the_story_uses_most_rules() -> None:
    used = Counter(table for table, _ in first_units())
    assert {table: used[table] for table in TABLES if used[table] < LEAST[table]} == {}


def test_a_failure_after_a_checkpoint_goes_back_to_the_same_state(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    people = world.arrive(2)
    world.answer_all()
    world.go_on_from_checkpoint()
    world.run(5)
    world.answer_all()
    with monkeypatch.context() as patch:
        patch.setitem(journey._FOLLOWS, PlaceLeft, lambda turn, told: 1 / 0)
        people[0].send_answers(text="x")
    assert world.of(RuleFailed) and people[0].scene == "text"
    people[0].send_answers(text="x")
    world.answer_all()
    assert people[0].state == "waiting"


def test_a_failure_goes_back_to_a_state_that_somebody_else_made_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows of fewer events than have been handled by then; those after it are handled again."""
    world = make_world()
    people = world.arrive(2)
    world.answer_all()
    follower = world.replayed()
    handled = world.session.handled
    assert follower.handled == handled
    world.run(40)
    world.answer_all()
    assert world.session.handled > handled
    world.session.go_back_to(follower.checkpoint(), handled)
    assert all(unit.number > handled for unit in world.session._since_base)
    with monkeypatch.context() as patch:
        patch.setitem(journey._FOLLOWS, PlaceLeft, lambda turn, told: 1 / 0)
        people[0].send_answers(text="x")
        assert plain(world.replayed().state) == plain(world.session.state), "it fails again in a replay"
    assert world.of(RuleFailed) and people[0].scene == "text"
    people[0].send_answers(text="x")
    world.answer_all()
    assert people[0].state == "waiting"


def test_events_of_the_host_may_fail_too() -> None:
    world = make_world()
    (person,) = world.arrive()
    world.answer_all()
    with pytest.raises(sessions.IllegalEventError):
        world.session.handle(HostEnvFailed("m999", "x"), world.now)
    with pytest.raises(sessions.IllegalEventError):
        world.session.handle(RowsStored("nobody", "m1", 0, 0, 1, 0), world.now)
    assert not world.of(RuleFailed)
    world.do(Answered("q999"))
    assert person.state == "screening"

"""The parts rules are made of: deadlines, row ranges, groups, and events and effects as JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.core import effects, events
from igym.core.deadlines import Deadlines, Key
from igym.core.effects import Effect
from igym.core.events import Event
from igym.core.groups import Group, Groups
from igym.core.ledger import Ledger, Report
from igym.core.wire import Wired
from tests.core.world import message

# Deadlines


def test_deadlines_come_up_in_order_and_once() -> None:
    deadlines = Deadlines()
    deadlines.set("b", "x", 2.0)
    deadlines.set("a", "x", 1.0)
    deadlines.set("a", "y", 3.0)
    assert deadlines.next == 1.0
    assert deadlines.pop_due(0.9) is None
    assert [deadlines.pop_due(2.0) for _ in range(3)] == [Key("a", "x"), Key("b", "x"), None]
    assert deadlines.keys() == {Key("a", "y")}


def test_a_deadline_set_again_or_cancelled_counts_as_it_is_now() -> None:
    deadlines = Deadlines()
    deadlines.set("a", "x", 1.0)
    deadlines.set("a", "x", 5.0)
    assert (deadlines.next, deadlines.at("a", "x")) == (5.0, 5.0)
    deadlines.set("a", "x", 2.0)
    assert deadlines.pop_due(2.0) == Key("a", "x")
    assert deadlines.pop_due(9.0) is None
    deadlines.set("a", "x", 1.0)
    deadlines.cancel("a", "x")
    deadlines.cancel("never", "set")
    assert deadlines.next is None


def test_shifting_moves_everything() -> None:
    deadlines = Deadlines()
    deadlines.set("a", "x", 1.0)
    deadlines.set("b", "x", 2.0)
    deadlines.shift(10.0)
    assert (deadlines.next, deadlines.at("b", "x")) == (11.0, 12.0)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.booleans()), max_size=40))
def test_deadlines_agree_with_a_plain_dict(steps: list[tuple[str, int, bool]]) -> None:
    deadlines, plain = Deadlines(), dict[str, int]()
    for name, at, keep in steps:
        if keep:
            deadlines.set(name, "", at)
            plain[name] = at
        else:
            deadlines.cancel(name, "")
            plain.pop(name, None)
        assert deadlines.next == min(plain.values(), default=None)
    popped = []
    while key := deadlines.pop_due(100):
        popped.append(key.rule)
    assert popped == sorted(plain, key=lambda name: (plain[name], name))


# The ledger


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=25))
def test_stored_ranges_agree_with_a_set_of_frames(batches: list[tuple[int, int]]) -> None:
    ledger, frames = Ledger(), set[int]()
    for first, count in batches:
        ledger.add_rows("p", "m", 0, first, first + count - 1)
        frames.update(range(first, first + count))
    gap = next(frame for frame in range(200) if frame not in frames)
    assert ledger.stored_to("p", "m", 0) == gap


def test_the_first_report_counts() -> None:
    ledger = Ledger()
    ledger.add_report("p", "m", 0, Report(10, "ab", "terminated", {}))
    ledger.add_report("p", "m", 0, Report(99, "cd", "terminated", {}))
    assert ledger.report("p", "m", 0) == Report(10, "ab", "terminated", {})
    assert not ledger.is_whole("p", "m", 0)
    ledger.add_rows("p", "m", 0, 0, 9)
    assert ledger.is_whole("p", "m", 0)


def test_an_episode_without_frames_is_whole() -> None:
    ledger = Ledger()
    ledger.add_report("p", "m", 0, Report(0, "", "partial", {}))
    assert ledger.is_whole("p", "m", 0)
    assert ledger.stamp("m") == "pending"


def test_the_stamp_names_the_first_episode_that_differs() -> None:
    ledger = Ledger()
    for episode in range(3):
        ledger.settle("m", episode, "identical", None, ())
    assert ledger.stamp("m") == "identical"
    assert ledger.settle("m", 1, "differs", 4, ("rewards.a",))
    assert not ledger.settle("m", 1, "identical", None, ())
    assert ledger.stamp("m") == "differs at frame 4 of episode 1"
    assert ledger.stamp("other") == "pending"


# Groups


def group(identifier: str, *members: str, match: str = "m1") -> Group:
    return Group(identifier, members, "scene", match, 0.0)


def test_groups_know_partners_and_the_last_group() -> None:
    groups = Groups()
    groups.add(group("g1", "a", "b"))
    groups.add(group("g2", "a", "c", match="m2"))
    assert groups.partners("a") == {"b", "c"} and groups.partners("b") == {"a"} and groups.partners("z") == set()
    assert groups.last("a") == groups.by_id["g2"] and groups.last("z") is None
    assert groups.same_members(("c", "a")) == groups.by_id["g2"]
    assert groups.same_members(("a", "b")) is None, "a has been in another group since"
    groups.close("m2", 9.0, "complete")
    assert (groups.by_id["g2"].ended_at, groups.by_id["g2"].reason, groups.by_id["g1"].ended_at) == (
        9.0,
        "complete",
        None,
    )


def test_a_subset_is_not_the_same_group() -> None:
    groups = Groups()
    groups.add(group("g1", "a", "b", "c"))
    assert groups.same_members(("a", "b")) is None
    assert groups.same_members(("c", "b", "a")) is not None


def test_earlier_sessions_are_remembered_by_label() -> None:
    groups = Groups()
    groups.remember_earlier(("Anna", "Bo"))
    assert groups.earlier_partners("Anna") == {"Bo"}
    assert groups.earlier_partners(None) == groups.earlier_partners("Zoe") == set()
    groups.remember_earlier(("Anna", "Cem"))
    assert groups.earlier_partners("Anna") == {"Bo", "Cem"}
    assert (groups.last_earlier("Anna"), groups.last_earlier("Bo")) == (("Cem",), ("Anna",)), "the last one counts"
    assert groups.last_earlier(None) == groups.last_earlier("Zoe") == ()


# Events and effects as JSON

EXAMPLES: dict[str, Any] = {
    "str": "text",
    "int": 3,
    "float": 2.5,
    "bool": True,
    "Any": {"a": [1, None]},
    "Level": "warning",
    "Message": message("leave"),
}


def example(kind: type[Wired]) -> Wired:
    """An instance with something in every field."""
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        name = "Level" if "Literal" in str(field.type) else str(field.type).removesuffix(" | None")
        if name.startswith("dict"):
            values[field.name] = {"x": "y"}
        elif name.startswith("list[list"):
            values[field.name] = [[1.5, 2.5]]
        elif name.startswith("tuple"):
            values[field.name] = (("a", "b"),) if "tuple[str" in name[6:] else ("a", "b")
        else:
            values[field.name] = EXAMPLES[name.removeprefix("<class '").removesuffix("'>").rpartition(".")[2]]
    return kind(**values)


KINDS = [
    kind
    for module in (events, effects)
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, Wired) and kind.type
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_and_effect_survives_json(kind: type[Wired]) -> None:
    wired = example(kind)
    root: type[Wired] = Event if isinstance(wired, Event) else Effect
    assert root.from_json(json.loads(json.dumps(wired.to_json()))) == wired


def test_types_are_unique() -> None:
    for root in (Event, Effect):
        names = [kind.type for kind in root.__subclasses__()]
        assert len(names) == len(set(names)) and all(names)


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="no Event of type 'nonsense'"):
        Event.from_json({"type": "nonsense"})
    broken = {"message": "leave", "from": "client", "payload": {"x": 1}}
    with pytest.raises(ValueError, match="leave"):
        Event.from_json({"type": "message", "participant": "p", "connection": "c", "message": broken})


def test_fields_unknown_to_this_version_are_left_out() -> None:
    assert Event.from_json({"type": "tick", "later": 1}) == events.Tick()

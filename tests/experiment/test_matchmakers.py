"""Who plays with whom."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igym import Candidate, Fifo, GroupReunion, GymScene, Human, LatencyMatchmaker, Matchmaker
from igym.experiment.base import option
from igym.experiment.matchmakers import CustomMatchmaker, best_pairs, is_custom


def person(name: str, since: float = 0, rtt: float | None = None, **more: object) -> Candidate:
    return Candidate(name, since, rtt, **more)  # type: ignore[arg-type]


def names(group: Sequence[Candidate] | None) -> set[str] | None:
    return None if group is None else {candidate.participant for candidate in group}


A, B, C, D = (person(name, since) for since, name in enumerate("abcd"))


def test_fifo_takes_the_oldest() -> None:
    assert names(Fifo().find_match(D, [C, A, B], 2, 10)) == {"a", "b"}
    assert names(Fifo().find_match(C, [A, B], 3, 10)) == {"a", "b", "c"}
    assert Fifo().find_match(A, [], 2, 10) is None
    assert names(Fifo().find_match(A, [], 1, 10)) == {"a"}


def test_blocked_pairs_are_passed_over() -> None:
    a = person("a", 0, blocked=frozenset({"b"}))
    assert names(Fifo().find_match(C, [a, B], 2, 10)) == {"a", "c"}
    assert Fifo().find_match(B, [a], 2, 10) is None


def test_the_server_limit_holds_for_every_pair_and_equal_is_accepted() -> None:
    maker = LatencyMatchmaker(max_server_rtt_ms=80)
    assert names(maker.find_match(person("a", 0, 40), [person("b", 1, 40)], 2, 9)) == {"a", "b"}
    assert maker.find_match(person("a", 0, 40), [person("b", 1, 40.1)], 2, 9) is None
    three = [person("a", 0, 10), person("b", 1, 60), person("c", 2, 60)]
    assert maker.find_match(three[0], three[1:], 3, 9) is None


def test_a_missing_server_measurement_passes() -> None:
    maker = LatencyMatchmaker(max_server_rtt_ms=80)
    assert names(maker.find_match(person("a", 0, 500), [person("b", 1, None)], 2, 9)) == {"a", "b"}


def test_the_probe_accepts_equal_and_rejects_missing() -> None:
    maker = LatencyMatchmaker(max_p2p_rtt_ms=100)
    assert maker.needs_probe
    assert maker.accepts_probe([100, 3])
    assert not maker.accepts_probe([100.5, 3])
    assert not maker.accepts_probe([None, 3])
    assert LatencyMatchmaker().accepts_probe([None])
    assert not LatencyMatchmaker().needs_probe


def test_loosening_multiplies_the_limits_only() -> None:
    maker = LatencyMatchmaker(max_server_rtt_ms=80, max_p2p_rtt_ms=100, prefer="best").loosened(1.5)
    assert (maker.max_server_rtt_ms, maker.max_p2p_rtt_ms, maker.prefer) == (120, 150, "best")
    assert Fifo().loosened(2) == Fifo()
    reunion = GroupReunion(fallback=LatencyMatchmaker(max_server_rtt_ms=10)).loosened(2)
    assert isinstance(reunion.fallback, LatencyMatchmaker)
    assert reunion.fallback.max_server_rtt_ms == 20


def test_best_waits_for_its_batch_window_and_minimises_the_sum() -> None:
    maker = LatencyMatchmaker(prefer="best", max_server_rtt_ms=130, batch_window_s=3)
    crowd = [person("slow", 0, 100), person("fast", 0, 5), person("quick", 0, 6), person("slower", 0, 120)]
    assert maker.find_match(crowd[0], crowd[1:], 2, 2.9) is None
    assert maker.next_change_at(crowd[0]) == 3
    pairs = {frozenset(names(pair) or ()) for pair in best_pairs(crowd, maker._near)}
    assert pairs == {frozenset({"slow", "quick"}), frozenset({"slower", "fast"})}
    assert names(maker.find_match(crowd[0], crowd[1:], 2, 3)) in ({"slow", "quick"}, {"slower", "fast"})


def test_best_uses_measured_round_trips_where_they_are_known() -> None:
    maker = LatencyMatchmaker(prefer="best", batch_window_s=0)
    crowd = [person("a", 0, 5, measured_ms={"b": 200}), person("b", 1, 5), person("c", 2, 50), person("d", 3, 60)]
    pairs = {frozenset(names(pair) or ()) for pair in best_pairs(crowd, maker._near)}
    assert frozenset({"a", "b"}) not in pairs
    assert len(pairs) == 2


def test_best_for_larger_groups_starts_with_the_oldest_and_takes_the_nearest() -> None:
    maker = LatencyMatchmaker(prefer="best", batch_window_s=0)
    crowd = [person("a", 0, 10), person("b", 1, 90), person("c", 2, 20), person("d", 3, 30)]
    assert names(maker.find_match(crowd[0], crowd[1:], 3, 9)) == {"a", "c", "d"}


def test_former_partners_meet_first() -> None:
    a, d = person("a", 0, former_partners=("d",)), person("d", 3, former_partners=("a",))
    assert names(GroupReunion().find_match(d, [a, B, C], 2, 10)) == {"a", "d"}


def test_reunion_waits_up_to_its_limit_then_falls_back() -> None:
    maker = GroupReunion(wait_s=60)
    a = person("a", 0, former_partners=("gone",))
    assert maker.find_match(B, [a], 2, 59) is None
    assert names(maker.find_match(B, [a], 2, 60)) == {"a", "b"}
    assert maker.next_change_at(a) == 60
    assert maker.next_change_at(B) is None


def test_reunion_without_fallback_waits_for_ever() -> None:
    a = person("a", 0, former_partners=("gone",))
    assert GroupReunion(fallback=None).find_match(B, [a], 2, 1e6) is None


def test_people_without_a_past_are_matched_at_once() -> None:
    assert names(GroupReunion().find_match(B, [A], 2, 1)) == {"a", "b"}


def test_one_sided_memories_are_no_reunion() -> None:
    a, b = person("a", 0, former_partners=("b",)), person("b", 1, former_partners=("c",))
    assert GroupReunion().find_match(b, [a], 2, 1) is None


class ByTeam(Matchmaker):
    """A researcher's own."""

    team: str = option("team", title="Global", description="Which global names the team.")

    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | None:
        team = arriving.globals.get(self.team)
        return next(([arriving, other] for other in waiting if other.globals.get(self.team) == team), None)


def test_a_subclass_is_used_and_travels_as_a_reference() -> None:
    maker = ByTeam(team="colour")
    red, blue, also_red = (person(n, globals={"colour": c}) for n, c in (("a", "red"), ("b", "blue"), ("c", "red")))
    assert names(maker.find_match(red, [blue, also_red], 2, 0)) == {"a", "c"}
    scene = GymScene("m").policies({"x": Human, "y": Human}).matchmaking(maker)
    stored = json.loads(json.dumps(scene.model_dump(mode="json")))
    again = GymScene.model_validate(stored).matchmaking_options.matchmaker
    assert isinstance(again, CustomMatchmaker)
    assert (again.name, again.settings) == ("ByTeam", {"team": "colour"})
    assert GymScene.model_validate(stored).model_dump(mode="json") == stored
    assert scene.functions()["scenes.m.matchmaker"] is maker


def test_what_needs_the_researchers_code() -> None:
    assert is_custom(ByTeam())
    assert is_custom(GroupReunion(fallback=ByTeam()))
    assert not any(map(is_custom, (Fifo(), LatencyMatchmaker(), GroupReunion(), GroupReunion(fallback=None))))


@pytest.mark.parametrize(
    "maker", [Fifo(), LatencyMatchmaker(max_server_rtt_ms=3, prefer="best"), GroupReunion(wait_s=1)]
)
def test_built_in_matchmakers_survive_being_stored(maker: Matchmaker) -> None:
    scene = GymScene("m").matchmaking(maker, relax_after_s=30)
    again = GymScene.model_validate(json.loads(json.dumps(scene.model_dump(mode="json"))))
    assert again.matchmaking_options == scene.matchmaking_options


people = st.lists(
    st.builds(
        Candidate,
        participant=st.sampled_from([f"p{n}" for n in range(9)]),
        since_s=st.integers(0, 50).map(float),
        rtt_ms=st.none() | st.integers(1, 100).map(float),
        blocked=st.frozensets(st.sampled_from([f"p{n}" for n in range(9)]), max_size=3),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda candidate: candidate.participant,
)
makers = st.sampled_from(
    [
        Fifo(),
        LatencyMatchmaker(max_server_rtt_ms=90),
        LatencyMatchmaker(max_server_rtt_ms=90, prefer="best", batch_window_s=0),
        GroupReunion(fallback=LatencyMatchmaker(max_server_rtt_ms=90)),
    ]
)


@settings(deadline=None)
@given(makers, people, st.integers(1, 4))
def test_every_match_has_the_right_size_and_only_allowed_pairs(
    maker: Matchmaker, crowd: list[Candidate], size: int
) -> None:
    group = maker.find_match(crowd[0], crowd[1:], size, 100)
    if group is None:
        return
    assert len({candidate.participant for candidate in group}) == size
    assert set(group) <= set(crowd)
    for a, b in combinations(group, 2):
        assert a.participant not in b.blocked
        assert b.participant not in a.blocked
        if not isinstance(maker, Fifo) and a.rtt_ms is not None and b.rtt_ms is not None:
            assert a.rtt_ms + b.rtt_ms <= 90


@settings(deadline=None)
@given(people)
def test_fifo_never_leaves_two_compatible_people_waiting(crowd: list[Candidate]) -> None:
    group = Fifo().find_match(crowd[0], crowd[1:], 2, 100)
    possible = [
        p
        for p in combinations(crowd, 2)
        if p[0].participant not in p[1].blocked and p[1].participant not in p[0].blocked
    ]
    assert (group is None) == (not possible)

"""Who plays with whom. Pure decisions: people and times come in, a group or None goes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer

from igym.experiment.base import Authored, option, tag
from igym.experiment.errors import ExperimentError, shown
from igym.protocol.told import Told


@dataclass(frozen=True)
class Candidate:
    """Someone who waits: since when (`since_s`, on the clock of `now`), how far from the host, with which history."""

    participant: str
    since_s: float
    rtt_ms: float | None = None
    former_partners: tuple[str, ...] = ()
    """The others of the last group. If that was in an earlier session of the study, people are known by their labels,
    and who has not joined yet stands with the label."""
    blocked: frozenset[str] = frozenset()
    """People not to be put together with: a failed probe not long ago, or a repeat that is forbidden."""
    globals: Mapping[str, Any] = field(default_factory=dict, hash=False)
    measured_ms: Mapping[str, float] = field(default_factory=dict, hash=False)
    """Measured browser-to-browser round trips to other people, where they are known."""
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    """Scene → question → answer."""
    conditions: Mapping[str, str] = field(default_factory=dict, hash=False)


Group = tuple[Candidate, ...]


class Matchmaker(Authored):
    """Subclass it, declare your settings as fields, and override `find_match` and, if you like, the rest.

    Fields named `max_p2p_rtt_ms` and `max_server_rtt_ms` are limits: the first has every group probed, both relax.
    """

    kind: str = tag("custom")

    @property
    def needs_probe(self) -> bool:
        """Whether a group must pass a measured browser-to-browser probe before it is a match."""
        return self.p2p_limit_ms is not None

    @property
    def p2p_limit_ms(self) -> float | None:
        """Its field `max_p2p_rtt_ms`, if it has one."""
        return self._limit("max_p2p_rtt_ms")

    def _limit(self, name: str) -> float | None:
        value = getattr(self, name, None)
        return float(value) if isinstance(value, int | float) else None

    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | Mapping[str, Candidate] | None:
        """`size` people to play together, or None to wait on; as a dict agent → person it seats them, too.

        `waiting` holds everyone else, oldest first; `arriving` is considered now and need not be in the group.
        """
        raise NotImplementedError

    def rank_candidates(self, arriving: Candidate, waiting: Sequence[Candidate], now: float) -> Sequence[Candidate]:
        """The order in which the others are tried: oldest first."""
        return sorted(waiting, key=_age)

    def loosened(self, factor: float) -> Self:
        """The same matchmaker with its limits multiplied by `factor`."""
        limits = {name: self._limit(name) for name in ("max_server_rtt_ms", "max_p2p_rtt_ms")}
        return self.model_copy(update={name: min(ms * factor, 10_000) for name, ms in limits.items() if ms is not None})

    def accepts_probe(self, rtts_ms: Iterable[float | None]) -> bool:
        """Whether the measured round trips of all pairs of a group are good enough; None stands for no measurement."""
        limit = self.p2p_limit_ms
        return limit is None or all(rtt is not None and rtt <= limit for rtt in rtts_ms)

    def next_change_at(self, candidate: Candidate) -> float | None:
        """A time at which the answer may change for this candidate though nobody came or went."""
        return None


def _age(candidate: Candidate) -> tuple[float, str]:
    return candidate.since_s, candidate.participant


def compatible(group: Iterable[Candidate]) -> bool:
    """Whether nobody in the group is blocked for another."""
    return all(b.participant not in a.blocked and a.participant not in b.blocked for a, b in combinations(group, 2))


def first_group(
    arriving: Candidate, ranked: Sequence[Candidate], size: int, allowed: Any = lambda group: True
) -> Group | None:
    """The first group around `arriving`, in the ranked order, in which all pairs are compatible and `allowed`."""
    return _grow((arriving,), ranked, size, allowed, [_MAX_STEPS])


_MAX_STEPS = 20_000
"""Bound of the search in one call: with sizes of up to 8 a full search could take for ever."""


def _grow(group: Group, ranked: Sequence[Candidate], size: int, allowed: Any, budget: list[int]) -> Group | None:
    if len(group) == size:
        return group
    for index, candidate in enumerate(ranked):
        budget[0] -= 1
        if budget[0] < 0:
            return None
        larger = (*group, candidate)
        if not _fits(candidate, group, allowed):
            continue
        found = _grow(larger, ranked[index + 1 :], size, allowed, budget)
        if found:
            return found
    return None


def _fits(candidate: Candidate, group: Group, allowed: Any) -> bool:
    return all(compatible((member, candidate)) and allowed((member, candidate)) for member in group)


class Fifo(Matchmaker):
    """Oldest first."""

    kind: Literal["fifo"] = tag("fifo")

    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | None:
        everyone = sorted((*waiting, arriving), key=_age)
        for index, oldest in enumerate(everyone):
            group = first_group(oldest, everyone[index + 1 :], size)
            if group:
                return group
        return None


class LatencyMatchmaker(Matchmaker):
    """Only people whose connections are fast enough: estimated from their round trips to the host, then measured."""

    kind: Literal["latency"] = tag("latency")
    max_server_rtt_ms: Annotated[float, Field(gt=0, le=10_000)] | None = option(
        None,
        title="Largest sum of server round trips",
        description="Two people are only tried if their round trips to the host add up to at most this. "
        "Someone without a measurement passes, and that is recorded.",
        unit="ms",
    )
    max_p2p_rtt_ms: Annotated[float, Field(gt=0, le=10_000)] | None = option(
        None,
        title="Largest measured round trip",
        description="Every pair of a group is probed browser to browser and needs at most this. Empty: no probe.",
        unit="ms",
    )
    prefer: Literal["first", "best"] = option(
        "first",
        title="Preference",
        description="The longest-waiting people who fit, or the best pairs over everyone waiting.",
    )
    batch_window_s: float = option(
        3,
        title="Batch window",
        description="Where the best pairs are preferred: people are collected for so long before they are paired.",
        in_code='With prefer="best".',
        unit="s",
        ge=0,
        le=600,
        advanced=True,
    )

    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | None:
        everyone = sorted((*waiting, arriving), key=_age)
        if self.prefer == "first":
            return self._first(everyone, size, now)
        if now - everyone[0].since_s < self.batch_window_s:
            return None
        return self._best(everyone, size, now)

    def _first(self, everyone: Sequence[Candidate], size: int, now: float) -> Group | None:
        for index, oldest in enumerate(everyone):
            ranked = self.rank_candidates(oldest, everyone[index + 1 :], now)
            group = first_group(oldest, ranked, size, self._near)
            if group:
                return group
        return None

    def _best(self, everyone: Sequence[Candidate], size: int, now: float) -> Group | None:
        if size == 2:
            pairs = best_pairs(everyone, self._near)
            return min(pairs, key=lambda pair: min(map(_age, pair)), default=None)
        for oldest in everyone:
            others = sorted((c for c in everyone if c is not oldest), key=lambda c: (_latency((oldest, c)), _age(c)))
            group = first_group(oldest, others, size, self._near)
            if group:
                return group
        return None

    def rank_candidates(self, arriving: Candidate, waiting: Sequence[Candidate], now: float) -> Sequence[Candidate]:
        if self.prefer == "best":
            return sorted(waiting, key=lambda candidate: (_latency((arriving, candidate)), _age(candidate)))
        return sorted(waiting, key=_age)

    def _near(self, pair: Group) -> bool:
        if self.max_server_rtt_ms is None or any(candidate.rtt_ms is None for candidate in pair):
            return True
        return _server_sum(pair) <= self.max_server_rtt_ms

    def next_change_at(self, candidate: Candidate) -> float | None:
        return candidate.since_s + self.batch_window_s if self.prefer == "best" else None


def _latency(pair: Group) -> float:
    """Round trip between two people, in ms: measured if it was, else the sum of the known ones to the host."""
    a, b = pair
    measured = a.measured_ms.get(b.participant, b.measured_ms.get(a.participant))
    return measured if measured is not None else _server_sum(pair)


def _server_sum(pair: Group) -> float:
    return sum(candidate.rtt_ms or 0.0 for candidate in pair)


def best_pairs(everyone: Sequence[Candidate], near: Any) -> list[tuple[Candidate, Candidate]]:
    """As many pairs as possible, and among those the ones with the smallest sum of squared latencies.

    Squares, because estimated latencies are sums over the two people: without them any way to pair would cost the same.
    """
    import networkx  # heavy: loaded by those who ask for it

    graph: Any = networkx.Graph()
    for a, b in combinations(everyone, 2):
        if compatible((a, b)) and near((a, b)):
            graph.add_edge(a.participant, b.participant, weight=_latency((a, b)) ** 2)
    by_id = {candidate.participant: candidate for candidate in everyone}
    pairs = networkx.min_weight_matching(graph)
    return [(by_id[a], by_id[b]) for a, b in (sorted(pair, key=lambda p: _age(by_id[p])) for pair in pairs)]


class GroupReunion(Matchmaker):
    """Former partners meet again, also those of an earlier session; after a limit the fallback decides (recorded)."""

    kind: Literal["group_reunion"] = tag("group_reunion")
    fallback: AnyMatchmaker | None = option(
        Fifo(),
        title="Fallback",
        description="The matchmaker used after the limit. Empty: only former partners, until the waitroom's time "
        "limit.",
    )
    wait_s: float = option(
        60, title="Wait for partners", description="Former partners are waited for so long.", unit="s", ge=0, le=86_400
    )

    @property
    def needs_probe(self) -> bool:
        return self.fallback is not None and self.fallback.needs_probe

    def find_match(
        self, arriving: Candidate, waiting: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | Mapping[str, Candidate] | None:
        everyone = sorted((*waiting, arriving), key=_age)
        for candidate in everyone:
            group = self._reunited(candidate, everyone, size)
            if group:
                return group
        return self._fallback(everyone, size, now)

    def _reunited(self, candidate: Candidate, everyone: Sequence[Candidate], size: int) -> Group | None:
        wanted = {candidate.participant, *candidate.former_partners}
        group = tuple(other for other in everyone if other.participant in wanted)
        mutual = all(wanted == {other.participant, *other.former_partners} for other in group)
        return group if len(group) == len(wanted) == size and mutual else None

    def _fallback(
        self, everyone: Sequence[Candidate], size: int, now: float
    ) -> Sequence[Candidate] | Mapping[str, Candidate] | None:
        free = [c for c in everyone if not c.former_partners or now - c.since_s >= self.wait_s]
        if self.fallback is None or len(free) < size:
            return None
        return self.fallback.find_match(free[0], free[1:], size, now)

    def rank_candidates(self, arriving: Candidate, waiting: Sequence[Candidate], now: float) -> Sequence[Candidate]:
        return sorted(waiting, key=lambda c: (c.participant not in arriving.former_partners, _age(c)))

    def loosened(self, factor: float) -> Self:
        fallback = self.fallback.loosened(factor) if self.fallback else None
        return self.model_copy(update={"fallback": fallback})

    def accepts_probe(self, rtts_ms: Iterable[float | None]) -> bool:
        return self.fallback is None or self.fallback.accepts_probe(rtts_ms)

    def next_change_at(self, candidate: Candidate) -> float | None:
        return candidate.since_s + self.wait_s if candidate.former_partners else None


class CustomMatchmaker(Matchmaker):
    """Stands for a researcher's own subclass where their code is not loaded; asking it means asking their process."""

    kind: Literal["custom"] = tag("custom")
    name: str = option("", title="Class", description="Name of the subclass.")
    settings: dict[str, Any] = option({}, title="Settings", description="Its fields.")
    probes: bool = option(False, title="Probes", description="Whether its groups must pass a measured probe.")

    @property
    def needs_probe(self) -> bool:
        return self.probes or super().needs_probe

    def _limit(self, name: str) -> float | None:
        value = self.settings.get(name)
        return float(value) if isinstance(value, int | float) else None

    def loosened(self, factor: float) -> Self:
        """Its own code loosens it, where it is asked."""
        return self


_BUILT_IN: dict[str, type[Matchmaker]] = {"fifo": Fifo, "latency": LatencyMatchmaker, "group_reunion": GroupReunion}


def is_custom(matchmaker: Matchmaker) -> bool:
    """Whether its decisions need a researcher's code, which runs in the researcher process only."""
    if isinstance(matchmaker, GroupReunion) and matchmaker.fallback is not None:
        return type(matchmaker) is not GroupReunion or is_custom(matchmaker.fallback)
    return type(matchmaker) not in _BUILT_IN.values()


def _as_matchmaker(value: Any) -> Any:
    if isinstance(value, type) and issubclass(value, Matchmaker):
        value = value()
    if isinstance(value, Matchmaker):
        return value
    if isinstance(value, Mapping):
        return _BUILT_IN.get(str(value.get("kind")), CustomMatchmaker)(**value)
    raise ExperimentError(
        Told("{value} is not a matchmaker.", value=shown(value)),
        value=shown(value),
        allowed="Fifo(), LatencyMatchmaker(…), GroupReunion(…) or your own subclass of Matchmaker",
    )


def _as_stored(matchmaker: Matchmaker) -> dict[str, Any]:
    if not is_custom(matchmaker) or isinstance(matchmaker, CustomMatchmaker):
        return matchmaker.model_dump(mode="json")
    return {
        "kind": "custom",
        "name": type(matchmaker).__qualname__,
        "settings": matchmaker.model_dump(mode="json", exclude={"kind"}),
        "probes": bool(matchmaker.needs_probe),
    }


AnyMatchmaker = Annotated[
    Matchmaker, BeforeValidator(_as_matchmaker), PlainSerializer(_as_stored, return_type=dict[str, Any])
]
GroupReunion.model_rebuild()

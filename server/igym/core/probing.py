"""Measured latency between browsers: every pair of a possible group, with a limit on every step."""

from dataclasses import dataclass, field
from itertools import combinations
from statistics import median
from typing import Any

from igym.core import matching, plans, waiting
from igym.core.limits import MATCHMAKER_LIMIT_S, PROBE_RESULT_S
from igym.core.participant import Participant
from igym.core.state import Question, Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.matchmakers import LatencyMatchmaker, is_custom
from igym.experiment.options.lobby import MatchmakingOptions
from igym.protocol.client import Probe as ProbeReport
from igym.protocol.client import Signal
from igym.protocol.server import Ice, ProbeStart, SignalIn

Pair = frozenset[str]


@dataclass(slots=True)
class PairProbe:
    """Two browsers measuring each other. ``initiator`` is player 0 of its signaling, the other player 1."""

    id: str
    initiator: str
    other: str
    reports: dict[str, ProbeReport] = field(default_factory=dict)

    @property
    def pair(self) -> Pair:
        return frozenset((self.initiator, self.other))

    @property
    def is_done(self) -> bool:
        return len(self.reports) == 2 or any(report.state == "failed" for report in self.reports.values())

    @property
    def rtt_ms(self) -> float | None:
        """Median over both ends' pings; None without a report from both."""
        if len(self.reports) < 2 or any(report.state == "failed" for report in self.reports.values()):
            return None
        pings = [ping for report in self.reports.values() for ping in report.rtt_ms]
        return median(pings) if pings else None


@dataclass(slots=True)
class Probe:
    """A group being measured before it may become a match. ``known`` holds what was measured not long ago."""

    id: str
    room: str
    members: list[str]
    relaxed: int
    known: dict[Pair, float]
    pairs: dict[str, PairProbe]
    measured: dict[Pair, float | None] = field(default_factory=dict)
    """All results, while a researcher's own matchmaker is asked for its verdict."""


class ProbeMemory:
    """What was measured between pairs, until it expires. A failed pair is remembered as None."""

    def __init__(self) -> None:
        self._results: dict[Pair, tuple[float | None, float]] = {}
        self._refused: dict[Pair, tuple[float, float]] = {}

    def remember(self, pair: Pair, rtt_ms: float | None, until: float) -> None:
        self._results[pair] = (rtt_ms, until)

    def refuse(self, pair: Pair, factor: float, until: float) -> None:
        """A custom matchmaker said no to this pair's measurement, with its limits loosened by `factor`."""
        self._refused[pair] = (factor, until)

    def refused_up_to(self, pair: Pair, now: float) -> float:
        """The loosest factor with which the pair was refused; 0 when it was not."""
        factor, until = self._refused.get(pair, (0.0, 0.0))
        return factor if until > now else 0.0

    def measured(self, pair: Pair, now: float) -> tuple[bool, float | None]:
        """(whether something is remembered, round trip in ms or None for a failure)."""
        rtt_ms, until = self._results.get(pair, (None, 0.0))
        return until > now, rtt_ms

    def of(self, participant: str, now: float) -> dict[str, float | None]:
        """Everything remembered about one person: the other person → round trip in ms, or None."""
        return {
            next(iter(pair - {participant})): rtt
            for pair, (rtt, until) in self._results.items()
            if participant in pair and until > now
        }

    def next_expiry(self, participant: str, now: float) -> float | None:
        ends = (until for pair, (_, until) in self._results.items() if participant in pair and until > now)
        return min(ends, default=None)

    def forget_expired(self, now: float) -> None:
        self._results = {pair: kept for pair, kept in self._results.items() if kept[1] > now}
        self._refused = {pair: kept for pair, kept in self._refused.items() if kept[1] > now}


def start(turn: Turn, room: Waitroom, members: list[str], relaxed: int) -> None:
    """Measure all pairs that are not known yet; with all known the group is judged at once."""
    options = waiting.scene_of(turn.state, room).matchmaking_options
    probe = Probe(f"pr{turn.state.number('probe')}", room.key, members, relaxed, {}, {})
    for a, b in combinations(members, 2):
        known, rtt_ms = turn.state.probe_memory.measured(frozenset((a, b)), turn.now)
        if known and rtt_ms is not None:
            probe.known[frozenset((a, b))] = rtt_ms
        else:
            identifier = f"{probe.id}-{len(probe.pairs)}"
            probe.pairs[identifier] = PairProbe(identifier, a, b)
    turn.state.probes[probe.id] = probe
    for member in members:
        room.tickets[member].probe = probe.id
    limit_s = options.probe_connect_limit_s + PROBE_RESULT_S
    turn.state.deadlines.set("probe", probe.id, turn.now + limit_s)
    _invite(turn, probe, options.probe_pings, options.probe_connect_limit_s * 1000)
    _judge(turn, probe)


def _invite(turn: Turn, probe: Probe, pings: int, connect_ms: float) -> None:
    ice = Ice.model_validate(turn.state.ice) if turn.state.ice else Ice()
    for pair in probe.pairs.values():
        for me, peer in ((pair.initiator, pair.other), (pair.other, pair.initiator)):
            offers = me == pair.initiator
            message = ProbeStart(
                probe=pair.id, peer=peer, initiator=offers, pings=pings, connect_ms=connect_ms, ice=ice
            )
            turn.send(turn.state.participants[me], message)


def of_pair(turn: Turn, pair_id: str) -> tuple[Probe, PairProbe] | None:
    probe = turn.state.probes.get(pair_id.rpartition("-")[0])
    pair = probe.pairs.get(pair_id) if probe else None
    return (probe, pair) if probe and pair else None


def on_report(turn: Turn, person: Participant, message: ProbeReport) -> None:
    """A browser's result. Only the two people of the pair may report, each once."""
    found = of_pair(turn, message.probe)
    if found is None or person.id not in found[1].pair or frozenset((person.id, message.peer)) != found[1].pair:
        turn.refuse(person, message.name, "not_yours", "This probe is not yours, or it is over.")
        return
    probe, pair = found
    pair.reports.setdefault(person.id, message)
    turn.record("probe", person, probe=pair.id, peer=message.peer, state=message.state, rtt_ms=list(message.rtt_ms))
    _judge(turn, probe)


def forward(turn: Turn, person: Participant, message: Signal) -> bool:
    """Pass signaling of a probe on to its other end. False when there is no such probe of this person."""
    found = of_pair(turn, message.match)
    if found is None or person.id not in found[1].pair:
        return False
    pair = found[1]
    ends = (pair.initiator, pair.other)
    if message.to > 1 or ends[message.to] == person.id:
        return False
    forwarded = SignalIn(match=pair.id, from_player=ends.index(person.id), data=dict(message.data))
    turn.send(turn.state.participants[ends[message.to]], forwarded)
    return True


def on_limit(turn: Turn, subject: str) -> None:
    """The rule ``probe``: whoever has not reported by now failed."""
    _conclude(turn, turn.state.probes[subject], silent_failed=True)


def _judge(turn: Turn, probe: Probe) -> None:
    if probe.measured:
        return
    failed = any(pair.is_done and pair.rtt_ms is None for pair in probe.pairs.values())
    if failed or all(pair.is_done for pair in probe.pairs.values()):
        _conclude(turn, probe)


def _conclude(turn: Turn, probe: Probe, *, silent_failed: bool = False) -> None:
    """Remember every measurement, then judge it.

    A pair still measuring when another fails is not blamed; one that is silent at the time limit is.
    """
    options = _options(turn, probe)
    until = turn.now + options.rejected_pair_expiry_s
    results: dict[Pair, float | None] = dict(probe.known)
    for pair in probe.pairs.values():
        results[pair.pair] = pair.rtt_ms
        if pair.is_done or silent_failed:
            turn.state.probe_memory.remember(pair.pair, pair.rtt_ms, until)
    matchmaker = options.matchmaker.loosened(options.relax_factor**probe.relaxed)
    if not is_custom(matchmaker):
        pairs = [matchmaker.accepts_probe([rtt]) for rtt in results.values()]
        _decide(turn, probe, results, matchmaker.accepts_probe(list(results.values())), pairs)
    elif None in results.values():
        _decide(turn, probe, results, False, [rtt is not None for rtt in results.values()])
    else:
        _ask_verdict(turn, probe, results)


def _options(turn: Turn, probe: Probe) -> MatchmakingOptions:
    return waiting.scene_of(turn.state, turn.state.waitrooms[probe.room]).matchmaking_options


def _ask_verdict(turn: Turn, probe: Probe, results: dict[Pair, float | None]) -> None:
    """A researcher's own matchmaker judges in its own process; until then the group stays together.

    Without an answer its setting `max_p2p_rtt_ms` decides, if it has one; else the group is accepted.
    """
    options = _options(turn, probe)
    factor, rtts = options.relax_factor**probe.relaxed, list(results.values())
    limit = LatencyMatchmaker(max_p2p_rtt_ms=options.matchmaker.p2p_limit_ms).loosened(factor)
    fallback = {"group": limit.accepts_probe(rtts), "pairs": [limit.accepts_probe([rtt]) for rtt in rtts]}
    probe.measured = results
    scene = waiting.scene_of(turn.state, turn.state.waitrooms[probe.room])
    turn.ask(
        "probe_verdict", plans.function_path(scene, "matchmaker"), {"rtts_ms": rtts, "factor": factor},
        then="probe_verdict", subject=probe.id, limit_s=MATCHMAKER_LIMIT_S, fallback=fallback,
    )  # fmt: skip
    turn.state.deadlines.set("probe", probe.id, turn.now + 2 * MATCHMAKER_LIMIT_S)


def on_verdict(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``probe_verdict``: `{group, pairs}` of a group that may have been given up meanwhile."""
    probe = turn.state.probes.get(question.subject)
    if probe is not None:
        _decide(turn, probe, probe.measured, value["group"], value["pairs"])


def _decide(turn: Turn, probe: Probe, results: dict[Pair, float | None], accepted: bool, pairs: list[bool]) -> None:
    """Form the match, or free everybody for another try and remember whom not to put together again."""
    room, options = turn.state.waitrooms[probe.room], _options(turn, probe)
    _close(turn, room, probe)
    measured = {" ".join(sorted(pair)): rtt for pair, rtt in results.items()}
    if accepted:
        matching.matched(turn, room, probe.members, {"probe_rtts_ms": measured, "relaxed": probe.relaxed})
        return
    _remember_refusal(turn, options, probe, results, pairs)
    matching.log(turn, room, "probe_rejected", group=probe.members, probe_rtts_ms=measured, relaxed=probe.relaxed)
    matching.wake(turn, room)
    waiting.tell(turn, room)


def _remember_refusal(
    turn: Turn, options: MatchmakingOptions, probe: Probe, results: dict[Pair, float | None], pairs: list[bool]
) -> None:
    """Pairs that are refused alone; when each would do and only the group does not, all of them."""
    until = turn.now + options.rejected_pair_expiry_s
    memory, custom = turn.state.probe_memory, is_custom(options.matchmaker)
    for pair, fits in zip(results, pairs, strict=True):
        if custom and (not fits or all(pairs)):
            memory.refuse(pair, options.relax_factor**probe.relaxed, until)
        elif all(pairs):
            memory.remember(pair, None, until)


def withdraw(turn: Turn, room: Waitroom, ticket: Ticket, reason: str) -> None:
    """Someone left during a probe: the others are free again, and nothing is held against the pair."""
    if ticket.probe is None:
        return
    probe = turn.state.probes[ticket.probe]
    ticket.probe = None
    _close(turn, room, probe)
    matching.log(turn, room, "probe_cancelled", group=probe.members, who=ticket.participant, why=reason)


def _close(turn: Turn, room: Waitroom, probe: Probe) -> None:
    del turn.state.probes[probe.id]
    turn.state.deadlines.cancel("probe", probe.id)
    for member in probe.members:
        ticket = room.tickets.get(member)
        if ticket is not None:
            ticket.probe = None

"""Measuring latency between browsers: every pair of a possible group, with a limit on every step."""

from itertools import combinations
from typing import Any

from igym.core import decisions, plans, waiting
from igym.core.limits import ANSWER_LOST_S, MATCHMAKER_LIMIT_S, PROBE_RESULT_S
from igym.core.participant import Participant
from igym.core.probe import Pair, PairProbe, Probe
from igym.core.state import Question
from igym.core.turn import Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.matchmakers import LatencyMatchmaker, is_custom
from igym.experiment.options.lobby import MatchmakingOptions
from igym.protocol.client import Probe as ProbeReport
from igym.protocol.client import Signal
from igym.protocol.server import Ice, ProbeStart, SignalIn


def start(turn: Turn, room: Waitroom, members: list[str], relaxed: int) -> None:
    """Measure all pairs that are not known yet; with all known the group is judged at once."""
    options = waiting.matching_options(turn.state, room)
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
    return waiting.matching_options(turn.state, turn.state.waitrooms[probe.room])


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
    # The question has a limit of its own; this one is only there in case its answer is lost.
    turn.state.deadlines.set("probe", probe.id, turn.now + MATCHMAKER_LIMIT_S + 2 * ANSWER_LOST_S)


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
        decisions.matched(turn, room, probe.members, {"probe_rtts_ms": measured, "relaxed": probe.relaxed})
        return
    _remember_refusal(turn, options, probe, results, pairs)
    decisions.log(turn, room, "probe_rejected", group=probe.members, probe_rtts_ms=measured, relaxed=probe.relaxed)
    waiting.wake(turn, room)
    waiting.show_everybody(turn, room)


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
    probe = turn.state.probes.get(ticket.probe) if ticket.probe else None
    ticket.probe = None
    if probe is None:
        return
    _close(turn, room, probe)
    decisions.log(turn, room, "probe_cancelled", group=probe.members, who=ticket.participant, why=reason)


def _close(turn: Turn, room: Waitroom, probe: Probe) -> None:
    del turn.state.probes[probe.id]
    turn.state.deadlines.cancel("probe", probe.id)
    for member in probe.members:
        ticket = room.tickets.get(member)
        if ticket is not None:
            ticket.probe = None

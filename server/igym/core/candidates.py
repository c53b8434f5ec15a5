"""Who in a waitroom can be matched now, what a matchmaker is told of them, and who must not meet whom."""

from typing import Any

from igym.core import waiting, wanted_seats
from igym.core.participant import Participant
from igym.core.state import State
from igym.core.turn import Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.matchmakers import Candidate, LatencyMatchmaker, Matchmaker, is_custom
from igym.protocol.told import Told


def free(turn: Turn, room: Waitroom) -> list[Ticket]:
    """People who can be matched now, oldest first: there, loaded, in no probe."""
    return [ticket for ticket in room.in_order() if why_not_free(turn.state, ticket) is None]


def why_not_free(state: State, ticket: Ticket) -> str | None:
    person = state.participants[ticket.participant]
    if ticket.absent_since is not None or not person.is_here:
        return "away"
    if not person.loaded and not _needs_no_loading(state, person):
        return Told("still loading")
    if waiting.is_acted(state, ticket.participant):
        return Told("in an acted wait")
    return Told("being probed") if ticket.probe else None


def _needs_no_loading(state: State, person: Participant) -> bool:
    """A game on the host needs nothing in the browser but its page."""
    room = waiting.room_of(state, person)
    return room is not None and waiting.scene_of(state, room).runtime_options.where == "host"


def candidate(turn: Turn, room: Waitroom, ticket: Ticket, matchmaker: Matchmaker, factor: float = 1.0) -> Candidate:
    person = turn.state.participants[ticket.participant]
    return Candidate(
        participant=person.id,
        since_s=ticket.since,
        rtt_ms=person.rtt_ms,
        former_partners=_former_partners(turn.state, person),
        blocked=frozenset(blocked(turn, room, person, matchmaker, factor)),
        globals=dict(person.globals),
        attributes=dict(person.attributes),
        answers={scene: dict(values) for scene, values in person.answers.items()},
        conditions=dict(person.conditions),
        measured_ms={
            other: rtt for other, rtt in turn.state.probe_memory.of(person.id, turn.now).items() if rtt is not None
        },
    )


def _former_partners(state: State, person: Participant) -> tuple[str, ...]:
    """The others of the person's last group; of an earlier session, whoever is not here yet stands with the label."""
    if last := state.groups.last(person.id):
        return tuple(member for member in last.members if member != person.id)
    labels = state.groups.last_earlier(person.label)
    return tuple(state.called(label) or label for label in labels)


def met_earlier(state: State, members: list[str]) -> bool:
    """Whether exactly these people were each other's last group before this session."""
    people = [state.participants[member] for member in members]
    return all(set(_former_partners(state, person)) == {*members} - {person.id} for person in people)


def blocked(
    turn: Turn, room: Waitroom, person: Participant, matchmaker: Matchmaker, factor: float = 1.0
) -> dict[str, str]:
    """The other person → why these two are not put together now. `factor` says how far a custom one is loosened."""
    state = turn.state
    memory, custom = state.probe_memory, is_custom(matchmaker)

    def fits(other: str, rtt_ms: float) -> bool:
        if custom:
            return factor > memory.refused_up_to(frozenset((person.id, other)), turn.now)
        return matchmaker.accepts_probe([rtt_ms])

    reasons: dict[str, str] = {
        other: Told("their connection failed")
        if rtt is None
        else Told("their probe took {milliseconds} ms", milliseconds=f"{rtt:.0f}")
        for other, rtt in memory.of(person.id, turn.now).items()
        if rtt is None or not fits(other, rtt)
    }
    if (seat := wanted_seats.of(state, room, person)) is not None:
        others = (state.participants[other] for other in room.tickets if other != person.id)
        same_seat = (other.id for other in others if wanted_seats.of(state, room, other) == seat)
        reasons |= dict.fromkeys(same_seat, Told("both are to play {agent}", agent=seat))
    if waiting.matching_options(state, room).forbid_repeat_partners:
        reasons |= dict.fromkeys(state.groups.partners(person.id), Told("they played together before"))
        earlier = state.groups.earlier_partners(person.label)
        same = (other for other in room.tickets if state.participants[other].label in earlier)
        reasons |= dict.fromkeys(same, Told("they played together in an earlier session"))
    return reasons


def as_json(one: Candidate) -> dict[str, Any]:
    return {
        "participant": one.participant,
        "since_s": one.since_s,
        "rtt_ms": one.rtt_ms,
        "former_partners": list(one.former_partners),
        "blocked": sorted(one.blocked),
        "globals": dict(one.globals),
        "attributes": dict(one.attributes),
        "answers": {scene: dict(values) for scene, values in one.answers.items()},
        "conditions": dict(one.conditions),
        "measured_ms": dict(one.measured_ms),
    }


def too_far(turn: Turn, person: Participant, other: str, matchmaker: Matchmaker) -> str | None:
    partner = turn.state.participants[other]
    limit = matchmaker.max_server_rtt_ms if isinstance(matchmaker, LatencyMatchmaker) else None
    if limit is None or person.rtt_ms is None or partner.rtt_ms is None:
        return None
    total = person.rtt_ms + partner.rtt_ms
    return (
        Told(
            "round trips add up to {sum} ms with {other}, the limit is {limit} ms",
            sum=f"{total:.0f}",
            other=other,
            limit=f"{limit:.0f}",
        )
        if total > limit
        else None
    )

"""What matchmaking decided: written down with its grounds, and told."""

from itertools import combinations
from typing import Any

from igym.core import candidates, waiting, wanted_seats
from igym.core.happenings import GroupFound
from igym.core.turn import Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.matchmakers import GroupReunion, Matchmaker
from igym.protocol.told import Told


def matched(turn: Turn, room: Waitroom, members: list[str], why: dict[str, Any]) -> None:
    """These people play together: written down with everyone it concerned."""
    wanted_former = isinstance(waiting.matching_options(turn.state, room).matchmaker, GroupReunion)
    former = turn.state.groups.same_members(tuple(members))
    if former is not None:
        why = why | {"reunion_of": former.id}
    elif candidates.met_earlier(turn.state, members):
        why = why | {"reunion_of": "an earlier session"}
    elif wanted_former:
        why = why | {"fallback": True}
    number = turn.state.number("match")
    log(turn, room, "matched", match=f"m{number:03d}", group=members, **why)
    take_out(turn, room, members, number)


def take_out(turn: Turn, room: Waitroom, members: list[str], number: int, *, fill_with_bots: bool = False) -> None:
    """Their tickets end at once, so that nobody is found twice; the match is formed when this is taken."""
    people = []
    seats = {}
    for member in members:
        person = turn.state.participants[member]
        if (seat := wanted_seats.of(turn.state, room, person)) is not None:
            seats[member] = seat
        ticket = waiting.leave(turn, person, room, "matched")
        assert ticket is not None
        people.append((person, ticket.since))
    turn.tell(GroupFound(number, room, tuple(people), fill_with_bots, seats))


def log(turn: Turn, room: Waitroom, decision: str, **body: Any) -> None:
    """One line of the match log: what was decided, on what grounds, among whom."""
    options = waiting.matching_options(turn.state, room)
    group = body.get("group", [])
    everyone = {ticket.participant: ticket for ticket in (*room.in_order(), *room.absent.values())}
    turn.record(
        "match_log",
        match=body.pop("match", None),
        scene=room.scene_id,
        decision=decision,
        room=room.key,
        matchmaker=options.model_dump(mode="json"),
        waiting=[_person_line(turn, ticket) for ticket in everyone.values()],
        passed_over={who: _why_not(turn, room, ticket, group) for who, ticket in everyone.items() if who not in group},
        **body,
    )


def _person_line(turn: Turn, ticket: Ticket) -> dict[str, Any]:
    person = turn.state.participants[ticket.participant]
    return {
        "participant": person.id,
        "since": ticket.since,
        "waited_s": turn.now - ticket.since,
        "rtt_ms": person.rtt_ms,
        "relaxed": ticket.relaxed,
    }


def _why_not(turn: Turn, room: Waitroom, ticket: Ticket, group: list[str]) -> str:
    """Why this person is not in the group."""
    unfit = candidates.why_not_free(turn.state, ticket)
    if unfit:
        return unfit
    person = turn.state.participants[ticket.participant]
    options = waiting.matching_options(turn.state, room)
    factor = options.relax_factor**ticket.relaxed
    matchmaker = options.matchmaker.loosened(factor)
    blocked = candidates.blocked(turn, room, person, matchmaker, factor)
    reasons = [f"{blocked[member]} ({member})" for member in group if member in blocked]
    reasons += [why for member in group if (why := candidates.too_far(turn, person, member, matchmaker))]
    if reasons:
        return "; ".join(reasons)
    return Told("others had waited longer or fitted better") if group else Told("no fitting group")


def log_waiting(turn: Turn, room: Waitroom, free: list[Ticket], matchmaker: Matchmaker) -> None:
    """People wait although there are several: say why, once for each situation."""
    situation = tuple(f"{ticket.participant}{ticket.relaxed}" for ticket in free)
    if situation == room.last_log:
        return
    room.last_log = situation
    reasons: dict[str, str] = {}
    for a, b in combinations(free, 2):
        first = turn.state.participants[a.participant]
        blocked = candidates.blocked(turn, room, first, matchmaker).get(b.participant)
        why = blocked or candidates.too_far(turn, first, b.participant, matchmaker)
        if why:
            reasons[f"{a.participant} {b.participant}"] = why
    log(turn, room, "waiting", pairs=reasons)

"""Finding people who play together."""

from collections.abc import Mapping
from typing import Any

from igym.core import candidates, decisions, plans, probing, waiting, wanted_seats
from igym.core.limits import MATCHING_EVERY_S, MATCHMAKER_LIMIT_S
from igym.core.state import Question
from igym.core.turn import Turn
from igym.core.waitroom import Waitroom
from igym.experiment.matchmakers import Matchmaker, is_custom
from igym.protocol.told import Told


def on_relax(turn: Turn, subject: str) -> None:
    """The rule ``relax``: one more step for this person, written down."""
    person = turn.state.participants[subject]
    room = waiting.room_of(turn.state, person)
    ticket = room.tickets.get(subject) or room.absent.get(subject) if room else None
    if room is None or ticket is None:
        return
    options = waiting.matching_options(turn.state, room)
    assert options.relax_after_s is not None
    since = ticket.since + ticket.down_s
    ticket.relaxed = int((turn.now - since) / options.relax_after_s + 1e-9)
    turn.state.deadlines.set("relax", subject, since + (ticket.relaxed + 1) * options.relax_after_s)
    decisions.log(
        turn, room, "relaxed", who=subject, relaxed=ticket.relaxed, factor=options.relax_factor**ticket.relaxed
    )
    waiting.wake(turn, room)


def on_matching(turn: Turn, subject: str) -> None:
    """The rule ``matching``: form every match that can be formed now, then plan the next look."""
    room = turn.state.waitrooms[subject]
    matchmaker = waiting.matching_options(turn.state, room).matchmaker
    # Nothing is decided by it, as what has expired is not looked at: the memory would only grow without it.
    turn.state.probe_memory.forget_expired(turn.now)
    if is_custom(matchmaker):
        _ask_custom(turn, room)
    else:
        while _match_one(turn, room, matchmaker):
            pass
    _look_again(turn, room, matchmaker)


def _match_one(turn: Turn, room: Waitroom, matchmaker: Matchmaker) -> bool:
    """Try with the strict limits first, then among those whose limits are looser."""
    size = waiting.scene_of(turn.state, room).players
    options = waiting.matching_options(turn.state, room)
    free = candidates.free(turn, room)
    for relaxed in sorted({0, *(ticket.relaxed for ticket in free)}):
        among = [ticket for ticket in free if ticket.relaxed >= relaxed]
        loosened = matchmaker.loosened(options.relax_factor**relaxed)
        people = [candidates.candidate(turn, room, ticket, loosened) for ticket in among]
        if len(people) < size:
            break
        group = loosened.find_match(people[-1], people[:-1], size, turn.now)
        if group and not isinstance(group, Mapping):
            _found(turn, room, [member.participant for member in group], loosened, relaxed)
            return True
    if len(free) >= 2:
        decisions.log_waiting(turn, room, free, matchmaker)
    return False


def _found(turn: Turn, room: Waitroom, members: list[str], matchmaker: Matchmaker, relaxed: int) -> None:
    if matchmaker.needs_probe and not _reunited(turn, members):
        probing.start(turn, room, members, relaxed)
        waiting.show_everybody(turn, room)
    else:
        decisions.matched(turn, room, members, {"relaxed": relaxed})


def _reunited(turn: Turn, members: list[str]) -> bool:
    """People who just played together need no new probe."""
    return turn.state.groups.same_members(tuple(members)) is not None


def _ask_custom(turn: Turn, room: Waitroom, relaxed: int = 0) -> None:
    """A researcher's own matchmaker runs in their process; one question at a time for each waitroom.

    Strict limits first; after a no, those whose limits are looser are asked about among themselves.
    """
    scene = waiting.scene_of(turn.state, room)
    free = [ticket for ticket in candidates.free(turn, room) if ticket.relaxed >= relaxed]
    if room.asked is not None:
        room.ask_again = True
        return
    if len(free) < scene.players:
        return
    options = waiting.matching_options(turn.state, room)
    factor = options.relax_factor**relaxed
    others = [candidates.candidate(turn, room, ticket, options.matchmaker, factor) for ticket in free]
    # The newest first, then one after the other: a function that looks only at who arrives comes to all.
    arriving = others.pop(-1 - room.turns % len(others))
    room.turns += 1
    context = {
        "arriving": candidates.as_json(arriving),
        "waiting": [candidates.as_json(candidate) for candidate in others],
        "size": scene.players,
        "now": turn.now,
        "factor": factor,
    }
    path = plans.function_path(scene, "matchmaker")
    room.asked = turn.ask(
        "matchmaker", path, context, then="matchmaker", subject=room.key, limit_s=MATCHMAKER_LIMIT_S,
        data={"relaxed": relaxed},
    )  # fmt: skip


def _ask_looser(turn: Turn, room: Waitroom, relaxed: int) -> bool:
    """Ask about those whose limits are looser than this. False when there are too few of them."""
    looser = sorted(ticket.relaxed for ticket in candidates.free(turn, room) if ticket.relaxed > relaxed)
    if len(looser) < waiting.scene_of(turn.state, room).players:
        return False
    _ask_custom(turn, room, looser[0])
    return True


def on_custom(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``matchmaker``: take the group if everyone in it is still free, or say what was wrong."""
    room = turn.state.waitrooms[question.subject]
    room.asked = None
    relaxed = int(question.data.get("relaxed", 0))
    if value is None:
        if not _ask_looser(turn, room, relaxed) and room.ask_again:
            room.ask_again = False
            waiting.wake(turn, room)
        return
    room.ask_again = False
    size = waiting.scene_of(turn.state, room).players
    seats: dict[str, str] = {}
    if isinstance(value, dict):
        seats = {str(who): str(agent) for agent, who in value.items()}
        value = list(value.values())
    free = {ticket.participant for ticket in candidates.free(turn, room)}
    if not isinstance(value, list) or len(value) != size or len(set(map(str, value))) != size:
        text = Told(
            "It must return {number} different participant ids or None; it returned {returned}.",
            number=size,
            returned=str(value)[:200],
        )
        turn.problem("error", Told("{function} returned no group", function=question.function), text)
    elif not free.issuperset(map(str, value)):
        # Somebody of the group left or was matched while the function thought.
        decisions.log(turn, room, "overtaken", group=[str(member) for member in value])
        waiting.wake(turn, room)
    else:
        _seat(turn, room, question.function, {str(who): seats.get(str(who)) for who in value})
        _found(
            turn,
            room,
            [str(member) for member in value],
            waiting.matching_options(turn.state, room).matchmaker,
            relaxed,
        )
        waiting.wake(turn, room)


def _seat(turn: Turn, room: Waitroom, function: str, seats: dict[str, str | None]) -> None:
    """The matchmaker's word on who plays whom; agents that nobody can play leave it to chance."""
    known = wanted_seats.agents(turn.state, room)
    for who, agent in seats.items():
        room.tickets[who].seat = agent if agent in known else None
        if agent is not None and agent not in known:
            text = Told(
                "It seats {participant} as “{agent}”, which no participant plays. Chance decided instead.",
                participant=who,
                agent=agent[:80],
            )
            turn.problem("error", Told("{function} names an unknown agent", function=function), text)


def _look_again(turn: Turn, room: Waitroom, matchmaker: Matchmaker) -> None:
    """Nobody may come or go, and the answer still change: with time, new pings, or a forgotten probe."""
    free = candidates.free(turn, room)
    times = [turn.now + MATCHING_EVERY_S] if len(free) >= waiting.scene_of(turn.state, room).players else []
    for ticket in free:
        at = matchmaker.next_change_at(candidates.candidate(turn, room, ticket, matchmaker))
        expiry = turn.state.probe_memory.next_expiry(ticket.participant, turn.now)
        times += [time for time in (at, expiry) if time is not None and time > turn.now]
    if times:
        turn.state.deadlines.set("matching", room.key, min(times))

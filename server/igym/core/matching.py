"""Finding people who play together, and writing down why these and not others."""

from itertools import combinations
from typing import Any

from igym.core import matches, plans, probing, scenes, waiting
from igym.core.limits import MATCHING_EVERY_S, MATCHMAKER_LIMIT_S
from igym.core.participant import Participant
from igym.core.state import Question, State, Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.matchmakers import (
    Candidate,
    GroupReunion,
    LatencyMatchmaker,
    Matchmaker,
    is_custom,
)
from igym.experiment.options.lobby import MatchmakingOptions
from igym.experiment.scenes import GymScene


def want_to_play(turn: Turn, person: Participant) -> None:
    """The page before play is done: alone at once, with others through the waitroom."""
    scene = scenes.current_gym(turn, person)
    assert scene is not None
    if scene.players <= 1:
        matches.form_solo(turn, person)
    else:
        waiting.enter(turn, person)


def wake(turn: Turn, room: Waitroom) -> None:
    """Look for matches as soon as the present event is handled."""
    turn.state.deadlines.set("matching", room.key, turn.now)


def arm(turn: Turn, room: Waitroom, person: Participant) -> None:
    """Look again when this person's limits loosen."""
    options = _options(turn.state, room)
    if options.relax_after_s is not None:
        at = room.tickets[person.id].since + options.relax_after_s
        turn.state.deadlines.set("relax", person.id, max(at, turn.now))


def on_relax(turn: Turn, subject: str) -> None:
    """The rule ``relax``: one more step for this person, written down."""
    person = turn.state.participants[subject]
    room = waiting.room_of(turn.state, person)
    ticket = room.tickets.get(subject) or room.absent.get(subject) if room else None
    if room is None or ticket is None:
        return
    options = _options(turn.state, room)
    assert options.relax_after_s is not None
    ticket.relaxed = int((turn.now - ticket.since) / options.relax_after_s + 1e-9)
    turn.state.deadlines.set("relax", subject, ticket.since + (ticket.relaxed + 1) * options.relax_after_s)
    log(turn, room, "relaxed", who=subject, relaxed=ticket.relaxed, factor=options.relax_factor**ticket.relaxed)
    wake(turn, room)


def _options(state: State, room: Waitroom) -> MatchmakingOptions:
    return waiting.scene_of(state, room).matchmaking_options


def on_matching(turn: Turn, subject: str) -> None:
    """The rule ``matching``: form every match that can be formed now, then plan the next look."""
    room = turn.state.waitrooms[subject]
    matchmaker = _options(turn.state, room).matchmaker
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
    options = _options(turn.state, room)
    free = _free(turn, room)
    for relaxed in sorted({0, *(ticket.relaxed for ticket in free)}):
        among = [ticket for ticket in free if ticket.relaxed >= relaxed]
        loosened = matchmaker.loosened(options.relax_factor**relaxed)
        candidates = [_candidate(turn, room, ticket, loosened) for ticket in among]
        if len(candidates) < size:
            break
        group = loosened.find_match(candidates[-1], candidates[:-1], size, turn.now)
        if group:
            _found(turn, room, [member.participant for member in group], loosened, relaxed)
            return True
    if len(free) >= 2:
        _log_waiting(turn, room, free, matchmaker)
    return False


def _free(turn: Turn, room: Waitroom) -> list[Ticket]:
    """People who can be matched now, oldest first: there, loaded, in no probe."""
    return [ticket for ticket in room.in_order() if why_not_free(turn.state, ticket) is None]


def why_not_free(state: State, ticket: Ticket) -> str | None:
    person = state.participants[ticket.participant]
    if ticket.absent_since is not None or not person.is_here:
        return "away"
    if not person.loaded and not _needs_no_loading(state, person):
        return "still loading"
    return "being probed" if ticket.probe else None


def _needs_no_loading(state: State, person: Participant) -> bool:
    """A game on the host needs nothing in the browser but its page."""
    room = waiting.room_of(state, person)
    scene = state.scenes[room.spec_id] if room else None
    return isinstance(scene, GymScene) and scene.runtime_options.where == "host"


def _candidate(turn: Turn, room: Waitroom, ticket: Ticket, matchmaker: Matchmaker, factor: float = 1.0) -> Candidate:
    person = turn.state.participants[ticket.participant]
    return Candidate(
        participant=person.id,
        since_s=ticket.since,
        rtt_ms=person.rtt_ms,
        former_partners=_former_partners(turn.state, person),
        blocked=frozenset(_blocked(turn, room, person, matchmaker, factor)),
        globals=dict(person.globals),
        measured_ms={
            other: rtt for other, rtt in turn.state.probe_memory.of(person.id, turn.now).items() if rtt is not None
        },
    )


def _former_partners(state: State, person: Participant) -> tuple[str, ...]:
    """The others of the person's last group; of an earlier session, whoever is not here yet stands with the label."""
    if last := state.groups.last(person.id):
        return tuple(member for member in last.members if member != person.id)
    labels = state.groups.last_earlier(person.label)
    here = {other.label: other.id for other in state.participants.values() if other.label in labels}
    return tuple(here.get(label, label) for label in labels)


def _met_earlier(state: State, members: list[str]) -> bool:
    """Whether exactly these people were each other's last group before this session."""
    people = [state.participants[member] for member in members]
    return all(set(_former_partners(state, person)) == {*members} - {person.id} for person in people)


def _blocked(
    turn: Turn, room: Waitroom, person: Participant, matchmaker: Matchmaker, factor: float = 1.0
) -> dict[str, str]:
    """The other person → why these two are not put together now. `factor` says how far a custom one is loosened."""
    state = turn.state
    memory, custom = state.probe_memory, is_custom(matchmaker)

    def fits(other: str, rtt_ms: float) -> bool:
        if custom:
            return factor > memory.refused_up_to(frozenset((person.id, other)), turn.now)
        return matchmaker.accepts_probe([rtt_ms])

    blocked = {
        other: "their connection failed" if rtt is None else f"their probe took {rtt:.0f} ms"
        for other, rtt in memory.of(person.id, turn.now).items()
        if rtt is None or not fits(other, rtt)
    }
    if _options(state, room).forbid_repeat_partners:
        blocked |= dict.fromkeys(state.groups.partners(person.id), "they played together before")
        earlier = state.groups.earlier_partners(person.label)
        same = (other for other in room.tickets if state.participants[other].label in earlier)
        blocked |= dict.fromkeys(same, "they played together in an earlier session")
    return blocked


def _found(turn: Turn, room: Waitroom, members: list[str], matchmaker: Matchmaker, relaxed: int) -> None:
    if matchmaker.needs_probe and not _reunited(turn, members):
        probing.start(turn, room, members, relaxed)
        waiting.tell(turn, room)
    else:
        matched(turn, room, members, {"relaxed": relaxed})


def _reunited(turn: Turn, members: list[str]) -> bool:
    """People who just played together need no new probe."""
    return turn.state.groups.same_members(tuple(members)) is not None


def matched(turn: Turn, room: Waitroom, members: list[str], why: dict[str, Any]) -> None:
    """The decision stands: write it down with everyone it concerned, then form the match."""
    wanted_former = isinstance(_options(turn.state, room).matchmaker, GroupReunion)
    former = turn.state.groups.same_members(tuple(members))
    match_id = matches.next_id(turn.state)
    if former is not None:
        why = why | {"reunion_of": former.id}
    elif _met_earlier(turn.state, members):
        why = why | {"reunion_of": "an earlier session"}
    elif wanted_former:
        why = why | {"fallback": True}
    log(turn, room, "matched", match=match_id, group=members, **why)
    matches.form(turn, room, members)


def _ask_custom(turn: Turn, room: Waitroom, relaxed: int = 0) -> None:
    """A researcher's own matchmaker runs in their process; one question at a time for each waitroom.

    Strict limits first; after a no, those whose limits are looser are asked about among themselves.
    """
    scene = waiting.scene_of(turn.state, room)
    free = [ticket for ticket in _free(turn, room) if ticket.relaxed >= relaxed]
    if room.asked is not None:
        room.ask_again = True
        return
    if len(free) < scene.players:
        return
    options = _options(turn.state, room)
    factor = options.relax_factor**relaxed
    candidates = [_candidate(turn, room, ticket, options.matchmaker, factor) for ticket in free]
    arriving = candidates.pop(-1 - room.turns % len(candidates))
    room.turns += 1
    context = {
        "arriving": _as_json(arriving),
        "waiting": [_as_json(candidate) for candidate in candidates],
        "size": scene.players,
        "now": turn.now,
        "factor": factor,
    }
    path = plans.function_path(scene, "matchmaker")
    turn.ask(
        "matchmaker", path, context, then="matchmaker", subject=room.key, limit_s=MATCHMAKER_LIMIT_S,
        data={"relaxed": relaxed},
    )  # fmt: skip
    room.asked = f"q{turn.state.numbers['question']}"


def _ask_looser(turn: Turn, room: Waitroom, relaxed: int) -> bool:
    """Ask about those whose limits are looser than this. False when there are too few of them."""
    looser = sorted(ticket.relaxed for ticket in _free(turn, room) if ticket.relaxed > relaxed)
    if len(looser) < waiting.scene_of(turn.state, room).players:
        return False
    _ask_custom(turn, room, looser[0])
    return True


def _as_json(candidate: Candidate) -> dict[str, Any]:
    return {
        "participant": candidate.participant,
        "since_s": candidate.since_s,
        "rtt_ms": candidate.rtt_ms,
        "former_partners": list(candidate.former_partners),
        "blocked": sorted(candidate.blocked),
        "globals": dict(candidate.globals),
        "measured_ms": dict(candidate.measured_ms),
    }


def on_custom(turn: Turn, question: Question, value: Any) -> None:
    """The rule ``matchmaker``: take the group if everyone in it is still free, or say what was wrong."""
    room = turn.state.waitrooms[question.subject]
    room.asked = None
    relaxed = int(question.data.get("relaxed", 0))
    if value is None:
        if not _ask_looser(turn, room, relaxed) and room.ask_again:
            room.ask_again = False
            wake(turn, room)
        return
    room.ask_again = False
    size = waiting.scene_of(turn.state, room).players
    free = {ticket.participant for ticket in _free(turn, room)}
    if not isinstance(value, list) or len(value) != size or len(set(map(str, value))) != size:
        text = f"It must return {size} different participant ids or None; it returned {str(value)[:200]}."
        turn.problem("error", f"{question.function} returned no group", text)
    elif not free.issuperset(map(str, value)):
        log(turn, room, "overtaken", group=[str(member) for member in value])
        wake(turn, room)
    else:
        _found(turn, room, [str(member) for member in value], _options(turn.state, room).matchmaker, relaxed)
        wake(turn, room)


def _look_again(turn: Turn, room: Waitroom, matchmaker: Matchmaker) -> None:
    """Nobody may come or go, and the answer still change: with time, new pings, or a forgotten probe."""
    free = _free(turn, room)
    times = [turn.now + MATCHING_EVERY_S] if len(free) >= waiting.scene_of(turn.state, room).players else []
    for ticket in free:
        at = matchmaker.next_change_at(_candidate(turn, room, ticket, matchmaker))
        expiry = turn.state.probe_memory.next_expiry(ticket.participant, turn.now)
        times += [time for time in (at, expiry) if time is not None and time > turn.now]
    if times:
        turn.state.deadlines.set("matching", room.key, min(times))


def log(turn: Turn, room: Waitroom, decision: str, **body: Any) -> None:
    """One line of the match log: what was decided, on what grounds, among whom."""
    options = _options(turn.state, room)
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
    unfit = why_not_free(turn.state, ticket)
    if unfit:
        return unfit
    person = turn.state.participants[ticket.participant]
    options = _options(turn.state, room)
    factor = options.relax_factor**ticket.relaxed
    matchmaker = options.matchmaker.loosened(factor)
    blocked = _blocked(turn, room, person, matchmaker, factor)
    reasons = [f"{blocked[member]} ({member})" for member in group if member in blocked]
    reasons += [why for member in group if (why := _too_far(turn, person, member, matchmaker))]
    if reasons:
        return "; ".join(reasons)
    return "others had waited longer or fitted better" if group else "no fitting group"


def _too_far(turn: Turn, person: Participant, other: str, matchmaker: Matchmaker) -> str | None:
    partner = turn.state.participants[other]
    limit = matchmaker.max_server_rtt_ms if isinstance(matchmaker, LatencyMatchmaker) else None
    if limit is None or person.rtt_ms is None or partner.rtt_ms is None:
        return None
    total = person.rtt_ms + partner.rtt_ms
    return f"round trips add up to {total:.0f} ms with {other}, the limit is {limit:.0f} ms" if total > limit else None


def _log_waiting(turn: Turn, room: Waitroom, free: list[Ticket], matchmaker: Matchmaker) -> None:
    """People wait although there are several: say why, once for each situation."""
    situation = tuple(f"{ticket.participant}{ticket.relaxed}" for ticket in free)
    if situation == room.last_log:
        return
    room.last_log = situation
    reasons: dict[str, str] = {}
    for a, b in combinations(free, 2):
        first = turn.state.participants[a.participant]
        blocked = _blocked(turn, room, first, matchmaker).get(b.participant)
        why = blocked or _too_far(turn, first, b.participant, matchmaker)
        if why:
            reasons[f"{a.participant} {b.participant}"] = why
    log(turn, room, "waiting", pairs=reasons)

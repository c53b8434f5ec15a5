"""What the researcher can do to a running session. Each action is written down with its reason."""

from collections.abc import Callable
from typing import Any

from igym.core import leaving, losses, matches, past, plans, posted, scenes, talk
from igym.core.contexts import match_context, person_context
from igym.core.effects import CommandDone, Perform, Record
from igym.core.events import Command
from igym.core.happenings import Excluded, PlaceLeft, SessionEnding, Withdrew
from igym.core.match import BEFORE_PLAY, Match
from igym.core.participant import ENDINGS, Participant, PersonState
from igym.core.places import STATES_SAID, GoTo, InMatch, Page, Play
from igym.core.state import KINDS, State
from igym.core.turn import Turn
from igym.protocol.told import Told

Args = dict[str, Any]
NAME_LIMIT, NOTE_LIMIT = 120, 4000
LATER_KINDS = frozenset({"study", "pilot", "test"})
"""What a session can become after its end; a rehearsal stays one."""


class CommandError(Exception):
    """``code`` for programs, the text for the researcher."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text


def on_command(turn: Turn, event: Command) -> None:
    """The action is written down before anything that follows from it."""
    run = COMMANDS.get(event.name)
    written_at = len(turn.effects)
    try:
        if run is None:
            raise CommandError("unknown_command", Told("There is no command {name}.", name=repr(event.name)))
        told = (event.reason,) if event.name in _REASONED else ()
        result = run(turn, event.args, *told)
    except CommandError as refused:
        turn.effects.insert(written_at, _record(turn, event, refused.text))
        turn.do(CommandDone(False, None, refused.code, refused.text))
        return
    if event.name not in _LOOKING:
        turn.effects.insert(written_at, _record(turn, event, None))
    turn.do(CommandDone(True, result))


def _record(turn: Turn, event: Command, refused: str | None) -> Record:
    target, match = event.args.get("participant"), event.args.get("match")
    person = turn.state.participants.get(target) if isinstance(target, str) else None
    visit = person.visit if person else None
    body = {
        "name": event.name,
        # A note may name people: it stands in a record of its own, which goes when the session is erased.
        "args": {name: value for name, value in event.args.items() if name != "note"},
        "reason": event.reason,
        "by": event.by,
        "refused": refused,
    }
    who, where = person.id if person else None, visit.scene_id if visit else None
    return Record("researcher_action", who, match if isinstance(match, str) else None, where, body)


def _person(turn: Turn, args: Args, *, live: bool = True) -> Participant:
    person = turn.state.participants.get(str(args.get("participant", "")))
    if person is None:
        raise CommandError("unknown_participant", Told("There is no such participant in this session."))
    if live and person.is_final:
        raise CommandError(
            "already_ended",
            Told("{person} has already ended ({state}).", person=person.name, state=STATES_SAID[person.state]),
        )
    return person


def _inside(turn: Turn, args: Args) -> Participant:
    """Someone who is past the entry and not gone."""
    person = _person(turn, args)
    if person.position is None or person.state in ENDINGS:
        raise CommandError(
            "not_in_a_scene",
            Told(
                "{person} is not in a scene at the moment ({state}).",
                person=person.name,
                state=STATES_SAID[person.state],
            ),
        )
    return person


def _match(turn: Turn, args: Args) -> Match:
    match = turn.state.matches.get(str(args.get("match", "")))
    if match is None:
        raise CommandError("unknown_match", Told("There is no such match in this session."))
    if match.is_over:
        raise CommandError("already_ended", Told("Match {match} is already over.", match=match.id))
    return match


def _text(args: Args, name: str, default: str | None = None) -> str:
    value = args.get(name, default)
    if not isinstance(value, str) or (default is None and not value.strip()):
        raise CommandError("bad_argument", Told("The command needs a text {name}.", name=repr(name)))
    return value


def _close_admission(turn: Turn, args: Args) -> None:
    turn.state.admission_open = False


def _open_admission(turn: Turn, args: Args) -> None:
    if turn.state.phase != "running":
        raise CommandError("session_over", Told("The session has ended and takes nobody any more."))
    turn.state.admission_open = True


def _cell(turn: Turn, args: Args) -> str:
    design, cell = turn.state.experiment.assigned, _text(args, "cell")
    if design is None or cell not in {known.id for known in design.cells()}:
        raise CommandError("unknown_cell", Told("The design has no cell {cell}.", cell=repr(cell)))
    return cell


def _close_cell(turn: Turn, args: Args) -> None:
    turn.state.closed_cells.add(_cell(turn, args))


def _open_cell(turn: Turn, args: Args) -> None:
    turn.state.closed_cells.discard(_cell(turn, args))


def _message(turn: Turn, args: Args) -> dict[str, Any]:
    """``show_s``: so long it is shown; without it until OK. Whoever is away gets it when they come back."""
    text, to, show_s = _text(args, "text"), _text(args, "to"), args.get("show_s")
    if show_s is not None and not _is_seconds(show_s):
        raise CommandError("bad_argument", Told("A message is shown for 1 to 86400 seconds, or until it is closed."))
    everybody = list(plans.under_way(turn.state))
    people = everybody if to == "all" else [_person(turn, {"participant": to})]
    sent = posted.post(turn, people, text, show_s)
    here = sum(person.is_here for person in people)
    return {"id": sent.id, "reached": here, "waiting": len(people) - here}


def _is_seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value <= 86_400


def _exclude(turn: Turn, args: Args, reason: str) -> None:
    turn.tell(Excluded(_person(turn, args), _by_experimenter(reason), _text(args, "message", "")))


def _by_experimenter(reason: str) -> str:
    """Who did it, and why they said they did: that is what tables and details show."""
    return (
        Told("by the experimenter: {reason}", reason=reason.strip()) if reason.strip() else Told("by the experimenter")
    )


def _move(turn: Turn, args: Args) -> None:
    person = _inside(turn, args)
    position = plans.position_of(person, _text(args, "scene"))
    if position is None:
        raise CommandError(
            "unknown_scene",
            Told("The plan of {person} has no scene {scene}.", person=person.name, scene=repr(args["scene"])),
        )
    scenes.leave_for(turn, person, GoTo(position), Told("moved by the experimenter"))


def _restart_scene(turn: Turn, args: Args) -> None:
    person = _inside(turn, args)
    scenes.leave_for(turn, person, GoTo(person.position), Told("scene restarted by the experimenter"))


def _mute(turn: Turn, args: Args) -> None:
    talk.mute(turn, _person(turn, args), True)


def _unmute(turn: Turn, args: Args) -> None:
    talk.mute(turn, _person(turn, args), False)


def _requeue(turn: Turn, args: Args) -> None:
    person = _inside(turn, args)
    scene, visit = scenes.current_gym(turn, person), person.visit
    if scene is None or scene.players < 2 or visit is None:
        raise CommandError("no_waitroom", Told("{person} is not in a scene with a waitroom.", person=person.name))
    if person.state is PersonState.WAITING:
        raise CommandError("already_waiting", Told("{person} is already waiting.", person=person.name))
    before = person.move(Page(visit), Play())
    turn.settle(person)
    turn.tell(PlaceLeft(person, before, Told("requeued by the experimenter")))


def _replace_with_bot(turn: Turn, args: Args) -> None:
    person = _inside(turn, args)
    match = person.place.match if isinstance(person.place, InMatch) else None
    seat = match.seat_of(person.id) if match else None
    if match is None or seat is None or match.is_solo or match.phase in BEFORE_PLAY:
        raise CommandError(
            "not_playing", Told("{person} is not playing with others at the moment.", person=person.name)
        )
    leaving.replace_with_bot(turn, match, seat, Told("replaced by the experimenter"))


def _pause_match(turn: Turn, args: Args) -> None:
    match = _match(turn, args)
    if match.phase in BEFORE_PLAY:
        raise CommandError("not_playing", Told("Match {match} has not begun.", match=match.id))
    losses.pause(turn, match, "researcher", None)


def _resume_match(turn: Turn, args: Args) -> None:
    match = _match(turn, args)
    if "researcher" not in match.pauses:
        raise CommandError("not_paused", Told("Match {match} was not paused by a researcher.", match=match.id))
    losses.unpause(turn, match, "researcher")


def _end_match(turn: Turn, args: Args) -> None:
    text = _text(args, "text", "The experimenter has ended this game. You did nothing wrong.")
    matches.end(turn, _match(turn, args), Told("ended by the experimenter"), [], text, "early")


def _withdraw(turn: Turn, args: Args, reason: str) -> None:
    """Also after the end: someone may ask for it later."""
    person, erase = _person(turn, args, live=False), args.get("erase") is True
    if not person.is_final:
        turn.tell(Withdrew(person, _by_experimenter(reason), erase))
    else:
        why = Told("after the end: {reason}", reason=reason.strip()) if reason.strip() else Told("after the end")
        turn.record("withdrawn", person, reason=why, outcome="withdrawn", code=person.code, erase=erase)
        if erase:
            past.erase(turn, person)


def _transfer(turn: Turn, args: Args) -> None:
    person, seat = _person(turn, args), _text(args, "seat")
    roster, people = turn.state.roster, turn.state.participants
    there = {*roster.seats.get(seat, ()), *roster.transfers.get(seat, ())} - {person.id}
    if any(not people[who].is_final for who in there):
        raise CommandError("seat_taken", Told("Somebody else takes part at {seat}.", seat=seat))
    past.transfer(turn.state, person, seat)


def _end_session(turn: Turn, args: Args) -> None:
    state = turn.state
    if state.phase == "ended":
        raise CommandError("session_over", Told("The session has already ended."))
    state.phase, state.admission_open = "ending", False
    state.final_page = {"header": _text(args, "header", ""), "body": _text(args, "body", "")}
    turn.tell(SessionEnding())


def _session_kind(turn: Turn, args: Args) -> None:
    """Said before anybody takes part: data that people gave for a study stay a study's."""
    kind = _text(args, "kind")
    if kind not in KINDS:
        raise CommandError("bad_argument", Told("A session is for one of: {kinds}.", kinds=", ".join(KINDS)))
    if any(not person.simulated for person in turn.state.participants.values()):
        raise CommandError("people_joined", Told("People have joined this session, so what it is for stays as it is."))
    if turn.state.phase != "running":
        raise CommandError("session_over", Told("The session has already ended."))
    if kind != turn.state.kind:
        turn.state.kind = kind
        turn.record("session_kind", session_kind=kind)


def _annotate(turn: Turn, args: Args) -> None:
    """What a session is called, what is to be remembered of it and, before anybody came or after the end, its kind."""
    state = turn.state
    name, note, kind = (
        _text(args, key, now) for key, now in (("name", state.name), ("note", state.note), ("kind", state.kind))
    )
    if max(len(name) / NAME_LIMIT, len(note) / NOTE_LIMIT) > 1:
        raise CommandError(
            "bad_argument",
            Told(
                "A name has at most {name_length} characters, a note {note_length}.",
                name_length=NAME_LIMIT,
                note_length=NOTE_LIMIT,
            ),
        )
    if kind != state.kind:
        _sort_anew(turn, kind) if state.phase == "ended" else _session_kind(turn, {"kind": kind})
    if (name, note) != (state.name, state.note):
        state.name, state.note = name, note
        turn.record("session_annotated", name=name, note=note)


def _sort_anew(turn: Turn, kind: str) -> None:
    """After the end, with everything that was given: the record tells that it was done, and when."""
    if not {kind, turn.state.kind} <= LATER_KINDS:
        raise CommandError("bad_argument", Told("After its end a session can become a study, a pilot or a test only."))
    turn.state.kind = kind
    turn.record("session_kind", session_kind=kind)


def _perform(name: str) -> Callable[[Turn, Args], None]:
    def run(turn: Turn, args: Args) -> None:
        turn.do(Perform(name, dict(args)))

    return run


def _clear_problem(turn: Turn, args: Args) -> None:
    if turn.state.problems.pop(str(args.get("id", "")), None) is None:
        raise CommandError("unknown_problem", Told("There is no such problem in the list."))


def _participant_details(turn: Turn, args: Args) -> dict[str, Any]:
    return participant_details(turn.state, _person(turn, args, live=False))


def participant_details(state: State, person: Participant) -> dict[str, Any]:
    return {
        **person_context(state, person),
        "screened": person.screened,
        "plan": plans.to_json(person.plan),
        "code": person.code,
        "reason": person.reason,
        "group": person.group,
        "match": person.match,
        "partners": sorted(state.groups.partners(person.id)),
        "warnings": person.warnings,
        "muted": person.muted,
        "chat": talk.heard_by(state, person),
        "rtts_ms": list(person.rtts),
        "load_ms": person.load_ms,
        "joined_at": person.joined_at,
    }


def _match_details(turn: Turn, args: Args) -> dict[str, Any]:
    match = turn.state.matches.get(str(args.get("match", "")))
    if match is None:
        raise CommandError("unknown_match", Told("There is no such match in this session."))
    links = {
        f"{a}-{b}": {"states": dict(link.states), "transport": link.transport, "rtt_ms": link.rtt_ms}
        for (a, b), link in match.links.items()
    }
    stored = {
        member: {str(e): turn.state.ledger.stored_to(member, match.id, e) for e in turn.state.ledger.episodes(match.id)}
        for member in match.members
    }
    return {
        **match_context(match),
        "state": str(match.phase),
        "seed": match.seed,
        "group": match.group,
        "links": links,
        "stored_frames": stored,
        "pauses": dict(match.pauses),
        "parity": turn.state.ledger.stamp(match.id),
        "substitutes": match.substitutes,
        "chat": talk.told(turn.state, match.id),
    }


_LOOKING = frozenset({"participant_details", "match_details"})
_REASONED = frozenset({"exclude", "withdraw"})
"""These end somebody's part, so they are told why."""
COMMANDS: dict[str, Callable[..., Any]] = {
    "close_admission": _close_admission,
    "open_admission": _open_admission,
    "close_cell": _close_cell,
    "open_cell": _open_cell,
    "message": _message,
    "exclude": _exclude,
    "move": _move,
    "restart_scene": _restart_scene,
    "requeue": _requeue,
    "mute": _mute,
    "unmute": _unmute,
    "replace_with_bot": _replace_with_bot,
    "pause_match": _pause_match,
    "resume_match": _resume_match,
    "end_match": _end_match,
    "withdraw": _withdraw,
    "transfer": _transfer,
    "end_session": _end_session,
    "session_kind": _session_kind,
    "annotate": _annotate,
    "export": _perform("export"),
    "participant_details": _participant_details,
    "match_details": _match_details,
    "clear_problem": _clear_problem,
    "backup": _perform("backup"),
    "retention": _perform("retention"),
    "stop_engine": _perform("stop_engine"),
}

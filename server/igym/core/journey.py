"""What follows from what: the only module that knows pages, waitrooms and matches at once.

``take`` says what a happening leads to, ``settle`` what a person does once nobody is asked about them any more.
Both are reached from ``session`` alone, one happening after the other, so that a cause is always written down before
its consequences.
"""

from collections.abc import Callable
from typing import Any

from igym.core import (
    acted,
    conditions,
    endings,
    enough,
    gate,
    hooks,
    leaving,
    losses,
    matches,
    monitoring,
    outcomes,
    past,
    plans,
    pooling,
    probing,
    scenes,
    screening,
    standstill,
    talk,
    waiting,
)
from igym.core.happenings import (
    Away,
    Back,
    EpisodeStored,
    Excluded,
    GivenUp,
    Greeted,
    GroupFound,
    Happening,
    LoadedAgain,
    MatchEnded,
    MatchFailed,
    MatchStarted,
    NoCondition,
    PlaceLeft,
    Screened,
    SeatOver,
    SeatReleased,
    SeatTaken,
    SessionEnding,
    TicketEnded,
    WaitedInVain,
    Withdrew,
)
from igym.core.match import BEFORE_PLAY, Match, Seat
from igym.core.participant import Participant, PersonState
from igym.core.places import (
    Branching,
    Deciding,
    EndEarly,
    Entry,
    Finish,
    GoOn,
    GoTo,
    InMatch,
    InRoom,
    OpenPage,
    Play,
    SettleUp,
    Step,
    TimeOut,
)
from igym.core.sentences import said
from igym.core.turn import Turn
from igym.experiment.plan import PlanScene
from igym.experiment.scenes import EndScene
from igym.protocol.told import Told

FULL = Told("all places are taken")


def take(turn: Turn, happening: Happening) -> None:
    """What follows from this."""
    _FOLLOWS[type(happening)](turn, happening)


def settle(turn: Turn, person: Participant) -> None:
    """Ask the next question about the person; when there is none, they take their next step."""
    gate.post(turn, person)
    if person.then is None or not gate.is_empty(person) or _waits_for_others(turn, person):
        return
    # Taken away first: the step itself may leave the next one.
    step, person.then = person.then, None
    _STEPS[type(step)](turn, person, step)


def _waits_for_others(turn: Turn, person: Participant) -> bool:
    """A match is over when all members have said so: then ``on_match_end`` is asked, and it comes first."""
    if person.open_match is None:
        return False
    is_next_scene = isinstance(person.then, GoOn) and hooks.is_given(turn, "on_match_end")
    return is_next_scene or isinstance(person.then, SettleUp)


# Browsers


def _on_back(turn: Turn, told: Back) -> None:
    waiting.returned(turn, told.person)
    losses.returned(turn, told.person, told.fresh)
    if told.fresh:
        # Last: the match waits for the fresh page by now, so that it does not go on for a moment.
        monitoring.begun_anew(turn, told.person)


def _on_away(turn: Turn, told: Away) -> None:
    waiting.absent(turn, told.person)
    losses.absent(turn, told.person)


def _on_greeted(turn: Turn, told: Greeted) -> None:
    person = told.person
    if person.state is PersonState.ARRIVING:
        screening.start(turn, person)


def _on_given_up(turn: Turn, told: GivenUp) -> None:
    if told.person.is_final:
        return
    if told.person.reached_end:
        endings.finish_unseen(turn, told.person)
    else:
        endings.drop(turn, told.person, told.reason)


def _on_screened(turn: Turn, told: Screened) -> None:
    if told.reason is not None:
        turn.tell(Excluded(told.person, Told("screening: {reason}", reason=told.reason), told.text, at_the_door=True))
    elif isinstance(told.person.place, Entry) and conditions.at_start(turn, told.person):
        turn.then(told.person, GoOn())


def _on_no_condition(turn: Turn, told: NoCondition) -> None:
    design, person = turn.state.experiment.assigned, told.person
    assert design is not None
    text = design.full_message or "All places of this study are taken. Thank you for your interest."
    if design.when_full == "end":
        turn.tell(Excluded(person, Told("screening: {reason}", reason=FULL), text, at_the_door=True))
    elif design.when_full == "scene":
        _instead(turn, person, GoTo(plans.position_of(person, str(design.full_scene))))
    else:
        page = endings.paragraph(person, text)
        header = said(person.language, "All places are taken")
        _instead(turn, person, TimeOut(FULL, header, page, str(design.full_url)))


def _instead(turn: Turn, person: Participant, step: Step) -> None:
    """In place of what the person was about to enter."""
    if isinstance(person.place, InRoom):
        scenes.leave_for(turn, person, step, FULL)
        return
    if isinstance(person.place, Entry):
        person.move(Deciding())
    turn.then(person, step)


# Leaving a place


def _on_place_left(turn: Turn, told: PlaceLeft) -> None:
    place, person = told.place, told.person
    pooling.wake(turn)
    if isinstance(place, InRoom):
        waiting.leave(turn, person, turn.state.waitrooms[place.room], told.reason)
    elif isinstance(place, InMatch) and not place.match.is_over:
        seat = place.match.seat_of(person.id)
        if seat is not None and seat.stays:
            losses.release(turn, place.match, seat, told.reason, told.partner_text)


def _on_excluded(turn: Turn, told: Excluded) -> None:
    endings.exclude(turn, told)


def _on_withdrew(turn: Turn, told: Withdrew) -> None:
    endings.withdraw(turn, told.person, told.reason, erase=told.erase)
    if told.erase:
        past.erase(turn, told.person)


# Waitrooms


def _on_ticket_ended(turn: Turn, told: TicketEnded) -> None:
    probing.withdraw(turn, told.room, told.ticket, told.reason)


def _on_waited_in_vain(turn: Turn, told: WaitedInVain) -> None:
    if told.person.waitroom == told.room.key:
        outcomes.waited_in_vain(turn, told.person, told.room)


def _on_group_found(turn: Turn, told: GroupFound) -> None:
    room = told.room
    if not conditions.for_match(turn, room.spec_id, [person for person, _ in told.people]):
        return
    step = PlanScene(room.scene_id, room.spec_id, room.key.partition("|")[2])
    matches.form(turn, step, told.number, list(told.people), told.fill_with_bots, told.seats)


# Matches


def _on_match_started(turn: Turn, told: MatchStarted) -> None:
    monitoring.start(turn, told.match)
    standstill.watch(turn, told.match)


def _on_loaded_again(turn: Turn, told: LoadedAgain) -> None:
    losses.ready_again(turn, told.match, told.seat)


def _on_match_failed(turn: Turn, told: MatchFailed) -> None:
    if told.match.phase in BEFORE_PLAY:
        leaving.fail(turn, told.match, told.reason, list(told.who))


def _on_seat_released(turn: Turn, told: SeatReleased) -> None:
    leaving.left(turn, told.match, told.seat, told.reason, told.text)
    enough.look(turn, told.match)


def _on_seat_taken(turn: Turn, told: SeatTaken) -> None:
    _go_on_without(turn, told.match, told.seat)
    enough.look(turn, told.match)


def _on_episode_stored(turn: Turn, told: EpisodeStored) -> None:
    losses.nothing_left(turn, told.match)


def _on_seat_over(turn: Turn, told: SeatOver) -> None:
    person = turn.state.participants[told.seat.participant]
    person.failed_matches = 0
    if person.visit is not None and person.match == told.match.id:
        # Before the visit is left, whose record says whether it was submitted.
        person.visit.submitted = True
    _go_on_from(turn, told.match, told.seat)


def _go_on_from(turn: Turn, match: Match, seat: Seat) -> None:
    """Out of the match and on to the next scene, whenever the person comes back; unless they are elsewhere already."""
    person = turn.state.participants[seat.participant]
    if person.match == match.id:
        scenes.leave_for(turn, person, GoOn(), match.reason)


def _go_on_without(turn: Turn, match: Match, seat: Seat) -> None:
    """The game ended for this member alone, who reads why on the page they find."""
    person = turn.state.participants[seat.participant]
    text = losses.RELEASED_TEXTS.get(seat.gone or "")
    if text is not None and person.match == match.id:
        hooks.notify(turn, person, text, stays=True)
    _go_on_from(turn, match, seat)


def _on_match_ended(turn: Turn, told: MatchEnded) -> None:
    match = told.match
    talk.forget(turn, match.id)
    for seat in told.staying if told.how != "session" else ():
        person = turn.state.participants[seat.participant]
        if person.match == match.id:
            _AFTER_MATCH[told.how](turn, person, told, seat)
    if told.how in ("early", "requeue"):
        for seat in match.seats:
            if seat.gone and seat.over is None:
                _go_on_without(turn, match, seat)


def _after_failure(turn: Turn, person: Participant, told: MatchEnded, seat: Seat) -> None:
    """It never began: everybody still there waits again, with their first arrival time."""
    if told.match.is_solo:
        outcomes.alone_not_loaded(turn, person, told.match.reason)
        return
    person.failed_matches += 1 if person.id in told.match.who else 0
    outcomes.wait_again(turn, person, seat.arrived_at, told.match.reason)


def _tell_why(turn: Turn, person: Participant, told: MatchEnded, seat: Seat) -> None:
    """Whoever was away as it ended reads it on the page they find, however late they come."""
    if told.text:
        hooks.notify(turn, person, told.text, stays=not matches.is_there(turn.state, seat))


def _after_requeue(turn: Turn, person: Participant, told: MatchEnded, seat: Seat) -> None:
    _tell_why(turn, person, told, seat)
    outcomes.wait_again(turn, person, seat.arrived_at, told.match.reason)


def _after_early_end(turn: Turn, person: Participant, told: MatchEnded, seat: Seat) -> None:
    """Each who is left goes on as the scene says."""
    options = matches.scene_of(turn.state, told.match).multiplayer_options.reconnection
    reason = told.match.reason
    if options.completion_code:
        scenes.leave_for(turn, person, EndEarly(reason, told.text), reason)
        return
    target = plans.position_of(person, options.end_scene) if options.end_scene else None
    scenes.leave_for(turn, person, GoTo(target) if target is not None else GoOn(), reason)
    _tell_why(turn, person, told, seat)


_AFTER_MATCH: dict[str, Callable[[Turn, Participant, MatchEnded, Seat], None]] = {
    "complete": lambda turn, person, told, seat: _go_on_from(turn, told.match, seat),
    "failed": _after_failure,
    "early": _after_early_end,
    "requeue": _after_requeue,
}


def _on_session_ending(turn: Turn, told: SessionEnding) -> None:
    """Matches first, so that the last questions about everybody know how they ended."""
    state = turn.state
    turn.record("session_ended", reason=Told("by the experimenter"))
    for match in [match for match in state.matches.values() if not match.is_over]:
        matches.end(turn, match, Told("session ended"), how="session")
    for person in state.participants.values():
        endings.end_with_session(turn, person)
    state.phase = "ended"


# Steps of a person


def _go_to(turn: Turn, person: Participant, step: GoTo) -> None:
    scenes.go_to(turn, person, step.position)


def _go_on(turn: Turn, person: Participant, step: GoOn) -> None:
    scenes.go_on(turn, person, step.choice)


def _pass_branch_by(turn: Turn, person: Participant, step: Branching) -> None:
    scenes.pass_branch(turn, person)


def _open_page(turn: Turn, person: Participant, step: OpenPage) -> None:
    scenes.open_page(turn, person)


def _play(turn: Turn, person: Participant, step: Play) -> None:
    """Alone at once, with others through the waitroom."""
    scene = scenes.current_gym(turn, person)
    assert scene is not None
    if scene.waitroom_options.acted_wait_s is not None:
        acted.enter(turn, person, scene)
    elif scene.players <= 1:
        matches.form_solo(turn, person)
    else:
        waiting.enter(turn, person)


def _finish(turn: Turn, person: Participant, step: Finish) -> None:
    scene = scenes.current(turn, person) if person.visit is not None else None
    endings.finish(turn, person, scene if isinstance(scene, EndScene) else None)


_FOLLOWS: dict[type[Happening], Callable[[Turn, Any], None]] = {
    Back: _on_back,
    Away: _on_away,
    Greeted: _on_greeted,
    GivenUp: _on_given_up,
    Screened: _on_screened,
    NoCondition: _on_no_condition,
    PlaceLeft: _on_place_left,
    Excluded: _on_excluded,
    Withdrew: _on_withdrew,
    TicketEnded: _on_ticket_ended,
    WaitedInVain: _on_waited_in_vain,
    GroupFound: _on_group_found,
    MatchStarted: _on_match_started,
    LoadedAgain: _on_loaded_again,
    MatchFailed: _on_match_failed,
    SeatReleased: _on_seat_released,
    SeatTaken: _on_seat_taken,
    EpisodeStored: _on_episode_stored,
    SeatOver: _on_seat_over,
    MatchEnded: _on_match_ended,
    SessionEnding: _on_session_ending,
}

_STEPS: dict[type[Step], Callable[[Turn, Participant, Any], None]] = {
    GoTo: _go_to,
    GoOn: _go_on,
    Branching: _pass_branch_by,
    OpenPage: _open_page,
    Play: _play,
    Finish: _finish,
    EndEarly: endings.end_early,
    TimeOut: endings.time_out,
    SettleUp: endings.settle_up,
}

"""When someone leaves a match before its end: what becomes of the match, of them and of the others."""

from typing import Any

from igym.core import endings, hooks, losses, matches, plans, scenes, waiting
from igym.core.limits import MAX_FAILED_MATCHES
from igym.core.match import BEFORE_PLAY, Match, Seat
from igym.core.participant import Participant, PersonState
from igym.core.sentences import said
from igym.core.state import Turn

OWN_GAME_FAILED = frozenset({"error in the game", "game not loaded in time"})
"""Reasons for which a match before play fails through one member's own browser."""


def leave_match(turn: Turn, person: Participant, reason: str, partner_text: str = "") -> None:
    """The person's own session ends or moves elsewhere; whoever stays is served by the scene's rules."""
    match = turn.state.matches.get(person.match) if person.match else None
    person.match = None
    if match is None or match.is_over:
        return
    seat = match.seat_of(person.id)
    assert seat is not None
    seat.gone = reason
    if match.phase in BEFORE_PLAY:
        fail(turn, match, reason, [person.id])
    else:
        go_on_without(turn, match, [seat], reason, partner_text)


def fail(turn: Turn, match: Match, reason: str, who: list[str]) -> None:
    """Before play: the match is off. Everybody still there waits again, with their first arrival time."""
    options = matches.scene_of(turn.state, match).matchmaking_options
    if len(who) >= 2:
        for pair in losses.pairs_missing(match):
            turn.state.probe_memory.remember(frozenset(pair), None, turn.now + options.rejected_pair_expiry_s)
    staying = match.remaining
    matches.end(turn, match, reason, who)
    for seat in staying:
        person = turn.state.participants[seat.participant]
        person.match = None
        if match.is_solo:
            _solo_failed(turn, person, reason)
            continue
        person.failed_matches += 1 if person.id in who else 0
        _wait_again(turn, person, seat, reason)


def _solo_failed(turn: Turn, person: Participant, reason: str) -> None:
    text = f"The game did not start within the time limit for {person.name}: {reason}."
    turn.problem("warning", "A game could not be loaded", text, person=person)
    _not_loaded(turn, person, reason)


def _not_loaded(turn: Turn, person: Participant, reason: str) -> None:
    page = {
        "header": said(person.language, "The game could not be loaded"),
        "body": endings.paragraph(
            person, "Unfortunately the game did not start on this computer. Please tell the experimenter."
        ),
    }
    endings.time_out(turn, person, reason, page)


def _wait_again(turn: Turn, person: Participant, seat: Seat, reason: str) -> None:
    """Back to the waitroom, but not for ever: partners must not be sent to the same broken computer again and again.

    Whose own game fails and whose waitroom would only end the study or play on is told that; else its outcome follows.
    """
    waiting.enter(turn, person, seat.arrived_at)
    if person.failed_matches < MAX_FAILED_MATCHES:
        return
    person.failed_matches = 0
    text = f"{MAX_FAILED_MATCHES} matches of {person.name} could not start ({reason}); no more are tried."
    turn.problem("warning", "Matches with one participant keep failing", text, person=person)
    room = waiting.room_of(turn.state, person)
    assert room is not None
    options = waiting.scene_of(turn.state, room).waitroom_options
    if reason not in OWN_GAME_FAILED or options.on_timeout in ("scene", "redirect"):
        waiting.on_timeout(turn, person.id)
        return
    if options.on_timeout == "completion_code":
        waiting.give_code(turn, person, options)
    _not_loaded(turn, person, reason)


def ends_of_missing_links(match: Match) -> list[str]:
    """Everybody on a link that is not up."""
    players = {player for pair in losses.pairs_of_missing(match) for player in pair}
    return [seat.participant for seat in match.seats if seat.player in players]


def go_on_without(turn: Turn, match: Match, gone: list[Seat], reason: str, text: str = "") -> None:
    """During play: end, or let a bot or the default action take the empty seats, or send the others back to wait."""
    options = matches.scene_of(turn.state, match).multiplayer_options.reconnection
    who = [seat.participant for seat in gone]
    for seat in gone:
        seat.gone = seat.gone or reason
        losses.clear_pauses_of(turn, match, seat.player)
    if not match.remaining:
        _finish_off(turn, match, gone, reason, who)
    elif options.on_timeout in ("bot", "default_action"):
        _substitute(turn, match, gone, "bot" if options.on_timeout == "bot" else "default", reason, text)
    else:
        end_early(turn, match, reason, who, text or options.message, requeue=options.on_timeout == "requeue")


def _finish_off(turn: Turn, match: Match, gone: list[Seat], reason: str, who: list[str]) -> None:
    """Nobody is left to play."""
    matches.end(turn, match, reason, who)
    _move_on_absent(turn, match, gone)


def _substitute(turn: Turn, match: Match, gone: list[Seat], by: str, reason: str, text: str) -> None:
    """``from_frame`` is the earliest frame the browsers may agree on: nothing confirmed changes any more."""
    for seat in gone:
        seat.substitute, seat.from_frame = by, match.frame + 1
        turn.record(
            "substituted",
            turn.state.participants[seat.participant],
            match=match.id,
            scene=match.scene_id,
            player=seat.player,
            by=by,
            reason=reason,
            episode=match.episode,
            from_frame=seat.from_frame,
        )
    matches.announce(turn, match, reason, text)
    losses.resume_if_clear(turn, match)
    _move_on_absent(turn, match, gone)


def replace_with_bot(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """Whatever the scene says about losses: a bot takes this seat, its person goes on to the next scene."""
    seat.gone = reason
    losses.clear_pauses_of(turn, match, seat.player)
    if match.remaining:
        _substitute(turn, match, [seat], "bot", reason, "")
    else:
        _finish_off(turn, match, [seat], reason, [seat.participant])


def broken(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """This browser cannot play any more; to the others it is as if its player had left."""
    if match.phase in BEFORE_PLAY:
        fail(turn, match, reason, [seat.participant])
    elif seat.stays:
        go_on_without(turn, match, [seat], reason)


def _move_on_absent(turn: Turn, match: Match, gone: list[Seat]) -> None:
    """Someone whose place was taken goes on with the next scene, whenever they come back."""
    for seat in gone:
        person = turn.state.participants[seat.participant]
        if person.match != match.id:
            continue
        person.match = None
        person.episode = person.frame = None
        person.move(PersonState.IN_SCENE)
        scenes.advance(turn, person)


def end_unblamed(turn: Turn, match: Match, reason: str, seats: list[Seat]) -> None:
    """A link stayed lost though both ends are there: the match ends for all, and nobody is held to have left."""
    options = matches.scene_of(turn.state, match).multiplayer_options.reconnection
    who = [seat.participant for seat in seats]
    end_early(turn, match, reason, who, options.message, requeue=options.on_timeout == "requeue")


def end_early(turn: Turn, match: Match, reason: str, who: list[str], text: str, *, requeue: bool = False) -> None:
    """End the match during play for everybody in it; each goes on as the scene says."""
    options = matches.scene_of(turn.state, match).multiplayer_options.reconnection
    staying = match.remaining
    absent = [seat for seat in match.seats if seat.gone and seat.over is None]
    matches.end(turn, match, reason, who, text)
    for seat in staying:
        person = turn.state.participants[seat.participant]
        person.match = None
        person.episode = person.frame = None
        if requeue:
            hooks.notify(turn, person, text)
            _wait_again(turn, person, seat, reason)
        else:
            _go_on(turn, person, options, reason, text)
    _move_on_absent(turn, match, absent)


def _go_on(turn: Turn, person: Participant, options: Any, reason: str, text: str) -> None:
    if options.completion_code:
        endings.end_early(turn, person, reason, text)
        return
    person.move(PersonState.IN_SCENE)
    target = plans.position_of(person, options.end_scene) if options.end_scene else None
    if target is not None:
        scenes.go_to(turn, person, target)
    else:
        scenes.advance(turn, person)
    if text:
        hooks.notify(turn, person, text)

"""What follows when nobody came to a waitroom, or matches cannot start: the researcher's choice."""

from collections.abc import Callable

from igym.core import codes, decisions, endings, filling, hooks, plans, scenes, waiting
from igym.core.limits import CODE_LENGTH, MAX_FAILED_MATCHES
from igym.core.participant import Participant
from igym.core.places import GoTo, TimeOut
from igym.core.sentences import said
from igym.core.turn import Turn
from igym.core.waitroom import Waitroom
from igym.experiment.options.lobby import WaitroomOptions
from igym.protocol.told import Told

OWN_GAME_FAILED = frozenset({"error in the game", "game not loaded in time"})
"""Reasons for which a match before play fails through one member's own browser."""
IN_VAIN = Told("waitroom timeout")


def waited_in_vain(turn: Turn, person: Participant, room: Waitroom) -> None:
    """Nobody came in time: one of the scene's outcomes, or an end with a message."""
    options = waiting.scene_of(turn.state, room).waitroom_options
    turn.record("waitroom_timeout", person, outcome=options.on_timeout)
    _OUTCOMES[options.on_timeout](turn, person, room, options)


def _to_scene(turn: Turn, person: Participant, room: Waitroom, options: WaitroomOptions) -> None:
    hooks.notify(turn, person, filling.text(turn.state, person, options.timeout_message, html=False))
    scenes.leave_for(turn, person, GoTo(plans.position_of(person, str(options.timeout_scene))), "timeout")


def _redirect(turn: Turn, person: Participant, room: Waitroom, options: WaitroomOptions) -> None:
    _end_with(turn, person, options, redirect_url=str(options.timeout_url))


def _code(turn: Turn, person: Participant, room: Waitroom, options: WaitroomOptions) -> None:
    _end_with(turn, person, options, code=_code_for_waiting(turn, person, options))


def _end(turn: Turn, person: Participant, room: Waitroom, options: WaitroomOptions) -> None:
    _end_with(turn, person, options)


def _bot(turn: Turn, person: Participant, room: Waitroom, options: WaitroomOptions) -> None:
    """Bots take the seats that stay empty; for somebody who is not there it is the end."""
    if person.id not in room.tickets:
        _end(turn, person, room, options)
        return
    decisions.take_out(turn, room, [person.id], turn.state.number("match"), fill_with_bots=True)


def _end_with(
    turn: Turn, person: Participant, options: WaitroomOptions, redirect_url: str = "", code: str = ""
) -> None:
    body = endings.words(turn.state, person, "timed_out", options.timeout_message)
    scenes.leave_for(turn, person, TimeOut(IN_VAIN, "", body, redirect_url, code), "timed_out")


def _code_for_waiting(turn: Turn, person: Participant, options: WaitroomOptions) -> str:
    """The code for those who waited in vain."""
    own = options.timeout_code or turn.state.experiment.returns.timed_out.code
    return own or codes.draw(turn, person, IN_VAIN, CODE_LENGTH)


_OUTCOMES: dict[str, Callable[[Turn, Participant, Waitroom, WaitroomOptions], None]] = {
    "end": _end,
    "scene": _to_scene,
    "redirect": _redirect,
    "completion_code": _code,
    "bot": _bot,
}


def wait_again(turn: Turn, person: Participant, since: float, reason: str) -> None:
    """Back to the waitroom, but not for ever: partners must not be sent to the same broken computer again and again.

    Whose own game fails and whose waitroom would only end the study or play on is told that; else its outcome follows.
    """
    waiting.enter(turn, person, since)
    if person.failed_matches < MAX_FAILED_MATCHES:
        return
    person.failed_matches = 0
    text = Told(
        "{number} matches of {person} could not start ({reason}); no more are tried.",
        number=MAX_FAILED_MATCHES,
        person=person.name,
        reason=reason,
    )
    title = Told("Matches with one participant keep failing")
    turn.problem("warning", title, text, person=person, game_fails=True)
    room = waiting.room_of(turn.state, person)
    assert room is not None
    options = waiting.scene_of(turn.state, room).waitroom_options
    if reason not in OWN_GAME_FAILED or options.on_timeout in ("scene", "redirect"):
        waited_in_vain(turn, person, room)
        return
    code = _code_for_waiting(turn, person, options) if options.on_timeout == "completion_code" else ""
    _not_loaded(turn, person, reason, code)


def alone_not_loaded(turn: Turn, person: Participant, reason: str) -> None:
    text = Told(
        "The game did not start within the time limit for {person}: {reason}.", person=person.name, reason=reason
    )
    turn.problem("warning", Told("A game could not be loaded"), text, person=person, game_fails=True)
    _not_loaded(turn, person, reason, "")


def _not_loaded(turn: Turn, person: Participant, reason: str, code: str) -> None:
    header = said(person.language, "The game could not be loaded")
    text = "Unfortunately the game did not start on this computer. Please tell the experimenter."
    body = endings.paragraph(person, text)
    scenes.leave_for(turn, person, TimeOut(reason, header, body, code=code), "timed_out")

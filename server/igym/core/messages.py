"""Messages from browsers: who may say what when, and which rule takes it."""

from collections.abc import Callable
from typing import Any

from igym.core import joining, losses, matches, monitoring, posted, presence, probing, recording, talk, waiting
from igym.core import scenes as pages
from igym.core.effects import Refuse
from igym.core.events import MessageReceived
from igym.core.happenings import MatchFailed, Withdrew
from igym.core.match import BEFORE_PLAY, Match, Seat
from igym.core.participant import Participant
from igym.core.places import InMatch
from igym.core.turn import Turn
from igym.protocol.base import Message
from igym.protocol.client import (
    Activity,
    Advance,
    Answers,
    ChatSay,
    ClientError,
    Clock,
    Console,
    EpisodeEnded,
    EpisodeStarted,
    Focus,
    GameOver,
    GlobalsSet,
    Hello,
    Leave,
    Link,
    Loaded,
    Loading,
    MatchReady,
    Metrics,
    NoticeRead,
    Pong,
    Probe,
    ReplayEvent,
    Signal,
    WebEvent,
)
from igym.protocol.told import Told, claimed

AFTER_THE_END = (NoticeRead, EpisodeEnded, ClientError, Console, Clock, Pong, Loading, Loaded, Focus, Activity, Leave)
"""What a page on its last screen may still send: late reports, and things that change nothing."""


def on_arrival(turn: Turn, event: MessageReceived) -> None:
    """Something came in: its browser is there, whatever it says. What follows from that comes before the message."""
    person = turn.state.participants[event.participant]
    if not isinstance(event.message, Hello) and _not_now(person, event.connection, event.message) is None:
        presence.seen(turn, person)


def on_message(turn: Turn, event: MessageReceived) -> None:
    person = turn.state.participants[event.participant]
    message = event.message
    if isinstance(message, Hello):
        _on_hello(turn, person, event.connection, message)
        return
    refused = _not_now(person, event.connection, message)
    if refused is not None:
        turn.do(Refuse(person.id, message.name, *refused, event.connection))
        return
    _RULES[type(message)](turn, person, message)


def _on_hello(turn: Turn, person: Participant, connection: str, message: Hello) -> None:
    if connection not in person.greeting and connection != person.live:
        text = "This page was replaced by another one."
        turn.do(Refuse(person.id, message.name, "not_your_connection", text, connection))
    else:
        joining.on_hello(turn, person, connection, message)


def _not_now(person: Participant, connection: str, message: Message) -> tuple[str, str] | None:
    if connection in person.greeting:
        return "hello_first", "The first message of a connection must be hello."
    if connection != person.live:
        return "not_your_connection", "This page was replaced by another one."
    if type(message) not in _RULES:
        return "out_of_state", f"{message.name} is not taken here."
    if person.is_final and not isinstance(message, AFTER_THE_END):
        return "out_of_state", "You have already finished."
    return None


def _nothing(turn: Turn, person: Participant, message: Any) -> None:
    """It proves that the browser is there; the host keeps what is worth keeping."""


def _on_loading(turn: Turn, person: Participant, message: Loading) -> None:
    person.progress = (message.label, min(1.0, message.loaded / message.total) if message.total else 0.0)


def _on_loaded(turn: Turn, person: Participant, message: Loaded) -> None:
    person.loaded, person.load_ms, person.progress = True, message.load_ms, None
    turn.record("loaded", person, load_ms=message.load_ms, cold=message.cold)
    room = waiting.room_of(turn.state, person)
    if room is not None:
        waiting.wake(turn, room)


def _on_client_error(turn: Turn, person: Participant, message: ClientError) -> None:
    said = message.message
    if message.sentence is not None:
        said = claimed(said, message.sentence.key, message.sentence.values)
    place = {"file": message.file, "line": message.line}
    text = Told("{text} ({file}, line {line})", text=said, **place) if message.file else said
    title = Told("Error in the browser ({where})", where=message.where)
    turn.record("client_error", person, **message.model_dump(exclude={"sentence"}) | {"message": said})
    level = "error" if message.fatal else "warning"
    # A script of the page itself may break anywhere in the study, also where nothing is played.
    game_fails = message.fatal and message.where != "javascript"
    turn.problem(level, title, text, traceback=message.traceback, person=person, game_fails=game_fails)
    match = person.place.match if isinstance(person.place, InMatch) else None
    seat = match.seat_of(person.id) if match else None
    if message.fatal and match is not None and seat is not None and not match.is_solo:
        _cannot_play(turn, match, seat, Told("error in the game"))


def _cannot_play(turn: Turn, match: Match, seat: Seat, reason: str) -> None:
    """This browser cannot play any more; to the others it is as if its player had left."""
    if match.phase in BEFORE_PLAY:
        turn.tell(MatchFailed(match, reason, (seat.participant,)))
    elif seat.stays:
        losses.release(turn, match, seat, reason)


def _on_notice_read(turn: Turn, person: Participant, message: NoticeRead) -> None:
    posted.on_read(turn, person, message.id)


def _on_leave(turn: Turn, person: Participant, message: Leave) -> None:
    if not person.is_final:
        turn.tell(Withdrew(person, Told("by the participant")))


_RULES: dict[type[Message], Callable[[Turn, Participant, Any], None]] = {
    Loading: _on_loading,
    Loaded: _on_loaded,
    Answers: pages.on_answers,
    Advance: pages.on_advance,
    GlobalsSet: pages.on_globals_set,
    WebEvent: pages.on_web_event,
    ReplayEvent: pages.on_replay_event,
    ChatSay: talk.on_say,
    EpisodeStarted: recording.on_episode_started,
    EpisodeEnded: recording.on_episode_ended,
    GameOver: matches.on_game_over,
    MatchReady: matches.on_match_ready,
    ClientError: _on_client_error,
    Console: _nothing,
    Focus: monitoring.on_focus,
    Activity: monitoring.on_activity,
    Metrics: monitoring.on_metrics,
    Signal: losses.on_signal,
    Link: losses.on_link,
    Probe: probing.on_report,
    Pong: _nothing,
    Clock: _nothing,
    NoticeRead: _on_notice_read,
    Leave: _on_leave,
}

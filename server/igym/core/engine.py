"""The engine starts, starts again after a crash, and stops; earlier sessions' groups are made known."""

from igym.core import host_runs, presence
from igym.core.effects import Ask, Log
from igym.core.events import EngineStarted, EngineStopping, HistoryLoaded
from igym.core.match import MatchPhase
from igym.core.participant import ConnectionState
from igym.core.turn import Turn


def on_started(turn: Turn, event: EngineStarted) -> None:
    """First start, or a restart: then every connection is gone, and no wait is shortened by the time it took."""
    state = turn.state
    state.join_url, state.ice = event.join_url, dict(event.ice)
    if state.started_at is None:
        state.started_at, state.kind = turn.now, event.kind
        made = state.experiment
        turn.record("session_started", experiment=made.id, version=made.version, session_kind=state.kind)
        return
    # Not from the last event: what still came in while the engine stopped is no time that anybody waited.
    since, state.paused_at = state.last_event_at if state.paused_at is None else state.paused_at, None
    away_s = max(0.0, turn.now - since)
    # Before anybody counts as away: what is set then begins now and is not to be moved.
    _shift_waits(turn, away_s)
    for person in state.participants.values():
        person.live = None
        person.greeting.clear()
        if person.connection is ConnectionState.CONNECTED:
            presence.went_away(turn, person, presence.ENGINE_RESTARTED)
    _ask_again(turn)
    host_runs.start_again(turn)
    turn.record("session_resumed", away_s=away_s)


def _shift_waits(turn: Turn, by_s: float) -> None:
    state = turn.state
    state.deadlines.shift(by_s)
    for room in state.waitrooms.values():
        for ticket in (*room.tickets.values(), *room.absent.values()):
            ticket.deadline += by_s
            ticket.down_s += by_s
    for match in state.matches.values():
        if match.phase is MatchPhase.COUNTDOWN and match.starts_at is not None:
            match.starts_at += by_s
        match.missing_since = {cause: since + by_s for cause, since in match.missing_since.items()}
        match.still = {player: until + by_s for player, until in match.still.items()}
        match.playing_since += by_s
        match.pauses = {cause: until + by_s if until is not None else None for cause, until in match.pauses.items()}


def _ask_again(turn: Turn) -> None:
    """In the order in which they were asked: the researcher's functions rely on it."""
    for question in turn.state.questions.values():
        turn.do(
            Ask(
                question.id,
                question.kind,
                question.function,
                question.context,
                turn.now + question.limit_s,
                question.fallback,
                question.limit_s,
            )
        )


def on_stopping(turn: Turn, event: EngineStopping) -> None:
    turn.state.paused_at = turn.now
    turn.record("session_paused", reason=event.reason)
    turn.do(Log("info", f"The engine stops: {event.reason or 'no reason given'}"))


def on_history(turn: Turn, event: HistoryLoaded) -> None:
    for labels in event.groups:
        turn.state.groups.remember_earlier(tuple(labels))

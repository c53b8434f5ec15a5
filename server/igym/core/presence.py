"""Whether a participant's browser is there: connected, away, lost, and after too long an absence dropped."""

from dataclasses import replace

from igym.core import plans, pooling
from igym.core.happenings import Away, Back, GivenUp
from igym.core.limits import LOST_AFTER_S, SILENT_AFTER_S
from igym.core.participant import ConnectionState, Participant
from igym.core.places import Absence, spot_of
from igym.core.turn import Turn
from igym.protocol.told import Told

ENGINE_RESTARTED = Told("engine restarted")


def seen(turn: Turn, person: Participant, ago_s: float = 0.0) -> None:
    """Something arrived from the live connection, so long ago."""
    person.last_seen = max(person.last_seen, turn.now - ago_s)
    if person.connection is not ConnectionState.CONNECTED:
        came_back(turn, person, fresh=False)


def came_back(turn: Turn, person: Participant, *, fresh: bool) -> None:
    """The browser is there (again). ``fresh``: its page kept nothing of the running scene."""
    was_away = person.connection is not ConnectionState.CONNECTED
    person.connection, person.last_seen, person.absence = ConnectionState.CONNECTED, turn.now, None
    for rule in ("lost", "dropped"):
        turn.state.deadlines.cancel(rule, person.id)
    turn.state.deadlines.set("silent", person.id, turn.now + SILENT_AFTER_S)
    if was_away:
        turn.record("connection", person, state="connected")
    turn.tell(Back(person, fresh))


def went_away(turn: Turn, person: Participant, reason: str) -> None:
    """The browser is gone or answers nothing. Partners and waiting people are told at once."""
    if person.connection is not ConnectionState.CONNECTED:
        return
    person.connection = ConnectionState.AWAY
    # Kept now: a match that ends meanwhile moves its members on to pages they never saw.
    person.absence = Absence(turn.now, spot_of(person.place), own=reason != ENGINE_RESTARTED)
    turn.state.deadlines.cancel("silent", person.id)
    turn.record("connection", person, state="away", reason=reason)
    if person.is_final:
        return
    turn.state.deadlines.set("lost", person.id, turn.now + LOST_AFTER_S)
    limit_s = turn.state.experiment.dropped_after_s
    if limit_s is not None:
        turn.state.deadlines.set("dropped", person.id, turn.now + limit_s)
    turn.tell(Away(person))


def on_silent(turn: Turn, subject: str) -> None:
    """The rule ``silent``: nothing for too long, or look again later."""
    person = turn.state.participants[subject]
    again = person.last_seen + SILENT_AFTER_S
    if again > turn.now:
        turn.state.deadlines.set("silent", subject, again)
    else:
        went_away(turn, person, Told("no answer"))


def on_lost(turn: Turn, subject: str) -> None:
    """The rule ``lost``. Whoever has seen their code, with nothing behind it, will not come back for more."""
    person = turn.state.participants[subject]
    person.connection = ConnectionState.LOST
    if person.absence is not None:
        # The engine is there again for so long that the absence is the person's own by now.
        person.absence = replace(person.absence, own=True)
    turn.record("connection", person, state="lost")
    pooling.wake(turn)
    if person.reached_end and plans.only_end_follows(turn.state, person):
        turn.tell(GivenUp(person, Told("connection lost")))


def on_dropped(turn: Turn, subject: str) -> None:
    turn.tell(GivenUp(turn.state.participants[subject], Told("connection lost")))


def on_arrival(turn: Turn, subject: str) -> None:
    """The rule ``arrival``: joined, but the page never opened its connection."""
    turn.tell(GivenUp(turn.state.participants[subject], Told("never connected")))

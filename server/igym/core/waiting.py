"""The rules of a waitroom: places, live counts and time limits."""

from igym.core import hooks, plans, pooling
from igym.core.happenings import TicketEnded, WaitedInVain
from igym.core.limits import RETURN_PRIORITY_S
from igym.core.participant import Participant
from igym.core.places import InMatch, InRoom, Page
from igym.core.state import State
from igym.core.turn import Turn
from igym.core.waitroom import Ticket, Waitroom
from igym.experiment.options.lobby import MatchmakingOptions
from igym.experiment.scenes import GymScene
from igym.protocol.told import Told


def room_key(person: Participant) -> str:
    """People with the same key can be matched: the same step of the plan, and the same draws for groups above it."""
    step = plans.step(person)
    assert step is not None
    return f"{step.id}|{step.group_key}" if step.group_key else step.id


def scene_of(state: State, room: Waitroom) -> GymScene:
    return state.game(room.spec_id)


def matching_options(state: State, room: Waitroom) -> MatchmakingOptions:
    return scene_of(state, room).matchmaking_options


def room_of(state: State, person: Participant) -> Waitroom | None:
    return state.waitrooms.get(person.waitroom) if person.waitroom else None


def enter(turn: Turn, person: Participant, since: float | None = None) -> None:
    """Take a place. ``since`` keeps an earlier arrival after a failed match; a short absence keeps it by itself."""
    assert isinstance(person.place, Page | InMatch)
    step = plans.step(person)
    assert step is not None
    key = room_key(person)
    room = turn.state.waitrooms.setdefault(key, Waitroom(key, step.id, step.scene))
    kept = room.absent.pop(person.id, None)
    turn.state.deadlines.cancel("priority", f"{key} {person.id}")
    arrived = since if since is not None else (kept.since if kept else turn.now)
    limit_s = scene_of(turn.state, room).waitroom_options.timeout_s
    room.tickets[person.id] = Ticket(person.id, arrived, turn.now + limit_s)
    person.move(InRoom(person.place.visit, key))
    if not is_acted(turn.state, person.id):
        turn.state.deadlines.set("waiting", person.id, room.tickets[person.id].deadline)
    turn.record("waiting_started", person, since=arrived, deadline=room.tickets[person.id].deadline)
    hooks.run(turn, "on_waiting", person, since=arrived)
    _arm(turn, room, person)
    wake(turn, room)
    pooling.wake(turn)
    # Entered all the same: of somebody who is away the place is kept as of anybody who goes.
    if person.is_here:
        show_everybody(turn, room)
    else:
        absent(turn, person)


def is_acted(state: State, person_id: str) -> bool:
    """Whether this wait is for nobody, and not over yet."""
    return state.deadlines.at("acted", person_id) is not None


def _arm(turn: Turn, room: Waitroom, person: Participant) -> None:
    """Look again when this person's limits loosen."""
    options = matching_options(turn.state, room)
    if options.relax_after_s is not None:
        ticket = room.tickets[person.id]
        at = ticket.since + ticket.down_s + options.relax_after_s
        turn.state.deadlines.set("relax", person.id, max(at, turn.now))


def wake(turn: Turn, room: Waitroom) -> None:
    """Look for matches as soon as the present event is handled."""
    turn.state.deadlines.set("matching", room.key, turn.now)


def show_everybody(turn: Turn, room: Waitroom) -> None:
    """Everyone who waits sees the present count."""
    for ticket in room.in_order():
        turn.show(turn.state.participants[ticket.participant])


def leave(turn: Turn, person: Participant, room: Waitroom, reason: str) -> Ticket | None:
    """Give the ticket up. The others see it at once."""
    turn.state.deadlines.cancel("waiting", person.id)
    turn.state.deadlines.cancel("acted", person.id)
    ticket = room.tickets.pop(person.id, None) or room.absent.pop(person.id, None)
    if ticket is not None:
        waited_s = turn.now - ticket.since
        turn.record("waiting_ended", person, scene=room.scene_id, reason=reason, since=ticket.since, waited_s=waited_s)
        turn.tell(TicketEnded(room, ticket, reason))
    wake(turn, room)
    show_everybody(turn, room)
    return ticket


def absent(turn: Turn, person: Participant) -> None:
    """The network went or the tab was closed: out of the count, but the place is kept for a while."""
    room = room_of(turn.state, person)
    ticket = room.tickets.pop(person.id, None) if room else None
    if room is None or ticket is None:
        return
    ticket.absent_since = turn.now
    room.absent[person.id] = ticket
    turn.state.deadlines.set("priority", f"{room.key} {person.id}", turn.now + RETURN_PRIORITY_S)
    turn.tell(TicketEnded(room, ticket, Told("partner left")))
    wake(turn, room)
    show_everybody(turn, room)


def returned(turn: Turn, person: Participant) -> None:
    """Back within the time: the same place as before; the wait's limit went on. Later: at the end of the line."""
    room = room_of(turn.state, person)
    if room is None or person.id in room.tickets:
        return
    ticket = room.absent.pop(person.id, None)
    if ticket is None:
        ticket = Ticket(person.id, turn.now, turn.state.deadlines.at("waiting", person.id) or turn.now)
    ticket.absent_since = None
    turn.state.deadlines.cancel("priority", f"{room.key} {person.id}")
    room.tickets[person.id] = ticket
    wake(turn, room)
    show_everybody(turn, room)


def on_priority(turn: Turn, subject: str) -> None:
    """The rule ``priority``: too long away to keep the place in the line."""
    key, _, person_id = subject.rpartition(" ")
    turn.state.waitrooms[key].absent.pop(person_id, None)
    turn.record("priority_lost", turn.state.participants[person_id])


def on_timeout(turn: Turn, subject: str) -> None:
    """The rule ``waiting``: nobody came in time."""
    person = turn.state.participants[subject]
    room = room_of(turn.state, person)
    if room is not None:
        turn.tell(WaitedInVain(person, room))

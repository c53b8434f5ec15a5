"""Which seat of a game somebody takes, where an answer, an attribute or the researcher's matchmaker decides it."""

from typing import Any

from igym.core import waiting
from igym.core.participant import Participant
from igym.core.state import State
from igym.core.waitroom import Waitroom
from igym.experiment.rules import last_round


def of(state: State, room: Waitroom, person: Participant) -> str | None:
    """The agent this person is to play; None where chance decides."""
    ticket = room.tickets.get(person.id)
    if ticket is not None and ticket.seat is not None:
        return ticket.seat
    options = waiting.matching_options(state, room)
    if options.seat_by is None:
        return None
    value = _value(person, options.seat_by)
    found = options.seats.get(value, value)
    return found if found in agents(state, room) else None


def agents(state: State, room: Waitroom) -> list[str]:
    """The agents that people play in this room's scene."""
    return [str(agent) for agent in waiting.scene_of(state, room).policies_options.humans]


def _value(person: Participant, seat_by: str) -> str:
    kind, _, name = seat_by.partition(".")
    if kind == "answers":
        scene, _, field = name.rpartition(".")
        found: Any = last_round(person.answers, scene, field)
    else:
        known = {"attributes": person.attributes, "globals": person.globals, "condition": person.conditions}
        found = known[kind].get(name)
    return "" if found is None else str(found)

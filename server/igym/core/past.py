"""Those whose part has ended are counted once, when it ends: nothing that others ask for changes about them later."""

from igym.core import conditions, plans
from igym.core.effects import EraseRows
from igym.core.participant import Participant
from igym.core.roster import Counts
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.design import NODE


def begin(state: State, person: Participant) -> None:
    """Somebody has joined."""
    roster = state.roster
    state.participants[person.id] = person
    roster.under_way[person.id] = None
    roster.ids.add(person.id.casefold())
    if person.label is not None:
        roster.labels.setdefault(person.label.casefold(), person.id)
    seat(state, person, person.seat)
    token(state, person, person.token_hash)


def token(state: State, person: Participant, token_hash: str) -> None:
    """From now on this token lets the person act, and no other."""
    if state.roster.tokens.get(person.token_hash) == person.id:
        del state.roster.tokens[person.token_hash]
    person.token_hash = token_hash
    if token_hash:
        state.roster.tokens.setdefault(token_hash, person.id)


def seat(state: State, person: Participant, name: str | None) -> None:
    """The person sits there."""
    _take_from(state.roster.seats, person.seat, person.id)
    person.seat = name
    if name:
        state.roster.seats.setdefault(name, []).append(person.id)


def transfer(state: State, person: Participant, name: str | None) -> None:
    """The person is to go on at this seat; None: they came, or never have to."""
    _take_from(state.roster.transfers, person.transfer_to, person.id)
    person.transfer_to = name
    if name is not None:
        state.roster.transfers.setdefault(name, []).append(person.id)


def _take_from(places: dict[str, list[str]], name: str | None, who: str) -> None:
    if name is not None and who in places.get(name, ()):
        places[name].remove(who)


def end(state: State, person: Participant) -> None:
    """Their part has ended."""
    del state.roster.under_way[person.id]
    _count(state, person, 1)


def erase(turn: Turn, person: Participant) -> None:
    """Nothing the person said or was given is kept in the running session; the host erases what is on disk."""
    counted = person.id not in turn.state.roster.under_way
    if counted:  # within what they answered, perhaps
        _count(turn.state, person, -1)
    person.answers.clear()
    person.globals.clear()
    person.attributes.clear()
    if counted:
        _count(turn.state, person, 1)
    turn.do(EraseRows(person.id))


def _count(state: State, person: Participant, by: int) -> None:
    past, takes_place = state.roster.past, plans.takes_place(person)
    past.places += by * takes_place
    grouped = plans.grouped_nodes(state)
    for node, outcome in person.draws.items():
        if f"{node}={outcome}" in person.matched_keys:
            _add(past.matched, node, outcome, by)
        elif takes_place and not grouped(node):
            _add(past.outcomes, node, outcome, by)
    design = state.experiment.assigned
    if design is not None and design.strata and takes_place and NODE in person.draws:
        stratum = tuple(conditions.stratum(design, person).values())
        cells = past.strata.setdefault(stratum, {})
        cells[person.draws[NODE]] = cells.get(person.draws[NODE], 0) + by


def _add(counts: Counts, node: str, outcome: str, by: int) -> None:
    outcomes = counts.setdefault(node, {})
    outcomes[outcome] = outcomes.get(outcome, 0) + by

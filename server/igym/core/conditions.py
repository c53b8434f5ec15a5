"""Conditions of a design: drawn for a person or the people of a match, counted, closed when full."""

from collections import Counter
from dataclasses import replace

from igym.core import hooks, plans
from igym.core.happenings import NoCondition
from igym.core.participant import Participant
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.design import AT_START, NODE, Cell, Design
from igym.experiment.plan import Draw
from igym.protocol.told import Told


def at_start(turn: Turn, person: Participant) -> bool:
    """Before the first scene. False: no cell was left, and what follows from that is told."""
    design = turn.state.experiment.assigned
    return design is None or design.assign != AT_START or NODE in person.draws or _assign(turn, design, [person])


def at_scene(turn: Turn, person: Participant, scene_id: str) -> bool:
    """Before the scene is entered; see ``at_start``."""
    design = turn.state.experiment.assigned
    if design is None or design.per == "group" or design.assign != scene_id or NODE in person.draws:
        return True
    return _assign(turn, design, [person])


def for_match(turn: Turn, scene_id: str, people: list[Participant]) -> bool:
    """Before the match is formed. Who meets partners again keeps the condition, and the others get it."""
    design = turn.state.experiment.assigned
    if design is None or design.per != "group" or design.assign != scene_id:
        return True
    known = {person.draws[NODE] for person in people if NODE in person.draws}
    if not known:
        return _assign(turn, design, people)
    if len(known) > 1:
        names = ", ".join(person.name for person in people)
        text = Told(
            "{names} met in a match, and had been given different conditions before. Each keeps their own.",
            names=names,
        )
        turn.problem("warning", Told("The people of a match have different conditions"), text)
        return True
    cell = design.cell(known.pop())
    for person in people:
        if NODE not in person.draws:
            give(turn, person, cell)
    return True


def _assign(turn: Turn, design: Design, people: list[Participant]) -> bool:
    state, first = turn.state, people[0]
    known = counts(state)
    cell = _of_a_begun_group(state, design, known) if design.per == "group" else None
    if cell is None:
        rng = state.make_rng(f"condition {first.number} {first.visits}")
        size = plans.group_sizes(state).get(NODE, len(people))
        cell = design.draw(rng, known, state.closed_cells, size, _in_stratum(state, design, first))
    if cell is None:
        for person in people:
            turn.record("no_condition", person, counts=known, stratum=stratum(design, person))
            turn.tell(NoCondition(person))
        return False
    for person in people:
        turn.record(
            "condition_drawn", person, cell=cell.id, levels=dict(cell.levels), counts=known,
            stratum=stratum(design, person),
        )  # fmt: skip
        give(turn, person, cell)
    return True


def _of_a_begun_group(state: State, design: Design, known: dict[str, int]) -> Cell | None:
    """Groups that form later are filled up first, else partners would have to wait for somebody of their condition."""
    size = plans.group_sizes(state).get(NODE)
    begun = (cell for cell in design.cells() if size and known.get(cell.id, 0) % size)
    return next(begun, None)


def give(turn: Turn, person: Participant, cell: Cell) -> None:
    """Draws, globals and the data get the condition."""
    person.draws[NODE] = cell.id
    if NODE in plans.group_sizes(turn.state):
        plans.draw(turn, person, dict(person.draws))
    elif person.plan is not None:
        others = tuple(draw for draw in person.plan.draws if draw.node != NODE)
        person.plan = replace(person.plan, draws=(Draw(NODE, cell.id, "participant"), *others))
    hooks.assign_condition(turn, person, dict(cell.levels), "design")


def counts(state: State) -> dict[str, int]:
    """Cell → people who finished or are under way in it."""
    return plans.cell_counts(state).get(NODE, {})


def stratum(design: Design, person: Participant) -> dict[str, str]:
    """What the person is balanced within; "" for what is not known."""
    return {name: _value(person, name) for name in design.strata}


def _value(person: Participant, name: str) -> str:
    scene, _, field = name.rpartition(".")
    return str(person.answers.get(scene, {}).get(field, "")) if scene else person.params.get(name, "")


def _in_stratum(state: State, design: Design, person: Participant) -> dict[str, int] | None:
    if not design.strata:
        return None
    own = stratum(design, person)
    found = Counter(state.roster.past.strata.get(tuple(own.values()), {}))
    found.update(
        other.draws[NODE]
        for other in plans.under_way(state)
        if NODE in other.draws and plans.takes_place(other) and stratum(design, other) == own
    )
    return found

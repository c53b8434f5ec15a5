"""Each participant's order of scenes: drawn once from a recorded seed, then only read."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from igym.core.participant import ENDINGS, ConnectionState, Participant
from igym.core.places import GoOn, GoTo, Step
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.design import AT_START, NODE
from igym.experiment.plan import Draw, Plan, PlanBranch, PlanScene, Position
from igym.experiment.scenes import EndScene
from igym.experiment.scenes.base import Scene
from igym.experiment.stager import RandomizeOrder


def draw(turn: Turn, person: Participant, given: dict[str, str] | None = None) -> None:
    """Draw and write down the plan. The seed alone gives the same plan again, with the same counts.

    ``given`` (node → outcome) is taken as it is; a plan drawn again keeps what was drawn before that way.
    """
    state = turn.state
    seed = state.make_rng(f"plan {person.number}").getrandbits(48)
    rng = state.make_rng(f"plan {person.number} {seed}")
    counts = cell_counts(state)
    drawn = [Draw(NODE, person.draws[NODE], "group")] if NODE in person.draws and NODE in group_sizes(state) else []
    person.plan = state.experiment.stager.draw(rng, counts, given, drawn)
    person.draws = {item.node: item.outcome for item in person.plan.draws}
    turn.record("plan_drawn", person, seed=seed, plan=person.plan.to_json(), counts=counts, given=given or {})


def cell_counts(state: State) -> dict[str, dict[str, int]]:
    """How many people got each outcome of each draw; those who ended before they finished free their place."""
    sizes = group_sizes(state)
    past = state.roster.past
    counts = {node: Counter(outcomes) for node, outcomes in past.outcomes.items()}
    matched = {node: Counter(outcomes) for node, outcomes in past.matched.items()}
    for person in under_way(state):
        for node, outcome in person.draws.items():
            if f"{node}={outcome}" in person.matched_keys:
                matched.setdefault(node, Counter())[outcome] += 1
            elif _counts(person, node, outcome, grouped=_is_grouped(node, sizes)):
                counts.setdefault(node, Counter())[outcome] += 1
    for node, cells in matched.items():
        size = size_of(node, sizes)
        for outcome, people in cells.items():
            counts.setdefault(node, Counter())[outcome] += math.ceil(people / size) * size
    return {node: dict(cells) for node, cells in counts.items()}


def under_way(state: State) -> Iterator[Participant]:
    """Everybody whose part has not ended, in the order they joined."""
    return (state.participants[who] for who in state.roster.under_way)


def places_taken(state: State) -> int:
    """How many people finished or are under way."""
    return state.roster.past.places + len(state.roster.under_way)


def grouped_nodes(state: State) -> Callable[[str], bool]:
    """Whether a draw is made per group."""
    sizes = group_sizes(state)
    return lambda node: _is_grouped(node, sizes)


def group_sizes(state: State) -> dict[str, int]:
    """Draws made per group: the node's id → people of a group."""
    nodes = state.experiment.stager.nodes()
    orders = (node for node in nodes if isinstance(node, RandomizeOrder) and node.per == "group")
    sizes = {node.known_id: node.group_size for node in orders}
    design = state.experiment.assigned
    if design is not None and design.per == "group" and design.assign == AT_START:
        sizes[NODE] = state.experiment.players
    return sizes


def _is_grouped(node: str, sizes: dict[str, int]) -> bool:
    return any(node == known or node.startswith(f"{known}_r") for known in sizes)


def size_of(node: str, sizes: dict[str, int]) -> int:
    """A repeated node's address carries its rounds behind its id."""
    return next((size for known, size in sizes.items() if node == known or node.startswith(f"{known}_r")), 1)


def takes_place(person: Participant) -> bool:
    """Whether the person finished or is under way; who ended before that makes room for another."""
    return person.completed or person.state not in ENDINGS


def _counts(person: Participant, node: str, outcome: str, *, grouped: bool) -> bool:
    """Someone not matched yet counts for a group's draw only while they can still be matched there."""
    if not takes_place(person):
        return False
    if not grouped:
        return True
    if person.completed or person.connection is ConnectionState.LOST or person.plan is None:
        return False
    return any(f"{node}={outcome}" in step.group_key.split(";") for step in _steps_ahead(person))


def _steps_ahead(person: Participant) -> Iterator[PlanScene]:
    """The present scene and those after it; options of branches to come are left out."""
    assert person.plan is not None
    position = person.position or person.plan.next(None)
    while position is not None:
        found = person.plan.at(position)
        if isinstance(found, PlanScene):
            yield found
        position = person.plan.next(position)


def step(person: Participant) -> PlanScene | None:
    """The scene the participant is at; None before the first and at an undecided branch."""
    if person.plan is None or person.position is None:
        return None
    found = person.plan.at(person.position)
    return found if isinstance(found, PlanScene) else None


def branch(person: Participant) -> PlanBranch | None:
    if person.plan is None or person.position is None:
        return None
    found = person.plan.at(person.position)
    return found if isinstance(found, PlanBranch) else None


def only_end_follows(state: State, person: Participant) -> bool:
    """Nothing stands behind the present scene but a last page."""
    if person.plan is None or person.position is None:
        return False
    after = person.plan.next(person.position)
    found = person.plan.at(after) if after is not None else None
    return found is None or (isinstance(found, PlanScene) and isinstance(state.scene(found.scene), EndScene))


def progress(person: Participant) -> tuple[int, int]:
    """(index from 0, total) of the present scene."""
    if person.plan is None or person.position is None:
        return 0, len(person.plan.scenes()) if person.plan else 0
    number, total = person.plan.progress(person.position)
    return number - 1, total


def position_of(person: Participant, scene_id: str) -> Position | None:
    return person.plan.find(scene_id) if person.plan else None


def step_after_failing(person: Participant, otherwise: str) -> Step:
    """What an option ``otherwise`` says that is not "exclude": on, or to the scene it names."""
    return GoOn() if otherwise == "go_on" else GoTo(position_of(person, otherwise))


def base_id(person: Participant, scene_id: str | None) -> str | None:
    """The scene's id in the experiment, which is the same in every round."""
    if person.plan is None or scene_id is None:
        return None
    return next((scene.scene for scene in person.plan.scenes() if scene.id == scene_id), None)


def function_path(scene: Scene, option: str) -> str:
    """How the researcher's process finds a function given as a scene's option."""
    return f"scenes.{scene.id}.{option}"


def to_json(plan: Plan | None) -> dict[str, Any] | None:
    return plan.to_json() if plan else None

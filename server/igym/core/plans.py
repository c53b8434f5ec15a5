"""Each participant's order of scenes: drawn once from a recorded seed, then only read."""

from collections import Counter
from typing import Any

from igym.core.participant import ENDINGS, Participant
from igym.core.state import State, Turn
from igym.experiment.plan import Plan, PlanBranch, PlanScene, Position
from igym.experiment.scenes import GymScene
from igym.experiment.scenes.base import Scene


def draw(turn: Turn, person: Participant) -> None:
    """Draw and write down the plan. The seed alone gives the same plan again, with the same counts."""
    state = turn.state
    seed = state.make_rng(f"plan {person.number}").getrandbits(48)
    person.plan_seed = seed
    rng = state.make_rng(f"plan {person.number} {seed}")
    counts = cell_counts(state)
    person.plan = state.experiment.stager.draw(rng, counts)
    person.draws = {item.node: item.outcome for item in person.plan.draws}
    turn.record("plan_drawn", person, seed=seed, plan=person.plan.to_json(), counts=counts)


def cell_counts(state: State) -> dict[str, dict[str, int]]:
    """How many people got each outcome of each draw; those who ended before they finished free their place."""
    counts: dict[str, Counter[str]] = {}
    for person in state.participants.values():
        if person.plan is None or (person.state in ENDINGS and not person.completed):
            continue
        for node, outcome in person.draws.items():
            counts.setdefault(node, Counter())[outcome] += 1
    return {node: dict(cells) for node, cells in counts.items()}


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


def progress(person: Participant) -> tuple[int, int]:
    """(index from 0, total) of the present scene."""
    if person.plan is None or person.position is None:
        return 0, len(person.plan.scenes()) if person.plan else 0
    number, total = person.plan.progress(person.position)
    return number - 1, total


def position_of(person: Participant, scene_id: str) -> Position | None:
    return person.plan.find(scene_id) if person.plan else None


def specification(state: State, scene: str) -> Scene:
    """The scene as the researcher wrote it. Raises ``KeyError`` for an unknown id."""
    return state.scenes[scene]


def gym(state: State, plan_scene: PlanScene) -> GymScene | None:
    found = specification(state, plan_scene.scene)
    return found if isinstance(found, GymScene) else None


def gym_scenes(state: State) -> list[GymScene]:
    return [scene for scene in state.scenes.values() if isinstance(scene, GymScene)]


def function_path(scene: Scene, option: str) -> str:
    """How the researcher's process finds a function given as a scene's option."""
    return f"scenes.{scene.id}.{option}"


def to_json(plan: Plan | None) -> dict[str, Any] | None:
    return plan.to_json() if plan else None

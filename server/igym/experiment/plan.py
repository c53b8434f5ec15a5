"""A participant's resolved order of scenes: drawn once, stored, and only read from then on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Position = tuple[int | str, ...]
"""Place in a plan: an index into the steps, then per branch entered the option's name and an index into its steps."""


@dataclass(frozen=True)
class PlanScene:
    """One scene to show. `id` is unique in the plan (rounds end in _r1, _r2, …), `scene` names its specification."""

    id: str
    scene: str
    group_key: str = ""
    """People may only be matched here with others of the same key: it holds the per-group draws above the scene."""


@dataclass(frozen=True)
class PlanBranch:
    """A decision taken later, by the function of the branch `branch`; each option holds steps, possibly none."""

    id: str
    branch: str
    options: tuple[tuple[str, tuple[PlanScene | PlanBranch, ...]], ...]

    def option(self, name: str) -> tuple[PlanScene | PlanBranch, ...]:
        for known, steps in self.options:
            if known == name:
                return steps
        raise KeyError(name)


Step = PlanScene | PlanBranch


@dataclass(frozen=True)
class Draw:
    """What one randomisation gave; counted per node to balance later draws."""

    node: str
    outcome: str
    per: str


@dataclass(frozen=True)
class Plan:
    """The order of scenes and the draws that led to it."""

    steps: tuple[Step, ...]
    draws: tuple[Draw, ...] = ()

    def at(self, position: Position) -> Step:
        """The step at a position; IndexError or KeyError when there is none."""
        return self._siblings(position[:-1])[_index(position[-1])]

    def next(self, position: Position | None, branch_choice: str | None = None) -> Position | None:
        """The position after `position` (None: the first one), or None at the end.

        At a branch, `branch_choice` names the option to enter; None passes the branch by; unknown names are a KeyError.
        """
        if position is None:
            return (0,) if self.steps else None
        step = self.at(position)
        if isinstance(step, PlanBranch) and branch_choice is not None and step.option(branch_choice):
            return (*position, branch_choice, 0)
        return self._after(position)

    def find(self, scene_id: str) -> Position | None:
        """Where a scene comes first, by its id in the plan or, failing that, by the id of its specification."""
        scenes = dict(self.places())
        by_plan_id = (position for position, scene in scenes.items() if scene.id == scene_id)
        by_scene = (position for position, scene in scenes.items() if scene.scene == scene_id)
        return next(by_plan_id, None) or next(by_scene, None)

    def places(self) -> list[tuple[Position, PlanScene]]:
        """Every scene that may come with its position, in reading order."""
        return self._scenes(self.steps, ())

    def scenes(self) -> list[PlanScene]:
        """Every scene that may come, those of all branch options included."""
        return [scene for _, scene in self.places()]

    def progress(self, position: Position) -> tuple[int, int]:
        """(number of the scene from 1, total number), taking the longest option of branches not yet decided."""
        before, length = 0, _longest(self.steps)
        for depth in range(0, len(position), 2):
            siblings = self._siblings(position[:depth])
            before += _longest(siblings[: _index(position[depth])])
            if depth + 1 < len(position):
                branch = siblings[_index(position[depth])]
                assert isinstance(branch, PlanBranch)
                length += _longest(branch.option(str(position[depth + 1]))) - _longest((branch,))
        return before + 1, length

    def to_json(self) -> dict[str, Any]:
        return {
            "steps": [_step_to_json(step) for step in self.steps],
            "draws": [{"node": draw.node, "outcome": draw.outcome, "per": draw.per} for draw in self.draws],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        return cls(tuple(map(_step_from_json, data["steps"])), tuple(Draw(**draw) for draw in data["draws"]))

    def _siblings(self, path: Position) -> tuple[Step, ...]:
        steps = self.steps
        for index, name in zip(path[::2], path[1::2], strict=True):
            branch = steps[_index(index)]
            if not isinstance(branch, PlanBranch):
                raise KeyError(name)
            steps = branch.option(str(name))
        return steps

    def _after(self, position: Position) -> Position | None:
        while position:
            following = _index(position[-1]) + 1
            if following < len(self._siblings(position[:-1])):
                return (*position[:-1], following)
            position = position[:-2]
        return None

    def _scenes(self, steps: Sequence[Step], path: Position) -> list[tuple[Position, PlanScene]]:
        found: list[tuple[Position, PlanScene]] = []
        for index, step in enumerate(steps):
            here = (*path, index)
            if isinstance(step, PlanScene):
                found.append((here, step))
                continue
            for name, inner in step.options:
                found += self._scenes(inner, (*here, name))
        return found


def _index(part: int | str) -> int:
    if not isinstance(part, int) or part < 0:
        raise IndexError(part)
    return part


def _longest(steps: Sequence[Step]) -> int:
    """Number of scenes along the longest way through the steps."""
    return sum(
        1 if isinstance(step, PlanScene) else max((_longest(inner) for _, inner in step.options), default=0)
        for step in steps
    )


def _step_to_json(step: Step) -> dict[str, Any]:
    if isinstance(step, PlanScene):
        return {"id": step.id, "scene": step.scene, "group_key": step.group_key}
    options = [[name, [_step_to_json(inner) for inner in steps]] for name, steps in step.options]
    return {"id": step.id, "branch": step.branch, "options": options}


def _step_from_json(data: Mapping[str, Any]) -> Step:
    if "scene" in data:
        return PlanScene(data["id"], data["scene"], data["group_key"])
    options = tuple((name, tuple(map(_step_from_json, steps))) for name, steps in data["options"])
    return PlanBranch(data["id"], data["branch"], options)

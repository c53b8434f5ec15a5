"""Drawing a plan: everything random is taken from the generator that is passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from math import perm
from typing import TYPE_CHECKING

from igym.experiment.plan import Draw, Plan, PlanBranch, PlanScene, Step
from igym.experiment.scenes.base import Scene

if TYPE_CHECKING:
    from random import Random

    from igym.experiment.stager import AnyNode, Branch, RandomizeOrder, Repeat, Stager

Counts = Mapping[str, Mapping[str, int]]
"""How many participants got each outcome so far: node → outcome → number."""

AGAIN = "again"
"""The way into the next round of a conditional Repeat."""

ALL_ORDERS_UP_TO = 720
"""Balanced orders use every order up to this number of them, and a balanced Latin square above."""


def draw_plan(
    stager: Stager,
    rng: Random,
    counts: Counts,
    given: Mapping[str, str] | None = None,
    drawn: Sequence[Draw] = (),
) -> Plan:
    """One participant's plan. Add its draws to `counts` before the next one's; `given` are taken as they are.

    `drawn` was drawn for the whole plan before: whatever of it is per group decides in all games who can meet.
    """
    drawing = _Drawing(rng, counts, given or {})
    keys = tuple(f"{draw.node}={draw.outcome}" for draw in drawn if draw.per == "group")
    steps = told_apart(drawing.sequence(stager.scenes, "", keys), set())
    return Plan(tuple(steps), (*drawn, *drawing.draws))


def told_apart(steps: Sequence[Step], used: set[str]) -> list[Step]:
    """The same steps; a scene that stands at several places has the id `…_r2`, `…_r3` from the second on.

    `used` takes up the ids; of a branch's options one is entered, so each may use the same ones.
    """
    found: list[Step] = []
    for step in steps:
        if isinstance(step, PlanBranch):
            options, inside = [], set(used)
            for name, inner in step.options:
                within = set(used)
                options.append((name, tuple(told_apart(inner, within))))
                inside |= within
            used |= inside
            found.append(replace(step, options=tuple(options)))
            continue
        id, number = step.id, 2
        while id in used:
            id, number = f"{step.id}_r{number}", number + 1
        used.add(id)
        found.append(step if id == step.id else replace(step, id=id))
    return found


class _Drawing:
    def __init__(self, rng: Random, counts: Counts, given: Mapping[str, str]) -> None:
        self.rng = rng
        self.counts = counts
        self.given = given
        self.draws: list[Draw] = []

    def sequence(self, nodes: Sequence[AnyNode], suffix: str, keys: tuple[str, ...]) -> list[Step]:
        return [step for node in nodes for step in self.steps(node, suffix, keys)]

    def steps(self, node: AnyNode, suffix: str, keys: tuple[str, ...]) -> list[Step]:
        if isinstance(node, Scene):
            return [PlanScene(node.id + suffix, node.id, ";".join(keys))]
        if node.kind == "randomize_order":
            return self._ordered(node, suffix, keys)
        if node.kind == "repeat":
            return self._rounds(node, suffix, keys, 1)
        if node.kind == "branch":
            return [self._branch(node, suffix, keys)]
        return self.sequence(node.scenes, suffix, keys)

    def _rounds(self, node: Repeat, suffix: str, keys: tuple[str, ...], first: int) -> list[Step]:
        """The rounds from `first` on. After each of a conditional one it is decided whether there is another."""
        here = f"{suffix}_r{first}"
        steps = self.sequence(node.scenes, here, keys)
        more = self._rounds(node, suffix, keys, first + 1) if first < node.rounds else []
        if not node.is_conditional or first < node.fewest:
            return [*steps, *more]
        again = ((AGAIN, tuple(more)),) if more else ()
        return [*steps, PlanBranch(node.known_id + here, node.known_id, again)]

    def _branch(self, node: Branch, suffix: str, keys: tuple[str, ...]) -> PlanBranch:
        options = tuple((name, tuple(self.steps(inner, suffix, keys))) for name, inner in node.options)
        options += tuple((name, ()) for name in node.empty_options)
        return PlanBranch(node.known_id + suffix, node.known_id, options)

    def _ordered(self, node: RandomizeOrder, suffix: str, keys: tuple[str, ...]) -> list[Step]:
        by_label = {child.known_id: child for child in node.scenes}
        address = node.known_id + suffix
        known = self.given.get(address)
        order = known.split(">") if known else self._order(node, list(by_label), self.counts.get(address, {}))
        outcome = ">".join(order)
        self.draws.append(Draw(address, outcome, node.per))
        inner_keys = (*keys, f"{address}={outcome}") if node.per == "group" else keys
        return self.sequence([by_label[label] for label in order], suffix, inner_keys)

    def _order(self, node: RandomizeOrder, labels: list[str], cells: Mapping[str, int]) -> list[str]:
        kept = node.keep_n or len(labels)
        unfinished = _unfinished(node, labels, cells) if node.per == "group" else None
        if unfinished:
            return unfinished
        if not node.balanced:
            return self.rng.sample(labels, kept)
        orders = [[labels[index] for index in order] for order in _orders(len(labels), kept)]
        fewest = min(cells.get(">".join(order), 0) for order in orders)
        return self.rng.choice([order for order in orders if cells.get(">".join(order), 0) == fewest])


def _unfinished(node: RandomizeOrder, labels: Sequence[str], cells: Mapping[str, int]) -> list[str] | None:
    """An order that lacks people to fill its last group: the next one to come joins them."""
    for outcome, count in sorted(cells.items()):
        order = outcome.split(">")
        if count % node.group_size and set(order) <= set(labels):
            return order
    return None


def _orders(n: int, kept: int) -> list[tuple[int, ...]]:
    if perm(n, kept) <= ALL_ORDERS_UP_TO:
        return list(permutations(range(n), kept))
    return [row[:kept] for row in balanced_latin_square(n)]


def balanced_latin_square(n: int) -> list[tuple[int, ...]]:
    """Orders of n things in which each comes equally often at each place and after each other (Williams' design)."""
    first = [(index + 1) // 2 if index % 2 else -(index // 2) for index in range(n)]
    rows = [tuple((value + shift) % n for value in first) for shift in range(n)]
    return rows if n % 2 == 0 else rows + [row[::-1] for row in rows]

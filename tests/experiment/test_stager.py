"""Plans: drawn from what is passed in, complete, repeatable, balanced, and walkable."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from itertools import pairwise, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igym import Block, Branch, EndScene, GymScene, Human, RandomizeOrder, Repeat, Stager, StartScene, StaticScene
from igym.experiment.draw import balanced_latin_square
from igym.experiment.plan import Plan, PlanBranch, PlanScene, Position
from igym.experiment.stager import AnyNode, scenes_in


def page(id: str) -> StaticScene:
    return StaticScene(id)


def duel(id: str) -> GymScene:
    return GymScene(id).environment(file="env.py").policies({"left": Human, "right": Human})


def choose(context: Any) -> str:
    return "a"


def walk(plan: Plan, choices: dict[str, str | None] | None = None) -> list[str]:
    """Scene ids in the order a participant sees them."""
    seen: list[str] = []
    position = plan.next(None)
    while position is not None:
        step = plan.at(position)
        choice = (choices or {}).get(step.id) if isinstance(step, PlanBranch) else None
        seen += [step.id] if isinstance(step, PlanScene) else []
        position = plan.next(position, choice)
    return seen


def draw(*nodes: Any, seed: int = 0, counts: Any = None) -> Plan:
    return Stager(list(nodes)).draw(random.Random(seed), counts)


def many(node: RandomizeOrder, people: int) -> list[Plan]:
    """Plans of people who come one after the other."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    rng, plans, stager = random.Random(5), [], Stager([node])
    for _ in range(people):
        plan = stager.draw(rng, counts)
        for drawn in plan.draws:
            counts[drawn.node][drawn.outcome] += 1
        plans.append(plan)
    return plans


def test_a_plain_list_keeps_its_order() -> None:
    assert walk(draw(page("a"), page("b"), page("c"))) == ["a", "b", "c"]


def test_rounds_get_ids_of_their_own() -> None:
    plan = draw(Repeat([page("a"), Repeat([page("b")], 2)], 2))
    assert walk(plan) == ["a_r1", "b_r1_r1", "b_r1_r2", "a_r2", "b_r2_r1", "b_r2_r2"]
    assert {scene.scene for scene in plan.scenes()} == {"a", "b"}


def test_each_round_draws_anew() -> None:
    plans = [walk(draw(Repeat([RandomizeOrder([page("a"), page("b")])], 2), seed=seed)) for seed in range(20)]
    assert any([s[0] for s in plan[:2]] != [s[0] for s in plan[2:]] for plan in plans)


def test_blocks_stay_together_in_random_orders() -> None:
    for seed in range(20):
        ids = walk(draw(RandomizeOrder([Block([page("a"), page("b")]), page("c"), page("d")]), seed=seed))
        assert ids.index("b") == ids.index("a") + 1


def test_keep_n_shows_only_so_many() -> None:
    seen = {tuple(walk(draw(RandomizeOrder([page(x) for x in "abc"], keep_n=2), seed=seed))) for seed in range(60)}
    assert seen == set(permutations("abc", 2))


def test_the_same_seed_gives_the_same_plan_and_others_differ() -> None:
    node = RandomizeOrder([page(x) for x in "abcdef"])
    assert draw(node, seed=3) == draw(node, seed=3)
    assert len({tuple(walk(draw(node, seed=seed))) for seed in range(10)}) > 1


def test_balanced_orders_fill_the_emptiest_cell_first() -> None:
    plans = many(RandomizeOrder([page(x) for x in "abc"], balanced=True), 13)
    numbers = Counter(plan.draws[0].outcome for plan in plans)
    assert len(numbers) == 6
    assert max(numbers.values()) - min(numbers.values()) <= 1


def test_balanced_conditions() -> None:
    plans = many(RandomizeOrder([page("x"), page("y")], keep_n=1, balanced=True), 10)
    assert Counter(walk(plan)[0] for plan in plans) == {"x": 5, "y": 5}


def test_many_scenes_are_balanced_by_a_latin_square() -> None:
    plans = many(RandomizeOrder([page(f"s{n}") for n in range(8)], balanced=True), 16)
    places: Counter[tuple[int, str]] = Counter()
    for plan in plans:
        places.update(enumerate(walk(plan)))
    assert set(places.values()) == {2}


@pytest.mark.parametrize("n", range(2, 12))
def test_the_latin_square_balances_places_and_neighbours(n: int) -> None:
    rows = balanced_latin_square(n)
    assert all(sorted(row) == list(range(n)) for row in rows)
    places = Counter((place, value) for row in rows for place, value in enumerate(row))
    neighbours = Counter(pair for row in rows for pair in pairwise(row))
    assert len(set(places.values())) == 1
    assert len(neighbours) == n * (n - 1)
    assert len(set(neighbours.values())) == 1


@pytest.mark.parametrize("balanced", [False, True])
def test_partners_draw_the_same_order(balanced: bool) -> None:
    node = RandomizeOrder([duel("one"), duel("two"), page("talk")], per="group", balanced=balanced)
    plans = many(node, 24)
    for first, second in zip(plans[::2], plans[1::2], strict=True):
        assert first.steps == second.steps
        assert {scene.group_key for scene in first.scenes()} == {f"order_1={first.draws[0].outcome}"}
    assert len({plan.draws[0].outcome for plan in plans}) > 1
    numbers = Counter(plan.draws[0].outcome for plan in plans)
    if balanced:
        assert set(numbers.values()) == {4}


def test_scenes_outside_a_group_draw_are_open_to_everybody() -> None:
    plan = draw(duel("open"), RandomizeOrder([duel("one"), page("talk")], per="group"))
    keys = {scene.id: scene.group_key for scene in plan.scenes()}
    assert keys["open"] == ""
    assert keys["one"] != ""


def test_a_branch_waits_for_its_choice() -> None:
    plan = draw(page("q"), Branch(choose, {"a": [page("a1"), page("a2")], "b": page("b1")}), EndScene("end"))
    assert walk(plan, {"branch_1": "a"}) == ["q", "a1", "a2", "end"]
    assert walk(plan, {"branch_1": "b"}) == ["q", "b1", "end"]
    assert walk(plan, {"branch_1": None}) == ["q", "end"]
    with pytest.raises(KeyError):
        walk(plan, {"branch_1": "c"})


def test_branches_in_branches_and_rounds() -> None:
    inner = Branch(choose, [page("x"), page("y")], id="inner")
    plan = draw(Repeat([Branch(choose, {"deep": inner, "flat": page("z")}, id="outer")], 2))
    choices = {"outer_r1": "deep", "inner_r1": "y", "outer_r2": "flat"}
    assert walk(plan, choices) == ["y_r1", "z_r2"]


def test_progress_counts_what_is_certain_and_the_longest_way_else() -> None:
    plan = draw(page("q"), Branch(choose, {"a": [page("a1"), page("a2")], "b": page("b1")}), EndScene("end"))
    assert plan.progress((0,)) == (1, 4)
    assert plan.progress((1, "b", 0)) == (2, 3)
    assert plan.progress((1, "a", 1)) == (3, 4)
    assert plan.progress((2,)) == (4, 4)


def test_scenes_are_found_by_plan_id_or_specification() -> None:
    plan = draw(page("q"), Repeat([page("a")], 2), Branch(choose, [page("z")]))
    assert plan.find("a_r2") == (2,)
    assert plan.find("a") == (1,)
    assert plan.find("z") == (3, "z", 0)
    assert plan.find("nowhere") is None


@pytest.mark.parametrize("position", [(9,), (-1,), (0, "a", 0), (1, "c", 0), (1, "a", 7), ("a",)])
def test_positions_that_do_not_exist_are_refused(position: Position) -> None:
    plan = draw(page("q"), Branch(choose, {"a": page("a1")}))
    with pytest.raises((IndexError, KeyError)):
        plan.at(position)


def nested(ids: Any) -> st.SearchStrategy[AnyNode]:
    leaf = st.builds(lambda: page(f"s{next(ids)}")) | st.builds(lambda: duel(f"s{next(ids)}"))

    def grow(inner: st.SearchStrategy[AnyNode]) -> st.SearchStrategy[AnyNode]:
        lists = st.lists(inner, min_size=1, max_size=4)
        return (
            lists.map(Block)
            | st.builds(Repeat, lists, st.integers(1, 3))
            | st.builds(_order, lists, st.booleans(), st.booleans(), st.integers(1, 4))
            | lists.map(lambda nodes: Branch(choose, {f"o{i}": node for i, node in enumerate(nodes)}))
        )

    return st.recursive(leaf, grow, max_leaves=12)


def _order(nodes: list[AnyNode], balanced: bool, grouped: bool, keep: int) -> RandomizeOrder:
    per = "group" if grouped and any(isinstance(s, GymScene) for n in nodes for s in scenes_in(n)) else "participant"
    return RandomizeOrder(nodes, keep_n=min(keep, len(nodes)), per=per, balanced=balanced)


@st.composite
def stagers(draw_: Any) -> Stager:
    numbers = iter(range(10_000))
    return Stager([StartScene("start"), *draw_(st.lists(nested(numbers), min_size=1, max_size=3))])


@settings(deadline=None)
@given(stagers(), st.integers(0, 2**32), st.data())
def test_any_nesting_gives_a_complete_walkable_plan(stager: Stager, seed: int, data: st.DataObject) -> None:
    plan = stager.draw(random.Random(seed), {})
    assert plan == stager.draw(random.Random(seed), {})
    assert Plan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    ids = [scene.id for scene in plan.scenes()]
    assert len({id.lower() for id in ids}) == len(ids)
    assert {scene.scene for scene in plan.scenes()} <= {scene.id for scene in stager.all_scenes()}
    position, seen, total = plan.next(None), 0, 0
    while position is not None:
        assert plan.at(position) == plan.at(tuple(json.loads(json.dumps(position))))
        step, choice = plan.at(position), None
        if isinstance(step, PlanBranch):
            choice = data.draw(st.sampled_from([name for name, _ in step.options]))
        else:
            index, total = plan.progress(position)
            assert plan.find(step.id) == position
            seen += 1
            assert seen <= index <= total
        position = plan.next(position, choice)
    assert seen <= total


@settings(deadline=None)
@given(stagers())
def test_a_stored_stager_is_the_same_stager(stager: Stager) -> None:
    stored = json.loads(json.dumps(stager.model_dump(mode="json")))
    again = Stager.model_validate(stored)
    assert again.model_dump(mode="json") == stager.model_dump(mode="json")
    assert again.draw(random.Random(1), {}) == stager.draw(random.Random(1), {})


@given(st.permutations(list(range(6))), st.integers(2, 40))
def test_balanced_cells_never_differ_by_more_than_one(order: list[int], people: int) -> None:
    plans = many(RandomizeOrder([page(f"s{n}") for n in order[:3]], balanced=True), people)
    numbers = Counter(plan.draws[0].outcome for plan in plans)
    all_cells = [numbers.get(">".join(cell), 0) for cell in permutations([f"s{n}" for n in order[:3]])]
    assert max(all_cells) - min(all_cells) <= 1

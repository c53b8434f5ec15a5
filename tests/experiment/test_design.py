"""Factors and levels: which cell comes next, and which designs are refused."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from igym.experiment.design import Design
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import EndScene, StartScene

FACTORS: dict[str, Any] = {"partner": ["human", "ai"], "layout": ["open", "narrow", "ring"]}


def arrivals(design: Design, people: int, *, drops: float = 0.0, seed: int = 1) -> Counter[str]:
    """So many come one after the other; some of those who are there drop out and free their places."""
    rng, counts = Random(seed), Counter[str]()
    for _ in range(people):
        cell = design.draw(rng, counts)
        if cell is None:
            continue
        counts[cell.id] += 1
        if rng.random() < drops:
            counts[rng.choice([known for known, count in counts.items() if count])] -= 1
        assert design.cell_limit is None or max(counts.values()) <= design.cell_limit
    return counts


def test_cells_are_every_combination_of_levels() -> None:
    cells = Design(FACTORS).cells()
    assert [cell.id for cell in cells[:4]] == ["human/open", "human/narrow", "human/ring", "ai/open"]
    assert dict(cells[5].levels) == {"partner": "ai", "layout": "ring"}


def test_balanced_cells_stay_within_one_person_without_dropouts() -> None:
    for people in (6, 7, 1000):
        counts = arrivals(Design(FACTORS), people)
        assert max(counts.values()) - min(counts.values()) <= 1 and counts.total() == people


def test_ten_thousand_arrivals_with_dropouts_stay_balanced() -> None:
    counts = arrivals(Design(FACTORS), 10_000, drops=0.2)
    assert max(counts.values()) - min(counts.values()) <= 3


def test_no_cell_ever_exceeds_its_quota_and_all_are_filled() -> None:
    counts = arrivals(Design(FACTORS, cell_limit=20), 10_000, drops=0.01)
    assert set(counts.values()) == {20}


def test_weights_are_the_share_of_people() -> None:
    counts = arrivals(Design(FACTORS, weights={"partner": {"human": 2}}), 900)
    assert {cell: counts[cell] for cell in counts} == {
        f"{partner}/{layout}": 200 if partner == "human" else 100
        for partner in ("human", "ai")
        for layout in ("open", "narrow", "ring")
    }


def test_without_balance_chance_alone_decides() -> None:
    counts = arrivals(Design(FACTORS, balanced=False), 6000)
    assert all(850 < count < 1150 for count in counts.values())
    assert max(counts.values()) - min(counts.values()) > 1


def test_a_closed_cell_takes_nobody() -> None:
    design, rng = Design({"side": [1, 2]}), Random(1)
    drawn = {getattr(design.draw(rng, {}, {"1"}), "id", None) for _ in range(50)}
    assert drawn == {"2"}
    assert design.draw(rng, {}, {"1", "2"}) is None


def test_a_group_needs_places_for_all_of_it() -> None:
    design = Design({"side": ["a", "b"]}, cell_limit=3)
    assert design.open_cells({"a": 2}, people=2) == [design.cell("b")]


def test_balance_within_a_stratum_comes_before_balance_over_all() -> None:
    design = Design({"side": ["a", "b"]}, strata=("site",))
    assert {design.draw(Random(seed), {"a": 0, "b": 9}, in_stratum={"a": 1}).id for seed in range(9)} == {"b"}  # type: ignore[union-attr]


def test_a_full_stratum_takes_nobody_more() -> None:
    design = Design({"side": ["a", "b"]}, strata=("site",), stratum_limit=3)
    assert design.draw(Random(1), {}, in_stratum={"a": 1, "b": 1}) is not None
    assert design.draw(Random(1), {}, in_stratum={"a": 2, "b": 1}) is None


def test_levels_keep_their_type() -> None:
    design = Design({"speed": [0.5, 2], "sound": [True, False]})
    assert design.level("speed", "0.5") == 0.5
    assert design.level("sound", "False") is False


@pytest.mark.parametrize(
    ("factors", "options", "text"),
    [
        ({"a": ["x", "x"]}, {}, "the same level twice"),
        ({"a": ["x/y", "z"]}, {}, "cannot be a level"),
        ({"two words": ["x", "y"]}, {}, "named like a variable"),
        ({f"f{n}": list(range(10)) for n in range(4)}, {}, "10000 cells"),
        ({"a": ["x", "y"]}, {"weights": {"a": {"q": 2}}}, "no level a=q"),
        ({"a": ["x", "y"]}, {"when_full": "scene"}, "full_scene belong together"),
        ({"a": ["x", "y"]}, {"full_url": "https://example.org"}, "full_url belong together"),
        ({"a": ["x", "y"]}, {"per": "group", "strata": ["site"]}, "strata are of one person"),
        ({"a": ["x", "y"]}, {"strata": ["about.gender"]}, "not known at the start"),
        ({"a": ["x", "y"]}, {"stratum_limit": 3}, "needs strata"),
    ],
)
def test_a_design_that_cannot_be_is_refused(factors: Any, options: Any, text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        Design(factors, **options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"assign": "nowhere"}, 'assign="nowhere" is not a scene'),
        ({"when_full": "scene", "full_scene": "sorry"}, 'full_scene="sorry" is not a scene'),
        ({"assign": "end", "when_full": "scene", "full_scene": "end"}, "is where the condition is assigned"),
        ({"per": "group"}, "needs a GymScene for two or more"),
    ],
)
def test_a_design_fits_its_experiment(options: Any, text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        Experiment("x", stager=[StartScene("start"), EndScene("end")], design=Design({"a": ["x", "y"]}, **options))


def test_a_design_is_stored_with_its_experiment() -> None:
    design = Design({"speed": [0.5, 2]}, cell_limit=4, weights={"speed": {"2": 3}})
    experiment = Experiment("x", stager=[EndScene("end")], design=design)
    again = Experiment.from_json(experiment.to_json())
    assert again.design == design

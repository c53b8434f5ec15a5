"""One scene at several places of the order needs no id for each: whoever comes to it again finds it as `…_r2`."""

from __future__ import annotations

import random
from typing import Any

import pytest

from igym import Block, EndScene, Experiment, ExperimentError, RandomizeOrder, Scales, Stager, StaticScene
from igym.experiment.study_layout import write_document
from igym.experiment.study_python import to_python
from igym.experiment.study_read import from_text
from igym.experiment.study_write import to_document

rate = Scales("rate").display(scales={"liked": "I liked it."})
rest = StaticScene("rest")
A, B = (Block([StaticScene(name), rate, rest], id=f"part_{name}") for name in "ab")


def study() -> Experiment:
    return Experiment("same", stager=Stager([RandomizeOrder([A, B], id="order"), EndScene("end")]))


def test_the_order_a_person_gets_numbers_its_showings() -> None:
    stager = study().stager
    orders = set()
    for seed in range(20):
        plan = stager.draw(random.Random(seed))
        ids = [step.id for step in plan.scenes()]
        first, second = [id for id in ids if id in "ab"]
        assert ids == [first, "rate", "rest", second, "rate_r2", "rest_r2", "end"]
        assert [step.scene for step in plan.scenes()] == [first, "rate", "rest", second, "rate", "rest", "end"]
        orders.add(first)
    assert orders == {"a", "b"}


def test_it_is_one_scene_of_the_experiment_in_all_its_forms() -> None:
    experiment = study()
    assert [scene.id for scene in experiment.scenes] == ["a", "rate", "rest", "b", "end"]
    again = Experiment.from_json(experiment.to_json())
    assert [scene.id for scene in again.scenes] == [scene.id for scene in experiment.scenes]
    document = write_document(to_document(experiment))
    assert [scene.id for scene in from_text(document).scenes] == [scene.id for scene in experiment.scenes]
    names: dict[str, Any] = {}
    exec(to_python(experiment), names)
    assert [scene.id for scene in names["experiment"].scenes] == [scene.id for scene in experiment.scenes]


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ([StaticScene("a"), StaticScene("a", header="B")], "two scenes have the id"),
        ([RandomizeOrder([rest, rest], id="o")], "a Block of its own"),
        ([A, B, StaticScene("rest_r2")], "later showing"),
    ],
)
def test_what_would_be_taken_for_another_is_refused(nodes: list[Any], text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        Stager([*nodes, EndScene("end")])

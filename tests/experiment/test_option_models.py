"""Every field a researcher can write is described once, completely."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

import igym
from igym.experiment import options, stager
from igym.experiment.base import OptionGroup, Spec, extra_of
from igym.experiment.describe import describe_field
from igym.experiment.experiment import Experiment
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import CustomMatchmaker, Fifo, GroupReunion, LatencyMatchmaker
from igym.experiment.participation import Callbacks, EntryScreening, ParticipantIds
from igym.experiment.policies import Advice, Human, Onnx, Python, Random, Shared
from igym.experiment.scenes import SCENE_CLASSES, Choice, GymScene
from igym.experiment.scenes.fields import FIELD_CLASSES
from igym.experiment.scenes.gym_spec import GYM_GROUPS

NAMED: list[type[BaseModel]] = [
    *SCENE_CLASSES,
    *FIELD_CLASSES,
    Choice,
    Experiment,
    EntryScreening,
    ParticipantIds,
    Callbacks,
    FunctionRef,
    *(getattr(options, name) for name in dir(options) if name.endswith("Options")),
    options.SpriteSheet,
    options.ActionBinding,
    options.Axis,
    options.Pointer,
    *(getattr(stager, name) for name in ("Stager", "RandomizeOrder", "Repeat", "Block", "Branch")),
    *(Fifo, LatencyMatchmaker, GroupReunion, CustomMatchmaker),
    *(Human, Shared, Advice, Random, Python, Onnx),
]
UNITS_BY_ENDING = {"_s": "s", "_ms": "ms", "_frames": "frames"}


def subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for child in model.__subclasses__():
        if child.__module__.startswith("igym.experiment"):
            yield child
            yield from subclasses(child)


def fields() -> list[Any]:
    return list(_fields())


def _fields() -> Iterator[Any]:
    for model in sorted(set(NAMED) | set(subclasses(Spec)), key=lambda model: model.__qualname__):
        for name, field in model.model_fields.items():
            if name == "kind" and field.title is None:
                continue  # the bare declaration on an abstract base
            yield pytest.param(model, name, field, id=f"{model.__qualname__}.{name}")


def faults(name: str, field: Any) -> list[str]:
    shape = describe_field(field)
    found = [fact for fact in ("title", "description") if not (getattr(field, fact) or "").strip()]
    unit = extra_of(field, "unit")
    if not unit:
        found.append("unit or 'none'")
    if shape["type"] in ("integer", "number"):
        found += ["lower bound"] if "min" not in shape and "above" not in shape else []
        found += ["upper bound"] if "max" not in shape and "below" not in shape else []
    wanted = next((unit for ending, unit in UNITS_BY_ENDING.items() if name.endswith(ending)), None)
    if wanted and unit != wanted:
        found.append(f"unit {wanted}")
    if not isinstance(extra_of(field, "advanced"), bool):
        found.append("advanced flag")
    return found


@pytest.mark.parametrize(("model", "name", "field"), fields())
def test_every_field_has_title_description_unit_and_bounds(model: type[BaseModel], name: str, field: Any) -> None:
    assert faults(name, field) == []


def test_the_walk_finds_what_is_missing() -> None:
    class Bare(OptionGroup):
        wait_s: int = 3

    assert faults("wait_s", Bare.model_fields["wait_s"]) == [
        "title",
        "description",
        "unit or 'none'",
        "lower bound",
        "upper bound",
        "unit s",
        "advanced flag",
    ]


def test_descriptions_are_sentences() -> None:
    for param in fields():
        _, _, field = param.values
        assert re.search(r"[.)…]$", field.description), param.id


def test_a_gym_scene_has_exactly_ten_builder_methods() -> None:
    inherited = set(dir(igym.StaticScene)) | {"with_group", "functions", "players"}
    own = {name for name in dir(GymScene) if not name.startswith("_")} - inherited - set(GymScene.model_fields)
    assert own == set(GYM_GROUPS)
    assert len(GYM_GROUPS) == 10


@pytest.mark.parametrize("method", GYM_GROUPS)
def test_builder_parameters_are_the_fields_of_their_group(method: str) -> None:
    group = type(getattr(GymScene("x"), f"{method}_options"))
    parameters = set(inspect.signature(getattr(GymScene, method)).parameters) - {"self", "misspelt"}
    assert parameters == set(group.model_fields)


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__qualname__)
def test_models_are_frozen_and_forbid_unknown_names(model: type[BaseModel]) -> None:
    assert model.model_config.get("frozen") is True
    assert model.model_config.get("extra") == "forbid"


def test_everything_public_is_exported_lazily() -> None:
    for name in igym.__all__:
        assert getattr(igym, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'GymSceen'"):
        igym.GymSceen  # noqa: B018
    assert set(igym.__all__) <= set(dir(igym))
    homes: dict[str, list[str]] = igym._HOMES
    assert set(igym.__all__) == {name for names in homes.values() for name in names}, "one is told and not exported"


def test_scenes_and_nodes_named_by_researchers_are_exported() -> None:
    wanted = {cls.__name__ for cls in (*SCENE_CLASSES, *FIELD_CLASSES)} | {
        "Stager",
        "RandomizeOrder",
        "Repeat",
        "Block",
        "Branch",
    }
    assert wanted <= set(igym.__all__)

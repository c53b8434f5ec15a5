"""Titles, explanations and units of all options, as the form shows them; what the built-in examples say they are."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import igym.experiment.experiment  # noqa: F401  (every model is a part of it)
from igym.experiment.base import Spec
from igym.experiment.loader import load_experiment
from igym.experiment.scenes import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym_desktop.flow.paths import example_folders


def option_texts() -> Iterator[str]:
    """Each as it stands in the model, of every model there is."""
    yield from (str(getattr(GymScene, name).__doc__).strip() for name in GYM_GROUPS)
    yield from (text for model in models() for field in model.model_fields.values() for text in texts_of(field))


def example_texts() -> set[str]:
    """What stands on the cards of the built-in examples."""
    return {load_experiment(folder).description for folder in example_folders()}


def models() -> Iterator[type[BaseModel]]:
    waiting: list[type[BaseModel]] = [Spec]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("igym.experiment"):
            yield model


def texts_of(field: FieldInfo) -> Iterator[str]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if not extra.get("hidden"):
        texts = (field.title, field.description, extra.get("unit"))
        yield from (str(text) for text in texts if text and text != "none")

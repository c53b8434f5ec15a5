"""Titles, explanations and units of all options: what the form shows of an experiment."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel
from pydantic.fields import FieldInfo

import igym.experiment.experiment  # noqa: F401  (every model is a part of it)
from igym.experiment.base import Spec
from igym.experiment.scenes import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS


def option_texts() -> Iterator[str]:
    """Each as it stands in the model, of every model there is."""
    yield from (str(getattr(GymScene, name).__doc__).strip() for name in GYM_GROUPS)
    yield from (text for model in models() for field in model.model_fields.values() for text in texts_of(field))


def models() -> Iterator[type[BaseModel]]:
    waiting: list[type[BaseModel]] = [Spec]
    while waiting:
        model = waiting.pop()
        waiting += model.__subclasses__()
        if model.__module__.startswith("igym.experiment"):
            yield model


def texts_of(field: FieldInfo) -> Iterator[str]:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if not str(field.description).startswith("Always "):
        texts = (field.title, field.description, extra.get("unit"))
        yield from (str(text) for text in texts if text and text != "none")

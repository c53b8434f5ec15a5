"""Plain JSON out of what researchers write: tuples, numpy scalars and arrays included."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from igym.experiment.errors import ExperimentError, shown
from igym.protocol.told import Told


def as_json(value: Any, where: str) -> Any:
    """The value as JSON can hold it, or an ExperimentError that names the place inside `where`."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Mapping):
        return {_key(key, where): as_json(item, f"{where}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item, f"{where}[{index}]") for index, item in enumerate(value)]
    if hasattr(value, "tolist"):
        return as_json(value.tolist(), where)
    return _number(value, where)


def _number(value: Any, where: str) -> int | float:
    if isinstance(value, int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ExperimentError(
        Told("{where} is {what}, which cannot be written to JSON.", where=where, what=shown(value)),
        value=shown(value),
        allowed="texts, finite numbers, True, False, None, lists and dicts of these",
    )


def _key(key: Any, where: str) -> str:
    if not isinstance(key, str):
        raise ExperimentError(
            Told("{where} has the key {key}; keys must be texts.", where=where, key=shown(key)),
            value=shown(key),
            allowed=Told("a text"),
        )
    return key

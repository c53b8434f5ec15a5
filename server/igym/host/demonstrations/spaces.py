"""Values in the form a space wants them, and spaces for envs that name none."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from igym.protocol.told import Told

KNOWN = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary, spaces.Text)
"""The kinds of leaves that a Minari set can hold, inside dicts and tuples."""


class UnfitError(Exception):
    """A value cannot be brought into its space's form."""


def can_hold(space: Any) -> bool:
    """Whether a set can be written of this space."""
    if isinstance(space, spaces.Dict):
        return all(map(can_hold, space.spaces.values()))
    if isinstance(space, spaces.Tuple):
        return all(map(can_hold, space.spaces))
    return isinstance(space, KNOWN)


def plain_space(space: Any) -> Any:
    """A copy without a generator of its own, so that equal spaces are written alike."""
    found = copy.deepcopy(space)
    found.seed(0)
    return found


def fitted(space: Any, value: Any) -> Any:
    """`value` with the dtype and shape of its space. Raises `UnfitError` when it has another form."""
    try:
        return _fitted(space, value)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise UnfitError(Told("{value} has not the form of {space}", value=repr(value), space=space)) from error


def _fitted(space: Any, value: Any) -> Any:
    if isinstance(space, spaces.Dict):
        return {key: _fitted(inner, value[key]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        if len(value) != len(space.spaces):
            raise ValueError(len(value))
        return tuple(_fitted(inner, item) for inner, item in zip(space.spaces, value, strict=True))
    if isinstance(space, spaces.Discrete):
        return np.asarray(int(value), space.dtype)[()]
    if isinstance(space, spaces.Text):
        return str(value)
    found = np.asarray(value, space.dtype)
    if found.size != int(np.prod(space.shape)):
        raise ValueError(found.shape)
    return found.reshape(space.shape)


def stacked(space: Any, values: Sequence[Any]) -> Any:
    """A column of fitted values, as a buffer of an episode takes it."""
    if isinstance(space, spaces.Dict):
        return {key: stacked(inner, [value[key] for value in values]) for key, inner in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(stacked(inner, [value[at] for value in values]) for at, inner in enumerate(space.spaces))
    if isinstance(space, spaces.Text):
        return list(values)
    shape = getattr(space, "shape", None) or ()
    return np.asarray(values, space.dtype).reshape((len(values), *shape))


def guessed(values: Sequence[Any]) -> Any:
    """A space that holds these values, for an env that names none: whole numbers from the least to the largest seen,
    otherwise numbers without bounds. Raises `UnfitError` for what is neither numbers nor made of them."""
    first = values[0]
    if isinstance(first, dict):
        return spaces.Dict({str(key): guessed([value[key] for value in values]) for key in first})
    if isinstance(first, str):
        return spaces.Text(max(map(len, values)) or 1)
    found = [np.asarray(value) for value in values]
    if any(each.shape != found[0].shape or each.dtype.kind not in "buif" for each in found):
        raise UnfitError(Told("values like {value} are not numbers of one shape", value=repr(first)))
    if not found[0].shape and found[0].dtype.kind in "bui":
        least, most = int(min(found)), int(max(found))
        return spaces.Discrete(most - least + 1, start=least)
    dtype: Any = found[0].dtype if type(first) is np.ndarray and first.dtype.kind == "f" else np.float64
    return spaces.Box(-np.inf, np.inf, found[0].shape, dtype)


def info_columns(infos: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """One list for each key that any of the dicts has. What is missing is NaN, or an empty text."""
    names = dict.fromkeys(name for info in infos for name in info)
    return {name: _column([info.get(name) for info in infos]) for name in names}


def _column(values: list[Any]) -> list[Any]:
    there = [value for value in values if value is not None]
    if all(isinstance(value, bool) for value in there) and len(there) == len(values):
        return values
    if all(isinstance(value, bool | int | float) for value in there):
        whole = len(there) == len(values) and all(type(value) is int and abs(value) < 2**53 for value in values)
        return values if whole else [float("nan") if v is None else float(v) for v in values]
    return ["" if v is None else v if isinstance(v, str) else json.dumps(v, default=str) for v in values]

"""The type of a whole column: what the codebook says, and how CSV and Parquet hold its values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from igym.host.export.cells import cell, float_text

_NAMES = {type(None): "missing", bool: "boolean", int: "integer", float: "number", str: "string"}
_EXACT = 2**53
_INT64 = 2**63
_BOOLEANS = {True: "true", False: "false", None: ""}


def kinds_in(series: Sequence[Any]) -> set[str]:
    """The kinds of values in a series; also `wide` and `huge` for whole numbers beyond 53 and 63 bits."""
    kinds = {_NAMES.get(kind) or ("string" if issubclass(kind, str) else "json") for kind in set(map(type, series))}
    if "integer" in kinds:
        largest = max(abs(value) for value in series if type(value) is int)
        kinds |= {name for name, limit in (("wide", _EXACT), ("huge", _INT64)) if largest >= limit}
    return kinds


def joined(kinds: Iterable[str]) -> str:
    """One kind for a column: `missing, boolean, integer, number, string` or `json` for nested and mixed values.

    Whole numbers and fractions together are `number`, unless a whole number would lose digits as a fraction.
    """
    found = set(kinds) - {"missing"}
    sizes, found = found & {"wide", "huge"}, found - {"wide", "huge"}
    if found == {"integer", "number"} and not sizes:
        return "number"
    if not found:
        return "missing"
    return next(iter(found)) if len(found) == 1 else "json"


def texts(series: Sequence[Any], kind: str) -> list[str]:
    """A column as CSV cells. In a `json` column every value is JSON, so that "1" and 1 stay apart."""
    if kind == "json":
        return ["" if value is None else json_text(value) for value in series]
    if kind == "number":
        if set(map(type, series)) == {float} and isfinite(sum(series)):  # by far the most cells of a game
            return list(map(repr, series))
        return ["" if value is None else float_text(value) if type(value) is float else str(value) for value in series]
    if kind == "boolean":
        return list(map(_BOOLEANS.__getitem__, series))
    if kind == "integer":
        return ["" if value is None else str(value) for value in series]
    return list(series) if set(map(type, series)) == {str} else [cell(value) for value in series]


def json_text(value: Any) -> str:
    """Any recorded value as compact JSON; bytes as the text of their hex digits."""
    return _ENCODER.encode(value)


def _bytes(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_bytes)

"""How one recorded value becomes the text of a CSV cell, and back."""

from __future__ import annotations

import json
import math
from typing import Any

MISSING = ""
_NAMED = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def cell(value: Any) -> str:
    """Return the CSV text of a value; a missing value (None) is the empty cell.

    Floats are written with the fewest digits that read back as the same number; lists and maps as JSON.
    """
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, int | str):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def float_text(value: float) -> str:
    """Return the shortest exact text of a float; NaN and the infinities by name."""
    text = repr(value)
    return _NAMED.get(text, text)


def type_name(value: Any) -> str:
    """Return the codebook's word for a value's type."""
    if value is None:
        return "missing"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, kind):
            return name
    return "json"


def parse_cell(text: str, kind: str) -> Any:
    """Return the value of a CSV cell, given the codebook's type of its column."""
    if text == MISSING and kind != "string":
        return None
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        return int(text)
    if kind == "number":
        return _SPECIAL[text] if text in _SPECIAL else float(text)
    return json.loads(text) if kind == "json" else text

"""How one recorded value becomes the text of a CSV cell."""

from __future__ import annotations

import json
from typing import Any

MISSING = ""
_NAMED = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


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

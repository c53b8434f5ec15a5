"""A single value on one line: what a person types for an action, a setting of an env or the value of a rule."""

from __future__ import annotations

import json
import re
from typing import Any

_WORDS = {"true": True, "false": False, "none": None, "null": None}


def read_value(text: str) -> Any:
    """Numbers, true, false, none, lists in brackets and tables in braces are what they look like; the rest is text.

    Double quotes around it make a text of whatever they hold.
    """
    stripped = text.strip()
    if stripped.casefold() in _WORDS:
        return _WORDS[stripped.casefold()]
    if re.fullmatch(r"-?\d+", stripped):
        return int(stripped)
    if re.fullmatch(r"-?\d*[.,]?\d+([eE][-+]?\d+)?", stripped):
        return float(stripped.replace(",", "."))
    if stripped[:1] in ("[", "{", '"'):
        try:
            return json.loads(stripped)
        except ValueError:
            return text
    return text


def write_value(value: Any) -> str:
    """A line that reads back as the value."""
    if isinstance(value, str):
        same = read_value(value)
        return value if isinstance(same, str) and same == value else json.dumps(value, ensure_ascii=False)
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


def read_numbers(text: str) -> list[int]:
    """Whole numbers between whatever stands between them; ValueError when there is anything else."""
    parts = [part for part in re.split(r"[\s,;×x*]+", text.strip()) if part]
    return [int(part) for part in parts]


def write_numbers(values: Any) -> str:
    return ", ".join(str(value) for value in values or ())

"""A single value on one line: what a person types for an action, a setting of an env or the value of a rule."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from igym_desktop.flow.translations import is_by_language

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


def read_text(text: str) -> Any:
    """A text, or one for each language where it stands as `{"en": "Hello", "de": "Hallo"}`."""
    found = read_value(text) if text.lstrip().startswith("{") else text
    return found if is_by_language(found) else text


def write_text(value: Any) -> str:
    """A line that reads back as the value."""
    return json.dumps(value, ensure_ascii=False) if is_by_language(value) else str(value)


def read_numbers(text: str, *, decimals: bool = False) -> list[Any]:
    """Numbers between whatever stands between them; ValueError when there is anything else."""
    parts = [part for part in re.split(r"[\s,;×x*]+", text.strip()) if part]
    return [float(part) if decimals else int(part) for part in parts]


def write_numbers(values: Any) -> str:
    return ", ".join(f"{value:.15g}" if isinstance(value, float) else str(value) for value in values or ())


def read_list(text: str) -> list[Any]:
    """Values between commas."""
    return [read_value(part.strip()) for part in text.split(",") if part.strip()]


def write_list(values: Any) -> str:
    return ", ".join(write_value(value) for value in values or ())


def read_weights(text: str) -> dict[str, float]:
    """ "human: 2, ai: 1"; what is no number is left out."""
    pairs = (part.rpartition(":") for part in text.split(",") if ":" in part)
    found = {name.strip(): read_value(number.strip()) for name, _, number in pairs}
    return {name: number for name, number in found.items() if isinstance(number, int | float)}


def write_weights(weights: Any) -> str:
    return ", ".join(f"{name}: {number:g}" for name, number in (weights or {}).items())


def factors_of(rows: Sequence[Sequence[str]]) -> dict[str, list[Any]]:
    """A table of conditions, its first row the factors: each factor with the levels that occur, in their order."""
    header, *lines = [row for row in rows if any(cell.strip() for cell in row)] or [[]]
    columns = {
        name.strip(): [row[index].strip() for row in lines if index < len(row)] for index, name in enumerate(header)
    }
    return {
        re.sub(r"\W+", "_", name): [read_value(level) for level in dict.fromkeys(levels) if level]
        for name, levels in columns.items()
        if name
    }

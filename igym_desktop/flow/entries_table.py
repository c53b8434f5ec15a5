"""Questions, scales and choices out of a table that somebody has already."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from igym_desktop.flow.entries import Entry, Facts, blank
from igym_desktop.flow.values import read_value

LABELS = ("question", "text", "item", "frage", "aussage", "item_text", "label")
"""What people call the column with the words of a question."""
YES = frozenset({"1", "true", "yes", "y", "x", "ja", "wahr"})
PART = re.compile(r"\s*[|;]\s*")


def entries_of(facts: Facts, rows: Sequence[Sequence[str]], others: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """A line for each entry. With a head that names options (`type`, `label`, `choices`, …) each goes to its own; a
    table without one has the words alone, in its first column.
    """
    lines = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not lines:
        return []
    header = [_option(cell, facts) for cell in lines[0]]
    if "type" not in header:
        # Over a questionnaire it stands for the statements; those of a ranking are told by their kind alone.
        header = ["label" if name == "items" else name for name in header]
    if not any(header):
        header, lines = ["label"], [[], *lines]
    found: list[Entry] = []
    for line in lines[1:]:
        cells = {name: text for name, text in zip(header, line, strict=False) if name and text}
        found.append(_entry(facts, cells, [*others, *found]))
    return found


def _option(cell: str, facts: Facts) -> str:
    name = re.sub(r"\W+", "_", cell.strip().casefold())
    known = {part["name"] for variant in facts["variants"] for part in variant["fields"]} | {"type"}
    if name in known:
        return name
    return "label" if name in LABELS else ""


def _entry(facts: Facts, cells: Mapping[str, str], others: Sequence[Mapping[str, Any]]) -> Entry:
    entry = blank(facts, _variant(facts, cells), others)
    parts = {part["name"]: part for part in facts["variants"][_variant(facts, cells)]["fields"]}
    for name, text in cells.items():
        if name in parts:
            entry[name] = _value(parts[name], text)
    return entry


def _variant(facts: Facts, cells: Mapping[str, str]) -> int:
    """As the table says; else by what it gives: choices make a choice, anything else is rated, or is the first kind."""
    kinds = [str(variant["tag"].get("type", "")) for variant in facts["variants"]]
    wanted = cells.get("type", "").casefold() or ("choice" if "choices" in cells else "scale")
    return kinds.index(wanted) if wanted in kinds else 0


def _value(part: Facts, text: str) -> Any:
    if part["type"] == "boolean":
        return text.casefold() in YES
    if part["type"] in ("integer", "number", "plain"):
        return read_value(text)
    if part["type"] == "text_list":
        return [item for item in PART.split(text) if item]
    if part["type"] == "records":
        pairs = (item.partition("=") for item in PART.split(text) if item)
        return [{"value": value.strip(), "label": (label or value).strip()} for value, _, label in pairs]
    return text

"""Another id for a scene, wherever a study names it: in its order, its rules and options, and in what is filled in."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

from igym_desktop.flow.study_edit import HOLDERS, Document, renamed_children

_SCENES = frozenset({"timeout_scene", "end_scene", "full_scene", "assign", "otherwise", "game", "of_scene", "games"})
"""Options whose value is the id of a scene, or a list of them."""


def rename(document: Mapping[str, Any], old: str, new_id: str) -> Document:
    """Texts in files of their own stay as they are; loading the study names those that ask for the former id."""
    fill = _filled(old, new_id)
    new = copy.deepcopy(dict(document))
    tables = new.get("scenes") or {}
    changed: Document = {name: _walk(value, name, old, new_id, fill) for name, value in new.items() if name != "scenes"}
    changed["order"] = [new_id if id == old else id for id in new.get("order") or ()]
    changed["scenes"] = {new_id if id == old else id: _table(table, old, new_id, fill) for id, table in tables.items()}
    return {name: changed[name] for name in (*new, *changed)}


Fill = Callable[[str], str]


def _filled(old: str, new_id: str) -> Fill:
    named = re.compile(r"(\{\{\s*(?:answers|scores)\.)" + re.escape(old) + r"(?=[.|}\s])")
    read = re.compile(r"^answers\." + re.escape(old) + r"\.(?=[^.]+$)")
    return lambda text: read.sub(f"answers.{new_id}.", named.sub(rf"\g<1>{new_id}", text))


def _table(table: Document, old: str, new_id: str, fill: Fill) -> Document:
    """One scene or holder; the ways of a branch are no scenes, whatever they are called."""
    changed = {
        name: value if _is_order(name, table) else _walk(value, name, old, new_id, fill)
        for name, value in table.items()
    }
    renamed_children(changed, {old: new_id})
    return changed


def _is_order(name: str, table: Mapping[str, Any]) -> bool:
    kind = table.get("kind")
    return kind in HOLDERS and (name in ("scenes", "options") or (kind == "branch" and name == "otherwise"))


def _walk(value: Any, key: str, old: str, new_id: str, fill: Fill) -> Any:
    if isinstance(value, dict):
        if "what" in value and "name" in value:
            value = {**value, "name": _rule(value, old, new_id)}
        return {name: _walk(inner, name, old, new_id, fill) for name, inner in value.items()}
    if isinstance(value, list):
        return [_walk(inner, key, old, new_id, fill) for inner in value]
    if not isinstance(value, str):
        return value
    if key in _SCENES and value == old:
        return new_id
    if key == "strata" and value.rpartition(".")[0] == old:
        return f"{new_id}.{value.rpartition('.')[2]}"
    return fill(value)


def _rule(rule: Mapping[str, Any], old: str, new_id: str) -> str:
    name = str(rule["name"])
    if rule["what"] == "answer" and name.rpartition(".")[0] == old:
        return f"{new_id}.{name.rpartition('.')[2]}"
    return new_id if rule["what"] in ("score", "condition") and name == old else name

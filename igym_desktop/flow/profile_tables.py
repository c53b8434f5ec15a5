"""Options that hold names: a profile keeps those it changes, a form shows all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from igym.protocol.profile_tables import apart, on_top
from igym_desktop.flow.form import Field
from igym_desktop.flow.translations import is_by_language

_TABLES = ("table", "files", "named_records")


def whole(field: Field, said: Any) -> Any:
    """What holds when a profile says this."""
    if not isinstance(said, Mapping):
        return said
    if field.kind == "policies":
        return [{"agent": agent, "policy": policy} for agent, policy in on_top(_by_agent(field), said).items()]
    if field.kind == "agent_records":
        return [{"agent": agent, **controls} for agent, controls in on_top(_by_agent(field), said).items()]
    if field.kind == "keys":
        held = {tuple(binding["keys"]): binding["action"] for binding in field.value or ()}
        named = on_top(held, {(key,): action for key, action in said.items()})
        return [{"keys": list(keys), "action": action} for keys, action in named.items()]
    table = _names(field)
    return said if table is None else on_top(table, said)


def said(field: Field, value: Any) -> Any:
    """What a profile says so that this holds."""
    table = _names(field)
    return value if table is None or not isinstance(value, Mapping) else apart(table, value)


def _names(field: Field) -> Mapping[str, Any] | None:
    """The names an option has in the study; None where it is one thing, kept as a whole."""
    if field.kind in _TABLES:
        return dict(field.value or {})
    if "by_language" not in field.facts or field.kind == "text_list":
        return None
    if is_by_language(field.value):
        return dict(field.value)
    language = next(iter(field.facts["by_language"]), None)
    return {language: field.value} if field.value and isinstance(field.value, str) and language else None


def _by_agent(field: Field) -> dict[Any, Any]:
    entries = field.value or ()
    if field.kind == "policies":
        return {entry["agent"]: entry["policy"] for entry in entries}
    return {entry["agent"]: {name: part for name, part in entry.items() if name != "agent"} for entry in entries}

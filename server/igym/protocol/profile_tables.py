"""What a profile says about a table of names: those it names are changed, the others stay as the study has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEFT_OUT = "(left out)"
"""Stands beside a name that the profile takes out of its table. TOML has no word for that."""


def on_top(table: Mapping[Any, Any], said: Mapping[Any, Any]) -> dict[Any, Any]:
    """The table with what the profile says; a name is found also where the study has it as a number."""
    named = {str(name): name for name in table}
    whole = {**table, **{named.get(str(name), name): value for name, value in said.items()}}
    return {name: value for name, value in whole.items() if value != LEFT_OUT}


def apart(table: Mapping[Any, Any], wanted: Mapping[Any, Any]) -> dict[Any, Any]:
    """What a profile says so that `on_top` gives what is wanted."""
    # 1, 1.0 and True are equal, and not the same to an env.
    new = {name: value for name, value in wanted.items() if name not in table or repr(table[name]) != repr(value)}
    return {**new, **{name: LEFT_OUT for name in table if name not in wanted}}

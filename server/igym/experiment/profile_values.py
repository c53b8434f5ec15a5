"""What a profile says about options that hold others: groups and tables keep what it does not name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from igym.experiment.base import Authored, filled
from igym.experiment.describe import describe_field
from igym.experiment.errors import known_names, owned
from igym.experiment.words import Words, is_text
from igym.protocol.profile_tables import LEFT_OUT, on_top

_TABLES = {"table", "files", "named_records", "policies", "agent_records"}
Said = Mapping[str, Any]


def with_the_rest(model: BaseModel, said: Said, language: str, where: str) -> dict[str, Any]:
    """What the profile says, each table in it with the names that stay; a plain text is one in `language`."""
    fields = type(model).model_fields
    return {
        name: _whole(fields[name], getattr(model, name), value, language, owned(where, name))
        if name in fields and isinstance(value, Mapping)
        else value
        for name, value in said.items()
    }


def with_groups(model: BaseModel, said: Said, where: str) -> dict[str, Any]:
    """What the profile says, each group of options in it made, with the options that stay."""
    return {name: _group(getattr(model, name, None), value, owned(where, name)) for name, value in said.items()}


def _group(current: Any, value: Any, where: str) -> Any:
    if not isinstance(value, Mapping) or not getattr(current, "is_option_group", False):
        return value
    return current.changed(where, "profile", value) if isinstance(current, Authored) else filled(current, value, where)


def _whole(field: FieldInfo, current: Any, said: Said, language: str, where: str) -> Any:
    if getattr(current, "is_option_group", False):
        return with_the_rest(current, said, language, where)
    table = _table(field, current, language)
    if table is None:
        return said
    gone = [name for name, value in said.items() if value == LEFT_OUT]
    known_names(gone, [str(name) for name in table], where, "entry")
    return on_top(table, said)


def _table(field: FieldInfo, current: Any, language: str) -> Mapping[Any, Any] | None:
    """The names an option holds now; None where it is one thing, to be replaced as a whole."""
    kind = describe_field(field)["type"]
    if kind == "keys":
        return {held.keys[0] if len(held.keys) == 1 else held.keys: held.action for held in current}
    if kind in _TABLES:
        return dict(current)
    if isinstance(current, Words):
        return current.texts
    return {language: current} if current and isinstance(current, str) and is_text(field) else None

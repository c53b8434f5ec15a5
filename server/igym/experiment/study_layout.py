"""A study's document as TOML text, which `study_text` reads. Only who writes one loads what knows its form."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import tomli_w
import tomlkit
from tomlkit.exceptions import TOMLKitError

from igym.experiment.errors import ExperimentError
from igym.experiment.overrides import NONE
from igym.protocol.told import Told

WIDTH = 100


def write_document(document: Mapping[str, Any], before: str = "") -> str:
    """The text; comments of `before` stay where their entries stay, and so does its way of writing what is the same."""
    plain = _without_none(document)
    return _checked(_merged, before, plain) or _checked(_anew, "", plain) or tomli_w.dumps(plain)


def _checked(way: Callable[[str, Mapping[str, Any]], str], before: str, plain: Mapping[str, Any]) -> str | None:
    """What a way of writing gave, if it reads back as exactly the same in the same order."""
    try:
        text = way(before, plain)
        found = tomllib.loads(text)
    except (TOMLKitError, tomllib.TOMLDecodeError, ValueError, TypeError, KeyError, IndexError):
        return None
    return text if found == plain and list(found.get("scenes", {})) == list(plain.get("scenes", {})) else None


def _merged(before: str, plain: Mapping[str, Any]) -> str:
    if not before.strip():
        raise ValueError("there is nothing to keep")
    text = tomlkit.parse(before)
    _merge(text, plain)
    return tomlkit.dumps(text).rstrip("\n") + "\n"


def _merge(table: Any, plain: Mapping[str, Any]) -> None:
    for name in [name for name in table if name not in plain]:
        del table[name]
    for name, value in plain.items():
        if name not in table:
            table[name] = _item(value)
        elif isinstance(value, Mapping) and isinstance(table[name], Mapping):
            _merge(table[name], value)
        elif table[name] != value:
            table[name] = _item(value)


def _anew(_: str, plain: Mapping[str, Any]) -> str:
    return "\n".join(_table(plain, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    """A table's own values, then the tables in it, each after an empty line."""
    values = {name: value for name, value in table.items() if not isinstance(value, Mapping)}
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    if place and (values or not inner):
        yield ""
        yield f"[{'.'.join(map(_key, place))}]"
    for name, value in values.items():
        yield f"{_key(name)} = {_item(value).as_string()}"
    for name, value in inner.items():
        yield from _table(value, (*place, name))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else tomlkit.string(name).as_string()


def _item(value: Any, *, inside: bool = False) -> Any:
    """One value as tomlkit writes it; lists go over several lines when one is too short, tables inside lists never."""
    if isinstance(value, Mapping):
        table = tomlkit.inline_table() if inside else tomlkit.table()
        for name, inner in value.items():
            table[name] = _item(inner, inside=inside)
        return table
    if isinstance(value, list):
        items = tomlkit.array()
        for inner in value:
            items.append(_item(inner, inside=True))
        return items.multiline(not inside and len(items.as_string()) > WIDTH)
    if isinstance(value, str):
        several = "\n" in value and not inside
        return tomlkit.string(value, multiline=several)
    return tomlkit.item(value)


def _without_none(value: Any) -> Any:
    if value is None:
        return NONE
    if value == NONE and isinstance(value, str):
        raise ExperimentError(
            Told("a study.toml cannot hold the text {text}, which stands for no value in it.", text=NONE), value=NONE
        )
    if isinstance(value, Mapping):
        return {str(key): _without_none(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value.replace("\r\n", "\n") if isinstance(value, str) else value

"""Texts of a study that are there once for everybody, or once for each of its languages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")


def is_by_language(value: Any) -> bool:
    """Whether a value is a text for each language: `{"en": "Hello", "de": "Hallo"}`, or a list with such entries."""
    if isinstance(value, list | tuple):
        return any(is_by_language(item) for item in value)
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(text, str) and _LANGUAGE.fullmatch(str(tag)) for tag, text in value.items())
    )


def first(value: Any) -> str:
    """The text to show where there is room for one."""
    if is_by_language(value) and isinstance(value, Mapping):
        return str(next(iter(value.values())))
    return "" if value is None else str(value)


def languages_of(value: Any, offered: Sequence[str]) -> list[str]:
    """Those of the study, and those the value has beside them."""
    given = [tag for item in (value if isinstance(value, list | tuple) else [value]) for tag in _tags(item)]
    return list(dict.fromkeys([*offered, *given]))


def _tags(item: Any) -> list[str]:
    return list(item) if isinstance(item, Mapping) else []


def split(value: Any, languages: Sequence[str]) -> dict[str, Any]:
    """The value for each language; a plain text is the first language's."""
    if isinstance(value, list | tuple):
        parts = [split(item, languages) for item in value]
        return {tag: [part[tag] for part in parts] for tag in languages}
    if isinstance(value, Mapping):
        return {tag: str(value.get(tag, "")) for tag in languages}
    return {tag: ("" if value is None else str(value)) if at == 0 else "" for at, tag in enumerate(languages)}


def joined(parts: Mapping[str, Any]) -> Any:
    """The value from those of its languages; lists are as long as the longest."""
    if not any(isinstance(part, list) for part in parts.values()):
        return {tag: str(part or "") for tag, part in parts.items()}
    longest = max(len(part) for part in parts.values())
    return [
        {tag: part[number] if number < len(part) else "" for tag, part in parts.items()} for number in range(longest)
    ]


def on_one_line(value: Any) -> str:
    """ "en: Hello · de: Hallo" """
    if isinstance(value, list | tuple):
        return ", ".join(on_one_line(item) for item in value)
    if not isinstance(value, Mapping):
        return str(value)
    return " · ".join(f"{tag}: {text}" for tag, text in value.items())

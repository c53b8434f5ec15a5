"""Sentences for the researcher that can be said in other languages: `igym.protocol.told` reads them on the host."""

from __future__ import annotations

from typing import Any


class Told(str):
    """An English sentence with its `key`, in which `{names}` stand for its `values`.

    A value is a number, a text or a sentence of its own; anything else becomes its text.
    """

    key: str
    values: dict[str, object]

    def __new__(cls, key: str, /, **values: object) -> Told:
        kept = {name: value if isinstance(value, str | int) else str(value) for name, value in values.items()}
        made = super().__new__(cls, key.format(**kept) if kept else key)
        made.key, made.values = key, kept
        return made


def together(parts: list[str], between: str) -> Told:
    """Several sentences as one text, each still known by its own key."""
    names = {f"part{number}": part for number, part in enumerate(parts, start=1)}
    return Told(between.join(f"{{{name}}}" for name in names), **names)


def with_table(message: dict[str, Any]) -> dict[str, Any]:
    """The message with `told` beside its texts, a list of `[path, key, values]`, where there are sentences in it."""
    found = []
    for name, value in message.items():
        several = isinstance(value, list)
        for place, text in enumerate(value if several else [value]):
            if isinstance(text, Told) and text.values:
                found.append([[name, place] if several else [name], text.key, _written(text)])
    return {**message, "told": found} if found else message


def _written(told: Told) -> dict[str, Any]:
    return {
        name: {"text": str.__str__(value), "key": value.key, "values": _written(value)}
        if isinstance(value, Told)
        else value
        for name, value in told.values.items()
    }

"""Sentences of the program: English in the code, and known by that sentence with its values wherever they are read."""

from __future__ import annotations

from collections.abc import Mapping


class Told(str):
    """An English sentence that remembers what it was made of, so that it can be said in another language.

    `Told("At least {n} characters.", n=3)` is the text "At least 3 characters." with its `key` and its `values`.
    """

    key: str
    values: dict[str, object]

    def __new__(cls, key: str, /, **values: object) -> Told:
        made = super().__new__(cls, key.format(**values) if values else key)
        made.key, made.values = key, values
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        return (self.key,), self.values


def counted(n: int, one: str, other: str, /, **values: object) -> Told:
    """A sentence about a number: `one` for exactly one, else `other`, which is its key in every language."""
    said = Told(other, n=n, **values)
    if n != 1:
        return said
    single = str.__new__(Told, one.format(n=n, **values))
    single.key, single.values = other, said.values
    return single


Entry = str | Mapping[str, str]
"""A text of a catalogue, or its forms by the categories of numbers: zero, one, two, few, many, other."""


def category(language: str, n: int) -> str:
    """The category of a whole number, as CLDR has it for the languages of the product."""
    short = language.partition("-")[0]
    if short == "ar":
        return _arabic(n)
    if short in ("fr", "pt"):
        return "one" if n in (0, 1) else "other"
    return "one" if n == 1 else "other"


def _arabic(n: int) -> str:
    if n <= 2:
        return ("zero", "one", "two")[n]
    rest = n % 100
    if 3 <= rest <= 10:
        return "few"
    return "many" if 11 <= rest <= 99 else "other"


def rendered(catalogue: Mapping[str, Entry], language: str, text: str, **values: object) -> str:
    """The text in the catalogue's language: a `Told` with its own values, any other with these; else as it is.

    A value that is a sentence itself is said in the same language.
    """
    key, given = (text.key, text.values) if isinstance(text, Told) else (text, values)
    entry = catalogue.get(key)
    if entry is None:
        return text.format(**values) if values else str(text)
    if not isinstance(entry, str):
        form = category(language, int(str(given.get("n", 0))))
        entry = entry.get(form) or entry["other"]
    if not given:
        return entry
    return entry.format(**{name: _in(catalogue, language, value) for name, value in given.items()})


def _in(catalogue: Mapping[str, Entry], language: str, value: object) -> object:
    return rendered(catalogue, language, value) if isinstance(value, Told) else value

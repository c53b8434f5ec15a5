"""Sentences of the program: English in the code, and known by that sentence with its values wherever they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Formatter
from typing import Any

TABLE = "told"
"""Where a message has what its texts were made of, beside the English texts themselves."""


class Told(str):
    """An English sentence that remembers what it was made of, so that it can be said in another language.

    `Told("At least {n} characters.", n=3)` is the text "At least 3 characters." with its `key` and its `values`.
    Whoever knows nothing of that (a log, a file, a command line) has an ordinary English text. A value is a number,
    a text, or a sentence of its own; anything else becomes its text.
    """

    key: str
    values: dict[str, object]

    def __new__(cls, key: str, text: str | None = None, /, **values: object) -> Told:
        """`text`: the English, where it is another one than the key with its values filled in."""
        given = {name: _kept(value) for name, value in values.items()}
        made = super().__new__(cls, (key.format(**given) if given else key) if text is None else text)
        made.key, made.values = key, given
        return made

    def __str__(self) -> str:
        # An exception's text stays the sentence it was raised with.
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str, str], dict[str, object]]:
        return (self.key, str.__str__(self)), self.values


def counted(n: int, one: str, other: str, /, **values: object) -> Told:
    """A sentence about a number: `one` for exactly one, else `other`, which is its key in every language."""
    return Told(other, one.format(n=n, **values) if n == 1 else None, n=n, **values)


def together(*parts: str, between: str = " ") -> str:
    """Several sentences as one text, each still known by its own key; empty ones are left out."""
    found = [part for part in parts if part]
    if len(found) < 2:
        return found[0] if found else ""
    names = [f"part{number}" for number in range(1, len(found) + 1)]
    gap = between.replace("{", "{{").replace("}", "}}")
    return Told(gap.join(f"{{{name}}}" for name in names), **dict(zip(names, found, strict=True)))


def _kept(value: object) -> object:
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


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


def rendered(catalogue: Mapping[str, Entry], language: str, text: str, /, **values: object) -> str:
    """The text in the catalogue's language: a `Told` with its own values, any other with these; else as it is.

    A value that is a sentence itself is said in the same language, also within a sentence that nobody translated.
    """
    key, given = (text.key, text.values) if isinstance(text, Told) else (text, values)
    entry = catalogue.get(key)
    if entry is None:
        if text is not key and not any(isinstance(value, Told) for value in given.values()):
            return str.__str__(text)
        entry = key
    if not isinstance(entry, str):
        entry = _form(entry, language, int(str(given.get("n", 0))))
    if not given:
        return entry
    return entry.format(**{name: _in(catalogue, language, value) for name, value in given.items()})


def _form(forms: Mapping[str, str], language: str, n: int) -> str:
    form = category(language, n)
    found = forms.get(form) or forms["other"]
    # French counts 0 as one, but a form that does not name its number speaks of 1.
    return forms["other"] if form == "one" and n != 1 and "{n}" not in found else found


def _in(catalogue: Mapping[str, Entry], language: str, value: object) -> object:
    return rendered(catalogue, language, value) if isinstance(value, Told) else value


def with_table(message: dict[str, Any]) -> dict[str, Any]:
    """The message as it crosses to another process: every text English, and beside them, where there are such
    sentences, `told`: a list of `[path to the text, key, values]`.
    """
    found = list(_sentences(message, ()))
    return {**message, TABLE: [[list(path), told.key, _written(told)] for path, told in found]} if found else message


def _sentences(value: Any, path: tuple[str | int, ...]) -> Iterable[tuple[tuple[str | int, ...], Told]]:
    if isinstance(value, Told):
        # One without values is known by its text alone.
        if value.values:
            yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            if type(item) in _WITH_SENTENCES:
                yield from _sentences(item, (*path, name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            if type(item) in _WITH_SENTENCES:
                yield from _sentences(item, (*path, place))


_WITH_SENTENCES = frozenset({Told, dict, list, tuple})


def _written(told: Told) -> dict[str, Any]:
    return {
        name: {"text": str.__str__(value), "key": value.key, "values": _written(value)}
        if isinstance(value, Told)
        else value
        for name, value in told.values.items()
    }


def from_table(message: Any) -> Any:
    """The message as it was before `with_table`. One without a table, and a table that does not fit, change nothing."""
    table = message.get(TABLE) if isinstance(message, dict) else None
    if not isinstance(table, list):
        return message
    whole: dict[str, Any] = {name: value for name, value in message.items() if name != TABLE}
    for entry in table:
        try:
            path, key, values = entry
            _put(whole, path, key, values)
        except (AttributeError, KeyError, IndexError, TypeError, ValueError):
            continue
    return whole


MOST_NAMES = 20
"""In a sentence that a browser claims: with more, short texts could be filled into a very long one."""
MOST_WITHIN = 4
"""Sentences within one another."""


def claimed(text: str, key: str, values: Mapping[str, Any]) -> str:
    """The text as the sentence that a browser says it is; the plain text where the two do not fit each other.

    A browser may be a stranger's: what is then said in another language is what the text itself says in English.
    """
    told = _claimed(key, values, MOST_WITHIN)
    return told if told is not None and str.__eq__(told, text) else text


def _claimed(key: str, values: Mapping[str, Any], depth: int) -> Told | None:
    if depth < 1 or _names(key) != values.keys():
        return None
    known = {name: _claimed_value(name, value, depth) for name, value in values.items()}
    return None if None in known.values() else Told(key, **known)


def _names(key: str) -> set[str]:
    """What values a key asks for; nothing where it asks for more than plain values, such as attributes and widths."""
    try:
        fields = [
            (name, spec or conversion) for _, name, spec, conversion in Formatter().parse(key) if name is not None
        ]
    except ValueError:
        return set()
    plain = len(fields) <= MOST_NAMES and all(name.isidentifier() and not more for name, more in fields)
    return {name for name, _ in fields} if plain else set()


def _claimed_value(name: str, value: Any, depth: int) -> object:
    if isinstance(value, dict):
        key, text, values = value.get("key"), value.get("text"), value.get("values")
        if not (isinstance(key, str) and isinstance(text, str) and isinstance(values, dict)):
            return None
        told = _claimed(key, values, depth - 1)
        return told if told is not None and str.__eq__(told, text) else None
    # The forms of numbers go by this name.
    if name == "n":
        return value if type(value) is int and value >= 0 else None
    return value if isinstance(value, str | int) else None


def _put(whole: Any, path: list[str | int], key: str, values: dict[str, Any]) -> None:
    *way, last = path
    for step in way:
        whole = whole[step]
    if isinstance(whole[last], str):
        whole[last] = Told(key, whole[last], **_read(values))


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Told(value["key"], value["text"], **_read(value["values"])) if isinstance(value, dict) else value
        for name, value in values.items()
    }

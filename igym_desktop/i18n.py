"""Texts for people: English in the code, other languages in `resources/texts_<language>.json`; those of the engine in
`igym.host.languages`."""

from __future__ import annotations

import json
from pathlib import Path

from igym.host.languages import number_in, sentences
from igym.protocol.told import Entry, counted, rendered

_RESOURCES = Path(__file__).parent / "resources"
_catalogue: dict[str, Entry] = {}
_language = ["en"]


def available_languages() -> dict[str, str]:
    """Language code → its own name, English first."""
    names = {"en": "English"}
    for file in sorted(_RESOURCES.glob("texts_*.json")):
        names[file.stem.removeprefix("texts_")] = json.loads(file.read_text(encoding="utf-8"))["_name"]
    return names


def use_language(code: str) -> None:
    """Later calls of `tr` answer in this language; an unknown one means English."""
    _catalogue.clear()
    _catalogue.update(sentences(code))
    _language[0] = code
    file = _RESOURCES / f"texts_{code}.json"
    if file.is_file():
        _catalogue.update(json.loads(file.read_text(encoding="utf-8")))


def language() -> str:
    """The code of the chosen language."""
    return _language[0]


def tr(text: str, /, **values: object) -> str:
    """`text` in the chosen language, with `{name}` replaced by `values`."""
    return rendered(_catalogue, _language[0], text, **values)


def number(written: str) -> str:
    """A number with its decimals, written as in English, as the chosen language writes it."""
    return number_in(_language[0], written)


def plural(n: int, one: str, other: str) -> str:
    """A text about a number, `{n}` in it: `one` for exactly one, else `other`, which is its key in every language."""
    return said(counted(n, one, other))


def said(text: str) -> str:
    """A sentence of the engine or of one of its commands in the chosen language.

    What has no key there (a researcher's error, a system's, one stored before there were keys) stays as it is.
    """
    return rendered(_catalogue, _language[0], text)

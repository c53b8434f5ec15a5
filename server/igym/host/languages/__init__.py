"""What the engine and its commands say to researchers: `server_<language>.json`, English sentence → the language's own.

The launcher says these sentences too, beside its own. What participants read is in `igym.core.languages`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from igym.protocol.told import Entry, rendered

ENGLISH = "en"
_FILES = {file.stem.removeprefix("server_"): file for file in sorted(Path(__file__).parent.glob("server_*.json"))}
LANGUAGES = (ENGLISH, *_FILES)
"""Codes; English first, which has no file: its sentences are the keys."""
_MARKS = {"de": {",": ".", ".": ","}, "fr": {",": "\u202f", ".": ","}}
"""Thousands and decimals as the language writes them, for those of English."""


def sentences(language: str) -> dict[str, Entry]:
    """Of a language; none of English or of one that is not there."""
    file = _FILES.get(language)
    found: dict[str, Entry] = json.loads(file.read_text(encoding="utf-8")) if file else {}
    return found


def number_in(language: str, written: str) -> str:
    """A number that is written as in English, such as "1,234.5", as the language writes it."""
    marks: Any = str.maketrans(_MARKS.get(language, {}))
    return written.translate(marks)


class Voice:
    """Says sentences and writes numbers in one language."""

    def __init__(self, language: str = ENGLISH) -> None:
        self.language = language
        self._sentences = sentences(language)

    def say(self, text: str) -> str:
        """A `Told` in this language; what has no key there (a researcher's own words) as it is."""
        return rendered(self._sentences, self.language, text)

    def number(self, written: str) -> str:
        """A number that is written as in English, such as "1,234.5"."""
        return number_in(self.language, written)

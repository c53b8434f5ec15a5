"""Sentences that the engine and its commands say in English, in the launcher's language.

`resources/server_<language>.json` has them as templates: `{0}`, `{1}`, … stand for what the engine filled in. A
sentence nobody translated (a researcher's error, a system's) stays as it is.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from igym_desktop import i18n
from igym_desktop.flow.words import is_state, state_words

_RESOURCES = Path(__file__).parents[1] / "resources"
_GAP = re.compile(r"\{(\d+)\}")
Known = tuple[re.Pattern[str], tuple[int, ...], str]


def heard(text: str) -> str:
    """`text` of the engine in the chosen language; several sentences one after the other are each looked for."""
    return _heard(text, i18n.language())


@lru_cache(maxsize=2000)
def _heard(text: str, language: str) -> str:
    """Remembered: a table asks for the same few reasons with every change."""
    found = _exchange(text, _known(language))
    return text if found is None else found


@lru_cache(maxsize=4)
def _known(language: str) -> tuple[Known, ...]:
    """Longest sentences first: a short one may be the beginning of another."""
    file = _RESOURCES / f"server_{language}.json"
    if not file.is_file():
        return ()
    catalogue: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    ordered = sorted(catalogue.items(), key=lambda item: -len(_GAP.sub("", item[0])))
    return tuple(_compiled(english, other) for english, other in ordered)


def _compiled(english: str, other: str) -> Known:
    parts = _GAP.split(english)
    gaps = tuple(int(number) for number in parts[1::2])
    pattern = "(.*?)".join(re.escape(part) for part in parts[0::2])
    rest = r"(?:\s(?P<rest>\S.*))?" if english.endswith((".", ".”")) else ""
    return re.compile(pattern + rest, re.DOTALL), gaps, other


def _exchange(text: str, known: tuple[Known, ...]) -> str | None:
    for pattern, gaps, other in known:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        values = {number: _filled(match[place], known) for place, number in enumerate(gaps, start=1)}
        said = _GAP.sub(lambda gap, values=values: values[int(gap[1])], other)  # type: ignore[misc]
        rest = match.groupdict().get("rest")
        return said if not rest else f"{said} {_exchange(rest, known) or rest}"
    return None


def _filled(value: str, known: tuple[Known, ...]) -> str:
    """What the engine filled in may be a sentence or a state itself."""
    if is_state(value):
        return state_words(value).text
    return _exchange(value, known) or value

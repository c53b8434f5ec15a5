"""What stands in double braces in a text is filled in when somebody reads it: `{{label}}`, `{{answers.ask.age}}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from html import escape
from typing import Any

from igym.experiment.errors import ExperimentError, suggestion
from igym.protocol.told import Told

_BRACES = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|([^{}]*))?\}\}")
_CODE = re.compile(r"(<(script|style)\b.*?</\2\s*>)", re.S | re.I)
HTML = frozenset({"body", "in_game_body", "message"})
"""Texts that pages show as HTML; all others are shown as they are."""
TEXTS = frozenset({"header", "button_label", "start_label", "label", "help", "labels", "placeholder", "unit"} | HTML)
_LAST_WORDS = frozenset({"failed_message", "full_message", "timeout_message", "exclusion_message", "messages"})
_ELSEWHERE = frozenset({"question", "options_question", "scales", "scale_labels", "partner_message"})
SHOWN_AS_HTML = HTML | _LAST_WORDS
FILLED = TEXTS | _LAST_WORDS | _ELSEWHERE | {"warning_message", "waiting_message"}
"""Options in which something can be filled in."""
PLAIN_NAMES = ("participant", "label", "seat", "code", "scores", "partner.label")
WITH_MORE = ("answers", "condition", "global", "scores")
Lookup = Callable[[str], str]


def filled(text: str, lookup: Lookup, *, html: bool) -> str:
    """The text with everything filled in, once; what nobody knows is the part behind the bar, or nothing.

    In HTML whatever is filled in is text, never markup, and scripts and styles stay as they are.
    """

    def value(found: re.Match[str]) -> str:
        known = lookup(found[1]) or (found[2] or "").strip()
        return escape(known) if html else known

    if not html:
        return _BRACES.sub(value, text)
    return "".join(part if is_code else _BRACES.sub(value, part) for part, is_code in _parts(text))


def _parts(text: str) -> Iterator[tuple[str, bool]]:
    at = 0
    for code in _CODE.finditer(text):
        yield text[at : code.start()], False
        yield code[0], True
        at = code.end()
    yield text[at:], False


def filled_spec(spec: Any, lookup: Lookup, name: str = "") -> Any:
    """The same for all texts of what a browser is shown."""
    if isinstance(spec, str):
        return filled(spec, lookup, html=name in HTML) if name in TEXTS else spec
    if isinstance(spec, Mapping):
        return {key: filled_spec(value, lookup, str(key)) for key, value in spec.items()}
    return [filled_spec(item, lookup, name) for item in spec] if isinstance(spec, list) else spec


def names_in(text: str, *, html: bool) -> list[str]:
    """What the text asks for."""
    parts = [part for part, is_code in _parts(text) if not is_code] if html else [text]
    return [found[1] for part in parts for found in _BRACES.finditer(part)]


def check(text: str, where: str, known: Mapping[str, Collection[str]], *, html: bool) -> None:
    """Raises ExperimentError for what can never be filled in. `known`: the answers, scores, and conditions if fixed."""
    for name in names_in(text, html=html):
        if problem := _problem(name, known):
            raise ExperimentError(
                Told("{where}: {{{{{name}}}}} {problem}", where=where, name=name, problem=problem), value=name
            )


def _problem(name: str, known: Mapping[str, Collection[str]]) -> str:
    kind, _, rest = name.partition(".")
    if name in PLAIN_NAMES or (kind in WITH_MORE and kind not in known and rest):
        return ""
    if kind in known and rest:
        there = sorted(known[kind])
        if rest in there:
            return ""
        listed = Told(" There are: {names}.", names=", ".join(there[:30])) if there else ""
        return Told("names nothing of this experiment.{hint}{there}", hint=suggestion(rest, there), there=listed)
    names = [*PLAIN_NAMES, *(f"{kind}.…" for kind in WITH_MORE)]
    return Told(
        "cannot be filled in.{hint} Known are: {known}.", hint=suggestion(name, PLAIN_NAMES), known=", ".join(names)
    )


def shown(value: Any, labels: Mapping[str, str] | None = None) -> str:
    """A value as a reader expects it: choices by their labels, 12.0 as 12, numbers with two decimals at most."""
    if isinstance(value, list | tuple):
        return ", ".join(shown(item, labels) for item in value)
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return (labels or {}).get(str(value), str(value))

"""Options as people type and read them: what was typed becomes a value or a sentence about it, and values text."""

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from igym_desktop.flow.choice_words import special_words
from igym_desktop.flow.form import Field
from igym_desktop.flow.translations import is_by_language, on_one_line
from igym_desktop.flow.values import read_numbers, read_value, write_numbers, write_value
from igym_desktop.i18n import plural, tr


class FormError(ValueError):
    """What was typed is not allowed; the text says what is."""


def parse(field: Field, typed: Any) -> Any:
    """The value of what was typed; raises `FormError` in the words of a person."""
    if isinstance(typed, str) and field.kind not in ("text", "multiline", "html"):
        typed = typed.strip()
    if field.nullable and typed in ("", None):
        return None
    if isinstance(typed, str) and typed in field.specials:
        return typed
    for word, shown in special_words(field.specials).items():
        if typed == shown:
            return word
    parsers = {
        "integer": _number, "number": _number, "json": _json, "text_list": _text_list, "colour": _colour,
        "plain": _plain, "numbers": _numbers, "date": _date,
    }  # fmt: skip
    value = parsers[field.kind](field, typed) if field.kind in parsers else typed
    limit = field.facts.get("max_length")
    texts = value.values() if isinstance(value, dict) and is_by_language(value) else [value]
    if limit and any(isinstance(text, str) and len(text) > limit for text in texts):
        raise FormError(tr("At most {limit} characters.", limit=limit))
    return value


def _number(field: Field, typed: Any) -> int | float:
    try:
        value = int(str(typed)) if field.kind == "integer" else float(str(typed).replace(",", "."))
    except ValueError:
        raise FormError(range_text(field)) from None
    facts = field.facts
    low, high, above, below = (facts.get(name) for name in ("min", "max", "above", "below"))
    fits = (low is None or value >= low) and (high is None or value <= high)
    fits = fits and (above is None or value > above) and (below is None or value < below)
    if not fits or value != value or value in (float("inf"), float("-inf")):
        raise FormError(range_text(field))
    return value


def range_text(field: Field) -> str:
    """ "A whole number from 1 to 120, or auto." """
    facts = field.facts
    what = tr("A whole number") if field.kind == "integer" else tr("A number")
    low, high = facts.get("min"), facts.get("max")
    if low is not None and high is not None:
        what += tr(" from {low} to {high}", low=low, high=high)
    else:
        # Each text stands in a call of `tr`: that is how those without a translation are found.
        words = (
            ("min", tr(" of at least {value}", value=facts.get("min"))),
            ("max", tr(" of at most {value}", value=facts.get("max"))),
            ("above", tr(" above {value}", value=facts.get("above"))),
            ("below", tr(" below {value}", value=facts.get("below"))),
        )
        what += "".join(text for name, text in words if facts.get(name) is not None)
    for word in field.specials:
        what += tr(", or {word}", word=word)
    if field.nullable:
        what += tr(", or empty for none")
    return what + "."


def _json(field: Field, typed: Any) -> Any:
    try:
        return json.loads(typed) if isinstance(typed, str) else typed
    except ValueError as error:
        raise FormError(tr("This is not valid JSON: {why}.", why=error)) from None


def _plain(field: Field, typed: Any) -> Any:
    if typed == "" and field.facts.get("default") is None and not field.facts.get("needed"):
        return None
    return read_value(typed) if isinstance(typed, str) else typed


def _numbers(field: Field, typed: Any) -> list[Any]:
    length, decimals = field.facts.get("length"), bool(field.facts.get("decimals"))
    try:
        found = read_numbers(typed, decimals=decimals) if isinstance(typed, str) else list(typed)
    except ValueError:
        found = [-1] * (length or 1) if not decimals else []
    wrong = bool(length) and len(found) != length
    if wrong or (not decimals and any(number < 0 for number in found)):
        raise FormError(_numbers_text(length, decimals) + (tr(", or empty for none") if field.nullable else "") + ".")
    return found


def _numbers_text(length: int | None, decimals: bool) -> str:
    if decimals:
        return plural(length or 0, "{n} number", "{n} numbers") if length else tr("Numbers")
    return plural(length or 0, "{n} whole number", "{n} whole numbers") if length else tr("Whole numbers")


def _date(field: Field, typed: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(typed)).isoformat()
    except ValueError:
        raise FormError(tr("A day such as 2030-01-31, or empty for none.")) from None


def _text_list(field: Field, typed: Any) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()] if isinstance(typed, str) else list(typed)


def _colour(field: Field, typed: Any) -> Any:
    text = str(typed)
    if not re.fullmatch(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?|[a-zA-Z]+", text):
        raise FormError(tr("A colour such as #3366cc, or a name such as white."))
    return text


def as_text(field: Field, value: Any) -> str:
    """A value as it stands in a text box."""
    if value is None:
        return ""
    if isinstance(value, str) and value in field.specials:
        return special_words(field.specials)[value]
    if is_by_language(value):
        return on_one_line(value)
    if field.kind == "text_list":
        return "\n".join(map(str, value))
    if field.kind == "plain":
        return write_value(value)
    if field.kind == "numbers":
        return write_numbers(value)
    if field.kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=None if len(json.dumps(value)) < 60 else 1)
    return f"{value:.15g}" if isinstance(value, float) else str(value)

"""Texts in tables for people: what a spreadsheet would run as a formula is marked, and the mark can be taken off."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """`=1+1` → `'=1+1`: an apostrophe before whatever begins with `= + - @`, a tab or a carriage return.

    Apostrophes that stand there already get one more, so that `original` always gives the text back.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def original(text: str) -> str:
    """The text before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text

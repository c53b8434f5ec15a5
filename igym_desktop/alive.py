"""Answers and signals that come late: whoever waits may be gone, with the page that was closed or made anew."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ParamSpec

import shiboken6
from PySide6.QtCore import QObject

P_ = ParamSpec("P_")


def unless_gone(then: Callable[P_, Any]) -> Callable[P_, None]:
    """As `then`, but nothing once the Qt object whose method (or `self` in a closure) it is has been freed."""
    owner = _owner(then)

    def tell(*values: P_.args, **named: P_.kwargs) -> None:
        if owner is None or shiboken6.isValid(owner):
            then(*values, **named)

    return tell


def _owner(function: Any) -> QObject | None:
    while isinstance(function, partial):
        function = function.func
    found = getattr(function, "__self__", None)
    closed_over = getattr(function, "__closure__", None)
    if found is None and closed_over:
        cells = dict(zip(function.__code__.co_freevars, closed_over, strict=True))
        found = cells["self"].cell_contents if "self" in cells else None
    return found if isinstance(found, QObject) else None

"""The one question about unsaved changes, whoever asks: a start, leaving Configure, closing the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtWidgets import QWidget

from igym_desktop.flow.unsaved import Unsaved
from igym_desktop.i18n import plural, tr
from igym_desktop.windows.dialogs import Question, ask

Why = Literal["start", "leave", "close"]


def settle(parent: QWidget, unsaved: Unsaved, why: Why, then: Callable[[], None], stay: Callable[[], None]) -> Question:
    """`then` once nothing is unsaved any more; `stay` when the person would rather go on editing."""
    bad = len(unsaved.invalid)
    count = len(unsaved.changes)
    told = plural(count, "{n} change is not saved yet.", "{n} changes are not saved yet.") if count else ""
    if bad:
        told = " ".join(
            part
            for part in (
                told,
                plural(
                    bad,
                    "{n} value is not allowed: it can be neither saved nor used.",
                    "{n} values are not allowed: they can be neither saved nor used.",
                ),
            )
            if part
        )
    drop = {
        "start": tr("Start without them"),
        "leave": tr("Discard changes"),
        "close": tr("Discard and quit"),
    }[why]
    save = {"start": tr("Save and start"), "leave": tr("Save"), "close": tr("Save and quit")}[why]
    choices = [("drop", drop, "danger"), ("cancel", tr("Keep editing"), "")]
    if not bad:
        choices.insert(0, ("save", save, "primary"))

    def answered(key: str, _: str) -> None:
        if key == "save":
            unsaved.save(then)
        elif key == "drop":
            unsaved.discard()
            then()
        else:
            stay()

    title = tr("Unsaved changes of {title}", title=unsaved.title)
    return ask(parent, title, told, choices, answered, listing=unsaved.listing())

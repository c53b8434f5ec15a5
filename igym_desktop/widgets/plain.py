"""Words of other people, shown letter for letter where Qt, the desktop or a chart would read them as HTML."""

from __future__ import annotations

import unicodedata
from html import escape

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QListWidgetItem, QTreeWidgetItem, QWidget

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_SHOWN = frozenset("\n\t")
LONGEST_TIP = 4_000


def seen(text: str) -> str:
    """Without control characters and those that turn the direction of writing; lines and tabs stay."""
    return "".join(c for c in text if c in _SHOWN or unicodedata.category(c) not in _UNSEEN)


def as_tip(text: str) -> str:
    """For a tooltip: what could be taken for HTML, a bracket or an entity, becomes HTML that shows these letters."""
    text = seen(text)
    if len(text) > LONGEST_TIP:
        text = text[:LONGEST_TIP] + "…"
    return f'<p style="white-space: pre-wrap">{escape(text)}</p>' if "<" in text or "&" in text else text


def as_notice(text: str) -> str:
    """For the desktop's messages: some desktops read HTML there and others do not, so it gets no brackets at all."""
    return seen(text).replace("<", "‹").replace(">", "›")


def as_caption(text: str) -> str:
    """For names and axes in charts, which are always read as HTML."""
    return escape(seen(text))


def set_tip(target: QWidget | QAction | QListWidgetItem | QTreeWidgetItem, text: str) -> None:
    """Every tooltip of the app comes from here."""
    if isinstance(target, QTreeWidgetItem):
        target.setToolTip(0, as_tip(text))
    else:
        target.setToolTip(as_tip(text))

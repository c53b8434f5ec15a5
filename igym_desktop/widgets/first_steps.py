"""What a first start offers: run something, make something, look whether the lab is ready."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QWidget

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import IconLabel, button, column, icon_button, label, panel, row
from igym_desktop.widgets.flow_layout import FlowLayout

WIDTH = 300


class FirstSteps(QWidget):
    """Three cards; gone for good once somebody has used or closed them."""

    def __init__(
        self, run: Callable[[], None], make: Callable[[], None], check: Callable[[], None], close: Callable[[], None]
    ) -> None:
        super().__init__()
        self.setObjectName("first_steps")
        head = row(label(tr("Welcome. What would you like to do?"), "heading"), None,
                   icon_button("close", tr("Do not show this again"), close, "close_first_steps"))  # fmt: skip
        cards = FlowLayout(
            _card("play", tr("Run an example now"), tr("A small game opens in your browser: the whole way in two "
                  "minutes, with data to look at."), tr("Run"), "first_run", run),
            _card("plus", tr("Make a study"), tr("From nothing, from a template or from an example. No code is "
                  "needed."), tr("Make"), "first_make", make),
            _card("preflight", tr("Check this lab"), tr("Every seat's browser measures itself and its way to this "
                  "computer, and says whether it is ready."), tr("Check now"), "first_check", check),
            gap=14,
        )  # fmt: skip
        body = QWidget()
        body.setLayout(cards)
        self.setLayout(column(head, body, gap=8))


def _card(icon: str, title: str, text: str, words: str, name: str, act: Callable[[], None]) -> QFrame:
    explained = label(text, wrap=True)
    go = button(words, icon, kind="primary", name=name, on=act)
    card = panel(column(row(IconLabel(icon, "accent", 24), label(title, "strong"), None, gap=10), explained, None,
                        row(go, None), gap=8), margin=16)  # fmt: skip
    card.setFixedWidth(WIDTH)
    card.setFixedHeight(172)
    return card

"""Cards fill the room there is, and give it back."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QScrollArea, QWidget

from igym_desktop.widgets.basics import column, label, panel, scroll
from igym_desktop.widgets.elided import ElidedText
from igym_desktop.widgets.grid_flow import GridFlow
from tests.waiting import LIMIT_MS

GAP = 10


@pytest.fixture
def grid(qtbot: Any) -> tuple[QScrollArea, GridFlow, list[QWidget]]:
    flow = GridFlow(300, gap=GAP)
    cards: list[QWidget] = []
    for number in range(5):
        text = ElidedText(9)
        text.set_text("A description in many words. " * (number + 1))
        cards.append(panel(column(label(f"Card {number}"), text)))
        flow.addWidget(cards[-1])
    body = QWidget()
    body.setLayout(flow)
    area = scroll(body)
    qtbot.addWidget(area)
    area.show()
    return area, flow, cards


@pytest.mark.parametrize("single", [False, True])
def test_a_narrower_window_has_narrower_cards_again(grid: Any, qtbot: Any, single: bool) -> None:
    area, flow, cards = grid
    flow.show_single(single=single, gap=GAP)
    for width in (1300, 700, 1300, 440):
        area.resize(QSize(width, 1500))
        columns = 1 if single else (width + GAP) // (300 + GAP)
        wanted = (width - GAP * (columns - 1)) // columns
        qtbot.waitUntil(lambda: {card.width() for card in cards} == {wanted}, timeout=LIMIT_MS)  # noqa: B023
        assert area.horizontalScrollBar().maximum() == 0
        tops = [card.y() for card in cards]
        assert len(set(tops)) == -(-len(cards) // columns)
        for card in cards:
            words = card.findChild(ElidedText)
            assert not words.is_cut and card.height() >= card.heightForWidth(card.width())

"""The cards of one origin below a heading: a grid that fills the width, or a list."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from igym_desktop.pages.experiment_card import ExperimentCard
from igym_desktop.widgets.basics import column, label
from igym_desktop.widgets.grid_flow import GridFlow

CARD_WIDTH = 296
GAP, LIST_GAP = 18, 8


class CardGroup(QWidget):
    """Nothing at all while it has no cards."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._cards: list[ExperimentCard] = []
        self._grid = GridFlow(CARD_WIDTH, gap=GAP)
        self.setLayout(column(label(title, "heading"), self._grid, gap=10))

    def arrange(self, cards: list[ExperimentCard], *, listed: bool) -> None:
        """Shows exactly these, in this order, as cards or as lines of a list."""
        for card in self._cards:
            if card not in cards:
                card.hide()
        if cards != self._cards:
            while self._grid.takeAt(0) is not None:
                pass
            for card in cards:
                self._grid.addWidget(card)
                card.show()
            self._cards = cards
        for card in cards:
            card.show_as(listed=listed)
        self._grid.show_single(single=listed, gap=LIST_GAP if listed else GAP)
        self.setVisible(bool(cards))

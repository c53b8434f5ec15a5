"""Which kind of scene to add: each with its picture and one sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from igym_desktop.flow.study_kinds import Kind, scene_kinds
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import Card, IconLabel, button, column, label, row, scroll


class KindCard(Card):
    """One kind; a click is enough."""

    def __init__(self, kind: Kind, picked: Callable[[], None]) -> None:
        text = column(label(kind.title, "strong"), label(kind.text, "small", wrap=True), gap=2)
        layout = row(IconLabel(kind.icon, "accent", 24), text, gap=12, margins=(14, 12, 14, 12))
        layout.setStretch(1, 1)
        super().__init__(layout)
        self.setObjectName(f"kind_{kind.kind}")
        self.setAccessibleName(kind.title)
        self.setAccessibleDescription(kind.text)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picked = picked
        self.opened.connect(picked)

    def mouseReleaseEvent(self, event: object) -> None:
        self._picked()


class AddSceneDialog(QDialog):
    """`picked(kind)` once."""

    def __init__(self, parent: QWidget | None, picked: Callable[[str], None]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Add a scene"))
        self.setModal(True)
        self.resize(720, 560)
        self._picked = picked
        self._done = False
        grid = QGridLayout()
        grid.setSpacing(10)
        self.cards = {kind.kind: KindCard(kind, partial(self._pick, kind.kind)) for kind in scene_kinds()}
        for index, card in enumerate(self.cards.values()):
            grid.addWidget(card, index // 2, index % 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        body = QWidget()
        body.setLayout(column(grid, None, margins=(0, 0, 8, 0)))
        hint = label(tr("It goes after the scene that is chosen; drag it anywhere later."), "muted", wrap=True)
        cancel = button(tr("Cancel"), on=self.reject)
        self.setLayout(
            column(label(tr("Add a scene"), "heading"), hint, scroll(body), row(None, cancel), gap=10,
                   margins=(22, 18, 22, 16))
        )  # fmt: skip
        next(iter(self.cards.values())).setFocus()

    def _pick(self, kind: str) -> None:
        if not self._done:
            self._done = True
            self._picked(kind)
            self.accept()

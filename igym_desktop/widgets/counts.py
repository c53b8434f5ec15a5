"""How many participants are where: figures that equal the table at any time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from igym_desktop.flow.words import EARLY
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import IconLabel, column, label, panel, row

WIDE = 860


def _tiles() -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    return [
        ("joined", tr("Joined"), "users", "accent", ("joined",)),
        ("loading", tr("Arriving"), "loading", "wait", ("loading", "arriving", "screening")),
        ("in_scene", tr("In a scene"), "page", "go", ("in_scene",)),
        ("waiting", tr("Waiting"), "hourglass", "wait", ("waiting",)),
        ("playing", tr("Playing"), "game", "go", ("playing", "countdown")),
        ("paused", tr("Paused"), "pause", "warn", ("paused",)),
        ("finished", tr("Finished"), "flag", "off", ("finished",)),
        ("early", tr("Ended early"), "exclude", "stop", EARLY),
    ]


class CountsRow(QWidget):
    """One tile a state."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = {key: label("0", "figure") for key, *_ in _tiles()}
        self._boxes = [self._tile(key, title, icon, tone) for key, title, icon, tone, _ in _tiles()]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        self._columns = 0
        self._lay_out(len(self._boxes))

    def figure(self, key: str) -> str:
        """What a tile shows."""
        return self._figures[key].text()

    def show_counts(self, counts: Mapping[str, int], expected: int | None) -> None:
        """`expected` participants are shown beside those who joined."""
        for key, _, _, _, sources in _tiles():
            total = sum(int(counts.get(source, 0)) for source in sources)
            self._figures[key].setText(f"{total} / {expected}" if key == "joined" and expected else str(total))

    def resizeEvent(self, event: QResizeEvent) -> None:
        fits = event.size().width() >= max(WIDE, self._width_of(len(self._boxes)))
        self._lay_out(len(self._boxes) if fits else len(self._boxes) // 2)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Of the folded row: the words of one language are wider than another's, and one row must be able to fold."""
        return QSize(self._width_of(len(self._boxes) // 2), super().minimumSizeHint().height())

    def _width_of(self, columns: int) -> int:
        """So many of the widest tiles beside each other."""
        widths = sorted(box.minimumSizeHint().width() for box in self._boxes)[-columns:]
        return sum(widths) + self._grid.spacing() * (columns - 1)

    def _lay_out(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for index, box in enumerate(self._boxes):
            self._grid.removeWidget(box)
            self._grid.addWidget(box, index // columns, index % columns)
        for index in range(len(self._boxes)):
            self._grid.setColumnStretch(index, 1 if index < columns else 0)

    def _tile(self, key: str, title: str, icon: str, tone: str) -> QFrame:
        head = row(IconLabel(icon, tone, 16), label(title, "small"), None, gap=6)
        frame = panel(column(self._figures[key], head, gap=1))
        layout = frame.layout()
        assert layout is not None
        layout.setContentsMargins(13, 8, 8, 9)
        return frame

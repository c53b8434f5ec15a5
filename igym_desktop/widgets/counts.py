"""How many participants are where: figures that equal the table at any time."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QFrame, QWidget

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import IconLabel, column, label, panel, row


def _tiles() -> list[tuple[str, str, str, str, tuple[str, ...]]]:
    return [
        ("joined", tr("Joined"), "users", "accent", ("joined",)),
        ("loading", tr("Arriving"), "loading", "wait", ("loading", "arriving", "screening")),
        ("in_scene", tr("In a scene"), "page", "go", ("in_scene",)),
        ("waiting", tr("Waiting"), "hourglass", "wait", ("waiting",)),
        ("playing", tr("Playing"), "game", "go", ("playing", "countdown")),
        ("paused", tr("Paused"), "pause", "warn", ("paused",)),
        ("finished", tr("Finished"), "flag", "off", ("finished",)),
        ("early", tr("Ended early"), "exclude", "stop", ("excluded", "withdrawn", "dropped", "timed_out")),
    ]


class CountsRow(QWidget):
    """One tile a state."""

    def __init__(self) -> None:
        super().__init__()
        self._figures = {key: label("0", "figure") for key, *_ in _tiles()}
        tiles = [self._tile(key, title, icon, tone) for key, title, icon, tone, _ in _tiles()]
        self.setLayout(row(*tiles, gap=10))

    def figure(self, key: str) -> str:
        """What a tile shows."""
        return self._figures[key].text()

    def show_counts(self, counts: Mapping[str, int], expected: int | None) -> None:
        """`expected` participants are shown beside those who joined."""
        for key, _, _, _, sources in _tiles():
            total = sum(int(counts.get(source, 0)) for source in sources)
            self._figures[key].setText(f"{total} / {expected}" if key == "joined" and expected else str(total))

    def _tile(self, key: str, title: str, icon: str, tone: str) -> QFrame:
        head = row(IconLabel(icon, tone, 16), label(title, "small"), None, gap=6)
        frame = panel(column(self._figures[key], head, gap=1))
        layout = frame.layout()
        assert layout is not None
        layout.setContentsMargins(13, 8, 8, 9)
        return frame

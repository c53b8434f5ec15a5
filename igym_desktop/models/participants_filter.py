"""Which participants the live table shows, and in which order."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QSortFilterProxyModel

from igym_desktop.flow.words import ENDED
from igym_desktop.models.participants import SORT_ROLE, Index, ParticipantsModel, Row


def needs_attention(row: Row) -> bool:
    """Whether a researcher should look: warned, paused, gone, or not reachable."""
    return (
        bool(row.get("warnings"))
        or row.get("state") in ("paused", "excluded", "dropped")
        or (row.get("connection") in ("away", "lost") and row.get("state") not in ENDED)
    )


FILTERS: dict[str, Callable[[Row], bool]] = {
    "all": lambda row: True,
    "active": lambda row: row.get("state") not in ENDED,
    "waiting": lambda row: row.get("state") in ("waiting", "countdown"),
    "playing": lambda row: row.get("state") in ("playing", "paused"),
    "attention": needs_attention,
    "ended": lambda row: row.get("state") in ENDED,
}
"""Named filters of the table."""


class ParticipantsFilter(QSortFilterProxyModel):
    """Sorts by value, filters by name of a filter and by words found anywhere in the row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._words: list[str] = []
        self._filter = "all"
        self.setSortRole(SORT_ROLE)
        self._texts: dict[str, tuple[Row, str]] = {}
        self.setDynamicSortFilter(True)

    def search(self, text: str) -> None:
        """Every word has to occur."""
        self._words = text.casefold().split()
        self.invalidate()

    def use(self, name: str) -> None:
        """One of `FILTERS`."""
        self._filter = name
        self.invalidate()

    def filterAcceptsRow(self, source_row: int, source_parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, ParticipantsModel)
        row = model.row_at(source_row)
        if not FILTERS[self._filter](row):
            return False
        if not self._words:
            return True
        text = self._text_of(model, row)
        return all(word in text for word in self._words)

    def _text_of(self, model: ParticipantsModel, row: Row) -> str:
        """Kept as long as the row is the same: typing asks for every row again and again."""
        key = str(row.get("id", ""))
        known = self._texts.get(key)
        if known is not None and known[0] is row:
            return known[1]
        text = f"{' '.join(column.cell(row).text for column in model.columns)} {key}".casefold()
        self._texts[key] = (row, text)
        return text

    def lessThan(self, source_left: Index, source_right: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, ParticipantsModel)
        left = model.sort_value(source_left.row(), source_left.column())
        right = model.sort_value(source_right.row(), source_right.column())
        try:
            return bool(left < right)
        except TypeError:
            return str(left) < str(right)

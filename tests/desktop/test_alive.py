"""Who listens to something that outlives them hears nothing any more once they are gone."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

from igym_desktop.alive import unless_gone
from igym_desktop.widgets.table import plain_table


class Sender(QObject):
    told = Signal(str, int)


class Listener(QObject):
    def __init__(self, sender: Sender, heard: list[tuple[str, int]]) -> None:
        super().__init__()
        sender.told.connect(unless_gone(lambda word, number: heard.append((word + self.objectName(), number))))


def test_a_listener_hears_all_that_a_signal_tells_until_it_is_gone(qapp: QApplication) -> None:
    sender, heard = Sender(), list[tuple[str, int]]()
    listener = Listener(sender, heard)
    sender.told.emit("a", 1)
    shiboken6.delete(listener)
    sender.told.emit("b", 2)
    assert heard == [("a", 1)]


def test_a_tables_headings_speak_to_no_table_that_is_gone(qapp: QApplication) -> None:
    table = plain_table("names", "Names")
    headings = table.horizontalHeader()
    headings.setParent(None)  # they stay a moment longer
    shiboken6.delete(table)
    # What goes wrong in a slot fails the test.
    headings.setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    headings.deleteLater()

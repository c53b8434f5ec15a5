"""Two tables of the data page: what every exported column means, and who has earned what."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QWidget

from igym.host.export.payments import Payment
from igym_desktop.flow.session_facts import ColumnMeaning
from igym_desktop.i18n import number, plural, tr
from igym_desktop.models.sessions import SORT_ROLE, Shown, ThingsModel
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.folders import choose_save_file
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.widgets.table import WideTable, plain_table, safe_cell


class CodebookPanel(QWidget):
    """Every column of every exported file, to look up."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ThingsModel(_codebook_columns(), self)
        self.proxy, self.table = sorted_table("codebook", tr("Codebook"), self.model, self)
        self.search = SearchLine(tr("Find a column"), 260)
        self.search.textChanged.connect(self.proxy.setFilterFixedString)
        self.text = label("", "muted", wrap=True)
        head = row(self.search, self.text, gap=12)
        head.setStretch(1, 1)
        layout = column(head, self.table, gap=8, margins=(2, 10, 2, 2))
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_lines(self, lines: list[ColumnMeaning], problem: str = "") -> None:
        """The codebook as exported, or why there is none."""
        self.model.show_things(lines)
        self.text.setText(problem or plural(len(lines), "{n} column", "{n} columns"))


class PaymentsPanel(QWidget):
    """Participants and what the experiment's own rule says they have earned."""

    def __init__(self) -> None:
        super().__init__()
        self.model = ThingsModel(_payment_columns(), self)
        self.proxy, self.table = sorted_table("payments", tr("Payments"), self.model, self)
        self.text = label("", "muted", wrap=True)
        self.save = button(tr("Save this table"), "download", name="save_payments", on=self._ask_to_save)
        head = row(self.text, self.save, gap=12)
        head.setStretch(0, 1)
        layout = column(head, self.table, gap=8, margins=(2, 10, 2, 2))
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_payments(self, payments: list[Payment]) -> None:
        """Of the chosen session."""
        self.model.show_things(payments)
        self.save.setEnabled(bool(payments))
        none = tr("Nothing yet, or this experiment has no rule for payments (on_payment).")
        self.text.setText(totals(payments) if payments else none)

    def _ask_to_save(self) -> None:
        choose_save_file(self, tr("Save this table"), "payments.csv", "CSV (*.csv)", self._save)

    def _save(self, path: Path) -> None:
        try:
            self.save_table(path)
        except OSError as error:
            self.text.setText(tr("The table could not be saved: {why}", why=error.strerror or error))

    def save_table(self, path: Path) -> None:
        """Writes the rows as shown; amounts as every program reads them."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([shown.title for shown in self.model.columns])
            for line in range(self.proxy.rowCount()):
                cells = [self.proxy.index(line, index) for index in range(len(self.model.columns))]
                writer.writerow([_in_file(cell.data(), cell.data(SORT_ROLE)) for cell in cells])


def _in_file(shown: Any, value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else safe_cell(str(shown or ""))


def totals(payments: list[Payment]) -> str:
    """ "12 participants, 87.50 EUR together." """
    sums: dict[str, float] = defaultdict(float)
    for payment in payments:
        sums[payment.currency] += payment.amount
    money = ", ".join(f"{number(f'{amount:.2f}')} {currency}".strip() for currency, amount in sorted(sums.items()))
    people = plural(len(payments), "{n} participant", "{n} participants")
    return tr("{people}, {money} together", people=people, money=money)


def sorted_table(name: str, title: str, model: ThingsModel, parent: QWidget) -> tuple[QSortFilterProxyModel, WideTable]:
    """A table of things that sorts by header and can be searched."""
    proxy = QSortFilterProxyModel(parent)
    proxy.setSourceModel(model)
    proxy.setSortRole(SORT_ROLE)
    proxy.setFilterKeyColumn(-1)
    proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    table = plain_table(name, title)
    table.setModel(proxy)
    table.horizontalHeader().setStretchLastSection(True)
    own_words = [index for index, shown in enumerate(model.columns) if shown.own_words]
    table.want_widths([shown.width for shown in model.columns], own_words)
    table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    return proxy, table


def _codebook_columns() -> list[Shown]:
    def shown(title: str, width: int, name: str) -> Shown:
        def value(line: Any) -> str:
            return str(getattr(line, name))

        return Shown(title, width, value, value)

    return [
        shown(tr("File"), 190, "file"),
        shown(tr("Column"), 190, "column"),
        shown(tr("Meaning"), 380, "meaning"),
        shown(tr("Unit"), 130, "unit"),
        shown(tr("Type"), 80, "type"),
        shown(tr("Source"), 110, "source"),
    ]


def _payment_columns() -> list[Shown]:
    return [
        Shown(tr("Participant"), 170, lambda p: p.label, lambda p: p.label.casefold()),
        Shown(tr("Id"), 110, lambda p: p.participant, lambda p: p.participant),
        Shown(tr("Earned"), 100, lambda p: number(f"{p.amount:.2f}"), lambda p: p.amount),
        Shown(tr("Currency"), 90, lambda p: p.currency, lambda p: p.currency),
        Shown(tr("Why"), 320, lambda p: "; ".join(p.reasons), lambda p: "; ".join(p.reasons)),
    ]

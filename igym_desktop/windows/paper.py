"""A page to look at, to print, or to save as PDF; and the question which seats to make links for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMarginsF, Qt, QUrl
from PySide6.QtGui import QColor, QFont, QImage, QPageLayout, QPageSize, QTextDocument, QTextOption
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QTextBrowser, QWidget

from igym_desktop.flow.paper_html import Papers
from igym_desktop.flow.papers import QR, seat_links, seats_of, write_shortcuts
from igym_desktop.i18n import plural, tr
from igym_desktop.widgets.basics import button, column, label, row
from igym_desktop.widgets.folders import choose_folder, choose_save_file
from igym_desktop.widgets.qr import QUIET, matrix
from igym_desktop.widgets.wide_dialog import WideDialog


class PaperDialog(QDialog):
    """Always dark on white: it is paper."""

    def __init__(self, papers: Papers, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(papers.title)
        self.resize(860, 640)
        self.papers = papers
        self.document = document_of(papers)
        self.view = QTextBrowser()
        self.view.setDocument(self.document)
        self.view.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # everything wraps
        self.view.setAccessibleName(papers.title)
        self.view.setStyleSheet("QTextBrowser { background: white; color: black; }")
        self.told = label("", "small", wrap=True, selectable=True)
        buttons = row(
            self.told, None,
            button(tr("Save as PDF…"), "save", name="save_pdf", on=self._ask_where),
            button(tr("Print…"), "page", kind="primary", name="print_paper", on=self._print),
            button(tr("Close"), name="close_paper", on=self.accept),
            gap=8,
        )  # fmt: skip
        buttons.setStretch(0, 1)
        layout = column(self.view, buttons, gap=10, margins=(16, 14, 16, 14))
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def save_pdf(self, file: Path) -> None:
        """On A4 with margins that every printer can do."""
        if not os.access(file.parent, os.W_OK):
            self.told.setText(tr("{file} could not be written. Choose another folder.", file=file))
            return
        printer = _printer()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(file))
        printer.setDocName(self.papers.title)
        self.document.print_(printer)
        if file.is_file():
            self.told.setText(tr("Saved: {file}", file=file))
        else:
            self.told.setText(tr("{file} could not be written. Choose another folder.", file=file))

    def _ask_where(self) -> None:
        name = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in self.papers.title)
        choose_save_file(self, tr("Save as PDF…"), f"{name}.pdf", "PDF (*.pdf)", self.save_pdf)

    def _print(self) -> None:
        printer = _printer()
        self._dialog = QPrintDialog(printer, self)
        self._dialog.accepted.connect(lambda: self.document.print_(printer))
        self._dialog.setModal(True)
        self._dialog.show()


class SeatsDialog(WideDialog):
    """Which seats: a sheet with a code for each, or shortcut files for Windows."""

    def __init__(self, title: str, url: str, seats: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent, 640)
        self.setWindowTitle(tr("Links for seats"))
        self.setModal(True)
        self._title, self._url = title, url
        self.paper: PaperDialog | None = None
        self.input = QPlainTextEdit(", ".join(seats) or "PC01-PC20")
        self.input.setAccessibleName(tr("Seats"))
        self.input.setTabChangesFocus(True)
        self.input.setFixedHeight(90)
        self.told = label("", "small", wrap=True, selectable=True)
        text = tr("Names of the seats, such as PC01-PC20 or window, door. Whoever opens a seat's link sits there.")
        buttons = row(
            None,
            button(tr("Close"), on=self.reject),
            button(tr("Windows shortcuts…"), "link", name="shortcuts", on=self._ask_where),
            button(tr("Sheet to print"), "qr", kind="primary", name="seat_sheet", on=self._show_sheet),
        )
        self.setLayout(
            column(label(tr("Links for seats"), "heading"), label(text, wrap=True), self.input, self.told, 6, buttons,
                   gap=6, margins=(24, 20, 24, 18))
        )  # fmt: skip

    def _with_seats(self, then: Callable[[list[str]], None]) -> None:
        try:
            seats = seats_of(self.input.toPlainText())
        except ValueError as error:
            self.told.setText(str(error))
            return
        if seats:
            then(seats)

    def _show_sheet(self) -> None:
        self._with_seats(self._sheet)

    def _sheet(self, seats: list[str]) -> None:
        self.paper = show_paper(seat_links(self._title, self._url, seats), self)

    def _ask_where(self) -> None:
        choose_folder(self, tr("Choose a folder for the shortcuts"), self.write_shortcuts)

    def write_shortcuts(self, folder: Path) -> None:
        """A file for each seat."""
        self._with_seats(lambda seats: self._write(folder, seats))

    def _write(self, folder: Path, seats: list[str]) -> None:
        try:
            written = write_shortcuts(folder, self._url, seats)
        except OSError as error:
            self.told.setText(tr("The shortcuts could not be written: {why}", why=error.strerror or error))
            return
        told = plural(len(written), "{n} shortcut was written.", "{n} shortcuts were written.")
        self.told.setText(f"{told} {folder}")


def show_paper(papers: Papers, parent: QWidget) -> PaperDialog:
    """Opens it; it can stay open beside the window."""
    dialog = PaperDialog(papers, parent)
    dialog.open()
    return dialog


def document_of(papers: Papers) -> QTextDocument:
    """With the codes drawn that its pictures ask for."""
    document = QTextDocument()
    document.setDefaultFont(QFont("sans-serif", 10))
    wrapped = document.defaultTextOption()
    wrapped.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    document.setDefaultTextOption(wrapped)
    for part in papers.html.split(f'src="{QR}')[1:]:
        text = part.partition('"')[0]
        document.addResource(QTextDocument.ResourceType.ImageResource, QUrl(f"{QR}{text}"), qr_image(text))
    document.setHtml(papers.html)
    return document


def qr_image(text: str, scale: int = 8) -> QImage:
    """Dark on white, with its quiet zone."""
    rows = matrix(text)
    side = (len(rows) + 2 * QUIET) * scale
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y, line in enumerate(rows):
        for x, dark in enumerate(line):
            if dark:
                for dy in range(scale):
                    for dx in range(scale):
                        image.setPixel((x + QUIET) * scale + dx, (y + QUIET) * scale + dy, 0xFF000000)
    return image


def _printer() -> QPrinter:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageMargins(QMarginsF(15, 15, 15, 15), QPageLayout.Unit.Millimeter)
    return printer

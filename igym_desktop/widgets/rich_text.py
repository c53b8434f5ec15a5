"""A page's text with formats and pictures: written as it looks, or as HTML where that says more."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QFont,
    QImage,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextImageFormat,
    QTextList,
    QTextListFormat,
)
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QPlainTextEdit, QStackedWidget, QTextEdit, QWidget

from igym_desktop.flow.rich_html import is_plain
from igym_desktop.flow.study_files import in_study
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import action, button, column, icon_button, label, menu_button, row, show_if
from igym_desktop.widgets.combo import CalmComboBox
from igym_desktop.widgets.rich_html import html_of
from igym_desktop.widgets.structured import Structured

HEIGHT = 240
WIDTH = 660
WIDEST_PICTURE = 420
PICTURES = "png jpg jpeg gif webp svg"
_LISTS = {"list": QTextListFormat.Style.ListDisc, "list-numbers": QTextListFormat.Style.ListDecimal}


def fill_ins() -> list[tuple[str, str]]:
    """(what is filled in when somebody reads the page, words for the menu)."""
    return [
        ("{{label}}", tr("The participant's name or code")),
        ("{{seat}}", tr("Their seat")),
        ("{{code}}", tr("Their completion code")),
        ("{{scores}}", tr("What they scored in all games")),
        ("{{partner.label}}", tr("Those they last played with")),
        ("{{answers.SCENE.QUESTION}}", tr("An earlier answer")),
        ("{{condition.FACTOR}}", tr("Their condition")),
    ]


class _Text(QTextEdit):
    """Pictures are looked up in the study's folder, and no wider than the box."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.setTabChangesFocus(True)

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Of the study alone: a page that came from elsewhere shows nothing of this computer and asks no other one."""
        written = name.toString() if isinstance(name, QUrl) else name
        path = (self._folder / written.removeprefix("asset:")).resolve()
        inside = path.is_relative_to(self._folder.resolve()) and path.is_file()
        if kind != QTextDocument.ResourceType.ImageResource.value or not inside:
            return None
        image = QImage(str(path))
        return image.scaledToWidth(WIDEST_PICTURE) if image.width() > WIDEST_PICTURE else image


class RichTextEditor(Structured):
    """The value is HTML. What this cannot show as text without losing something is shown, and stays, as HTML."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder, self._html = folder, ""
        self.text, self.source = _Text(folder), QPlainTextEdit()
        self.source.setTabChangesFocus(True)
        for box in (self.text, self.source):
            box.setFixedHeight(HEIGHT)
        self._style_text()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.text)
        self._stack.addWidget(self.source)
        self.as_html = button(tr("HTML"), "code", kind="chip", on=self._switch)
        self.as_html.setCheckable(True)
        self.note = label("", "small", wrap=True)
        self.tools = self._toolbar()
        self.link = QLineEdit()
        self.link.setPlaceholderText("https://…")
        self.link.setAccessibleName(tr("Address of the link"))
        self.link.returnPressed.connect(self._link_typed)
        self.link.hide()
        self.setLayout(column(row(self.tools, None, self.as_html), self.link, self._stack, self.note, gap=4))
        self.setMaximumWidth(WIDTH)
        self.text.textChanged.connect(self._typed)
        self.text.cursorPositionChanged.connect(self._show_cursor)
        self.source.textChanged.connect(self._typed)
        self._show_mode(as_html=False)

    def value(self) -> str:
        return self._html

    def show_value(self, value: Any) -> None:
        self._html = str(value or "")
        self._show_mode(as_html=not is_plain(self._html))

    def setAccessibleName(self, name: str) -> None:
        super().setAccessibleName(name)
        self.text.setAccessibleName(name)
        self.source.setAccessibleName(name)

    def _style_text(self) -> None:
        """Roomier than Qt's own; colours are the window's."""
        self.text.document().setDefaultStyleSheet("p, li { line-height: 135%; } h1, h2, h3, h4 { margin-top: 10px; }")
        self.text.document().setDocumentMargin(8)

    def _show_mode(self, *, as_html: bool) -> None:
        for box in (self.text, self.source):
            box.blockSignals(True)
        if as_html:
            self.source.setPlainText(self._html)
        else:
            self.text.setHtml(self._html)
        for box in (self.text, self.source):
            box.blockSignals(False)
        self._stack.setCurrentWidget(self.source if as_html else self.text)
        self.as_html.setChecked(as_html)
        self.tools.setEnabled(not as_html)
        self._show_note()

    def _switch(self) -> None:
        wanted = self.as_html.isChecked()
        plain = is_plain(self._html)
        self._show_mode(as_html=wanted or not plain)
        if not wanted and not plain:
            self._show_note(stays=True)

    def _show_note(self, *, stays: bool = False) -> None:
        """Why it is HTML, or that it must stay so."""
        text = ""
        if stays or (self.as_html.isChecked() and not is_plain(self._html)):
            text = tr(
                "This page has HTML that the editor cannot show as text (scripts, tables, styles…), so it stays HTML."
            )
        self.note.setText(text)
        show_if(self.note, bool(text))

    def _typed(self) -> None:
        self._html = self.source.toPlainText() if self.as_html.isChecked() else html_of(self.text.document())
        self._tell()

    def _toolbar(self) -> QWidget:
        self.paragraph = CalmComboBox()
        self.paragraph.setAccessibleName(tr("Kind of paragraph"))
        for words, level in ((tr("Text"), 0), (tr("Heading"), 2), (tr("Small heading"), 3)):
            self.paragraph.addItem(words, level)
        self.paragraph.activated.connect(lambda _: self._set_heading(int(self.paragraph.currentData())))
        self.bold = icon_button("bold", tr("Bold"), self._toggle_bold)
        self.italic = icon_button("italic", tr("Italic"), self._toggle_italic)
        for toggle in (self.bold, self.italic):
            toggle.setCheckable(True)
        lists = [
            icon_button("list", tr("List"), partial(self._list, "list")),
            icon_button("list-numbers", tr("Numbered list"), partial(self._list, "list-numbers")),
        ]
        link = icon_button("link", tr("Link"), self._ask_for_link)
        picture = icon_button("picture", tr("Picture…"), self._ask_for_picture)
        menu = QMenu(self)
        for what, words in fill_ins():
            action(menu, words, "braces", partial(self.insert, what))
        self.fill_in = menu_button(tr("Fill in"), "braces", menu, kind="quiet")
        bar = QWidget()
        bar.setLayout(row(self.paragraph, self.bold, self.italic, *lists, link, picture, self.fill_in, gap=2))
        return bar

    def insert(self, text: str) -> None:
        """At the cursor, with the formats there."""
        self.text.insertPlainText(text)
        self.text.setFocus()

    def _show_cursor(self) -> None:
        shape = self.text.currentCharFormat()
        level = self.text.textCursor().blockFormat().headingLevel()
        self.bold.setChecked(shape.fontWeight() >= QFont.Weight.DemiBold)
        self.italic.setChecked(shape.fontItalic())
        self.paragraph.setCurrentIndex(max(0, self.paragraph.findData(min(max(level, 2), 3) if level else 0)))

    def _toggle_bold(self) -> None:
        shape = QTextCharFormat()
        bold = self.text.currentCharFormat().fontWeight() >= QFont.Weight.DemiBold
        shape.setFontWeight(QFont.Weight.Normal if bold else QFont.Weight.Bold)
        self._merge(shape)

    def _toggle_italic(self) -> None:
        shape = QTextCharFormat()
        shape.setFontItalic(not self.text.currentCharFormat().fontItalic())
        self._merge(shape)

    def _merge(self, shape: QTextCharFormat) -> None:
        """The selection, or what is typed next."""
        self.text.mergeCurrentCharFormat(shape)
        self._show_cursor()
        self.text.setFocus()

    def _set_heading(self, level: int) -> None:
        cursor = self.text.textCursor()
        cursor.beginEditBlock()
        block = cursor.blockFormat()
        block.setHeadingLevel(level)
        cursor.setBlockFormat(block)
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        shape = QTextCharFormat()
        shape.setFontWeight(QFont.Weight.Bold if level else QFont.Weight.Normal)
        shape.setProperty(QTextCharFormat.Property.FontSizeAdjustment, {0: 0, 2: 2, 3: 1}[level])
        cursor.mergeCharFormat(shape)
        cursor.mergeBlockCharFormat(shape)
        cursor.endEditBlock()
        self._typed()
        self.text.setFocus()

    def _list(self, kind: str) -> None:
        """A list of the chosen paragraphs; paragraphs again when it is one already."""
        cursor = self.text.textCursor()
        found = cast("QTextList | None", cursor.currentList())
        if found is None or found.format().style() != _LISTS[kind]:
            cursor.createList(_LISTS[kind])
        else:
            block = cursor.blockFormat()
            block.setObjectIndex(-1)
            block.setIndent(0)
            cursor.setBlockFormat(block)
        self._typed()
        self.text.setFocus()

    def _ask_for_link(self) -> None:
        self.link.setText(self.text.currentCharFormat().anchorHref())
        self.link.show()
        self.link.setFocus()

    def _link_typed(self) -> None:
        self.set_link(self.link.text().strip())
        self.link.hide()

    def set_link(self, address: str) -> None:
        """For the selection, or as a text of its own; an empty one takes the link away."""
        cursor = self.text.textCursor()
        shape = QTextCharFormat()
        shape.setAnchor(bool(address))
        shape.setAnchorHref(address)
        shape.setFontUnderline(bool(address))
        if cursor.hasSelection():
            cursor.mergeCharFormat(shape)
        elif address:
            cursor.insertText(address, shape)
        self.text.setFocus()

    def _ask_for_picture(self) -> None:
        patterns = " ".join(f"*.{ending}" for ending in PICTURES.split())
        dialog = QFileDialog(
            self, tr("Choose a picture"), str(self._folder), tr("Pictures ({patterns})", patterns=patterns)
        )
        dialog.fileSelected.connect(lambda path: self.add_picture(Path(path)))
        dialog.open()

    def add_picture(self, file: Path) -> None:
        """At the cursor; one from elsewhere is copied into the study, so that it goes along with it."""
        try:
            inside = in_study(file, self._folder)
        except OSError as error:
            self.note.setText(tr("The picture could not be copied into the study: {why}", why=error))
            show_if(self.note, True)
            return
        image = QTextImageFormat()
        image.setName(inside)
        image.setProperty(QTextCharFormat.Property.ImageAltText, file.stem.replace("_", " "))
        self.text.textCursor().insertImage(image)
        self.text.setFocus()

"""Texts of pages are written as they look; what the editor cannot show stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QTextCursor, QTextDocument
from PySide6.QtTest import QTest

from igym_desktop.flow.rich_html import is_plain
from igym_desktop.flow.study_templates import templates
from igym_desktop.widgets.rich_html import html_of
from igym_desktop.widgets.rich_text import RichTextEditor

PLAIN = [
    "<p>Hello {{label|you}}, a &lt; b &amp; c</p>",
    "<h2>Rules</h2>\n<p>You play <strong>twice</strong>, the <em>second</em> time <u>faster</u>.</p>",
    "<ul><li>left</li><li>right<ul><li>further</li></ul></li></ul>\n<ol><li>one</li><li>two</li></ol>",
    '<p>one<br>two <a href="https://example.org/?a=1&amp;b=2">x</a></p>\n<p><img src="assets/a.png" alt="A map"></p>',
    "<p><strong><em>both</em></strong> and <strong>one</strong></p>",
]
ODD = [
    "<script>igym.advance()</script>",
    '<p class="big">Big</p>',
    "<table><tr><td>1</td></tr></table>",
    "<!-- later --><p>Text</p>",
    '<p style="color: red">Red</p>',
    "<p>not closed",
    "<iframe src='x.html'></iframe>",
]


@pytest.fixture
def editor(qtbot: Any, tmp_path: Path) -> RichTextEditor:
    made = RichTextEditor(tmp_path)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("html", PLAIN)
def test_text_with_formats_comes_back_as_it_was(html: str, qapp: Any) -> None:
    assert is_plain(html)
    document = QTextDocument()
    document.setHtml(html)
    assert html_of(document) == html


@pytest.mark.parametrize("html", ODD)
def test_what_would_be_lost_is_shown_as_html_and_stays(html: str, editor: RichTextEditor) -> None:
    editor.show_value(html)
    assert editor.value() == html and editor.source.isVisible() and editor.source.toPlainText() == html
    editor.as_html.click()
    assert editor.source.isVisible() and editor.note.isVisible() and editor.value() == html


def test_looking_changes_nothing(editor: RichTextEditor) -> None:
    told: list[str] = []
    editor.edited.connect(told.append)
    written = "<p>As   the author\n  wrote it</p>"
    editor.show_value(written)
    editor.as_html.click()
    editor.as_html.click()
    assert editor.value() == written and told == []


def test_a_page_is_written_with_the_toolbar(editor: RichTextEditor) -> None:
    editor.show_value("")
    QTest.keyClicks(editor.text, "Welcome <b>you</b>")
    assert editor.value() == "<p>Welcome &lt;b&gt;you&lt;/b&gt;</p>", "what is typed is text, never markup"
    editor.text.selectAll()
    editor.bold.click()
    assert editor.value() == "<p><strong>Welcome &lt;b&gt;you&lt;/b&gt;</strong></p>"
    editor.bold.click()
    editor.paragraph.setCurrentIndex(1)
    editor.paragraph.activated.emit(1)
    assert editor.value() == "<h2>Welcome &lt;b&gt;you&lt;/b&gt;</h2>"
    editor.text.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    editor.paragraph.setCurrentIndex(0)
    editor.paragraph.activated.emit(0)
    QTest.keyClicks(editor.text, "Hello ")
    editor.fill_in.menu().actions()[0].trigger()
    assert editor.value().endswith("<p>Hello {{label}}</p>")
    editor._list("list")
    assert editor.value().endswith("<ul><li>Hello {{label}}</li></ul>")
    editor._list("list")
    assert editor.value().endswith("<p>Hello {{label}}</p>")
    editor.text.selectAll()
    editor.set_link("https://example.org")
    assert '<a href="https://example.org">Hello {{label}}</a>' in editor.value()


def test_a_picture_goes_along_with_the_study(editor: RichTextEditor, tmp_path: Path) -> None:
    elsewhere = tmp_path.parent / f"{tmp_path.name}_elsewhere"
    elsewhere.mkdir()
    picture = QImage(900, 30, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(elsewhere / "the_map.png"))
    editor.add_picture(elsewhere / "the_map.png")
    assert editor.value() == '<p><img src="assets/the_map.png" alt="the map"></p>'
    assert (tmp_path / "assets" / "the_map.png").is_file()
    picture.fill(Qt.GlobalColor.blue)
    assert picture.save(str(elsewhere / "the_map.png"))
    editor.add_picture(elsewhere / "the_map.png")
    assert "assets/the_map_2.png" in editor.value(), "another picture of that name replaces none"
    shown: Any = editor.text.loadResource(QTextDocument.ResourceType.ImageResource.value, "assets/the_map.png")
    assert 0 < shown.width() < 500, "no wider than the box"
    outside = str(elsewhere / "the_map.png")
    for name in (outside, f"../{elsewhere.name}/the_map.png", f"file://{outside}", "https://example.org/a.png"):
        assert editor.text.loadResource(QTextDocument.ResourceType.ImageResource.value, name) is None, name


def test_pages_of_the_templates_can_be_edited_as_text() -> None:
    tables = [table for template in templates() for table in template.scenes().values()]
    bodies = [body for table in tables if (body := table.get("body") or table.get("content", {}).get("body"))]
    assert len(bodies) > 5 and [body for body in bodies if not is_plain(body)] == []

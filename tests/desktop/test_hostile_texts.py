"""What a participant or a study wrote is shown letter for letter, wherever the launcher shows it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QWidget

import igym_desktop
from igym_desktop.widgets.plain import as_notice, as_tip
from tests.waiting import until

from .test_main_window import open_app, started, stopped, study

__all__ = ["open_app", "study"]
MARK = "hostile"
EVIL = f"<img src='http://evil.example/{MARK}.png'><b>{MARK}</b>&amp;"
ROOT = Path(igym_desktop.__file__).parent
TEXTS = ("label", "seat", "scene_id", "reason", "browser", "code", "match_id", "connection", "state")
DETAILS = {
    "timeline": [
        {"at": 1.0, "kind": EVIL, "body": {"reason": EVIL, EVIL: EVIL}},
        {"at": 2.0, "kind": "scene_entered", "scene": EVIL, "body": {"message": EVIL, "name": EVIL}},
    ],
    "answers": [{"at": 3.0, "kind": "answers", "scene": EVIL, "body": {"values": {EVIL: EVIL}}}],
    "rtt": [{"at": 1.0, "rtt_ms": 2.0}],
    "metrics": [
        {"at": at, "participant": who, "body": {"values": {"fps": 30, EVIL: 3}}}
        for at in (1.0, 2.0)
        for who in ("P001", EVIL)
    ],
    "console": [{"at": 2.0, "level": EVIL, "text": EVIL}],
}


def as_qt_shows(text: str) -> str:
    """The letters of a tooltip, as Qt would draw them."""
    if not QtText.mightBeRichText(text):
        return text
    document = QTextDocument()
    document.setHtml(text)
    return document.toPlainText()


@pytest.mark.parametrize(
    "text",
    [EVIL, "a < b", "<", "two\nlines & <i>more</i>", "&lt;", "<?xml?>", "<!-- x -->", "  spaced  <b>", "plain"],
)
def test_a_tooltip_shows_exactly_these_letters(text: str) -> None:
    assert as_qt_shows(as_tip(text)) == text
    assert not {"<", ">"} & set(as_notice(text))


def test_what_cannot_be_seen_is_left_out() -> None:
    assert as_tip("a\x00\x1b[31mb\u202ec\u200bd\n\te") == "a[31mbcd\n\te"
    assert len(as_tip("x" * 100_000)) < 5_000


def _in_models(view: QAbstractItemView) -> Iterator[tuple[str, str]]:
    model: QAbstractItemModel | None = view.model()
    if model is None or isinstance(view, QHeaderView):
        return
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for row in range(min(model.rowCount(), 30)):
        for column in range(columns):
            index = model.index(row, column)
            yield f"{view.objectName()} cell", str(index.data(Qt.ItemDataRole.ToolTipRole) or "")
    for section in range(columns):
        tip = model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        yield f"{view.objectName()} header", str(tip or "")


def _tips(widget: QWidget) -> Iterator[tuple[str, str]]:
    yield f"{type(widget).__name__} {widget.objectName()}", widget.toolTip()
    for action in widget.actions():
        yield f"action {action.objectName()}", action.toolTip()
    if isinstance(widget, QAbstractItemView):
        yield from _in_models(widget)


def _in_charts(widget: QWidget) -> Iterator[str]:
    from PySide6.QtWidgets import QGraphicsTextItem, QGraphicsView

    if isinstance(widget, QGraphicsView):
        for item in widget.scene().items():
            if isinstance(item, QGraphicsTextItem) and MARK in item.toHtml():
                yield item.toPlainText()


def read_as_html(widgets: list[QWidget]) -> tuple[list[str], int]:
    """(places where other people's words would be read as HTML, places where they are shown)."""
    wrong, seen = [], 0
    for widget in widgets:
        if isinstance(widget, QLabel) and MARK in widget.text():
            seen += 1
            if widget.textFormat() != Qt.TextFormat.PlainText:
                wrong.append(f"label {widget.text()[:60]}")
        for place, tip in _tips(widget):
            if MARK in tip:
                seen += 1
                if EVIL not in as_qt_shows(tip):
                    wrong.append(f"tip of {place}")
        wrong += [f"chart: {text}" for text in _in_charts(widget) if EVIL not in text]
    return wrong, seen


def test_no_widget_reads_other_peoples_words_as_html(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    """Every page with hostile participants, problems, log lines, details, and a study whose texts are hostile too."""

    async def scenario() -> None:
        log = [{"at": 1.0, "level": "error", "source": EVIL, "text": EVIL, "data": {"message": EVIL}}]
        problems = [
            {"id": "p", "level": "error", "title": EVIL, "text": EVIL, "at": 1.0, "details": {"traceback": EVIL}}
        ]
        behave(participants=4, title=EVIL, log=log, problems=problems, details=DETAILS)
        folder = study("mountain_car", title=EVIL, description=EVIL)
        broken = study("broken")
        error = {"ok": False, "error": {"text": EVIL, "file": "x.py", "line": 1}}
        (broken / "describe.json").write_text(json.dumps(error))
        app = open_app(folder, broken)
        told: list[str] = []
        app.notifications.told.connect(lambda title, text: told.extend((title, text)))
        app.window.isActiveWindow = lambda: False
        await started(app, folder)
        try:
            engine = app.launcher.engine
            rows = [{**row, **dict.fromkeys(TEXTS[:7], EVIL)} for row in engine.mirror.participants.values()]
            rows[0]["state"], rows[0]["loading"] = "loading", {"label": EVIL, "fraction": 0.5}
            rows[1].update(state=EVIL, connection=EVIL, partners=[EVIL])
            engine.link.changes.emit({"participants": rows})
            engine.link.changes.emit({"problems": [{**problems[0], "id": "q"}]})
            await until(lambda: told, "notice")
            assert not any("<" in text for text in told)
            page = app.window.pages["session"]
            page.people.table.selectRow(0)
            await until(lambda: page.findChildren(QLabel), "labels")
            for name in ("experiments", "configure", "preflight", "session", "log", "data", "settings"):
                app.window.show_page(name)
                await until(app.window.pages[name].isVisible, name)
                wrong, seen = read_as_html(app.window.findChildren(QWidget))
                assert not wrong, name
            assert seen >= 20
        finally:
            await stopped(app)

    play(scenario())


def test_every_tooltip_label_and_message_goes_through_the_one_helper() -> None:
    """A new widget cannot forget it: Qt's own ways of showing text are called in one place each."""
    allowed = {
        "setToolTip": {"plain.py"}, "QLabel": {"basics.py"}, "showMessage": {"notifications.py"},
        "setWhatsThis": set(), "setTextFormat": {"basics.py", "path_label.py"}, "QMessageBox": set(),
        "QErrorMessage": set(), "QTextEdit": set(), "showText": {"keyboard.py"}, "appendHtml": set(),
        # Papers are HTML of their own, in which every text is escaped; the editor of pages loads nothing else.
        "setHtml": {"paper.py", "rich_text.py"}, "QTextBrowser": {"paper.py"},
    }  # fmt: skip
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                if file.name not in allowed.get(name, {file.name}):
                    found.append(f"{file.name}:{node.lineno} {name}")
    assert found == []

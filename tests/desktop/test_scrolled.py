"""What scrolls is as high as its words need at the width there is, and no higher."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QLabel, QScrollArea

from igym_desktop.widgets.basics import column, holder, scroll
from tests.waiting import LIMIT_MS, until


def test_a_page_of_settings_has_no_empty_end(play: Any, make_app: Any) -> None:
    async def scenario() -> None:
        app = make_app([])
        app.window.resize(1366, 768)
        app.window.show_page("settings")
        area = app.window.pages["settings"].findChild(QScrollArea)
        await until(lambda: area.verticalScrollBar().maximum() > 0, "laid out")
        body = area.widget()
        assert body.height() < body.heightForWidth(body.width()) + 60
        await app.shut_down()

    play(scenario())


def test_what_does_not_wrap_keeps_its_height(qtbot: Any) -> None:
    area = scroll(holder(column(*(QLabel(f"Line {n}") for n in range(40)))))
    qtbot.addWidget(area)
    area.resize(300, 100)
    area.show()
    qtbot.waitExposed(area, timeout=LIMIT_MS)
    assert area.verticalScrollBar().maximum() > 300

"""What went wrong in this session: researcher's code, browsers, storage."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QWidget

from igym_desktop.flow.words import level_words
from igym_desktop.i18n import said, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, button, chip, clear, column, label, panel, row, scroll

SHOWN = 100


class ProblemsPanel(QWidget):
    """Newest first."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.launcher = launcher
        self._list = column(gap=10)
        self.nothing = label(
            tr("No problems. Errors in your own code, in participants' browsers or on disk would appear here."),
            "muted",
            wrap=True,
        )
        body = QWidget()
        body.setLayout(column(self.nothing, self._list, None, gap=10, margins=(0, 12, 6, 8)))
        self.setLayout(column(scroll(body)))
        self._shown: list[Any] = []

    def refresh(self) -> None:
        """The mirror changed."""
        problems = list(reversed(self.launcher.engine.mirror.problems.values()))[:SHOWN]
        if problems == self._shown:
            return
        self._shown = problems
        clear(self._list)
        self.nothing.setVisible(not problems)
        for problem in problems:
            self._list.addWidget(self._card(problem))

    def _card(self, problem: Mapping[str, Any]) -> QFrame:
        words = level_words(str(problem.get("level", "error")))
        count = int(problem.get("count") or 1)
        at = problem.get("at")
        head = row(
            IconLabel(words.icon, words.tone),
            label(said(str(problem.get("title") or "")) or words.text, "strong"),
            chip(tr("{count} times", count=count)) if count > 1 else 0,
            None,
            label(time.strftime("%H:%M:%S", time.localtime(at)) if at else "", "small"),
            gap=8,
        )
        who = str(problem.get("participant") or "")
        text = label(said(str(problem.get("text") or "")), wrap=True, selectable=True)
        details = label(str(problem.get("traceback") or "").strip(), "mono", wrap=True, selectable=True)
        details.hide()
        buttons = row(gap=4)
        if problem.get("traceback"):
            buttons.addWidget(
                button(tr("Details"), "chevron-down", kind="quiet", on=lambda: details.setVisible(details.isHidden()))
            )
            buttons.addWidget(button(tr("Copy"), "copy", kind="quiet", on=partial(_copy, problem)))
        buttons.addWidget(button(tr("Clear"), "check", kind="quiet", on=partial(self._clear, str(problem["id"]))))
        buttons.addStretch(1)
        subtitle = label(tr("Participant {who}", who=who), "small") if who else 0
        return panel(column(head, subtitle, text, details, buttons, gap=5), margin=14)

    def _clear(self, problem: str) -> None:
        def answered(reply: Any) -> None:
            if reply.ok:
                self.launcher.engine.mirror.problems.pop(problem, None)
                self.refresh()
            else:
                self.launcher.notice.emit("stop", reply.text or tr("The server refused this."))

        self.launcher.engine.command("clear_problem", {"id": problem}, "", answered)


def _copy(problem: Mapping[str, Any]) -> None:
    QGuiApplication.clipboard().setText(
        f"{problem.get('title')}\n{problem.get('text')}\n\n{problem.get('traceback') or ''}"
    )

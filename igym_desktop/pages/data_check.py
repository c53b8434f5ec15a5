"""What the last check of a session's files and recordings found, to read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QTableView, QWidget

from igym_desktop.flow.stored_jobs import Ended, episode_words, file_complaints
from igym_desktop.i18n import said, tr
from igym_desktop.models.sessions import THING_ROLE, Shown, ThingsModel
from igym_desktop.widgets.basics import IconLabel, button, column, label, row, show_if
from igym_desktop.widgets.table import plain_table

ICONS = {"go": "verify", "warn": "info", "stop": "warning"}


class CheckPanel(QWidget):
    """A sentence, then the files that are not as they were, then every episode that was played again."""

    def __init__(self, verify: Callable[[], object], replay: Callable[[str], object]) -> None:
        super().__init__()
        self._replay = replay
        self._icon = IconLabel("verify", "off", 20)
        self.text = label("", wrap=True, selectable=True)
        self.again = button(tr("Verify"), "verify", name="verify_again", on=verify)
        self.files = ThingsModel(_file_columns(), self)
        self.episodes = ThingsModel(_episode_columns(), self)
        self.file_table = _table("checked_files", tr("Files"), self.files)
        self.episode_table = _table("checked_episodes", tr("Recorded episodes"), self.episodes)
        self.episode_table.doubleClicked.connect(self._open)
        self.hint = label(tr("Double-click an episode to watch it."), "small")
        head = row(self._icon, self.text, self.again, gap=10)
        head.setStretch(1, 1)
        layout = column(head, self.file_table, self.episode_table, self.hint, None, gap=8, margins=(2, 10, 2, 2))
        layout.setStretch(2, 40)
        self.setLayout(layout)
        self.clear()

    def clear(self) -> None:
        """Nothing has been checked yet."""
        self._icon.show_icon("verify", "off")
        self.text.setText(
            tr(
                "Verify compares every exported file with its recorded hash, then plays each match again from its "
                "inputs and compares every row."
            )
        )
        self._fill([], [])

    def show_outcome(self, found: Ended) -> None:
        """The result of a check."""
        self._icon.show_icon(ICONS[found.tone], found.tone)
        self.text.setText(found.text)
        self._fill(file_complaints(found.last.get("manifest") or {}), list(found.last.get("episodes") or ()))

    def _fill(self, files: list[tuple[str, str]], episodes: list[Any]) -> None:
        self.files.show_things(files)
        self.episodes.show_things(episodes)
        show_if(self.file_table, bool(files))
        self.file_table.setFixedHeight(min(190, 36 + 35 * len(files)))
        for shown in (self.episode_table, self.hint):
            show_if(shown, bool(episodes))

    def _open(self, index: QModelIndex) -> None:
        self._replay(str(index.data(THING_ROLE)["id"]))


def _file_columns() -> list[Shown]:
    def icon(item: Any) -> tuple[str, str]:
        return ("info", "off") if item[0] == tr("Not on the list") else ("warning", "stop")

    return [
        Shown(tr("What"), 150, lambda item: item[0], lambda item: item[0], icon),
        Shown(tr("File"), 420, lambda item: item[1], lambda item: item[1]),
    ]


def _episode_columns() -> list[Shown]:
    def icon(item: Any) -> tuple[str, str]:
        return episode_words(item)[1:]

    return [
        Shown(tr("Match"), 110, lambda e: str(e.get("match")), lambda e: str(e.get("match"))),
        Shown(tr("Scene"), 120, lambda e: str(e.get("scene")), lambda e: str(e.get("scene"))),
        Shown(tr("Episode"), 80, lambda e: str(int(e.get("episode") or 0) + 1), lambda e: int(e.get("episode") or 0)),
        Shown(tr("Frames"), 80, lambda e: str(e.get("frames")), lambda e: int(e.get("frames") or 0)),
        Shown(tr("Played again"), 150, lambda e: episode_words(e)[0], lambda e: str(e.get("result")), icon),
        Shown(tr("What was found"), 320, _told, _told),
    ]


def _told(episode: Any) -> str:
    return said(str(episode.get("text") or ""))


def _table(name: str, title: str, model: ThingsModel) -> QTableView:
    table = plain_table(name, title)
    table.setSortingEnabled(False)
    table.setModel(model)
    table.horizontalHeader().setStretchLastSection(True)
    table.want_widths([shown.width for shown in model.columns])
    return table

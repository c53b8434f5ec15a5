"""What was written to participants in this session, and who has pressed OK."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QFrame, QWidget

from igym_desktop.flow.natural import natural
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, clear, column, label, panel, row, scroll

NAMED = 12


class MessagesPanel(QWidget):
    """Newest first."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__()
        self.launcher = launcher
        self._list = column(gap=10)
        self.nothing = label(tr("Nothing was written to participants yet."), "muted", wrap=True)
        body = QWidget()
        body.setLayout(column(self.nothing, self._list, None, gap=10, margins=(0, 12, 6, 8)))
        self.setLayout(column(scroll(body)))
        self._shown: list[Any] = []

    def refresh(self) -> None:
        """The mirror changed."""
        messages = self.launcher.engine.mirror.messages
        if messages == self._shown:
            return
        self._shown = [dict(message) for message in messages]
        clear(self._list)
        self.nothing.setVisible(not messages)
        for message in reversed(messages):
            self._list.addWidget(self._card(message))

    def _card(self, message: Mapping[str, Any]) -> QFrame:
        people, read = list(message.get("people") or ()), set(message.get("read") or ())
        unread = [who for who in people if who not in read]
        text = label(str(message.get("text") or ""), wrap=True, selectable=True)
        told = label(self._told(message, people, unread), "small", wrap=True, selectable=True)
        icon = IconLabel("check", "go") if not unread else IconLabel("clock", "wait")
        head = row(icon, text, label(time.strftime("%H:%M:%S", time.localtime(message.get("at") or 0)), "small"), gap=8)
        head.setStretch(1, 1)
        return panel(column(head, told, gap=4), margin=14)

    def _told(self, message: Mapping[str, Any], people: list[str], unread: list[str]) -> str:
        if not people:
            return tr("Nobody was there to read it.")
        if not unread:
            return tr("Read by everybody ({count}).", count=len(people))
        names = sorted((self._name(who) for who in unread), key=natural)
        shown = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            shown += " " + plural(len(names) - NAMED, "and {n} more", "and {n} more")
        told = tr(
            "Read by {read} of {all}. Not yet: {names}.", read=len(people) - len(unread), all=len(people), names=shown
        )
        until = message.get("until")
        if isinstance(until, (int, float)):
            at = time.strftime("%H:%M:%S", time.localtime(until))
            told += " " + tr("It is shown until {time}.", time=at)
        return told

    def _name(self, who: str) -> str:
        person = self.launcher.engine.mirror.participants.get(who) or {}
        return str(person.get("seat") or person.get("label") or who)

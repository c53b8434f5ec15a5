"""The read-only view of a running session for a second screen: on or off, and its link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from igym_desktop.alive import unless_gone
from igym_desktop.engine import EngineKeeper


class WebMonitor(QObject):
    """Follows the setting: each session that starts gets a link of its own, with a new token."""

    changed = Signal()
    refused = Signal(str)
    """Why it could not be switched, for a person."""

    def __init__(
        self,
        engine: EngineKeeper,
        wanted: Callable[[], bool],
        want: Callable[[bool], None],
        parent: QObject | None = None,
    ) -> None:
        """`wanted` tells whether sessions get one, `want` keeps the person's choice."""
        super().__init__(parent)
        self._engine, self._wanted, self._want = engine, wanted, want
        self.url = ""
        """Empty while it is off or nothing runs."""
        engine.link_changed.connect(self._link_changed)
        engine.state_changed.connect(unless_gone(lambda state: self._show("") if state != "running" else None))

    def switch(self, on: bool) -> None:
        """Holds for this session and the next ones."""
        self._want(on)
        if self._engine.state == "running":
            self._ask({"on": on})

    def renew(self) -> None:
        """A new link; whoever has the old one sees nothing more."""
        self._ask({"on": True})

    def _link_changed(self, connected: bool) -> None:
        if connected and self._engine.server is not None:
            # There somebody else may have decided: it is shown when it is on, and not switched.
            self._engine.command("monitor", {}, "", self._answered)
        elif connected and self._wanted():
            # A session found again may have a monitor whose link hangs on a second screen: it stays.
            self._engine.command("monitor", {}, "", self._found)

    def _found(self, reply: Any) -> None:
        path = (reply.result or {}).get("path") if reply.ok else None
        if path:
            self._show(path)
        else:
            self._ask({"on": True})

    def _ask(self, args: dict[str, Any]) -> None:
        self._engine.command("monitor", args, "", self._answered)

    def _answered(self, reply: Any) -> None:
        if reply.ok:
            self._show((reply.result or {}).get("path") or "")
        else:
            self.refused.emit(reply.text)

    def _show(self, path: str) -> None:
        self.url = self._engine.join_url.rstrip("/") + path if path else ""
        self.changed.emit()

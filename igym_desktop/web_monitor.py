"""The read-only view of a running session for a second screen: on or off, and its link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from igym_desktop.launcher import Launcher


class WebMonitor(QObject):
    """Follows the setting: each session that starts gets a link of its own, with a new token."""

    changed = Signal()
    refused = Signal(str)
    """Why it could not be switched, for a person."""

    def __init__(self, launcher: Launcher) -> None:
        super().__init__(launcher)
        self._launcher = launcher
        self.url = ""
        """Empty while it is off or nothing runs."""
        launcher.engine.link_changed.connect(self._link_changed)
        launcher.engine.state_changed.connect(lambda state: self._show("") if state != "running" else None)

    def switch(self, on: bool) -> None:
        """Holds for this session and the next ones."""
        self._launcher.change_settings(monitor=on)
        if self._launcher.engine.state == "running":
            self._ask({"on": on})

    def renew(self) -> None:
        """A new link; whoever has the old one sees nothing more."""
        self._ask({"on": True})

    def _link_changed(self, connected: bool) -> None:
        if connected and self._launcher.settings.monitor:
            # A session found again may have a monitor whose link hangs on a second screen: it stays.
            self._launcher.engine.command("monitor", {}, "", self._found)

    def _found(self, reply: Any) -> None:
        path = (reply.result or {}).get("path") if reply.ok else None
        if path:
            self._show(path)
        else:
            self._ask({"on": True})

    def _ask(self, args: dict[str, Any]) -> None:
        self._launcher.engine.command("monitor", args, "", self._answered)

    def _answered(self, reply: Any) -> None:
        if reply.ok:
            self._show((reply.result or {}).get("path") or "")
        else:
            self.refused.emit(reply.text)

    def _show(self, path: str) -> None:
        self.url = self._launcher.engine.join_url.rstrip("/") + path if path else ""
        self.changed.emit()

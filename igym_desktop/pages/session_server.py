"""Whose session this is when it runs on another computer: its name, how the connection is, and the way out."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QGraphicsOpacityEffect, QWidget

from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import IconLabel, button, column, label, row

PALE = 0.45


class ServerBar(QFrame):
    """Above everything that is shown of it; `shown_of` is greyed while what it shows may be out of date."""

    def __init__(self, launcher: Launcher, *shown_of: QWidget) -> None:
        super().__init__()
        self.setObjectName("server_bar")
        self.setProperty("role", "panel")
        self.launcher = launcher
        self._shown_of = shown_of
        self._icon = IconLabel("online", "go", 22)
        self.name = label("", "strong", selectable=True)
        self.name.setObjectName("server_name")
        self.state = label("", "muted", wrap=True)
        self.files = button(tr("Fetch files…"), "download", name="to_files", on=self._to_files)
        self.away = button(tr("Disconnect"), "offline", name="disconnect", on=launcher.engine.leave)
        layout = row(self._icon, column(self.name, self.state, gap=1), self.files, self.away, gap=12,
                     margins=(16, 10, 12, 10))  # fmt: skip
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    def refresh(self) -> None:
        """The connection or the session changed."""
        engine = self.launcher.engine
        server = engine.server if engine.alive else None
        self.setVisible(server is not None)
        lost = engine.is_lost
        for shown in self._shown_of:
            _pale(shown, lost)
        if server is None:
            return
        self.name.setText(tr("Session on {server}", server=server.shown))
        self._icon.show_icon("offline" if lost else "online", "warn" if lost else "go")
        if lost:
            why = engine.trouble or tr("The connection was lost.")
            last = tr("What you see is the last that was known. The connection is tried again and again by itself.")
            self.state.setText(f"{why} {last}")
        elif engine.mirror.session.get("state") == "ended":
            self.state.setText(
                tr("Everybody's part has ended. Fetch the files; the server goes on until it is stopped.")
            )
        else:
            self.state.setText(
                tr(
                    "You are attached as {name}. The session goes on there when this window is closed.",
                    name=server.given.name,
                )
            )
        self.files.setEnabled(not lost and bool(engine.plan and engine.plan.keeps_data))

    def _to_files(self) -> None:
        self.launcher.navigate.emit("data")


def _pale(shown: QWidget, pale: bool) -> None:
    if pale == (shown.graphicsEffect() is not None):
        return
    effect = None
    if pale:
        effect = QGraphicsOpacityEffect(shown)
        effect.setOpacity(PALE)
    shown.setGraphicsEffect(effect)  # type: ignore[arg-type]

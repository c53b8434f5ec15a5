"""Opens a file where a researcher edits it, at the right line when an editor that can do that is found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QProcess

from igym_desktop.flow.editors import editor_command
from igym_desktop.widgets.folders import show_folder


def open_in_editor(file: Path, line: int | None = None) -> None:
    """Without any editor its folder is shown: the file itself must not be opened, since that may run it."""
    command = editor_command(file, line)
    started = QProcess.startDetached(command[0], command[1:]) if command else False
    # PySide answers (started, pid), its type hints a bool.
    if not (started[0] if isinstance(started, tuple) else started):
        show_folder(file.parent)

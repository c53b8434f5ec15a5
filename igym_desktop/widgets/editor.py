"""Opens a file where a researcher edits it, at the right line when an editor that can do that is found."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

_EDITORS = (
    ("code", ["-g", "{file}:{line}"]),
    ("codium", ["-g", "{file}:{line}"]),
    ("pycharm", ["--line", "{line}", "{file}"]),
    ("subl", ["{file}:{line}"]),
    ("kate", ["-l", "{line}", "{file}"]),
    ("gnome-text-editor", ["{file}"]),
    ("gedit", ["+{line}", "{file}"]),
)


def editor_command(file: Path, line: int | None) -> list[str] | None:
    """argv of the first known editor on this computer, or None."""
    for name, arguments in _EDITORS:
        found = shutil.which(name)
        if found:
            return [found, *(item.format(file=file, line=line or 1) for item in arguments)]
    return None


def open_in_editor(file: Path, line: int | None = None) -> None:
    """Falls back to whatever the system opens such files with."""
    command = editor_command(file, line)
    if command:
        QProcess.startDetached(command[0], command[1:])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(file)))

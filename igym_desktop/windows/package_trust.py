"""The one question before a study package's code may run: is its sender trusted?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from igym_desktop.flow.study_package import PackageContents
from igym_desktop.i18n import plural, tr
from igym_desktop.windows.dialogs import Question, confirm


def ask_for_trust(parent: QWidget, package: Path, contents: PackageContents, agreed: Callable[[str], None]) -> Question:
    """Shows what is inside; nothing of it is unpacked or run before `agreed` is called."""
    locale = QLocale()
    words = [
        tr("“{title}”, from the file {file}.", title=contents.title or contents.study_id or "–", file=package.name),
        tr(
            "Inside: {files}, {size}, of these {code} and {wheels}.",
            files=plural(len(contents.files), "{n} file", "{n} files"),
            size=locale.formattedDataSize(contents.size),
            code=plural(len(contents.code), "{n} Python file", "{n} Python files"),
            wheels=plural(len(contents.wheels), "{n} Python package", "{n} Python packages"),
        ),
        tr(
            "A study is a program. On this computer it can do whatever you can: read, change and send your files. "
            "Open it only if you know who made it and got it from them; the app cannot check that."
        ),
    ]
    listing = "\n".join(f"{name}  ({locale.formattedDataSize(size)})" for name, size in contents.files.items())
    question = confirm(
        parent,
        tr("Do you trust the sender of this study?"),
        "\n\n".join(words),
        tr("I trust the sender: open it"),
        agreed,
        listing=listing,
    )
    # Whoever presses Enter without reading opens nothing.
    question.buttons["cancel"].setDefault(True)
    question.buttons["cancel"].setFocus()
    return question

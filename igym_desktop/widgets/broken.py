"""The red banner about games that fail, the same on every page that is about an experiment."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from igym_desktop.flow.broken_games import Broken, before_text
from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import Banner
from igym_desktop.widgets.editor import open_in_editor


class BrokenGames(Banner):
    """Stays as long as a game fails; it cannot be dismissed."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("broken_games")
        self.close_button.hide()

    def show_broken(self, folder: Path | None, broken: tuple[Broken, ...]) -> None:
        """What failed when the games were tried."""
        if not broken or folder is None:
            self.hide()
            return
        first = broken[0]
        file = folder / first.file if first.file else None
        act = [(tr("Open in editor"), partial(open_in_editor, file, first.line))] if file and file.is_file() else []
        self.say("stop", before_text(broken), *act)

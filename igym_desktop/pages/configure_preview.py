"""Below the list of scenes: open the chosen scene in a browser, as a participant would see it with these options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QWidget

from igym_desktop.flow.library import Entry
from igym_desktop.i18n import language, tr
from igym_desktop.launcher import Launcher
from igym_desktop.widgets.basics import Page, button, column, label, line
from igym_desktop.widgets.web_pages import open_address, tell_address

CALM_MS = 1200
"""So long nothing must have changed before the preview follows."""
Wanted = tuple[Entry, Mapping[str, Any], str, str]
"""(experiment, options, scene; "" for the beginning, text of a study.toml that is not saved yet or "")."""


class PreviewPane(QWidget):
    """`wanted()` tells what to show, None while something typed is not allowed."""

    def __init__(self, launcher: Launcher, page: Page, wanted: Callable[[], Wanted | None], prefix: str = "") -> None:
        super().__init__()
        self.launcher, self.page, self._wanted = launcher, page, wanted
        self.open = button(tr("Preview this scene"), "eye", name=f"{prefix}preview", on=self._open)
        self.again = button(
            tr("Open the page again"), "open", kind="quiet", name=f"{prefix}preview_again", on=self._open_again
        )
        self.sizes = button(
            tr("Phone, laptop, 4K…"), "screen", kind="quiet", name=f"{prefix}preview_sizes", on=self._open_sizes
        )
        self.partner = button(
            tr("Add a simulated partner"), "bot", kind="quiet", name=f"{prefix}preview_partner",
            on=lambda: launcher.preview.add_partners(1),
        )  # fmt: skip
        self.stop = button(tr("End the preview"), "stop", kind="quiet", name=f"{prefix}preview_stop", on=self._end)
        self.follows = QCheckBox(tr("Follow my changes"))
        self.follows.setObjectName(f"{prefix}preview_follows")
        self.follows.setChecked(True)
        self.follows.toggled.connect(lambda _: self.refresh())
        self._calm = QTimer(self, singleShot=True, interval=CALM_MS)
        self._calm.timeout.connect(self._follow)
        self.text = label("", "small", wrap=True)
        self.address = label("", "small", wrap=True, selectable=True)
        buttons = (self.open, self.again, self.sizes, self.partner, self.stop)
        self.setLayout(column(line(), *buttons, self.follows, self.text, self.address, gap=4, margins=(8, 4, 8, 8)))
        launcher.preview.changed.connect(self.refresh)
        launcher.preview.refused.connect(self._refused)
        launcher.preview.opened.connect(self._opened)
        self.refresh()

    def _refused(self, text: str) -> None:
        self.page.banner.say("stop", text)

    def refresh(self) -> None:
        """Shows what the preview is doing now."""
        preview = self.launcher.preview
        up = bool(preview.url)
        self.open.setEnabled(not preview.busy and self._wanted() is not None)
        for shown in (self.again, self.sizes, self.partner, self.stop, self.follows):
            shown.setVisible(up)
        self.address.setText(preview.url)
        self.address.setVisible(up)
        wanted = self._wanted() if up and self.isVisible() and self.follows.isChecked() else None
        if wanted is not None and not preview.shows(wanted):
            self._calm.start()
        if preview.busy:
            self.text.setText(tr("The preview is being started or stopped…"))
        elif up:
            self.text.setText(
                tr("Open in your browser; it comes back by itself a moment after each change.")
                if self.follows.isChecked()
                else tr("Open in your browser. Press Preview again after a change.")
            )
        else:
            self.text.setText(tr("In your browser, with the options as they are here. Nothing of it is kept."))

    def _follow(self) -> None:
        """A moment after the last change, so that typing does not start one preview for each letter."""
        wanted = self._wanted()
        if wanted is not None and self.follows.isChecked() and self.isVisible():
            self.launcher.preview.follow(*wanted)

    def _end(self) -> None:
        """Nothing follows any more, whatever changed a moment before."""
        self._calm.stop()
        self.launcher.preview.end()

    def _open(self) -> None:
        wanted = self._wanted()
        if wanted is not None:
            self.launcher.preview.show(*wanted)

    def _open_sizes(self) -> None:
        """The same page in a frame as large as other screens."""
        self._show(f"{self.launcher.preview.url}&sizes=1&lang={language()}")

    def _open_again(self) -> None:
        self._show(self.launcher.preview.url)

    def _show(self, url: str) -> None:
        self._opened(url, open_address(url))

    def _opened(self, url: str, opened: bool) -> None:
        """The address stands below the buttons; a browser that did not come is told on the page."""
        if not opened and self.isVisible():
            tell_address(self.page.banner, "", url, opened=False)

"""A long job's line: what is being done, how far, and a way to stop it. Hidden while nothing runs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QProgressBar, QWidget

from igym_desktop.i18n import tr
from igym_desktop.widgets.basics import button, row
from igym_desktop.widgets.elided import ElidedText


class JobBar(QWidget):
    """`begin(text, cancel)`, `show_progress(…)`, `end()`."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(220)
        self.text = ElidedText(1)
        self._cancel: Callable[[], object] | None = None
        self.stop = button(tr("Cancel"), name="cancel_job", on=self._stop)
        layout = row(self.bar, self.text, self.stop, gap=12)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.hide()

    def begin(self, text: str, cancel: Callable[[], object]) -> None:
        """Work has started; how much there is, is not known yet."""
        self._cancel = cancel
        self.text.set_text(text)
        self.bar.setRange(0, 0)
        self.stop.setEnabled(True)
        self.show()

    def show_progress(self, done: int, total: int, what: str) -> None:
        """`what` is the step just done."""
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.text.set_text(tr("{done} of {total}: {what}", done=done, total=total, what=what))

    def end(self) -> None:
        """It is over, in whatever way."""
        self._cancel = None
        self.hide()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self.text.set_text(tr("Stopping…"))
        if self._cancel:
            self._cancel()

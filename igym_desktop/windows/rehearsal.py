"""The dialog of a rehearsal: how many, how fast, what goes wrong; then its progress and its report."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFormLayout, QProgressBar, QStackedWidget, QWidget

from igym_desktop.flow.rehearsal import RehearsalPlan, Report
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.rehearsal import Rehearsal
from igym_desktop.widgets.basics import IconLabel, button, clear, column, label, row, scroll
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.number import NumberLine


class RehearsalDialog(QDialog):
    """Not modal: the session table stays usable while it runs."""

    def __init__(self, launcher: Launcher, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Rehearsal"))
        self.setObjectName("rehearsal")
        self.resize(560, 430)
        self.launcher = launcher
        self.rehearsal: Rehearsal | None = None
        self.report: Report | None = None
        self._stack = QStackedWidget()
        for page in (self._plan_page(), self._progress_page(), self._report_page()):
            self._stack.addWidget(page)
        self.setLayout(column(self._stack, margins=(24, 20, 24, 18)))

    def begin(self) -> None:
        """Starts with what is set."""
        plan = RehearsalPlan(
            self.number.value(),
            self.frames.value(),
            float(self.speed.currentData()),
            self.reloads.value(),
            self.drops.value(),
        )
        self.rehearsal = Rehearsal(self.launcher, plan, self)
        self.rehearsal.progress.connect(self._show_progress)
        self.rehearsal.finished.connect(self._show_report)
        self._stack.setCurrentIndex(1)
        self.rehearsal.start()

    def reject(self) -> None:
        if self.rehearsal is not None and self.report is None:
            self.rehearsal.cancel()
        super().reject()

    def _plan_page(self) -> QWidget:
        players = 1
        plan = self.launcher.engine.plan
        entry = self.launcher.entry_of(plan.folder) if plan else None
        if entry and isinstance(entry.info.get("players"), int):
            players = max(1, int(entry.info["players"]))
        self.number = NumberLine(1, 500, 2 * players)
        self.frames = NumberLine(10, 100_000, 300)
        self.reloads = NumberLine(0, 500, 0)
        self.drops = NumberLine(0, 500, 0)
        self.speed = CalmComboBox()
        for words, value in ((tr("Real time"), 1.0), (tr("Four times as fast"), 4.0), (tr("As fast as possible"), 0.0)):
            self.speed.addItem(words, value)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        form.setHorizontalSpacing(18)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        for words, control in (
            (tr("Simulated participants"), self.number),
            (tr("Speed"), self.speed),
            (tr("Frames in each episode"), self.frames),
            (tr("Of them reload the page"), self.reloads),
            (tr("Of them lose the network for a moment"), self.drops),
        ):
            control.setAccessibleName(words)
            form.addRow(words, control)
        text = tr("Simulated participants join through the same link as people, answer every page and play every game. "
                  "As long as no person has joined, the session becomes a rehearsal: its data are kept apart from the "
                  "study's. End it afterwards and start a new one for people.")  # fmt: skip
        start = button(tr("Start rehearsal"), "play", kind="primary", name="begin_rehearsal", on=self.begin)
        page = QWidget()
        buttons = row(None, button(tr("Cancel"), on=self.reject), start)
        page.setLayout(
            column(label(tr("Rehearsal"), "heading"), label(text, "muted", wrap=True), 6, form, None, buttons, gap=8)
        )
        return page

    def _progress_page(self) -> QWidget:
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.text = label("", "muted", wrap=True)
        stop = button(tr("Cancel"), on=lambda: self.rehearsal.cancel() if self.rehearsal else None)
        page = QWidget()
        page.setLayout(
            column(label(tr("Rehearsal is running…"), "heading"), self.bar, self.text, None, row(None, stop), gap=12)
        )
        return page

    def _report_page(self) -> QWidget:
        self._head_icon = IconLabel("go", "go", 22)
        self.headline = label("", "heading", wrap=True)
        self._lines = column(gap=9)
        body = QWidget()
        body.setLayout(column(self._lines, None))
        head = row(self._head_icon, self.headline, gap=10)
        head.setStretch(1, 1)
        page = QWidget()
        page.setLayout(column(head, scroll(body), row(None, button(tr("Close"), on=self.accept)), gap=12))
        return page

    def _show_progress(self, done: int, total: int, text: str) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.text.setText(text)

    def _show_report(self, report: Report) -> None:
        self.report = report
        self._head_icon.show_icon("go" if report.ok else "error", "go" if report.ok else "stop")
        self.headline.setText(report.headline)
        clear(self._lines)
        for went_well, text in report.lines:
            icon = IconLabel("check" if went_well else "error", "go" if went_well else "stop", 16)
            line = row(icon, label(text, wrap=True, selectable=True), gap=9)
            line.setStretch(1, 1)
            line.setAlignment(icon, Qt.AlignmentFlag.AlignTop)
            self._lines.addLayout(line)
        self._stack.setCurrentIndex(2)

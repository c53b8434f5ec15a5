"""How long recorded data are kept, and a look at what is older than that."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from igym_desktop.flow.words import size_text
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher
from igym_desktop.retention import Retention
from igym_desktop.widgets.basics import Page, button, column
from igym_desktop.widgets.fields import CalmComboBox
from igym_desktop.widgets.settings_rows import setting_line
from igym_desktop.windows.dialogs import confirm

CHOICES_DAYS = (30, 90, 180, 365, 730, 1825, 3650)


class RetentionLine(QWidget):
    """One line of the settings page."""

    def __init__(self, launcher: Launcher, page: Page) -> None:
        super().__init__()
        self.launcher, self.page = launcher, page
        self.days = CalmComboBox()
        self.days.setObjectName("retention")
        self.days.setMinimumWidth(200)
        self.days.addItem(tr("For ever"), 0)
        for days in CHOICES_DAYS:
            self.days.addItem(_duration(days), days)
        self.days.activated.connect(lambda index: self._chosen(int(self.days.itemData(index))))
        self.check = button(tr("See what is older…"), name="check_retention", on=self._look)
        line = setting_line(
            tr("Keep recorded data"),
            self.days,
            self.check,
            help_text=tr(
                "Older sessions are erased when their experiment is started the next time: answers, rows, "
                "measurements and exported files. A receipt stays. Copies you made elsewhere are not touched."
            ),
        )
        self.setLayout(column(line))
        self.job: Retention | None = None

    def refresh(self) -> None:
        """Shows what holds now."""
        days = self.launcher.settings.retention_days
        if self.days.findData(days) < 0:
            self.days.addItem(_duration(days), days)
        self.days.setCurrentIndex(self.days.findData(days))
        self.check.setVisible(days > 0)

    def _chosen(self, days: int) -> None:
        if days == 0 or days == self.launcher.settings.retention_days:
            self.launcher.change_settings(retention_days=days)
            return
        self.refresh()
        confirm(
            self.page,
            tr("Erase data after {time}?", time=_duration(days)),
            tr(
                "From now on, starting an experiment erases those of its sessions that ended longer ago than that. "
                "Erased data cannot be brought back."
            ),
            tr("Erase after {time}", time=_duration(days)),
            lambda _: self.launcher.change_settings(retention_days=days),
            kind="danger",
        )

    def _look(self) -> None:
        self._run(erase=False, then=self._seen)

    def _run(self, *, erase: bool, then: Any) -> None:
        if self.job is not None:
            return
        self.check.setEnabled(False)
        self.job = Retention(self.launcher, self.launcher.settings.retention_days, erase=erase, parent=self)
        self.job.finished.connect(partial(self._done, then))
        self.job.start()

    def _done(self, then: Any, sessions: list[Any], problems: list[str]) -> None:
        self.job = None
        self.check.setEnabled(True)
        if problems:
            self.page.banner.say("warn", tr("Some folders could not be looked through."), details="\n".join(problems))
        then(sessions)

    def _seen(self, sessions: list[Any]) -> None:
        if not sessions:
            if self.page.banner.isHidden():
                self.page.banner.say("go", tr("No session is older than that."))
            return
        lines = "\n".join(f"•  {item['experiment']}: {item['session']}" for item in sessions[:12])
        more = "\n…" if len(sessions) > 12 else ""
        size = size_text(sum(int(item.get("bytes") or 0) for item in sessions))
        confirm(
            self.page,
            plural(len(sessions), "{n} session is older", "{n} sessions are older"),
            f"{lines}{more}\n\n" + tr("Files of {size} would be erased for good.", size=size),
            tr("Erase now"),
            lambda _: self._run(erase=True, then=self._erased),
            kind="danger",
        )

    def _erased(self, sessions: list[Any]) -> None:
        words = plural(len(sessions), "{n} session was erased.", "{n} sessions were erased.")
        self.page.banner.say("go", words + " " + tr("The receipts are in the data folders, below “retention”."))


def _duration(days: int) -> str:
    if days and days % 365 == 0:
        return plural(days // 365, "{n} year", "{n} years")
    return plural(days, "{n} day", "{n} days")

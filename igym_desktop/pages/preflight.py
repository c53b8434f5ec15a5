"""One button, all checks: go, warning or stop, with a way to put each right."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QStackedWidget, QWidget

from igym_desktop.background import in_background
from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.library import Entry
from igym_desktop.flow.preflight import QUICK, Finding, Situation, from_check, from_prepare, from_study, summary, titles
from igym_desktop.flow.settings import what_is_checked
from igym_desktop.i18n import tr
from igym_desktop.launcher import Launcher
from igym_desktop.pages.preflight_lab import LabPanel
from igym_desktop.widgets.basics import (
    EmptyState,
    IconLabel,
    Page,
    button,
    clear,
    column,
    label,
    line,
    panel,
    row,
    scroll,
)
from igym_desktop.widgets.broken import BrokenGames
from igym_desktop.widgets.editor import open_in_editor
from igym_desktop.widgets.folders import choose_folder

PREPARE_LIMIT_S = 60.0
DOWNLOAD_LIMIT_S = 1800.0
CHECK_LIMIT_S = 300.0
_ICONS = {"go": ("go", "go"), "warning": ("warning", "warn"), "stop": ("error", "stop")}


class PreflightPage(Page):
    """A row for each check."""

    def __init__(self, launcher: Launcher) -> None:
        self.run = button(tr("Check everything"), "preflight", kind="primary", name="run_checks", on=self.run_checks)
        self.start = button(tr("Start"), "play", name="preflight_start", on=self._start)
        super().__init__(tr("Preflight"), "", self.start, self.run)
        self.launcher = launcher
        self.findings: dict[str, Finding] = {}
        self._jobs: dict[str, ChildJob] = {}
        self._round = 0
        self._checked: Entry | None = None
        self.rows = {key: CheckRow(title, partial(self._fix, key)) for key, title in titles().items()}
        choose = button(
            tr("Choose an experiment"), "experiments", kind="primary", on=partial(launcher.navigate.emit, "experiments")
        )
        empty = EmptyState(
            "preflight",
            tr("No experiment chosen"),
            tr("Choose an experiment first; here you then see whether this computer is ready to run it."),
            choose,
        )
        self.result_icon = IconLabel("info", "off", 22)
        self.result = label("", "heading", wrap=True)
        result = row(self.result_icon, self.result, gap=10)
        result.setStretch(1, 1)
        parts: list[QWidget] = []
        for shown in self.rows.values():
            parts += [line(), shown] if parts else [shown]
        self.lab = LabPanel(launcher)
        body = QWidget()
        checks = panel(column(*parts, gap=0), margin=8)
        body.setLayout(column(panel(result, margin=16), checks, self.lab, None, gap=14, margins=(0, 0, 6, 10)))
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(scroll(body))
        self.broken = BrokenGames()
        self.body.addWidget(self.broken)
        self.body.addWidget(self._stack, 1)
        launcher.chosen_changed.connect(self._chosen_changed)
        launcher.chosen_changed.connect(self._show_broken)
        launcher.games.tried.connect(self._show_broken)
        self._show_broken()
        self._settings = what_is_checked(launcher.settings)
        launcher.settings_changed.connect(self._settings_changed)
        launcher.profile_changed.connect(self._show_profile)
        launcher.engine.state_changed.connect(self._show_result)
        self._reset()

    def _show_broken(self) -> None:
        entry = self.launcher.chosen
        folder = entry.folder if entry else None
        self.broken.show_broken(folder, self.launcher.games.broken(entry.folder) if entry else ())

    @property
    def busy(self) -> bool:
        """Whether a check is still going on."""
        return any(shown.waiting for shown in self.rows.values())

    def run_checks(self) -> None:
        """Starts all checks anew."""
        entry = self.launcher.chosen
        if entry is None:
            return
        self._cancel()
        self._round += 1
        self.findings.clear()
        for shown in self.rows.values():
            shown.wait()
        situation = Situation(
            entry,
            self.launcher.data_root,
            self.launcher.settings.port,
            self.launcher.settings.address,
            self.launcher.keeps_data(entry),
            own_port=self._own_port(),
        )
        for key, check in QUICK.items():
            self._run_quick(key, partial(check, situation))
        self._prepare(download=False)
        self._check_envs()
        self._check_study()
        self._show_result()

    def _own_port(self) -> int:
        engine = self.launcher.engine
        return engine.plan.port if engine.alive and engine.plan else 0

    def _run_quick(self, key: str, check: object) -> None:
        current = self._round

        def failed(error: Exception) -> None:
            self._found(key, current, Finding("warning", tr("This could not be checked: {why}", why=error)))

        in_background(check, lambda finding: self._found(key, current, finding), failed)  # type: ignore[arg-type]

    def _prepare(self, *, download: bool) -> None:
        entry = self.launcher.chosen
        assert entry is not None
        arguments = [str(entry.folder), *self._profile_arguments()]
        wheels = self.launcher.settings.wheels_folder
        arguments += ["--wheels", wheels] if wheels else []
        arguments += [] if download else ["--check"]
        job = self._job(
            "packages", "prepare", arguments, DOWNLOAD_LIMIT_S if download else PREPARE_LIMIT_S, from_prepare
        )
        self.rows["packages"].wait(tr("Downloading…") if download else "", cancel=job.cancel if download else None)
        job.told.connect(self._show_progress)

    def _check_envs(self) -> None:
        entry = self.launcher.chosen
        assert entry is not None
        arguments = [str(entry.folder), *self._profile_arguments(), "--only", "envs", "--json"]
        self._job("env", "check", arguments, CHECK_LIMIT_S, from_check)

    def _check_study(self) -> None:
        entry = self.launcher.chosen
        assert entry is not None
        arguments = [str(entry.folder), *self._profile_arguments(), "--only", "study", "--json"]
        self._job("study", "check", arguments, CHECK_LIMIT_S, from_study)

    def _profile_arguments(self) -> list[str]:
        entry = self.launcher.chosen
        assert entry is not None
        name = self.launcher.profile_name(entry.folder)
        return ["--profile", str(self.launcher.profile_path(entry.folder, name))] if name else []

    def _job(self, key: str, kind: str, arguments: list[str], limit_s: float, read: object) -> ChildJob:
        current = self._round

        def done(outcome: Outcome) -> None:
            self._jobs.pop(key, None)
            if outcome.cancelled:
                self._found(key, current, Finding("warning", tr("Cancelled.")))
            else:
                self._found(key, current, read(outcome.last, outcome.errors))  # type: ignore[operator]

        job = ChildJob(self.launcher.command_line(kind, arguments), limit_s, self)
        self._jobs[key] = job
        job.start(done)
        return job

    def _show_progress(self, event: dict[str, object]) -> None:
        if event.get("event") == "progress":
            self.rows["packages"].progress(
                str(event.get("label", "")), int(str(event.get("done", 0))), int(str(event.get("total", 0)))
            )

    def _found(self, key: str, current: int, finding: Finding) -> None:
        if current != self._round:
            return
        self.findings[key] = finding
        self.rows[key].show_finding(finding)
        self._show_result()

    def _fix(self, key: str) -> None:
        finding = self.findings.get(key)
        if finding is None or finding.fix is None:
            return
        kind, value = finding.fix.kind, finding.fix.value
        if kind == "download":
            self._prepare(download=True)
        elif kind == "port":
            self.launcher.change_settings(port=int(value))
            self.run_checks()
        elif kind == "address":
            self.launcher.change_settings(address="")
            self.run_checks()
        elif kind == "data_folder":
            choose_folder(self, tr("Choose a folder for the data"), self._use_data_folder)
        elif kind == "copy":
            QGuiApplication.clipboard().setText(value)
            self.launcher.notice.emit("go", tr("Copied"))
        elif kind == "use_folder":
            self._use_data_folder(value)
        elif kind == "edit":
            file, _, number = value.rpartition("|")
            open_in_editor(self.launcher.library_path(file), int(number))
        else:
            self.launcher.navigate.emit(kind)

    def _use_data_folder(self, folder: object) -> None:
        self.launcher.change_settings(data_root=str(folder))
        self.run_checks()

    def _start(self) -> None:
        if self.launcher.chosen:
            self.launcher.start(self.launcher.chosen.folder)

    def _cancel(self) -> None:
        for job in list(self._jobs.values()):
            job.finished.disconnect()
            job.cancel()
        self._jobs.clear()

    def _chosen_changed(self) -> None:
        """Reading the same experiment again changes nothing; a changed one is checked anew when that was going on."""
        entry, was_busy = self.launcher.chosen, self.busy
        if entry == self._checked:
            return
        self._checked = entry
        self._reset()
        if was_busy:
            self.run_checks()

    def _settings_changed(self) -> None:
        """Another theme or an added study leaves what was found as true as before."""
        now = what_is_checked(self.launcher.settings)
        if now != self._settings:
            self._settings = now
            self._reset()

    def _reset(self) -> None:
        entry = self.launcher.chosen
        self._stack.setCurrentIndex(1 if entry else 0)
        self.header.title.setText(entry.title if entry else tr("Preflight"))
        self._show_profile()
        self.run.setVisible(entry is not None)
        self.start.setVisible(entry is not None)
        self._cancel()
        self._round += 1
        self.findings.clear()
        for shown in self.rows.values():
            shown.rest()
        self.lab.refresh()
        self._show_result()

    def _show_profile(self) -> None:
        entry = self.launcher.chosen
        asked = tr("Is this computer ready to run the experiment?")
        self.header.subtitle.setText(f"{asked}  ·  {self.launcher.profile_text(entry.folder)}" if entry else "")

    def _show_result(self) -> None:
        running = self.launcher.engine.alive
        entry = self.launcher.chosen
        self.start.setEnabled(bool(entry and entry.status == "ready" and not running))
        self.run.setEnabled(not self.busy)
        if self.busy:
            self.result_icon.show_icon("loading", "wait")
            self.result.setText(tr("Checking… {done} of {total}", done=len(self.findings), total=len(self.rows)))
        elif not self.findings:
            self.result_icon.show_icon("info", "off")
            self.result.setText(tr("Not checked yet."))
        else:
            result, text = summary(self.findings)
            self.result_icon.show_icon(*_ICONS[result])
            self.result.setText(text)


class CheckRow(QFrame):
    """One check: icon, title, finding, fix."""

    def __init__(self, title: str, fix: object) -> None:
        super().__init__()
        self.waiting = False
        self._title = title
        self._icon = IconLabel("info", "off", 20)
        self.text = label("", "muted", wrap=True, selectable=True)
        self.word = label("", "small")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self._buttons = QHBoxLayout()
        self._fix = fix
        texts = column(row(label(title, "strong"), self.word, None, gap=10), self.text, self.bar, gap=3)
        layout = row(self._icon, texts, self._buttons, gap=14, margins=(12, 11, 12, 11))
        layout.setStretch(1, 1)
        layout.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.bar.hide()
        self.rest()

    def rest(self) -> None:
        """Before the first run."""
        self._show("info", "off", "", "")

    def wait(self, text: str = "", cancel: object = None) -> None:
        """The check is going on."""
        self._show("loading", "wait", tr("Checking…"), text)
        self.waiting = True
        if cancel:
            self._buttons.addWidget(button(tr("Cancel"), on=cancel))  # type: ignore[arg-type]

    def progress(self, text: str, done: int, total: int) -> None:
        """How far a long check is."""
        self.text.setText(text)
        self.text.setVisible(bool(text))
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.show()

    def show_finding(self, finding: Finding) -> None:
        """The check is over."""
        words = {"go": tr("OK"), "warning": tr("Warning"), "stop": tr("Has to be fixed")}
        self._show(*_ICONS[finding.result], words[finding.result], finding.text)
        if finding.fix:
            self._buttons.addWidget(button(finding.fix.words, on=self._fix))  # type: ignore[arg-type]

    def _show(self, icon: str, tone: str, word: str, text: str) -> None:
        self.waiting = False
        self._icon.show_icon(icon, tone)
        self.word.setText(word)
        self.text.setText(text)
        self.text.setVisible(bool(text) and self.parentWidget() is not None)
        self.bar.hide()
        clear(self._buttons)
        self.setAccessibleName(f"{self._title}: {word}. {text}")

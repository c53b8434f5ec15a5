"""The first page: every experiment as a card; start it, set it up, add one, make a new study from an example."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QWidget

from igym_desktop.background import in_background
from igym_desktop.child_job import ChildJob, Outcome
from igym_desktop.flow.library import Entry, duplicate, studies_in, study_file
from igym_desktop.flow.paths import examples_folder
from igym_desktop.flow.personal_links import likely_address
from igym_desktop.flow.study_names import study_id
from igym_desktop.flow.study_package import (
    REPLACED,
    SUFFIX,
    PackageContents,
    open_package,
    read_contents,
    write_package,
)
from igym_desktop.flow.study_templates import make_study, templates
from igym_desktop.i18n import plural, tr
from igym_desktop.launcher import Launcher, app_version
from igym_desktop.pages.experiment_card import ExperimentCard
from igym_desktop.pages.experiment_group import CardGroup
from igym_desktop.widgets.basics import EmptyState, Page, button, column, icon_button, label, row, scroll
from igym_desktop.widgets.combo import CalmComboBox
from igym_desktop.widgets.editor import open_in_editor
from igym_desktop.widgets.first_steps import FirstSteps
from igym_desktop.widgets.folders import choose_save_file
from igym_desktop.widgets.search_line import SearchLine
from igym_desktop.windows.dialogs import ask, confirm
from igym_desktop.windows.new_study import NewStudyDialog
from igym_desktop.windows.package_trust import ask_for_trust
from igym_desktop.windows.personal_links import PersonalLinksDialog

PACKAGES_LIMIT_S = 60.0


class ExperimentsPage(Page):
    """Cards in two groups: own studies and built-in examples."""

    def __init__(self, launcher: Launcher) -> None:
        add = button(tr("Add folder…"), "folder-add", name="add_folder", on=self.ask_for_folder)
        package = button(tr("Open package…"), "download", name="open_package", on=self.ask_for_package)
        new = button(tr("New study…"), "plus", kind="primary", name="new_study", on=self.ask_for_new_study)
        super().__init__(
            tr("Experiments"), tr("Choose a study to run, or make a new one: no code is needed."), package, add, new
        )
        self.launcher = launcher
        self.setAcceptDrops(True)
        self.search = SearchLine(tr("Search experiments"), 320)
        self.search.textChanged.connect(self.refresh)
        QShortcut(QKeySequence.StandardKey.Find, self, self.search.setFocus)
        self.counted = label("", "muted")
        self.sort = CalmComboBox()
        self.sort.setObjectName("sort_experiments")
        self.sort.setAccessibleName(tr("Order"))
        for words, name in ((tr("Used last"), "recent"), (tr("By name"), "name")):
            self.sort.addItem(words, name)
        self.sort.setCurrentIndex(max(0, self.sort.findData(launcher.settings.library_sort)))
        self.sort.ensurePolished()
        self.sort.setMinimumWidth(self.sort.sizeHint().width())
        self.sort.activated.connect(lambda _: self._arranged(library_sort=self.sort.currentData()))
        self.listed = icon_button("list", tr("Show as a list"), self._toggle_list, "list_experiments")
        self.listed.setCheckable(True)
        self.listed.setChecked(launcher.settings.library_listed)
        self.cards: dict[Path, ExperimentCard] = {}
        self.own = CardGroup(tr("My studies"))
        self.examples = CardGroup(tr("Built-in examples"))
        self.nothing = EmptyState(
            "experiments",
            tr("No experiment found"),
            tr(
                "Add the folder of a study, or drag it onto this window. A study is a folder with a file "
                "experiment.py or study.toml."
            ),
        )
        show_all = button(tr("Show all"), name="show_all_experiments", on=self.search.clear)
        self.not_found = EmptyState(
            "search",
            tr("No experiment found"),
            tr("No study is called so. Change the search, or take it away."),
            show_all,
        )
        self.first_steps = FirstSteps(
            self.run_an_example, self.ask_for_new_study, self.check_the_lab, self.close_first_steps
        )
        body = QWidget()
        body.setLayout(
            column(
                self.first_steps,
                self.own,
                self.examples,
                self.nothing,
                self.not_found,
                None,
                gap=22,
                margins=(0, 2, 6, 12),
            )
        )
        self.body.addLayout(row(self.search, self.counted, None, self.sort, self.listed, gap=14))
        self.body.addWidget(scroll(body), 1)
        launcher.library_changed.connect(self.refresh)
        launcher.engine.state_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the library as it is now."""
        settings = self.launcher.settings
        recent = settings.recent_folders if settings.library_sort == "recent" else ()
        found = self.launcher.library.search(self.search.text(), recent)
        for entry in found:
            self._card(entry).show_entry(
                entry,
                busy=self.launcher.engine.alive,
                running=self._is_running(entry),
                picture=self.launcher.pictures.file_of(entry.folder),
            )
        self._drop_gone_cards()
        for group, source in ((self.own, "own"), (self.examples, "example")):
            cards = [self.cards[entry.folder] for entry in found if entry.source == source]
            group.arrange(cards, listed=settings.library_listed)
        searching = bool(self.search.text())
        self.nothing.setVisible(not found and not searching)
        self.not_found.setVisible(not found and searching)
        self.first_steps.setVisible(self.launcher.settings.first_steps and not self.search.text())
        total = len(self.launcher.library.entries)
        words = plural(len(found), "{n} experiment", "{n} experiments")
        self.counted.setText(words if len(found) == total else tr("{found} of {total}", found=words, total=total))

    def shown(self) -> None:
        """Studies may have come into the folders that are looked through."""
        self.launcher.look_for_studies()

    def _arranged(self, **settings: Any) -> None:
        """Kept for the next start."""
        self.launcher.remember(**settings)
        self.refresh()

    def _toggle_list(self) -> None:
        self._arranged(library_listed=self.listed.isChecked())

    def run_an_example(self) -> None:
        """The simplest one that is ready: somebody alone can try it."""
        entry = self._example(1)
        if entry is not None:
            self.close_first_steps()
            self.launcher.start(entry.folder)

    def check_the_lab(self) -> None:
        """With an example for two, so that the ways between seats are measured too."""
        entry = self._example(2)
        if entry is not None:
            self.launcher.choose(entry.folder, "preflight")

    def _example(self, players: int) -> Entry | None:
        ready = [entry for entry in self.launcher.library.entries.values() if entry.status == "ready"]
        fitting = [entry for entry in ready if entry.info.get("players") == players]
        if not ready:
            self.banner.say("info", tr("The examples are still being read. Try again in a moment."))
        return next(iter(fitting or ready), None)

    def close_first_steps(self) -> None:
        """For good."""
        self.launcher.remember(first_steps=False)
        self.refresh()

    def _is_running(self, entry: Entry) -> bool:
        engine = self.launcher.engine
        return bool(engine.alive and engine.plan and engine.plan.folder == str(entry.folder))

    def _card(self, entry: Entry) -> ExperimentCard:
        if entry.folder not in self.cards:
            card = ExperimentCard(entry.folder)
            card.start_wanted.connect(partial(self.launcher.start, entry.folder))
            card.setup_wanted.connect(partial(self.launcher.choose, entry.folder, "configure"))
            card.session_wanted.connect(partial(self.launcher.navigate.emit, "session"))
            card.retry_wanted.connect(partial(self.launcher.reader.read, entry.folder))
            card.editor_wanted.connect(partial(self._open_error, entry.folder))
            card.duplicate_wanted.connect(partial(self.ask_to_duplicate, entry.folder))
            card.package_wanted.connect(partial(self._ask_to_pack, entry.folder))
            card.links_wanted.connect(partial(self.ask_for_links, entry.folder))
            card.folder_wanted.connect(partial(_open_folder, entry.folder))
            card.removal_wanted.connect(partial(self.launcher.remove_folder, entry.folder))
            self.cards[entry.folder] = card
        return self.cards[entry.folder]

    def _drop_gone_cards(self) -> None:
        for folder in [folder for folder in self.cards if folder not in self.launcher.library.entries]:
            card = self.cards.pop(folder)
            card.hide()
            card.deleteLater()

    def ask_for_new_study(self) -> None:
        """Asks for a name and what the study begins as."""
        ready = [e for e in self.launcher.library.entries.values() if e.source == "example" and e.status == "ready"]
        self.new_study = NewStudyDialog(
            self, self.launcher.paths.studies, ready, self.launcher.pictures, self.make_study
        )
        self.new_study.open()

    def make_study(self, begins: str, name: str) -> None:
        """A new study, opened in Configure; a copy of an example becomes data when it has no functions."""
        template = next((template for template in templates() if template.key == begins), None)
        studies = self.launcher.paths.studies
        try:
            if template is not None:
                self._made(make_study(template, studies, name, examples_folder()))
            else:
                self._convert(self._copied(Path(begins), name))
        except ValueError as error:
            self.banner.say("stop", str(error), (tr("Try again"), self.ask_for_new_study))

    def _convert(self, folder: Path) -> None:
        job = ChildJob(self.launcher.command_line("convert", [str(folder), "--json"]), PACKAGES_LIMIT_S, self)
        job.start(lambda _: self._made(folder))

    def _made(self, folder: Path) -> None:
        self.add(folder)
        self.launcher.choose(folder.resolve(), "configure")

    def ask_for_folder(self) -> None:
        """Opens the system's folder dialog."""
        dialog = QFileDialog(self, tr("Choose the folder of a study"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda path: self.add(Path(path)))
        dialog.open()

    def add(self, folder: Path) -> None:
        """Adds a folder, or says why not."""
        inside = studies_in(folder) if study_file(folder) is None else []
        if inside:
            self._add_all(folder, inside)
            return
        try:
            entry = self.launcher.add_folder(folder)
        except ValueError as error:
            self.banner.say("stop", str(error), (tr("Choose another folder"), self.ask_for_folder))
            return
        self.banner.hide()
        self.search.clear()
        self.refresh()
        card = self.cards[entry.folder]
        QTimer.singleShot(0, card, card.setFocus)

    def _add_all(self, folder: Path, inside: list[Path]) -> None:
        """A folder of studies: all of them, and those that come later."""
        self.launcher.add_root(folder)
        self.search.clear()
        self.refresh()
        told = plural(len(inside), "{n} study is in this folder.", "{n} studies are in this folder.")
        later = tr("Studies that come into {folder} later are listed by themselves.", folder=folder)
        self.banner.say("go", f"{told} {later}")

    def ask_for_package(self) -> None:
        """Opens the system's file dialog."""
        dialog = QFileDialog(self, tr("Open a study package"), "", tr("Study packages (*.igymz)"))
        dialog.fileSelected.connect(lambda path: self.open_package(Path(path)))
        dialog.open()

    def open_package(self, package: Path) -> None:
        """Checks a study package, asks whether its sender is trusted and unpacks it, or says why not."""
        in_background(partial(read_contents, package), partial(self._ask_for_trust, package), self._refused)

    def _ask_for_trust(self, package: Path, contents: PackageContents) -> None:
        ask_for_trust(self, package, contents, lambda _: self._ask_which(package, contents))

    def _ask_which(self, package: Path, contents: PackageContents) -> None:
        """A study of the same id would share its data with this one, so that is asked about."""
        entries = self.launcher.library.entries.values()
        there = next((entry for entry in entries if entry.experiment_id == contents.study_id), None)
        if there is None:
            self._unpack(package, contents)
            return
        studies = self.launcher.paths.studies
        replaceable = there.folder.parent == studies.resolve() and not self._is_running(there)
        choices = [("both", tr("Keep both"), "primary"), ("cancel", tr("Cancel"), "")]
        if replaceable:
            choices.insert(1, ("replace", tr("Replace the one here"), "danger"))
        ask(
            self,
            tr("There is a study with this id already"),
            tr(
                "{title} ({folder}) has the id {id}, too. Keep both: the new one gets an id of its own, so that their "
                "data stay apart. Replace: the new one takes its place and goes on with its data; the old folder is "
                "moved to {aside}.",
                title=there.title, folder=there.folder, id=contents.study_id, aside=studies / REPLACED,
            ),
            choices,
            lambda key, _: self._open_as(key, package, contents, there.folder),
        )  # fmt: skip

    def _open_as(self, key: str, package: Path, contents: PackageContents, there: Path) -> None:
        if key == "both":
            self._unpack(package, contents, apart=True)
        elif key == "replace":
            self.launcher.library.remove(there)
            self._unpack(package, contents, instead=there)

    def _unpack(self, package: Path, contents: PackageContents, **how: Any) -> None:
        unpack = partial(open_package, package, self.launcher.paths.studies, contents.digest, **how)
        in_background(unpack, self._unpacked, self._refused)

    def _unpacked(self, folder: Path) -> None:
        self.add(folder)
        self.banner.say(
            "go", tr("The study is in {folder}.", folder=folder), (tr("Open folder"), partial(_open_folder, folder))
        )

    def _refused(self, error: Exception) -> None:
        self.banner.say("stop", str(error))

    def ask_for_links(self, folder: Path) -> None:
        """Personal links can be sent before there is a session."""
        launcher, engine = self.launcher, self.launcher.engine
        info = launcher.library.entries[folder].info
        address = engine.join_url if engine.alive else likely_address(launcher.settings)
        self.links = PersonalLinksDialog(self, info, launcher.data_root, address)
        self.links.open()

    def _ask_to_pack(self, folder: Path) -> None:
        entry = self.launcher.library.entries[folder]
        name = f"{entry.experiment_id or folder.name}{SUFFIX}"
        choose_save_file(
            self, tr("Save as study package…"), name, tr("Study packages (*.igymz)"), partial(self.pack, folder)
        )

    def pack(self, folder: Path, target: Path) -> None:
        """Writes a study package, with the wheels its games need."""
        info = self.launcher.library.entries[folder].info

        def asked(outcome: Outcome) -> None:
            wheels = [Path(str(wheel)) for wheel in outcome.last.get("wheels") or ()]
            write = partial(write_package, folder, target, info, app_version(), wheels)
            in_background(write, self._packed, self._refused)

        command = self.launcher.command_line("prepare", [str(folder), "--check"])
        ChildJob(command, PACKAGES_LIMIT_S, self).start(asked)

    def _packed(self, target: Path) -> None:
        self.banner.say(
            "go",
            tr("The study package is {file}.", file=target),
            (tr("Open folder"), partial(_open_folder, target.parent)),
        )

    def ask_to_duplicate(self, folder: Path) -> None:
        """A new study from an existing one, under its own name and id."""
        entry = self.launcher.library.entries[folder]
        confirm(
            self,
            tr("New study from {title}", title=entry.title),
            tr(
                "A copy is made in {place}. You can change everything in it; the original stays as it is.",
                place=self.launcher.paths.studies,
            ),
            tr("Create study"),
            partial(self._duplicate, folder),
            prompt=tr("Name of the new study"),
            required=True,
            value=tr("{title} copy", title=entry.title),
            check=self._name_refused,
        )

    def _name_refused(self, name: str) -> str:
        """While it is typed: a name that makes no id, or one that is there."""
        try:
            identifier = study_id(name)
        except ValueError as error:
            return str(error)
        folder = self.launcher.paths.studies / identifier
        return tr("There is already a folder {folder}. Choose another name.", folder=folder) if folder.exists() else ""

    def _duplicate(self, folder: Path, name: str) -> None:
        try:
            target = self._copied(folder, name)
        except ValueError as error:
            self.banner.say("stop", str(error), (tr("Try again"), partial(self.ask_to_duplicate, folder)))
            return
        self.add(target)
        self.banner.say(
            "go", tr("The new study is in {folder}.", folder=target), (tr("Open folder"), partial(_open_folder, target))
        )

    def _copied(self, folder: Path, name: str) -> Path:
        described = self.launcher.library.entries[folder].for_a_copy
        return duplicate(folder, self.launcher.paths.studies, name, description=described)

    def _open_error(self, folder: Path) -> None:
        file, line = self.launcher.library.entries[folder].error_place
        open_in_editor(file or study_file(folder) or folder, line)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        dropped = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if any(path.is_dir() or path.suffix == SUFFIX for path in dropped):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                path = Path(url.toLocalFile())
                (self.open_package if path.suffix == SUFFIX else self.add)(path)
        event.acceptProposedAction()


def _open_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

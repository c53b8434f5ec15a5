"""The launcher's objects and the wishes pages can express: choose, start, stop, go to a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from igym.host.base.spawn import TURN_VARIABLE
from igym_desktop.child_job import CommandLine
from igym_desktop.engine import EngineKeeper
from igym_desktop.env_try import EnvTry
from igym_desktop.flow import profiles
from igym_desktop.flow.launch import LaunchPlan, LaunchRecord
from igym_desktop.flow.library import DescribeCache, Entry, Library, studies_in
from igym_desktop.flow.log import LogBook
from igym_desktop.flow.paths import AppPaths, example_folders
from igym_desktop.flow.servers import Server, ServerList
from igym_desktop.flow.settings import Settings, SettingsFile
from igym_desktop.flow.unsaved import Unsaved
from igym_desktop.i18n import tr
from igym_desktop.library_reader import LibraryReader
from igym_desktop.pictures import Pictures
from igym_desktop.preview import Preview
from igym_desktop.remote_files import RemoteFiles
from igym_desktop.replay_server import ReplayServer
from igym_desktop.web_monitor import WebMonitor

RECENT = 8


def child_command(kind: str, arguments: Sequence[str]) -> list[str]:
    """argv of another process of this app."""
    from igym.host.base.spawn import command

    return command(kind, arguments)  # type: ignore[arg-type]


class Launcher(QObject):
    """What all pages share. Pages read from it, call its methods and listen to its signals."""

    navigate = Signal(str)
    """Name of the page to show."""
    chosen_changed = Signal()
    library_changed = Signal()
    settings_changed = Signal()
    profile_changed = Signal()
    unsaved_found = Signal(object, object)
    """An `Unsaved` and what to do once it is settled: a start must not pass by what somebody typed."""
    report_wanted = Signal(str)
    """The report of a stored session, on the Data page."""
    notice = Signal(str, str)
    """Tone and text for the banner of the page on screen."""

    def __init__(
        self, paths: AppPaths, *, command_line: CommandLine = child_command, examples: Sequence[Path] | None = None
    ) -> None:
        super().__init__()
        self.paths = paths
        self.command_line = command_line
        self._settings = SettingsFile(paths.config / "settings.json")
        self.log = LogBook()
        found = list(examples) if examples is not None else example_folders()
        own = [Path(folder) for folder in self.settings.own_folders if Path(folder).is_dir()]
        self.library = Library(
            found, [*own, *self._found_studies(own)], DescribeCache(paths.cache / "descriptions", app_version())
        )
        self.reader = LibraryReader(self.library, command_line, self)
        self.reader.changed.connect(self._entry_changed)
        self.pictures = Pictures(paths.cache / "pictures", command_line, self)
        self.pictures.drawn.connect(lambda folder: self.library_changed.emit())
        self.engine = EngineKeeper(
            command_line, LaunchRecord(paths.config / "running-session.json"), self, self.secrets
        )
        self.engine.log_line.connect(self.log.add)
        self.monitor = WebMonitor(
            self.engine, lambda: self.settings.monitor, lambda on: self.change_settings(monitor=on), self
        )
        self.servers = ServerList(paths.config / "servers.json")
        self.remote_files = RemoteFiles(self.engine, self)
        self.replays = ReplayServer(command_line, self)
        self.games = EnvTry(command_line, self)
        self.preview = Preview(
            command_line, paths.cache / "previews", self.log, lambda: self.settings.wheels_folder, self
        )
        self._chosen: Path | None = None
        self._waiting: Path | None = None
        self.unsaved: Callable[[], Unsaved | None] = lambda: None
        """What Configure holds that is not saved, when it has been opened."""

    @property
    def settings(self) -> Settings:
        """The current settings."""
        return self._settings.value

    @property
    def chosen(self) -> Entry | None:
        """The experiment that Configure and Preflight are about."""
        return self.library.entries.get(self._chosen) if self._chosen else None

    @property
    def data_root(self) -> Path:
        """Where all experiments' data go."""
        return Path(self.settings.data_root) if self.settings.data_root else self.paths.default_data

    def change_settings(self, **changes: object) -> None:
        """Stores and announces."""
        self._settings.change(**changes)
        self.settings_changed.emit()

    def remember(self, **changes: object) -> None:
        """Stores what no page has to react to."""
        self._settings.change(**changes)

    def choose(self, folder: Path, page: str = "") -> None:
        """Makes an experiment the current one, and shows a page about it."""
        self._chosen = folder
        self._remember(folder)
        self.try_games(folder)
        self.chosen_changed.emit()
        if page:
            self.navigate.emit(page)

    def add_folder(self, folder: Path) -> Entry:
        """Raises `ValueError` with a text for a person."""
        entry = self.library.add(folder)
        shown = tuple(hidden for hidden in self.settings.hidden_folders if hidden != str(entry.folder))
        self.change_settings(own_folders=self.library.own_folders(), hidden_folders=shown)
        self.reader.read(entry.folder)
        self.library_changed.emit()
        return entry

    def add_root(self, root: Path) -> list[Path]:
        """Lists every study in a folder, now and whenever one comes; returns those that were not there."""
        roots = tuple(dict.fromkeys([*self.settings.study_roots, str(root.resolve())]))
        inside = {str(folder) for folder in studies_in(root)}
        hidden = tuple(folder for folder in self.settings.hidden_folders if folder not in inside)
        self.change_settings(study_roots=roots, hidden_folders=hidden)
        return self.look_for_studies()

    def look_for_studies(self) -> list[Path]:
        """What has come into the folders that are looked through, such as by another program."""
        new = self._found_studies(list(self.library.entries))
        for folder in new:
            self.add_folder(folder)
        return new

    def _found_studies(self, known: list[Path]) -> list[Path]:
        """In the app's own folder and those that were added."""
        roots = [self.paths.studies, *map(Path, self.settings.study_roots)]
        left_out = {*map(str, known), *(str(path.resolve()) for path in known), *self.settings.hidden_folders}
        return [folder for root in roots for folder in studies_in(root) if str(folder) not in left_out]

    def remove_folder(self, folder: Path) -> None:
        """Off the list; the files stay. One in a folder that is looked through does not come back by itself."""
        self.library.remove(folder)
        hidden = tuple(dict.fromkeys([*self.settings.hidden_folders, str(folder.resolve())]))
        self.change_settings(own_folders=self.library.own_folders(), hidden_folders=hidden)
        self.library_changed.emit()

    def profile_name(self, folder: Path) -> str:
        """Name of the profile chosen for an experiment, "" for its own defaults."""
        name = self.settings.profiles.get(str(folder), "")
        return name if name and self.profile_path(folder, name).is_file() else ""

    def lost_profile(self, folder: Path) -> str:
        """Name of a profile that was chosen and is gone: sessions must not silently run without it."""
        name = self.settings.profiles.get(str(folder), "")
        return name if name and not self.profile_path(folder, name).is_file() else ""

    def profile_text(self, folder: Path) -> str:
        """With what an experiment would run, for people."""
        lost, name = self.lost_profile(folder), self.profile_name(folder)
        if lost:
            return tr("profile {name} is missing", name=lost)
        return tr("profile {name}", name=name) if name else tr("no profile: as the study is written")

    def profiles_folder(self, folder: Path) -> Path:
        """Beside a study of one's own, to be shared with it; those of an example, which is the app's, with the user."""
        entry = self.library.entries.get(folder)
        if entry is not None and entry.source == "example":
            return self.paths.documents / "profiles" / folder.name
        return profiles.folder_of(folder)

    def profile_names(self, folder: Path) -> list[str]:
        """Every profile of an experiment."""
        return profiles.names(self.profiles_folder(folder), profiles.folder_of(folder))

    def profile_path(self, folder: Path, name: str) -> Path:
        """Earlier versions, and authors of examples, put a profile beside the example."""
        beside, own = (place / f"{name}.toml" for place in (profiles.folder_of(folder), self.profiles_folder(folder)))
        return beside if beside.is_file() and not own.is_file() else own

    def choose_profile(self, folder: Path, name: str) -> None:
        """For the next start of this experiment."""
        self.change_settings(profiles={**self.settings.profiles, str(folder): name})
        self.try_games(folder)
        self.profile_changed.emit()

    def keeps_data(self, entry: Entry) -> bool:
        """Whether a session started now leaves data: the experiment's own word, or the chosen profile's."""
        own = entry.info.get("configuration", {}).get("experiment", {}).get("save_data", True)
        name = self.profile_name(entry.folder)
        try:
            changed = profiles.load(self.profile_path(entry.folder, name)) if name else {}
        except ValueError:
            changed = {}
        return bool(changed.get("experiment", {}).get("save_data", own))

    def plan(self, entry: Entry) -> LaunchPlan:
        """How this experiment would be started now."""
        profile = self.profile_name(entry.folder)
        return LaunchPlan(
            str(entry.folder),
            entry.experiment_id,
            entry.title,
            str(self.data_root),
            str(self.profile_path(entry.folder, profile)) if profile else "",
            **self.settings.engine_settings(),
        )

    def secrets(self) -> dict[str, str]:
        """What the engine is told by its environment, which other users of this computer cannot read."""
        return {TURN_VARIABLE: self.settings.turn_password} if self.settings.turn_password else {}

    def start(self, folder: Path) -> None:
        """The one way to a session, from a card, Preflight and Configure: nothing unsaved, then started and shown."""
        unsaved = self.unsaved()
        if unsaved is not None and unsaved.folder == folder and not self.engine.alive:
            self.unsaved_found.emit(unsaved, partial(self._start_saved, folder))
        else:
            self._start_saved(folder)

    def _start_saved(self, folder: Path) -> None:
        entry = self.library.entries.get(folder)
        if entry is None or self.engine.alive:
            self.navigate.emit("session")
            return
        if self.lost_profile(folder):
            self.notice.emit(
                "stop",
                tr(
                    "The profile {name} of {title} is not there any more. Choose another one in Configure, or none, "
                    "before you start.",
                    name=self.lost_profile(folder), title=entry.title,
                ),
            )  # fmt: skip
            return
        if entry.status == "reading" and self.reader.busy:
            self._waiting = folder  # saved a moment ago: it is read again before it runs
            return
        if entry.status != "ready":
            self.notice.emit(
                "warn",
                tr("{title} cannot be started yet: it is still being read or cannot be loaded.", title=entry.title),
            )
            return
        self.choose(folder)
        self._start_plan(self.plan(entry), None)

    def connect_to(self, server: Server) -> None:
        """Attaches to a session on another computer and shows it."""
        self.log.note("info", tr("Connecting to {server}.", server=server.shown))
        self.engine.attach_to(server, str(self.data_root))
        self.navigate.emit("session")

    def restart_with(self, **settings: object) -> None:
        """After a failed start: changes settings, then tries the same experiment again."""
        self.change_settings(**settings)
        if self.chosen:
            self.start(self.chosen.folder)

    def resume_unfinished(self) -> None:
        """Goes on with the session that a crash or a power cut left behind."""
        plan = self.engine.unfinished()
        if plan:
            self._start_plan(plan, plan.session)

    def resume_stored(self, experiment_id: str, session: str) -> None:
        """Goes on with a session from the data page."""
        entry = next((entry for entry in self.library.entries.values() if entry.experiment_id == experiment_id), None)
        if entry and not self.engine.alive:
            self.choose(entry.folder)
            self._start_plan(self.plan(entry), session)

    def entry_of(self, folder: str) -> Entry | None:
        """The entry of a folder."""
        return self.library.entries.get(Path(folder))

    def library_path(self, file: str) -> Path:
        """A file an error names, inside the experiment it is about when it is not absolute."""
        plan = self.engine.plan
        return Path(file) if Path(file).is_absolute() or plan is None else Path(plan.folder) / file

    def _start_plan(self, plan: LaunchPlan, resume: str | None) -> None:
        self.log.note("info", tr("Starting {title}.", title=plan.title))
        self.engine.start(plan, resume)
        self.navigate.emit("session")

    def show_report(self, session: str) -> None:
        """Goes to the Data page and shows what a session came to."""
        self.navigate.emit("data")
        self.report_wanted.emit(session)

    def try_games(self, folder: Path) -> None:
        """A game that fails is to be known before anybody comes to it."""
        entry, name = self.library.entries.get(folder), self.profile_name(folder)
        if entry is not None and entry.status == "ready" and entry.info.get("has_games", True):
            self.games.want(folder, str(self.profile_path(folder, name)) if name else "")

    def draw_pictures(self) -> None:
        """For every experiment that can be loaded and has no picture yet."""
        for entry in self.library.entries.values():
            if entry.status == "ready":
                self.pictures.want(entry.folder)

    def _entry_changed(self, folder: Path) -> None:
        if not self.reader.busy:
            self.draw_pictures()
        self.library_changed.emit()
        if folder == self._chosen:
            self.try_games(folder)
            self.chosen_changed.emit()
        if folder == self._waiting and self.library.entries[folder].status != "reading":
            self._waiting = None
            self._start_saved(folder)

    def _remember(self, folder: Path) -> None:
        recent = [str(folder), *(item for item in self.settings.recent_folders if item != str(folder))][:RECENT]
        if tuple(recent) != self.settings.recent_folders:
            self._settings.change(recent_folders=tuple(recent))


def app_version() -> str:
    """The installed version; a frozen app carries the same metadata."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("interactive-gym-desktop")
    except PackageNotFoundError:
        return "0"

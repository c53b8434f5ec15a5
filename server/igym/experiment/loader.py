"""A researcher's folder → Experiment, or one error in their words."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import importlib.util
import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from igym.experiment.check_files import checked
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.experiment import Experiment
from igym.experiment.files import parsed, read_text
from igym.experiment.load_errors import relative, worded
from igym.experiment.own_imports import OWN_IMPORTS
from igym.experiment.study_read import from_text
from igym.experiment.study_text import STUDY_FILE
from igym.experiment.texts_files import with_texts
from igym.protocol.told import Told

MODULE = "experiment"
SOURCES = ("experiment.py", STUDY_FILE)
"""Names of the file that defines a study."""


def load_experiment(folder: str | Path, *, with_host_envs: bool = True) -> Experiment:
    """Run `experiment.py` or read `study.toml`, read the pages and check the files.

    Raises ExperimentError, and nothing else, for mistakes.

    Env files are parsed but not imported, unless a scene runs its env on the host and `with_host_envs` says so.
    """
    root = Path(folder).resolve()
    try:
        experiment = checked(with_texts(_written(root, study_source(root)), root), root)
        if with_host_envs:
            _import_host_envs(experiment, root)
    except ExperimentError as error:
        if error.file is not None:
            error.file = relative(error.file, root)
        raise error from None
    return experiment.loaded_from(root)


def study_source(folder: Path) -> Path:
    """The file that defines the study, `experiment.py` or `study.toml`; ExperimentError when there is none, or both."""
    if not folder.is_dir():
        raise ExperimentError(Told("there is no folder {folder}.", folder=shown(str(folder))), value=str(folder))
    found = [folder / name for name in SOURCES if (folder / name).is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        text = Told(
            'the folder "{folder}" has both experiment.py and study.toml. Keep one and move the other away.',
            folder=folder.name,
        )
        raise ExperimentError(text, value=str(folder))
    others = ", ".join(sorted(other.name for other in folder.glob("*.py")))
    there = Told(" It holds {names}.", names=others) if others else ""
    raise ExperimentError(
        Told('the folder "{folder}" has no experiment.py and no study.toml.{there}', folder=folder.name, there=there),
        value=str(folder),
    )


def _written(folder: Path, source: Path) -> Experiment:
    if source.name == STUDY_FILE:
        return from_text(read_text(source, folder))
    return _defined(run_file(folder, source))


def run_file(folder: Path, file: Path, name: str = MODULE) -> ModuleType:
    """Execute one Python file of the folder as a module; every failure is an ExperimentError."""
    return _run(folder, file, read_text(file, folder), name)


def defined_in(file: Path, source: str) -> Experiment:
    """The experiment that `source` would define as the `experiment.py` at `file`, which need not be there yet."""
    return _defined(_run(file.parent, file, source, MODULE))


def _run(folder: Path, file: Path, source: str, name: str) -> ModuleType:
    parsed(source, file.relative_to(folder).as_posix())
    _forget_modules()
    module = _new_module(name, file)
    with _import_path(folder):
        try:
            exec(compile(source, str(file), "exec"), module.__dict__)
        except (Exception, SystemExit) as error:
            raise worded(error, folder) from error
    return module


def _new_module(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    return module


def _forget_modules() -> None:
    """A changed file, or one of the same name in another experiment, must not be shadowed by an earlier load."""
    linecache.checkcache()
    importlib.invalidate_caches()
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        # A frozen app's own first modules have bare names as files, which mean nothing in the present folder.
        if file and Path(file).is_absolute() and _of_an_experiment(Path(file)):
            del sys.modules[name]


def _of_an_experiment(file: Path) -> bool:
    inside_packages = "site-packages" in file.parts or file.is_relative_to(_LIBRARY)
    return not inside_packages and any(_is_study(parent) for parent in file.parents)


_LIBRARY = Path(__file__).resolve().parent.parent


@contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    """The folder comes first on the path, and stays there: hooks may import later. No bytecode is written into it."""
    others = [entry for entry in sys.path if not _is_experiment_path(Path(entry))]
    entries = str(folder), str(folder / "site-packages")
    sys.path[:] = [*entries, *others]
    OWN_IMPORTS.begin(*entries)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _is_experiment_path(entry: Path) -> bool:
    home = entry.parent if entry.name == "site-packages" else entry
    return _is_study(home) and home != _LIBRARY / "experiment"


def _is_study(folder: Path) -> bool:
    return any((folder / name).is_file() for name in SOURCES)


def _defined(module: ModuleType) -> Experiment:
    value = getattr(module, "experiment", None)
    if isinstance(value, Experiment):
        return value
    others = [name for name, other in vars(module).items() if isinstance(other, Experiment)]
    if value is not None:
        text = Told("experiment is {value}, not an Experiment(…).", value=shown(value))
    elif others:
        text = Told('the file defines no "experiment". Rename {name} to experiment.', name=others[0])
    else:
        text = Told('the file defines no "experiment". It needs a line experiment = Experiment(…).')
    raise ExperimentError(text, file="experiment.py", allowed="experiment = Experiment(id=…, stager=Stager([…]))")


def _import_host_envs(experiment: Experiment, folder: Path) -> None:
    # Where it will run: in its own folder, and with the participant's globals.
    with contextlib.chdir(folder), _lent_globals():
        _import_each(experiment, folder)


@contextmanager
def _lent_globals() -> Iterator[None]:
    vars(builtins).setdefault("igym_globals", {})
    try:
        yield
    finally:
        vars(builtins).pop("igym_globals", None)


def _import_each(experiment: Experiment, folder: Path) -> None:
    for scene in experiment.games:
        if scene.runtime_options.where == "host" and scene.environment_options.file:
            run_file(folder, folder / scene.environment_options.file, name=f"igym_env_{scene.id}")

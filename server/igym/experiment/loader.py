"""A researcher's folder → Experiment, or one error in their words."""

from __future__ import annotations

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

MODULE = "experiment"


def load_experiment(folder: str | Path) -> Experiment:
    """Run `experiment.py`, read its pages and check its files. Raises ExperimentError, and nothing else, for mistakes.

    Env files are parsed but not imported, unless a scene runs its env on the host.
    """
    root = Path(folder).resolve()
    try:
        module = run_file(root, _experiment_file(root))
        experiment = checked(_defined(module), root)
        _import_host_envs(experiment, root)
    except ExperimentError as error:
        if error.file is not None:
            error.file = relative(error.file, root)
        raise error from None
    return experiment.loaded_from(root)


def _experiment_file(folder: Path) -> Path:
    if not folder.is_dir():
        raise ExperimentError(f"there is no folder {shown(str(folder))}.", value=str(folder))
    file = folder / "experiment.py"
    if not file.is_file():
        others = ", ".join(sorted(other.name for other in folder.glob("*.py")))
        there = f" It holds {others}." if others else ""
        raise ExperimentError(f'the folder "{folder.name}" has no experiment.py.{there}', value=str(folder))
    return file


def run_file(folder: Path, file: Path, name: str = MODULE) -> ModuleType:
    """Execute one Python file of the folder as a module; every failure is an ExperimentError."""
    source = read_text(file, folder)
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
        if file and _of_an_experiment(Path(file)):
            del sys.modules[name]


def _of_an_experiment(file: Path) -> bool:
    inside_packages = "site-packages" in file.parts or file.is_relative_to(_LIBRARY)
    return not inside_packages and any((parent / "experiment.py").is_file() for parent in file.parents)


_LIBRARY = Path(__file__).resolve().parent.parent


@contextmanager
def _import_path(folder: Path) -> Iterator[None]:
    """The folder comes first on the path, and stays there: hooks may import later. No bytecode is written into it."""
    others = [entry for entry in sys.path if not _is_experiment_path(Path(entry))]
    sys.path[:] = [str(folder), str(folder / "site-packages"), *others]
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _is_experiment_path(entry: Path) -> bool:
    home = entry.parent if entry.name == "site-packages" else entry
    return (home / "experiment.py").is_file() and home != _LIBRARY / "experiment"


def _defined(module: ModuleType) -> Experiment:
    value = getattr(module, "experiment", None)
    if isinstance(value, Experiment):
        return value
    others = [name for name, other in vars(module).items() if isinstance(other, Experiment)]
    if value is not None:
        text = f"experiment is {shown(value)}, not an Experiment(…)."
    elif others:
        text = f'the file defines no "experiment". Rename {others[0]} to experiment.'
    else:
        text = 'the file defines no "experiment". It needs a line experiment = Experiment(…).'
    raise ExperimentError(text, file="experiment.py", allowed="experiment = Experiment(id=…, stager=Stager([…]))")


def _import_host_envs(experiment: Experiment, folder: Path) -> None:
    for scene in experiment.games:
        if scene.runtime_options.where == "host" and scene.environment_options.file:
            run_file(folder, folder / scene.environment_options.file, name=f"igym_env_{scene.id}")

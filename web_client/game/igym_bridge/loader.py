"""From the researcher's files to an env object."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .faults import EnvError
from .namesakes import give_way, lay_aside, put_back
from .places import paths_within

_CODE_FILE = "igym_env_code.py"
_LENT = str(Path(__file__).parent / "lent")
_entered: list[str] = []


def load_env(environment: dict[str, Any], folder: str) -> tuple[Any, types.ModuleType | None]:
    """(env, its module). `environment` has `file`, `code` or `entry_point`, and `config`; files are in `folder`."""
    config = environment.get("config") or {}
    entry_point = environment.get("entry_point")
    if entry_point:
        module_name, _, attribute = entry_point.partition(":")
        module = importlib.import_module(module_name)
        return getattr(module, attribute)(**config), module
    file = environment.get("file")
    if not file:
        code = environment.get("code")
        if code is None:
            raise EnvError("The scene names no env: give .environment(file=…), code=… or entry_point=….")
        file = _CODE_FILE
        (Path(folder) / file).write_text(code, encoding="utf-8")
    module = load_file(file, folder)
    if callable(getattr(module, "make_env", None)):
        return module.make_env(**config), module
    if not hasattr(module, "env"):
        raise EnvError("{file} defines neither `env` nor `make_env(**config)`.", file=file)
    if config:
        raise EnvError("{file} defines `env`, which takes no config; define make_env(**config) to use it.", file=file)
    return module.env, module


def load_file(file: str, folder: str) -> types.ModuleType:
    """Import a file of the experiment folder, as itself and for those that import it."""
    name = file.removesuffix(".py").replace("/", ".")
    known = sys.modules.get(name)
    if known is not None and known in modules_of(folder):
        return known
    path = Path(folder) / file
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise EnvError("There is no file {file} in the experiment folder.", file=file)
    module = importlib.util.module_from_spec(spec)
    lay_aside(name)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


class Agreed(dict[str, Any]):
    """Values that all in a match have alike. Whoever asks for another that somebody has is told why it is not there."""

    __slots__ = ()
    apart: frozenset[str] = frozenset()

    def __missing__(self, name: str) -> Any:
        self._refuse(name)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        self._refuse(name)
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._refuse(name)
        return super().get(name, default)

    def _refuse(self, name: object) -> None:
        if name in self.apart and not super().__contains__(name):
            raise EnvError(
                'igym_globals["{name}"] is not the same for everybody in this match, and each browser steps the same '
                'game. Give the game one value for all: .environment(config={{"{name}": Value("{name}")}}), a '
                'condition that groups share, or .runtime(where="host"), where igym_globals has the values of each '
                "agent.",
                name=name,
            )


def lend_pygame() -> None:
    """Where there is no pygame, published envs draw with the part of it that is in `lent/`."""
    if importlib.util.find_spec("pygame") is None:
        sys.path.append(_LENT)


def lend_globals(shared: dict[str, Any] | None, apart: list[str]) -> dict[str, Any]:
    """The participant's globals under the name `igym_globals` in every file of the env; returns that very dict.

    `apart`: names of those that the people of a match do not have alike.
    """
    # A dict that carries nothing of its own is saved and restored as quickly as any.
    found = type("Agreed", (Agreed,), {"__slots__": (), "apart": frozenset(apart)})(shared or {})
    vars(builtins)["igym_globals"] = found
    return found


def reads_globals(modules: list[types.ModuleType]) -> bool:
    """Whether a file of the researcher names them."""
    files = [Path(file) for module in modules if (file := getattr(module, "__file__", None))]
    return any("igym_globals" in file.read_text("utf-8", "replace") for file in files if file.suffix == ".py")


def enter_folder(folder: str) -> None:
    """Imports look into this experiment's folder first, and nothing of an earlier one is left."""
    lend_pygame()
    while _entered:
        _leave(_entered.pop())
    # Also what others have loaded of this folder, such as the host when it read the study.
    _leave(folder)
    # First what the game before laid aside: the names of this one may be other names.
    put_back()
    give_way(folder)
    sys.path.insert(0, folder)
    _entered.append(folder)
    importlib.invalidate_caches()


def _leave(folder: str) -> None:
    for module in modules_of(folder):
        sys.modules.pop(module.__name__, None)
    if folder in sys.path:
        sys.path.remove(folder)


def modules_of(folder: str) -> list[types.ModuleType]:
    """The researcher's own modules. What lies in `site-packages` is a package, wherever that is: it is imported once,
    since compiled ones cannot be imported again, and its data are no part of the game's state."""
    modules = list(sys.modules.values())
    paths = paths_within([getattr(module, "__file__", None) for module in modules], folder)
    return [module for module, path in zip(modules, paths, strict=True) if path is not None and _is_own(path)]


def _is_own(path: str) -> bool:
    return "site-packages" not in path.split("/")


def classes_of(modules: list[types.ModuleType]) -> list[type]:
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]


def function_of(reference: str, folder: str) -> Callable[..., Any]:
    """`"bots.py:act"` → the function."""
    file, _, name = reference.partition(":")
    function = getattr(load_file(file, folder), name, None)
    if not callable(function):
        raise EnvError("{file} has no function {name}.", file=file, name=name)
    return function  # type: ignore[no-any-return]

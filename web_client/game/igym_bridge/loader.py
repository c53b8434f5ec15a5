"""From the researcher's files to an env object."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .faults import EnvFault

_CODE_FILE = "igym_env_code.py"


def load_env(environment: dict[str, Any], folder: str) -> tuple[Any, types.ModuleType | None]:
    """(env, its module). `environment` has `file`, `code` or `entry_point`, and `config`; `folder` is the experiment's."""
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
            raise EnvFault("The scene names no env: give .environment(file=…), code=… or entry_point=….")
        file = _CODE_FILE
        (Path(folder) / file).write_text(code, encoding="utf-8")
    module = load_file(file, folder)
    if callable(getattr(module, "make_env", None)):
        return module.make_env(**config), module
    if not hasattr(module, "env"):
        raise EnvFault(f"{file} defines neither `env` nor `make_env(**config)`.")
    if config:
        raise EnvFault(f"{file} defines `env`, which takes no config; define make_env(**config) to use it.")
    return module.env, module


def load_file(file: str, folder: str) -> types.ModuleType:
    """Import a file of the experiment folder, as itself and for those that import it."""
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = file.removesuffix(".py").replace("/", ".")
    importlib.invalidate_caches()
    return importlib.import_module(name)


def forget_modules(folder: str) -> None:
    """Each scene starts with freshly imported files."""
    for module in modules_of(folder):
        del sys.modules[module.__name__]


def modules_of(folder: str) -> list[types.ModuleType]:
    root = str(Path(folder)) + "/"
    found = [m for m in list(sys.modules.values()) if isinstance(m, types.ModuleType)]
    return [m for m in found if (getattr(m, "__file__", None) or "").startswith(root)]


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
        raise EnvFault(f"{file} has no function {name}.")
    return function  # type: ignore[no-any-return]

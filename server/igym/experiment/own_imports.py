"""Whose file an import finds: a study's own for the study, and never the study's for this program.

A study's folder stands first on the path, as a script's does: its `logging.py` is what `import logging` means there.
Whatever the program, the standard library and the installed packages import meanwhile is looked for without it, and
while one of their modules runs for the first time, modules of the study that have a name of theirs are set aside.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import FrameType, ModuleType
from typing import Any

_MACHINERY = frozenset({
    "importlib", "importlib.util", "importlib._bootstrap", "importlib._bootstrap_external", "_frozen_importlib",
    "_frozen_importlib_external", __name__,
})  # fmt: skip


class OwnImports:
    """A finder that stands before all others and asks who imports. What has been imported is found by nobody again."""

    def __init__(self, own: Sequence[str]) -> None:
        """`own`: the entries of the path that are the program's; all others are a study's."""
        self._own = {entry for entry in own if entry}
        self._shared: set[str] = set()
        """Names that the study has and the program too."""
        self._aside: dict[str, ModuleType] = {}
        """The program's modules of those names, while the study's may stand in their place."""
        self._is_aside = False
        self._studys: set[str] = set()

    def add(self, entry: str) -> None:
        """A folder of the program's that was put on the path later."""
        self._own.add(entry)

    def begin(self, *entries: str) -> None:
        """From now on these entries are a study's, also where the program was started there."""
        self._own -= {*entries}
        if not {*entries} <= self._studys:
            # Another study: what the one before called like a module of the program's is no name of this one.
            sys.modules.update({name: module for name, module in self._aside.items() if name not in sys.modules})
            self._aside.clear()
            self._shared.clear()
            self._studys = {*entries}
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        """As Python's finders do; None leaves the search to them."""
        top = path is None
        if _importer_is(self._is_own):
            spec = self._of_program(name, target) if top else _searched(self, name, path, target)
            if spec is not None and top and self._is_aside and self._is_studys(name):
                self._shared.add(name)
            return None if spec is None else self._guarded(spec)
        spec = _searched(self, name, path, target)
        if spec is None or self._is_own(spec.origin):
            return None if spec is None else self._guarded(spec)
        if top and self._of_program(name, target) is not None:
            self._shared.add(name)
        return spec

    # -- what is whose

    def _of_program(self, name: str, target: ModuleType | None) -> ModuleSpec | None:
        """A folder that happens to be called like that, without a module in it, is none."""
        spec = _searched(self, name, [entry for entry in sys.path if entry in self._own], target)
        return None if spec is None or spec.origin is None else spec

    def _is_studys(self, name: str) -> bool:
        others = [entry for entry in sys.path if entry not in self._own]
        return PathFinder.find_spec(name, others) is not None

    def _is_own(self, file: str | None) -> bool:
        """What lies under no entry is a study's: a copy of its files, or code that is in no file."""
        if not file or file in ("built-in", "frozen"):
            return bool(file)
        found = [entry for entry in sys.path if _lies_in(file, entry)]
        return bool(found) and max(found, key=len) in self._own

    # -- a module of the program's runs for the first time

    def _guarded(self, spec: ModuleSpec) -> ModuleSpec:
        loader: Any = spec.loader
        if spec.name in self._aside:
            spec.loader = _There(self._aside[spec.name])  # type: ignore[assignment]
        elif _can_be_told(loader):
            plain = loader.exec_module

            def exec_module(module: ModuleType) -> None:
                with self._study_aside():
                    plain(module)

            loader.exec_module = exec_module
        return spec

    @contextmanager
    def _study_aside(self) -> Iterator[None]:
        if self._is_aside:
            yield
            return
        studys = self._taken(own=False)
        sys.modules.update(self._aside)
        self._is_aside = True
        try:
            yield
        finally:
            self._is_aside = False
            self._aside |= self._taken(own=True)
            sys.modules.update(studys)

    def _taken(self, *, own: bool) -> dict[str, ModuleType]:
        if not self._shared:
            return {}
        names = [name for name in sys.modules if name.partition(".")[0] in self._shared]
        files = {name: getattr(sys.modules[name], "__file__", None) for name in names}
        # What is being imported at this moment has to be there when it is through, and so has what it lies in.
        begun = {name.partition(".")[0] for name in names if _is_begun(sys.modules[name])}
        done = [name for name in names if not own or name.partition(".")[0] not in begun]
        return {name: sys.modules.pop(name) for name in done if self._is_own(files[name]) is own}


class _There:
    """Loads a module that there is already."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = module.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec


def _searched(but: OwnImports, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    """What the other finders have, those of folders in `path`."""
    for finder in sys.meta_path:
        if finder is but or not hasattr(finder, "find_spec"):
            continue
        where = path if finder is PathFinder or "." in name else None
        if (spec := finder.find_spec(name, where, target)) is not None:
            return spec
    return None


def _can_be_told(loader: Any) -> bool:
    """Not those of built-in modules, which are classes, nor one that has been told: it may be that of many modules."""
    told = "exec_module" in getattr(loader, "__dict__", {"exec_module": None})
    return hasattr(loader, "exec_module") and not isinstance(loader, type) and not told


def _is_begun(module: ModuleType) -> bool:
    return bool(getattr(module.__spec__, "_initializing", False))


def _importer_is(own: Callable[[str | None], bool]) -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__") in _MACHINERY:
        frame = frame.f_back
    return frame is None or own(frame.f_globals.get("__file__"))


def _lies_in(file: str, entry: str) -> bool:
    return bool(entry) and os.path.normcase(file).startswith(os.path.normcase(entry).rstrip(os.sep) + os.sep)


OWN_IMPORTS = OwnImports(sys.path)
"""That of this process; what is on the path before any study is loaded is the program's."""

"""The game's state as bytes, for a browser that has to take it over from another one."""

from __future__ import annotations

import io
import pickle
import types
from typing import Any

from .namespaces import bound_by_games, data_of, unbind_all_but
from .reach import class_data, is_render_only, layers_of, module_data
from .snapshots import GLOBAL_NUMPY, GLOBAL_RANDOM


class Transfer:
    """Both browsers hold the same env: its layers and the game's parts keep their identity, their contents travel.

    So do the data of the researcher's `modules` and their `classes`.
    """

    def __init__(self, env: Any, parts: dict[str, Any], modules: list[types.ModuleType], classes: list[type]) -> None:
        self._modules = {module.__name__: module for module in modules}
        self._classes = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in classes}
        self._objects: dict[str, Any] = {f"env{depth}": layer for depth, layer in enumerate(layers_of(env))}
        for name, part in parts.items():
            if isinstance(part, dict):
                self._objects.update({f"{name}.{key}": item for key, item in part.items() if hasattr(item, "__dict__")})
            else:
                self._objects[name] = part
        self._dicts = {name: part for name, part in parts.items() if isinstance(part, dict)}
        # The env's files know some of them by name: another dict would be another thing.
        self._objects.update(self._dicts)

    def export(self) -> bytes:
        return self._pickled([])

    def apply(self, data: bytes) -> None:
        """Take over contents; drawing surfaces are matched by order with this browser's own."""
        own_sheets: list[Any] = []
        self._pickled(own_sheets)
        contents = _Unpickler(data, self._objects, own_sheets).load()
        for name, content in contents["objects"].items():
            vars(self._objects[name]).clear()
            vars(self._objects[name]).update(content)
        for name, content in contents["dicts"].items():
            self._dicts[name].clear()
            self._dicts[name].update(content)
        for name, known in contents["names"].items():
            unbind_all_but(self._modules.get(name) or self._classes[name], known)
        for name, content in contents["modules"].items():
            vars(self._modules[name]).update(content)
        for name, content in contents["classes"].items():
            for attribute, value in content.items():
                type.__setattr__(self._classes[name], attribute, value)
        GLOBAL_RANDOM.setstate(contents["random"])
        GLOBAL_NUMPY.set_state(contents["numpy"])

    def _pickled(self, sheets: list[Any]) -> bytes:
        contents = {
            "objects": {name: dict(vars(thing)) for name, thing in self._objects.items() if name not in self._dicts},
            "dicts": {name: dict(part) for name, part in self._dicts.items()},
            "names": {
                name: sorted(bound_by_games(vars(target))) for name, target in (self._modules | self._classes).items()
            },
            "modules": {name: module_data(one) | self._other_code(one) for name, one in self._modules.items()},
            "classes": {
                name: self._portable(class_data(kind)) | self._other_code(kind) for name, kind in self._classes.items()
            },
            "random": GLOBAL_RANDOM.getstate(),
            "numpy": GLOBAL_NUMPY.get_state(legacy=False),
        }
        file = io.BytesIO()
        _Pickler(file, self._objects, sheets).dump(contents)
        return file.getvalue()

    def _other_code(self, target: types.ModuleType | type) -> dict[str, Any]:
        """Code under names that are not its own, as they may have been bound in play. It travels by its own name."""
        space = vars(target)
        code = bound_by_games(space).difference(data_of(target))
        return self._portable({name: space[name] for name in code if getattr(space[name], "__name__", name) != name})

    def _portable(self, data: dict[str, Any]) -> dict[str, Any]:
        """Without locks, files and the like, of which each browser has its own."""
        return {name: value for name, value in data.items() if self._travels(value)}

    def _travels(self, value: Any) -> bool:
        try:
            _Pickler(io.BytesIO(), self._objects, []).dump(value)
        except (pickle.PicklingError, TypeError, AttributeError):
            return False
        return True


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, objects: dict[str, Any], sheets: list[Any]) -> None:
        super().__init__(file, protocol=5)
        self._names = {id(thing): name for name, thing in objects.items()}
        self._sheets = sheets

    def persistent_id(self, thing: Any) -> Any:
        if id(thing) in self._names:
            return self._names[id(thing)]
        if is_render_only(thing):
            if not any(sheet is thing for sheet in self._sheets):
                self._sheets.append(thing)
            return next(index for index, sheet in enumerate(self._sheets) if sheet is thing)
        if isinstance(thing, types.ModuleType):
            return "module " + thing.__name__
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, objects: dict[str, Any], sheets: list[Any]) -> None:
        super().__init__(io.BytesIO(data))
        self._objects = objects
        self._sheets = sheets

    def persistent_load(self, key: Any) -> Any:
        if isinstance(key, int):
            return self._sheets[key]
        if key.startswith("module "):
            return __import__(key.removeprefix("module "), fromlist=["_"])
        return self._objects[key]

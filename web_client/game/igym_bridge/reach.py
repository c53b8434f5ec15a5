"""What belongs to the state of a game: which objects are followed, and which are only for drawing or never change."""

from __future__ import annotations

import datetime
import enum
import fractions
import logging
import pathlib
import re
import types
import weakref
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np

RENDER_ONLY_MODULES = ("igym.rendering", "pygame", "pyglet", "matplotlib", "PIL", "moviepy", "OpenGL", "js", "pyodide")
_MOST_TYPES = 4096
STATIC_MODULES = ("gymnasium.envs.registration", "logging", "threading", "_thread", "_io", "importlib", "typing")

# Exact types whose values never change: looked up millions of times, so a set of types and not a function.
ATOMIC: set[type] = {
    int, float, complex, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented), range, slice,
    Decimal, fractions.Fraction, re.Pattern, datetime.datetime, datetime.date, datetime.timedelta,
    types.BuiltinFunctionType, types.CodeType, types.ModuleType, property, staticmethod, classmethod, np.ufunc,
    types.GenericAlias, types.UnionType,
    np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.float16, np.float32,
    np.float64, np.complex64, np.complex128, np.str_, np.bytes_, type, type(type(None)),
}  # fmt: skip
_ATOMIC_BASES = (
    int, float, complex, str, bytes, enum.Enum, np.generic, np.dtype, type, pathlib.PurePath, logging.Logger,
    weakref.ref, datetime.tzinfo, types.ModuleType, types.BuiltinFunctionType,
)  # fmt: skip


def is_atomic(thing: Any) -> bool:
    """True for values that cannot change, so that a reference is as good as a copy."""
    return never_changes(type(thing)) or isinstance(thing, _ATOMIC_BASES)


@lru_cache(_MOST_TYPES)
def never_changes(kind: type) -> bool:
    """Whether everything of this type is atomic."""
    return kind in ATOMIC or issubclass(kind, _ATOMIC_BASES) or _module_in(kind, STATIC_MODULES)


def is_render_only(thing: Any) -> bool:
    """True for surfaces, windows, fonts and the like: they show the state and are never part of it."""
    return only_shows(type(thing))


@lru_cache(_MOST_TYPES)
def only_shows(kind: type) -> bool:
    return getattr(kind, "render_only", False) is True or _module_in(kind, RENDER_ONLY_MODULES)


def _module_in(kind: type, names: tuple[str, ...]) -> bool:
    module = getattr(kind, "__module__", None) or ""
    return any(module == name or module.startswith(name + ".") for name in names)


def layers_of(env: Any) -> list[Any]:
    """The env and what it wraps, outermost first."""
    found = [env]
    while getattr(found[-1], "__dict__", {}).get("env") is not None:
        found.append(vars(found[-1])["env"])
    return [layer for layer in found if hasattr(layer, "__dict__")]


@lru_cache(_MOST_TYPES)
def is_space(kind: type) -> bool:
    return any((base.__module__ or "").startswith("gymnasium.spaces") for base in kind.__mro__)


def spaces_in(space: Any) -> list[tuple[Any, Any]]:
    """The spaces that a space is made of, with their names or places."""
    attributes = vars(space)
    listed = attributes.get("spaces", ())
    named = listed.items() if isinstance(listed, dict) else enumerate(listed)
    return [*named, *((name, value) for name, value in attributes.items() if is_space(type(value)))]


def slot_names(kind: type) -> tuple[str, ...]:
    found = _slots.get(kind)
    if found is None:
        found = _slots[kind] = _slots_of(kind)
    return found


def _slots_of(kind: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__"):
                names.append(_mangled(base, name))
    return tuple(names)


def _mangled(owner: type, name: str) -> str:
    private = name.startswith("__") and not name.endswith("__")
    return f"_{owner.__name__.lstrip('_')}{name}" if private else name


_slots: dict[type, tuple[str, ...]] = {}
_CODE = (types.ModuleType, types.FunctionType, types.BuiltinFunctionType, property, staticmethod, classmethod, type)
_DESCRIPTORS = (
    types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType, types.MethodDescriptorType,
)  # fmt: skip


@lru_cache(_MOST_TYPES)
def is_code(kind: type) -> bool:
    """Whether a value of this type may be code, where another one under its name was data."""
    return issubclass(kind, _CODE + _DESCRIPTORS) or any("__call__" in vars(base) for base in kind.__mro__)


def module_data(module: types.ModuleType) -> dict[str, Any]:
    """The module's global variables that are data, not code."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("__") and not isinstance(value, _CODE)
    }


def class_data(kind: type) -> dict[str, Any]:
    """The class's own attributes that are data, not code."""
    return {
        name: value
        for name, value in vars(kind).items()
        if not name.startswith(("__", "_abc_")) and not isinstance(value, _CODE + _DESCRIPTORS) and not callable(value)
    }

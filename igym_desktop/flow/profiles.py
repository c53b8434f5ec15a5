"""Named sets of changed options, as TOML files beside the experiment: readable, diffable, to be shared."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import tomli_w

from igym.host.base.held_files import move
from igym.host.base.held_files import remove as remove_file
from igym_desktop.flow.natural import natural
from igym_desktop.i18n import tr

NONE = "(none)"
"""TOML has no null."""
MISSING = object()
"""A profile that says nothing about an option: the experiment's own value holds."""


def folder_of(experiment: Path) -> Path:
    """Where the profiles of a study of one's own lie: they go along with it."""
    return experiment / "profiles"


def names(*folders: Path) -> list[str]:
    """All profiles in these folders, in the order people expect."""
    return sorted({file.stem for folder in folders for file in folder.glob("*.toml")}, key=natural)


def profile_of(path: str) -> str:
    """The name of a profile from the path of its file, on any system; "" for none."""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".toml")


def load(file: Path) -> dict[str, Any]:
    """Raises `ValueError` with a text for a person."""
    try:
        with file.open("rb") as stream:
            return _with_none(tomllib.load(stream))  # type: ignore[no-any-return]
    except OSError as error:
        raise ValueError(
            tr("The profile {name} could not be read: {why}", name=file.stem, why=error.strerror)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ValueError(tr("The profile {name} is not valid TOML: {why}", name=file.name, why=error)) from error


def save(folder: Path, name: str, overrides: Mapping[str, Any]) -> Path:
    """Writes a profile into the folder of profiles, atomically; raises `ValueError` with a text for a person."""
    file = folder / f"{checked_name(name)}.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(file, overrides)
    except OSError as error:
        raise ValueError(
            tr(
                "The profile could not be written to {folder} ({why}). Make a new study from this experiment "
                "first: a copy can be changed.",
                folder=file.parent,
                why=error.strerror,
            )
        ) from error
    return file


def write(file: Path, overrides: Mapping[str, Any]) -> Path:
    """The same anywhere; raises `OSError`."""
    temporary = file.with_suffix(".new")
    temporary.write_text(as_toml(overrides), encoding="utf-8")
    move(temporary, file)
    return file


def as_toml(overrides: Mapping[str, Any]) -> str:
    """The text of a profile."""
    return tomli_w.dumps(_without_none(overrides), multiline_strings=True)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """(option, value in `before`, value in `after`) wherever two profiles differ; `MISSING` where one says nothing."""
    left, right = dict(_flat(before)), dict(_flat(after))
    names = [*left, *(name for name in right if name not in left)]
    pairs = ((name, left.get(name, MISSING), right.get(name, MISSING)) for name in names)
    return [(name, old, new) for name, old, new in pairs if old is MISSING or new is MISSING or old != new]


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", inner


def remove(file: Path) -> None:
    """Deletes a profile."""
    remove_file(file)


def checked_name(name: str) -> str:
    """A name that is a file name everywhere; raises `ValueError`."""
    name = name.strip()
    if not re.fullmatch(r"[\w][\w .-]{0,59}", name) or name.endswith("."):
        raise ValueError(tr("A profile's name has letters, numbers, spaces, dots, - or _, and at most 60 of them."))
    return name


def _without_none(value: Any) -> Any:
    if value is None:
        return NONE
    if isinstance(value, Mapping):
        return {str(key): _without_none(item) for key, item in value.items()}
    return [_without_none(item) for item in value] if isinstance(value, (list, tuple)) else value


def _with_none(value: Any) -> Any:
    if value == NONE:
        return None
    if isinstance(value, Mapping):
        return {key: _with_none(item) for key, item in value.items()}
    return [_with_none(item) for item in value] if isinstance(value, list) else value

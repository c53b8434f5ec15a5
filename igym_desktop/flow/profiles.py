"""Named sets of changed options, as TOML files beside the experiment: readable, diffable, to be shared."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from igym_desktop.i18n import tr

NONE = "(none)"
"""TOML has no null."""


def folder_of(experiment: Path) -> Path:
    """Where an experiment's profiles lie."""
    return experiment / "profiles"


def names(experiment: Path) -> list[str]:
    """All profiles of an experiment."""
    return sorted(file.stem for file in folder_of(experiment).glob("*.toml"))


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


def save(experiment: Path, name: str, overrides: Mapping[str, Any]) -> Path:
    """Writes a profile atomically; raises `ValueError` with a text for a person."""
    file = folder_of(experiment) / f"{checked_name(name)}.toml"
    try:
        file.parent.mkdir(exist_ok=True)
        temporary = file.with_suffix(".new")
        temporary.write_text(tomli_w.dumps(_without_none(overrides), multiline_strings=True), encoding="utf-8")
        temporary.replace(file)
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


def remove(experiment: Path, name: str) -> None:
    """Deletes a profile."""
    (folder_of(experiment) / f"{name}.toml").unlink(missing_ok=True)


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

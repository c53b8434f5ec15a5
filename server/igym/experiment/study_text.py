"""A study's document out of TOML text. TOML has no null: the text "(none)" stands for None, as in profiles."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from igym.experiment.errors import ExperimentError
from igym.experiment.overrides import NONE
from igym.protocol.told import Told

STUDY_FILE = "study.toml"
Document = dict[str, Any]
"""What `study.toml` holds, as plain dicts, lists and values."""


def read_document(text: str) -> Document:
    """Raises ExperimentError with the line when it is not TOML."""
    try:
        return with_none(tomllib.loads(text))  # type: ignore[no-any-return]
    except tomllib.TOMLDecodeError as error:
        raise toml_error(error, text, STUDY_FILE) from None


def toml_error(error: tomllib.TOMLDecodeError, text: str, file: str) -> ExperimentError:
    """What TOML finds wrong, with its line."""
    line = text.count("\n", 0, getattr(error, "pos", 0)) + 1 if hasattr(error, "pos") else _line_named(str(error))
    return ExperimentError(Told("this is not valid TOML: {error}.", error=error), file=file, line=line)


def _line_named(message: str) -> int | None:
    """Python before 3.14 tells the place in its sentence alone: "… (at line 3, column 7)"."""
    words = message.replace(",", " ").replace(")", " ").split()
    after = [words[index + 1] for index, word in enumerate(words[:-1]) if word == "line"]
    return int(after[-1]) if after and after[-1].isdigit() else None


def with_none(value: Any) -> Any:
    """The same with None where the text stands for it."""
    if value == NONE and isinstance(value, str):
        return None
    if isinstance(value, Mapping):
        return {key: with_none(item) for key, item in value.items()}
    return [with_none(item) for item in value] if isinstance(value, list) else value

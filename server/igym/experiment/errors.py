"""One error type for everything a researcher can get wrong, and the words to say it in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ExperimentError(ValueError):
    """A mistake in an experiment, told in the researcher's words.

    `text` says what is wrong, `file` and `line` say where (None when unknown), `value` is the offending value as text
    and `allowed` what would have been right; both are None when they do not apply.
    """

    def __init__(
        self,
        text: str,
        *,
        file: str | None = None,
        line: int | None = None,
        value: str | None = None,
        allowed: str | None = None,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.file = file
        self.line = line
        self.value = value
        self.allowed = allowed

    def at(self, file: str | None, line: int | None) -> ExperimentError:
        """The same error with its place filled in, unless it already has one."""
        if self.file is None:
            self.file, self.line = file, line
        return self

    def to_json(self) -> dict[str, str | int | None]:
        return {"text": self.text, "file": self.file, "line": self.line, "value": self.value, "allowed": self.allowed}

    def __str__(self) -> str:
        if self.file is None:
            return self.text
        place = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{place}: {self.text}"


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?' when something close is known, else an empty string."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(wrong.lower(), by_lower, n=1, cutoff=0.6)
    return f' Did you mean "{by_lower[close[0]]}"?' if close else ""


def shown(value: object, limit: int = 80) -> str:
    """A value as the researcher typed it, shortened."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

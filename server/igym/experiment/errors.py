"""One error type for everything a researcher can get wrong, and the words to say it in."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from igym.protocol.told import Told


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


def owned(owner: str, problem: str) -> str:
    """The problem with what it is a problem of in front, such as a scene or an option."""
    return Told("{owner}: {problem}", owner=owner, problem=problem) if owner else problem


def without_owner(text: str, owner: str) -> str:
    """What `owned` put that in front of."""
    if isinstance(text, Told) and text.key == "{owner}: {problem}" and str(text.values["owner"]).startswith(owner):
        return str(text.values["problem"])
    return text


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """' Did you mean "x"?' when something close is known, else an empty string."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(wrong.lower(), by_lower, n=1, cutoff=0.6)
    return Told(' Did you mean "{name}"?', name=by_lower[close[0]]) if close else ""


def known_names(names: Iterable[str], known: Iterable[str], where: str, what: str) -> None:
    """An error for the first name that is none of those known."""
    allowed = list(known)
    for name in names:
        if name not in allowed:
            raise ExperimentError(
                Told(
                    '{where}: there is no {what} "{name}".{hint}',
                    where=where,
                    what=what,
                    name=name,
                    hint=suggestion(name, allowed),
                ),
                value=name,
                allowed=", ".join(allowed),
            )


def shown(value: object, limit: int = 80) -> str:
    """A value as the researcher typed it, shortened."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"

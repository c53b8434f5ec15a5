"""What a lab manager who looks elsewhere should be told of: new errors, people without a connection, everybody done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from igym_desktop.flow.end_of_session import how_far
from igym_desktop.flow.words import ENDED
from igym_desktop.i18n import plural, said, tr

Row = Mapping[str, Any]


class News(NamedTuple):
    """A headline and a sentence."""

    title: str
    text: str


class NewsDesk:
    """Remembers what was told already; `read` gives what is new."""

    def __init__(self) -> None:
        self._problems: set[str] = set()
        self._lost: set[str] = set()
        self._all_done = False
        self._fresh = True

    def begin(self) -> None:
        """Another session, or the same one found again: what it starts with is no news."""
        self.__init__()  # type: ignore[misc]

    def read(self, problems: Mapping[str, Row], people: Mapping[str, Row]) -> list[News]:
        """In the order of importance."""
        errors = {key: row for key, row in problems.items() if row.get("level") == "error"}
        lost = {key for key, row in people.items() if row.get("connection") == "lost" and row.get("state") not in ENDED}
        done = bool(people) and all(row.get("state") in ENDED for row in people.values())
        found: list[News] = []
        if not self._fresh:
            found += [
                News(said(str(row.get("title") or "")) or tr("Error"), said(str(row.get("text") or "")))
                for key, row in errors.items() if key not in self._problems
            ]  # fmt: skip
            found += self._about_lost(lost - self._lost, people)
            if done and not self._all_done:
                found.append(News(how_far(people.values()), tr("The session can be ended.")))
        self._problems, self._lost, self._all_done, self._fresh = set(errors), lost, done, False
        return found

    @staticmethod
    def _about_lost(keys: set[str], people: Mapping[str, Row]) -> list[News]:
        if not keys:
            return []
        names = ", ".join(sorted(str(people[key].get("label") or key) for key in keys))
        title = plural(
            len(keys), "{n} participant has lost the connection", "{n} participants have lost the connection"
        )
        return [News(title, names)]

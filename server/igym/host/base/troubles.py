"""Problems of the host itself (a full disk, a failed export), shown beside those of the session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from igym.host.base.journal import Journal


@dataclass
class HostProblem:
    """One line of the problem list; the fields are those of `SessionView.problems`."""

    id: str
    at: float
    level: str
    title: str
    text: str
    traceback: str = ""
    participant: str | None = None
    match: str | None = None
    game_fails: bool = False
    count: int = 1


class HostProblems:
    """The host's own problems by key: the same one again counts up, a solved one goes away."""

    def __init__(self, now: Callable[[], float], journal: Journal) -> None:
        self._now = now
        self._journal = journal
        self._by_key: dict[str, HostProblem] = {}
        self._made = 0

    def report(self, key: str, level: str, title: str, text: str, traceback: str = "") -> None:
        known = self._by_key.get(key)
        if known is None or known.text != text:
            self._made += 1
            self._by_key[key] = HostProblem(f"h{self._made}", self._now(), level, title, text, traceback)
            self._journal.write(level, "host", f"{title}: {text}", traceback=traceback)
        else:
            known.count += 1
            known.at = self._now()

    def solve(self, key: str) -> None:
        solved = self._by_key.pop(key, None)
        if solved is not None:
            self._journal.info("host", f"Solved: {solved.title}")

    def clear(self, problem_id: str) -> bool:
        """True when `problem_id` was one of the host's."""
        for key, problem in self._by_key.items():
            if problem.id == problem_id:
                del self._by_key[key]
                return True
        return False

    def to_json(self) -> list[dict[str, object]]:
        return [asdict(problem) for problem in self._by_key.values()]

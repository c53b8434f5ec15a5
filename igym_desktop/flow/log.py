"""The launcher's log: every line the engine or the launcher wrote, newest last, bounded."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000


@dataclass(frozen=True)
class LogLine:
    """`at` in unix seconds; `level` is debug, info, warning or error."""

    at: float
    level: str
    source: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_text(self) -> str:
        """One line for the clipboard or a file."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.at))
        more = f"  {json.dumps(self.data, ensure_ascii=False, default=str)}" if self.data else ""
        return f"{stamp}  {self.level.upper():7}  {self.source:9}  {self.text}{more}"

    def matches(self, search: str, levels: frozenset[str]) -> bool:
        """Whether it passes the filter of the log page."""
        if levels and self.level not in levels:
            return False
        text = f"{self.source} {self.text}".casefold()
        return all(word in text for word in search.casefold().split())


class LogBook:
    """Collects lines; `listener` is told of each."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=KEPT)
        self.listener: Callable[[LogLine], None] | None = None

    def add(self, raw: Mapping[str, Any]) -> None:
        """A `log` message of the engine, or a line of its output."""
        data = raw.get("data")
        line = LogLine(
            float(raw.get("at") or time.time()),
            str(raw.get("level", "info")),
            str(raw.get("source", "engine")),
            str(raw.get("text", "")),
            data if isinstance(data, Mapping) else {},
        )
        self.lines.append(line)
        if self.listener:
            self.listener(line)

    def note(self, level: str, text: str) -> None:
        """Something the launcher itself did."""
        self.add({"level": level, "source": "launcher", "text": text})


def as_text(lines: Iterable[LogLine]) -> str:
    """For saving and copying."""
    return "".join(line.as_text() + "\n" for line in lines)

"""How commands answer: a sentence for people, or JSON lines for the launcher."""

from __future__ import annotations

import sys
from typing import Any

from igym.host.base.errors import HostError
from igym.host.base.json_lines import line_of


def progress_line(done: int, total: int, what: str) -> None:
    """One step of a long command, as a JSON line."""
    _write({"event": "progress", "done": done, "total": total, "what": what})


def answer(as_json: bool, message: dict[str, Any], text: str) -> int:
    """The command's result; the exit code of success."""
    if as_json:
        _write(message)
    else:
        sys.stdout.write(f"{text}\n")
    return 0


def fail(as_json: bool, error: HostError) -> int:
    """Why it did not work; the exit code of failure."""
    if as_json:
        _write({"event": "failed", "code": error.code, "text": error.text})
    else:
        sys.stderr.write(f"{error.text}\n")
    return 1


def _write(message: dict[str, Any]) -> None:
    sys.stdout.write(line_of(message) + "\n")
    sys.stdout.flush()

"""The engine's live log: one line per thing worth knowing, to the launcher, to standard output and to a file."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections import deque
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

from igym.host.base.json_lines import line_of

Line = dict[str, Any]
Listener = Callable[[Line], None]
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
KEPT_LINES = 500
FILE_BYTES = 4_000_000


_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def printable(text: str) -> str:
    """Without characters that move a terminal's cursor, colour it or turn the direction of writing; lines stay."""
    return _CONTROLS.sub("\ufffd", text)


class Journal:
    """Hands `{at, level, source, text, data}` to every listener and keeps the last lines for whoever connects later."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._listeners: list[Listener] = []
        self.recent: deque[tuple[Line, bool]] = deque(maxlen=KEPT_LINES)
        self.print: Listener | None = None
        """Takes lines that no launcher is there to see."""

    def add_listener(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def write(self, level: str, source: str, text: str, **data: Any) -> None:
        line = {"at": self._now(), "level": level, "source": printable(source), "text": printable(text), "data": data}
        self.recent.append((line, self.print is not None))
        if self.print is not None:
            self.print(line)
        for listener in self._listeners:
            listener(line)

    def unprinted(self) -> list[Line]:
        """The last lines without those that went to standard output: for a launcher that has just connected."""
        return [line for line, printed in self.recent if not printed]

    def info(self, source: str, text: str, **data: Any) -> None:
        self.write("info", source, text, **data)

    def warning(self, source: str, text: str, **data: Any) -> None:
        self.write("warning", source, text, **data)

    def error(self, source: str, text: str, **data: Any) -> None:
        self.write("error", source, text, **data)


def file_listener(path: Path) -> tuple[Listener, Callable[[], None]]:
    """`(listener, close)`: appends JSON lines to `path`, which is started anew when it grows beyond 4 MB."""
    output = RotatingFileHandler(path, maxBytes=FILE_BYTES, backupCount=3, encoding="utf-8", delay=True)
    output.setFormatter(logging.Formatter("%(message)s"))
    # A full disk must not turn every log line into a traceback on the terminal.
    output.handleError = lambda record: None  # type: ignore[method-assign]

    closed = threading.Event()

    def listen(line: Line) -> None:
        # A line after the end would open the file again, which may be gone for good by then.
        if closed.is_set():
            return
        text = json.dumps(line, ensure_ascii=False, default=str)
        output.handle(logging.LogRecord("igym", LEVELS.get(line["level"], 20), "", 0, text, None, None))

    def close() -> None:
        closed.set()
        output.close()

    return listen, close


class LibraryLog(logging.Handler):
    """Brings what aiohttp, Socket.IO and asyncio log into the journal."""

    def __init__(self, journal: Journal, level: int = logging.WARNING) -> None:
        super().__init__(level)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        level = "error" if record.levelno >= logging.ERROR else "warning" if record.levelno >= 30 else "info"
        data = {"traceback": logging.Formatter().formatException(record.exc_info)} if record.exc_info else {}
        self._journal.write(level, record.name, record.getMessage(), **data)


def print_json(message: dict[str, Any], out: TextIO | None) -> None:
    """One line of the engine's standard output; a reader that has gone is not an error."""
    if out is None:
        return
    try:
        out.write(line_of(message) + "\n")
        out.flush()
    except (OSError, ValueError):
        pass

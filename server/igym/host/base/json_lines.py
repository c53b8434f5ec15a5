"""A child's side of the talk with its parent: JSON lines on a stream that nothing else can write to."""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

from igym.protocol.told import from_table, with_table


def take_over_stdout() -> IO[str]:
    """A stream only the engine reads; everything printed, by C code too, goes to stderr from now on."""
    sys.stdout.flush()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    return replies


def take_over_stdin() -> IO[str]:
    """The engine's lines; whatever else reads standard input from now on (`input()`, a program) finds its end."""
    lines = os.fdopen(os.dup(0), "r", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return lines


def say(replies: IO[str], message: dict[str, Any]) -> None:
    replies.write(line_of(message) + "\n")
    replies.flush()


def line_of(message: dict[str, Any]) -> str:
    """The message as one line; its sentences can be said in another language by whoever reads it with `read_line`."""
    return json.dumps(with_table(message), default=str)


def read_line(line: str | bytes) -> Any:
    """What `line_of` made it of. Raises `ValueError` for what is no JSON."""
    return from_table(json.loads(line))

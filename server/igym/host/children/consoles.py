"""Text in and out of our programs: UTF-8 for every file a study opens, and output that never fails for its encoding."""

from __future__ import annotations

import locale
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn, TextIO

from igym.host.base.spawn import PYTHON_VARIABLES, is_frozen


def make_output_safe() -> None:
    """What a console or a file under Windows' code page cannot show is spelled out instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a windowed app has no streams, a test has its own
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def can_show(text: str, stream: TextIO) -> bool:
    """Whether `stream` has a character for each of these."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def reads_utf8() -> bool:
    """Whether `open("words.txt")` reads what the browser's Python would read."""
    return bool(sys.flags.utf8_mode) or locale.getencoding().replace("-", "").lower() == "utf8"


def in_utf8(arguments: Sequence[str], variables: Mapping[str, str]) -> int | None:
    """Runs the same command again in a Python that reads UTF-8; None when this one does. The exit code, under Windows.

    The mode cannot be changed while Python runs, and a study's files have to be read alike on every computer.
    """
    if reads_utf8() or is_frozen():
        return None
    command = [sys.executable, "-P", "-m", "igym.cli", *arguments]
    environment = {**variables, **PYTHON_VARIABLES}
    run = _waited_for if sys.platform == "win32" else _replaced
    return run(command, environment)


def _replaced(command: list[str], environment: dict[str, str]) -> NoReturn:
    os.execve(command[0], command, environment)


def _waited_for(command: list[str], environment: dict[str, str]) -> int:
    """Windows cannot replace a process: its shell would not wait for the new one."""
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # told to both; the other one ends in order
            continue

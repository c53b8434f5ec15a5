"""A program that prints lines of JSON and may end in the middle of its work: a compiled package can crash it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Generator
from typing import Any

from igym.host.base import spawn
from igym.host.base.json_lines import read_line
from igym.protocol.told import Told

LAST_PRINTS = 2000


class ToldLines:
    """What it tells, as it tells it; closing the iterator ends the program.

    Afterwards `end` says how it ended, with the last of what it printed besides.
    """

    def __init__(self, argv: list[str]) -> None:
        self._argv = argv
        self.end = ""

    def __iter__(self) -> Generator[Any]:
        with (
            tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as prints,
            subprocess.Popen(self._argv, stdout=subprocess.PIPE, stderr=prints, text=True, encoding="utf-8",
                             env=spawn.environment(os.environ)) as child,
        ):  # fmt: skip
            assert child.stdout is not None
            try:
                yield from map(read_line, child.stdout)
            finally:
                # Also when nobody listens any more: the work is given up.
                child.kill()
                code = child.wait()
            prints.seek(0)
            self.end = Told(
                "ended by itself (exit code {code}). {prints}", code=code, prints=prints.read()[-LAST_PRINTS:].strip()
            )

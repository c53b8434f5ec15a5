"""Which files are the researcher's, told from their paths alike on every system."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

OWN_FOLDER = str(Path(__file__).resolve().parent)

# The system's way of writing paths; a name of this module, so that another system's way can be put in its place.
system = os.path


def within(file: str | None, folder: str) -> str | None:
    """`file` as seen from `folder`, with "/", or None if it lies elsewhere."""
    return next(paths_within([file], folder))


def paths_within(files: Iterable[str | None], folder: str) -> Iterator[str | None]:
    """`within` of each of many files."""
    root = system.join(folder, "")
    start, normal = system.normcase(root), system.normcase
    for file in files:
        is_there = file and normal(file).startswith(start)
        yield file[len(root) :].replace(system.sep, "/") if file and is_there else None


def listing(frames: Iterable[traceback.FrameSummary], folder: str) -> str:
    """The frames as a traceback shows them, files of `folder` by their names in it."""
    lines = []
    for frame in frames:
        # The source line is read from the full path, so that has to happen before the path is shortened.
        line = frame.line
        name = within(frame.filename, folder) or frame.filename
        lines += traceback.format_list([traceback.FrameSummary(name, frame.lineno, frame.name, line=line)])
    return "".join(lines)


def shortened(text: str, folder: str) -> str:
    """`text` without the folder's path in front of file names."""
    return text.replace(system.join(folder, ""), "")

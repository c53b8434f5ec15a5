"""Errors in the researcher's files, told by file and line and without the machinery around them."""

from __future__ import annotations

import traceback
from typing import Any


class EnvError(Exception):
    """Something about the env is wrong in a way that has a plain explanation."""


def describe(error: BaseException, folder: str) -> dict[str, Any]:
    """{message, traceback, file, line}: the frames of the files in `folder`, or else of the packages they use."""
    frames = traceback.extract_tb(error.__traceback__)
    root = folder.rstrip("/") + "/"
    own = [frame for frame in frames if frame.filename.startswith(root)]
    shown = (
        frames[frames.index(own[0]) :] if own else [frame for frame in frames if "/igym_bridge/" not in frame.filename]
    )
    name = type(error).__name__
    message = str(error) if isinstance(error, EnvError) else f"{name}: {error}"
    place = own[-1] if own else None
    syntax = error if isinstance(error, SyntaxError) else None
    file = syntax.filename if syntax and syntax.filename else (place.filename if place else None)
    line = syntax.lineno if syntax else (place.lineno if place else None)
    text = "".join(traceback.format_list(shown)) + "".join(traceback.format_exception_only(error))
    cause = error.__cause__
    if cause is not None:
        text = describe(cause, folder)["traceback"] + "\nwhich led to\n\n" + text
    return {
        "message": message,
        "traceback": text.replace(root, ""),
        "file": file.removeprefix(root) if file else None,
        "line": line,
    }

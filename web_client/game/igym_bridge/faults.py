"""Errors in the researcher's files, told by file and line and without the machinery around them."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from .places import OWN_FOLDER, listing, shortened, within

NOT_SENT = (
    ". Browsers get the files of the experiment folder that the game's code names, by path, name or folder. "
    "Name others in .environment(files=[…])."
)
NOT_INSTALLED = (
    ". If that package has compiled parts, no browser has it: run the env on the host with "
    '.runtime(where="host"), and put the package into the folder site-packages beside experiment.py '
    "(pip install --target site-packages PACKAGE)."
)


class EnvError(Exception):
    """Something about the env is wrong in a way that has a plain explanation."""


def describe(error: BaseException, folder: str) -> dict[str, Any]:
    """{message, traceback, file, line}: from the first call in a file of `folder` on, or else the packages it uses."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if within(frame.filename, folder)]
    shown = frames[frames.index(own[0]) :] if own else [frame for frame in frames if not _machinery(frame)]
    name = type(error).__name__
    message = str(error) if isinstance(error, EnvError) else shortened(f"{name}: {error}", folder)
    if isinstance(error, FileNotFoundError) and sys.platform == "emscripten":
        message += NOT_SENT
    if name == "DependencyNotInstalled":
        message += NOT_INSTALLED
    place = own[-1] if own else None
    syntax = error if isinstance(error, SyntaxError) else None
    file = syntax.filename if syntax and syntax.filename else (place.filename if place else None)
    line = syntax.lineno if syntax else (place.lineno if place else None)
    told = isinstance(error, EnvError) and not own
    # A refusal in a sentence that no line of the researcher's led to: the calls would say nothing more.
    text = "" if told else listing(shown, folder) + shortened("".join(traceback.format_exception_only(error)), folder)
    cause = error.__cause__
    if cause is not None:
        text = describe(cause, folder)["traceback"] + "\nwhich led to\n\n" + text
    return {
        "message": message,
        "traceback": text,
        "file": within(file, folder) or file,
        "line": line,
    }


def _machinery(frame: traceback.FrameSummary) -> bool:
    return within(frame.filename, OWN_FOLDER) is not None or "/igym/host/" in frame.filename.replace("\\", "/")

"""Errors in the researcher's files, told by file and line and without the machinery around them."""

from __future__ import annotations

import sys
import traceback
from typing import Any

from .places import OWN_FOLDER, listing, shortened, within
from .told import Told


class EnvError(Exception):
    """Something about the env is wrong in a way that has a plain explanation."""

    def __init__(self, key: str, /, **values: object) -> None:
        self.told = Told(key, **values)
        super().__init__(self.told)


class AgentsDifferError(EnvError):
    """An agent that only one of the env and the policies knows."""


def not_sent(error: str) -> Told:
    """What is told of a file that is missing among those that browsers get."""
    return Told(
        "{error}. Browsers get the files of the experiment folder that the game's code names, by path, name or "
        "folder. Name others in .environment(files=[…]).",
        error=error,
    )


def _not_installed(error: str) -> Told:
    return Told(
        "{error}. If that package has compiled parts, no browser has it: run the env on the host with "
        '.runtime(where="host"), and put the package into the folder site-packages beside experiment.py '
        "(pip install --target site-packages PACKAGE).",
        error=error,
    )


def describe(error: BaseException, folder: str) -> dict[str, Any]:
    """{message, traceback, file, line}: from the first call in a file of `folder` on, or else the packages it uses.

    The message may be a `Told`.
    """
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if within(frame.filename, folder)]
    shown = frames[frames.index(own[0]) :] if own else [frame for frame in frames if not _machinery(frame)]
    name = type(error).__name__
    message: str = error.told if isinstance(error, EnvError) else shortened(f"{name}: {error}", folder)
    if isinstance(error, FileNotFoundError) and sys.platform == "emscripten":
        message = not_sent(message)
    if name == "DependencyNotInstalled":
        message = _not_installed(message)
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

"""How this program starts itself again: from a checkout, from a wheel, and frozen into an app."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Literal

PYTHON_VARIABLES = {
    "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8:backslashreplace", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1",
}  # fmt: skip
"""Hashes, and the encoding of files and pipes, are the same on every computer. The frozen app, which reads no such
variables, has them built in (build/igym_desktop.spec)."""
TOKEN_VARIABLE = "IGYM_CONTROL_TOKEN"
TURN_VARIABLE = "IGYM_TURN_CREDENTIAL"
METRICS_VARIABLE = "IGYM_METRICS_TOKEN"
REDIS_VARIABLE = "IGYM_REDIS_PASSWORD"
SECRETS = (TOKEN_VARIABLE, TURN_VARIABLE, METRICS_VARIABLE, REDIS_VARIABLE)
"""An engine reads them; no child of its own gets them."""

Kind = Literal[
    "engine",
    "serve",
    "describe",
    "researcher",
    "hostenv",
    "check",
    "prepare",
    "export",
    "exporter",
    "checkpoint",
    "cluster",
    "withdraw",
    "backup",
    "annotate",
    "retention",
    "rescue",
    "simulate",
    "picture",
    "replay",
    "verify",
    "labcheck",
    "demonstrations",
]


def is_frozen() -> bool:
    return bool(getattr(sys, "frozen", False))


def command(kind: Kind, args: Iterable[str] = ()) -> list[str]:
    """The argv that runs `igym <kind> <args>` with the same Python and the same code as this process."""
    if is_frozen():
        return [sys.executable, f"--{kind}", *args]
    # Whoever begins it in a folder means no modules that lie there.
    return [sys.executable, "-P", "-m", "igym.cli", kind, *args]


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables a child gets: hashes and text encoding are the same on every machine; secrets stay here."""
    kept = {name: value for name, value in inherited.items() if name not in SECRETS}
    return {**kept, **PYTHON_VARIABLES}


def aside() -> dict[str, Any]:
    """How to start a child that Ctrl+C in a terminal does not reach: whoever started it says when it ends."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    else:
        return {"start_new_session": True}


def end_with_parent_only() -> None:
    """For a child whose work must not be cut off half-way: it ends when its standard input does, or when it is killed.

    A service manager's stop reaches every process of a session, whatever group it is in.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def be_nice() -> None:
    """For a child whose work can wait: play comes first, and it takes what is left of the processor."""
    if hasattr(os, "nice"):
        try:
            os.nice(10)
        except OSError:
            pass

"""A zip file for somebody who helps: versions, settings without passwords, and what went wrong, but nobody's data."""

from __future__ import annotations

import json
import platform
import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from igym.host.base.cards import network_cards
from igym.host.base.held_files import move
from igym_desktop.flow.log import LogLine, as_text
from igym_desktop.flow.settings import Settings
from igym_desktop.i18n import tr

PACKAGES = (
    "PySide6",
    "aiohttp",
    "python-socketio",
    "qasync",
    "arro3-io",
    "numpy",
    "gymnasium",
    "pettingzoo",
    "pyqtgraph",
)
LOG_LINES = 2000


@dataclass(frozen=True)
class Situation:
    """What the launcher knows when somebody asks for the bundle."""

    app_version: str
    settings: Settings
    data_root: Path
    engine_state: str
    log: tuple[LogLine, ...]
    problems: tuple[Mapping[str, Any], ...]
    participants: tuple[Mapping[str, Any], ...]


def write_bundle(path: Path, now: Situation) -> Path:
    """Writes the zip file; raises `OSError`."""
    temporary = path.with_name(path.name + ".new")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in contents(now).items():
                archive.writestr(name, text)
        move(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def contents(now: Situation) -> dict[str, str]:
    """Name → text of every file in the bundle."""
    hide = _names_hidden(now.participants)
    lines = [line for line in now.log if _is_safe(line)][-LOG_LINES:]
    problems = [
        {key: hide(str(problem.get(key) or "")) for key in ("level", "title", "text", "traceback")}
        for problem in now.problems
    ]
    return {
        "README.txt": readme(),
        "versions.json": _json(_versions(now)),
        "settings.json": _json(asdict(without_secrets(now.settings))),
        "log.txt": as_text(replace(line, text=hide(line.text), data=_traceback(line, hide)) for line in lines),
        "problems.json": _json(problems),
    }


def readme() -> str:
    """What is in the bundle, and what is not."""
    return tr(
        """\
Diagnostics of Interactive Gym Desktop

versions.json   versions of the app, of its libraries and of this computer's system; network cards
settings.json   the app's settings; passwords are left out
log.txt         warnings and errors of the app and of its server, and what the app itself did
problems.json   the problems shown in the last session

Left out: answers, recorded frames, labels and ids of participants (they are replaced by “participant 1”, …), what
your experiment's own code printed, and the experiment itself. Look into the files before you pass them on: an error
message of your own code may contain what your code put into it.
"""
    )


def without_secrets(settings: Settings) -> Settings:
    """Passwords are told only to be there or not; so are user names in a TURN address."""
    hidden = "(set)" if settings.turn_password else ""
    return replace(settings, turn_password=hidden, turn_url=re.sub(r"//[^@/]*@", "//", settings.turn_url))


def _versions(now: Situation) -> dict[str, Any]:
    return {
        "app": now.app_version,
        "system": platform.platform(),
        "python": sys.version,
        "frozen": bool(getattr(sys, "frozen", False)),
        "libraries": {name: _version(name) for name in PACKAGES},
        "network": [f"{card.name} {card.address}" for card in network_cards()],
        "data_folder": str(now.data_root),
        "engine": now.engine_state,
        "participants": len(now.participants),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _is_safe(line: LogLine) -> bool:
    """What an experiment's own code prints, and what the session says about people, may be anything."""
    if line.source == "launcher":
        return True
    return line.source != "researcher" and line.level in ("warning", "error")


def _names_hidden(participants: Iterable[Mapping[str, Any]]) -> Any:
    names: dict[str, str] = {}
    for number, row in enumerate(participants, start=1):
        for key in ("id", "label", "seat", "code"):
            if row.get(key):
                names.setdefault(str(row[key]), f"participant {number}")
    if not names:
        return lambda text: text
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _traceback(line: LogLine, hide: Any) -> dict[str, str]:
    found = line.data.get("traceback")
    return {"traceback": hide(str(found))} if found else {}


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)

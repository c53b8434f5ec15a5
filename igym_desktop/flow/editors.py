"""Which program edits a study's files on this computer. Never the one the system opens them with: Windows runs them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

AT_LINE = {
    "code": ["-g", "{file}:{line}"],
    "codium": ["-g", "{file}:{line}"],
    "pycharm": ["--line", "{line}", "{file}"],
    "subl": ["{file}:{line}"],
    "kate": ["-l", "{line}", "{file}"],
    "gedit": ["+{line}", "{file}"],
    "notepad++": ["-n{line}", "{file}"],
    "idle": ["-m", "idlelib", "{file}"],
}
"""How each is told the line; all others get the file alone."""
ON_PATH = ("code", "codium", "pycharm", "subl", "kate", "gnome-text-editor", "gedit", "spyder", "mousepad", "xed")
# (variable with the folder, what lies in it, which editor that is), the best first.
ON_WINDOWS = (
    ("LOCALAPPDATA", "Programs/Microsoft VS Code/Code.exe", "code"),
    ("ProgramFiles", "Microsoft VS Code/Code.exe", "code"),
    ("LOCALAPPDATA", "Programs/PyCharm*/bin/pycharm64.exe", "pycharm"),
    ("ProgramFiles", "JetBrains/PyCharm*/bin/pycharm64.exe", "pycharm"),
    ("LOCALAPPDATA", "spyder-*/envs/spyder-runtime/Scripts/spyder.exe", "spyder"),
    ("ProgramData", "spyder-*/envs/spyder-runtime/Scripts/spyder.exe", "spyder"),
    ("LOCALAPPDATA", "Programs/Spyder/Spyder.exe", "spyder"),
    ("USERPROFILE", "*conda3/Scripts/spyder.exe", "spyder"),
    ("ProgramData", "*conda3/Scripts/spyder.exe", "spyder"),
    ("ProgramFiles", "Notepad++/notepad++.exe", "notepad++"),
    ("LOCALAPPDATA", "Programs/Python/Python3*/pythonw.exe", "idle"),
    ("ProgramFiles", "Python3*/pythonw.exe", "idle"),
    ("SystemRoot", "System32/notepad.exe", "notepad"),
)
ON_MACOS = (
    ("Visual Studio Code.app/Contents/Resources/app/bin/code", "code"),
    ("VSCodium.app/Contents/Resources/app/bin/codium", "codium"),
    ("PyCharm*.app/Contents/MacOS/pycharm", "pycharm"),
    ("Sublime Text.app/Contents/SharedSupport/bin/subl", "subl"),
    ("Spyder*.app", "spyder"),
)
TEXT_EDIT = ["/usr/bin/open", "-e"]


def editor_command(
    file: Path,
    line: int | None,
    *,
    system: str = sys.platform,
    variables: Mapping[str, str] = os.environ,
    applications: tuple[Path, ...] = (Path("/Applications"), Path.home() / "Applications"),
) -> list[str] | None:
    """argv of the best editor found, or None: then the folder is to be shown."""
    if system == "win32":
        # Not by PATH: what is found there is a batch file, which takes a study's path apart at "&".
        found = next(_on_windows(variables), None)
    else:
        found = _on_path(variables)
        if found is None and system == "darwin":
            return _on_macos(file, line, applications)
    return None if found is None else _argv(*found, file, line)


def _argv(program: str, editor: str, file: Path, line: int | None) -> list[str]:
    arguments = AT_LINE.get(editor, ["{file}"])
    return [program, *(item.format(file=file, line=line or 1) for item in arguments)]


def _on_path(variables: Mapping[str, str]) -> tuple[str, str] | None:
    for name in ON_PATH:
        program = shutil.which(name, path=variables.get("PATH", ""))
        if program:
            return program, name
    return None


def _on_windows(variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for variable, pattern, editor in ON_WINDOWS:
        root = variables.get(variable) or variables.get(variable.upper())
        if root and Path(root).is_dir():
            for program in sorted(Path(root).glob(pattern), reverse=True):
                yield str(program), editor


def _on_macos(file: Path, line: int | None, applications: tuple[Path, ...]) -> list[str]:
    for pattern, editor in ON_MACOS:
        for folder in applications:
            for program in sorted(folder.glob(pattern), reverse=True) if folder.is_dir() else ():
                if program.suffix == ".app":
                    return ["/usr/bin/open", "-a", str(program), str(file)]
                return _argv(str(program), editor, file, line)
    return [*TEXT_EDIT, str(file)]

"""“Edit” opens an editor or the folder, and never runs a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from igym_desktop.flow.editors import editor_command
from igym_desktop.widgets import editor

FILE = Path("/studies/Bohnen & Erbsen/experiment.py")


def installed(folder: Path, *names: str) -> None:
    for name in names:
        program = folder / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("", "utf-8")
        program.chmod(0o755)


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("local/Programs/Microsoft VS Code/Code.exe", ["-g", f"{FILE}:14"]),
        ("programs/JetBrains/PyCharm 2025.1/bin/pycharm64.exe", ["--line", "14", str(FILE)]),
        ("user/miniconda3/Scripts/spyder.exe", [str(FILE)]),
        ("programs/Notepad++/notepad++.exe", ["-n14", str(FILE)]),
        ("local/Programs/Python/Python313/pythonw.exe", ["-m", "idlelib", str(FILE)]),
        ("windows/System32/notepad.exe", [str(FILE)]),
    ],
)
def test_editors_are_found_where_windows_has_them(tmp_path: Path, program: str, arguments: list[str]) -> None:
    installed(tmp_path, program, "windows/System32/notepad.exe")
    # A batch file on the PATH would take the path apart at its "&".
    installed(tmp_path, "bin/code.CMD", "bin/code")
    variables = {
        "LOCALAPPDATA": str(tmp_path / "local"),
        "ProgramFiles": str(tmp_path / "programs"),
        "USERPROFILE": str(tmp_path / "user"),
        "SYSTEMROOT": str(tmp_path / "windows"),
        "PATH": str(tmp_path / "bin"),
    }
    found = editor_command(FILE, 14, system="win32", variables=variables)
    assert found == [str(tmp_path / program), *arguments]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("Visual Studio Code.app/Contents/Resources/app/bin/code", ["{program}", "-g", f"{FILE}:14"]),
        ("PyCharm CE.app/Contents/MacOS/pycharm", ["{program}", "--line", "14", str(FILE)]),
        ("Spyder 6.app/Contents/MacOS/Spyder", ["/usr/bin/open", "-a", "{folder}/Spyder 6.app", str(FILE)]),
        ("Safari.app/Contents/MacOS/Safari", ["/usr/bin/open", "-e", str(FILE)]),
    ],
)
def test_editors_are_found_where_macos_has_them(tmp_path: Path, program: str, expected: list[str]) -> None:
    installed(tmp_path, program)
    found = editor_command(FILE, 14, system="darwin", variables={"PATH": ""}, applications=(tmp_path,))
    assert found == [part.format(program=tmp_path / program, folder=tmp_path) for part in expected]


def test_editors_on_the_path_of_linux(tmp_path: Path) -> None:
    installed(tmp_path, "gedit")
    found = editor_command(FILE, None, system="linux", variables={"PATH": str(tmp_path)})
    assert found == [str(tmp_path / "gedit"), "+1", str(FILE)]


@pytest.mark.parametrize("command", [None, ["no such editor", str(FILE)]])
def test_without_an_editor_the_folder_is_shown_and_the_file_is_not_opened(
    monkeypatch: pytest.MonkeyPatch, command: Any
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(QUrl(url).toLocalFile()))
    monkeypatch.setattr(QProcess, "startDetached", lambda *arguments: (False, 0))
    monkeypatch.setattr(editor, "editor_command", lambda file, line: command)
    editor.open_in_editor(FILE, 14)
    assert opened == [str(FILE.parent)]

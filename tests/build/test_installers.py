"""Installers of every system: their commands, what is in them, and that signing is switched on by credentials."""

from __future__ import annotations

import hashlib
import json
import plistlib
import re
import subprocess
import tarfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import installers
import pytest
import try_app
from installers import InstallerError

VERSION = installers.version()


@pytest.fixture
def dist(tmp_path: Path, root: Path) -> Path:
    """What PyInstaller leaves behind, in small."""
    folder = tmp_path / "dist" / "interactive-gym-desktop"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal" / "library.so").write_text("x", "utf-8")
    (folder / "interactive-gym").write_text("#!/bin/sh\n", "utf-8")
    (folder / "interactive-gym").chmod(0o755)
    for name in ("interactive-gym-desktop.desktop", "add-to-menu.sh"):
        (folder / name).write_bytes((root / "build" / "linux" / name).read_bytes())
        (folder / name).chmod(0o755)
    libraries = tmp_path / "dist" / installers.BUNDLE / "Contents" / "Frameworks"
    libraries.mkdir(parents=True)
    (libraries / "libx.dylib").write_text("x", "utf-8")
    return tmp_path / "dist"


class Calls(list[list[str]]):
    """Takes the place of the system's tools; the last argument that names a disk image or installer gets made."""

    def __call__(self, command: list[str]) -> None:
        self.append(command)
        if command[0] == "hdiutil":
            Path(command[-1]).write_text("image", "utf-8")
        output = next((part.removeprefix("/DOutput=") for part in command if part.startswith("/DOutput=")), "")
        if output:
            (Path(output) / f"interactive-gym-{VERSION}-windows.exe").write_text("setup", "utf-8")


def test_linux_gets_one_archive_that_can_be_put_into_the_menu(dist: Path, tmp_path: Path) -> None:
    made = installers.make(dist, "linux", {})
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    assert made.with_name(made.name + ".sha256").read_text("utf-8") == f"{digest}  {made.name}\n"
    with tarfile.open(made) as archive:
        owners = {(entry.uid, entry.uname) for entry in archive.getmembers()}
        archive.extractall(tmp_path / "there", filter="data")
    assert owners == {(0, "root")}
    (folder,) = (tmp_path / "there").iterdir()
    assert folder.name.startswith(f"interactive-gym-{VERSION}-linux-")
    assert (folder / "interactive-gym").stat().st_mode & 0o111
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([str(folder / "add-to-menu.sh")], check=True, env=environment, capture_output=True)
    entry = tmp_path / ".local/share/applications/interactive-gym-desktop.desktop"
    assert f'Exec="{folder}/interactive-gym"' in entry.read_text("utf-8")


def inno(tmp_path: Path) -> dict[str, str]:
    compiler = tmp_path / "Program Files (x86)" / "Inno Setup 6" / "ISCC.exe"
    compiler.parent.mkdir(parents=True)
    compiler.write_text("", "utf-8")
    return {"ProgramFiles(x86)": str(tmp_path / "Program Files (x86)"), "PATH": ""}


def test_windows_gets_an_inno_setup_program(dist: Path, tmp_path: Path, root: Path) -> None:
    calls = Calls()
    made = installers.windows(dist, inno(tmp_path), calls)
    assert made.name == f"interactive-gym-{VERSION}-windows.exe"
    (command,) = calls
    assert command[0].endswith("ISCC.exe") and command[-1] == str(root / "build" / "windows" / "installer.iss")
    assert f"/DVersion={VERSION}" in command and f"/DSource={dist / 'interactive-gym-desktop'}" in command
    assert not [part for part in command if part.startswith(("/S", "/DSign"))]


def test_windows_signs_with_credentials(dist: Path, tmp_path: Path) -> None:
    calls = Calls()
    installers.windows(dist, {**inno(tmp_path), "IGYM_SIGN_COMMAND": "signtool sign /a $f"}, calls)
    assert "/Ssigner=signtool sign /a $f" in calls[0] and "/DSign=signer" in calls[0]


def test_a_missing_inno_setup_is_told_with_the_cure(dist: Path) -> None:
    with pytest.raises(InstallerError, match="Inno Setup 6 is needed"):
        installers.windows(dist, {"PATH": ""}, Calls())


def test_what_the_installer_script_promises(root: Path) -> None:
    script = (root / "build" / "windows" / "installer.iss").read_text("utf-8-sig")
    assert "PrivilegesRequired=lowest" in script, "a standard user can install it"
    assert re.search(r'Name: "desktopicon".*', script) and "{group}" in script and "{autodesktop}" in script
    assert re.search(r'Name: "firewall".*unchecked', script), "the firewall rule is made on request only"
    # Data are in the user's own folders; nothing outside of {app} may be removed.
    assert "UninstallDelete" not in script
    removed = re.findall(r'^Type: \w+; Name: "(.*)"', script, re.MULTILINE)
    assert removed == [r"{app}\_internal"]
    files = [root / "build" / "windows" / name for name in re.findall(r"=(\.\.\\\S+)", script.replace("\r", ""))]
    assert files and all(Path(str(file).replace("\\", "/")).resolve().is_file() for file in files)
    # Inno Setup reads a script as UTF-8 only when it says so.
    assert (root / "build" / "windows" / "installer.iss").read_bytes().startswith(b"\xef\xbb\xbf")


def test_macos_gets_a_disk_image_unsigned_without_credentials(dist: Path) -> None:
    calls = Calls()
    made = installers.make(dist, "darwin", {}, calls)
    assert made.name.startswith(f"interactive-gym-{VERSION}-macos-") and made.suffix == ".dmg"
    assert [command[0] for command in calls] == ["ditto", "hdiutil"]


def test_macos_signs_inside_out_and_notarises_with_credentials(dist: Path) -> None:
    calls = Calls()
    credentials = {"IGYM_SIGN_IDENTITY": "Developer ID Application: Lab", "IGYM_NOTARY_PROFILE": "igym"}
    made = installers.make(dist, "darwin", credentials, calls)
    assert [command[0] for command in calls] == [
        "codesign", "codesign", "codesign", "ditto", "hdiutil", "codesign", "xcrun", "xcrun",
    ]  # fmt: skip
    assert calls[0][-1].endswith("libx.dylib") and calls[1][-1].endswith(installers.BUNDLE)
    assert {"--options", "runtime"} <= set(calls[1])
    assert calls[-1] == ["xcrun", "stapler", "staple", str(made)]


def test_a_step_that_fails_stops_and_an_unknown_system_is_told(dist: Path) -> None:
    with pytest.raises(InstallerError, match="This step failed"):
        installers._call(["false"])
    with pytest.raises(InstallerError, match="no installer for aix"):
        installers.make(dist, "aix", {})


def test_the_apps_manifest_and_entitlements_are_sound(root: Path) -> None:
    manifest = root / "build" / "windows" / "app.manifest"
    texts = {element.tag.rpartition("}")[2]: (element.text or "") for element in ElementTree.parse(manifest).iter()}
    assert texts["longPathAware"] == "true" and "permonitorv2" in texts["dpiAwareness"]
    entitlements = plistlib.loads((root / "build" / "macos" / "entitlements.plist").read_bytes())
    assert entitlements["com.apple.security.network.server"] is True


def test_the_app_is_tried_without_this_computers_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = tmp_path / "interactive-gym-desktop" / "interactive-gym"
    app.parent.mkdir()
    told = tmp_path / "told.txt"
    app.write_text(f'#!/bin/sh\n{{ echo "$0"; echo "$PATH"; echo "$HOME"; echo "$1"; }} > "{told}"\nexit 7\n', "utf-8")
    app.chmod(0o755)
    monkeypatch.setattr("sys.argv", ["try_app.py", str(tmp_path)])
    assert try_app.main() == 7
    started, path, home, argument = told.read_text("utf-8").splitlines()
    assert try_app.NAME in started and try_app.NAME in home and argument == "--self-test"
    assert path == ""


def test_workflow_files_are_sound_and_name_no_registry(root: Path) -> None:
    for file in (root / ".github" / "workflows").glob("*.yml"):
        text = file.read_text("utf-8")
        assert "://" not in text, f"{file.name} names a host"
        assert 'python-version: "3.13"' in text
    done = subprocess.run(["node", "build/lint_workflows.mjs"], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_workflow_linter_finds_mistakes(root: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ matrix.x }}\n"
    )
    done = subprocess.run(
        ["node", "build/lint_workflows.mjs", str(wrong)], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1 and "property" in done.stdout


def test_the_version_is_the_same_everywhere(root: Path) -> None:
    assert json.loads((root / "package.json").read_text("utf-8"))["version"] == VERSION

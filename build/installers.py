"""What a lab installs, made from the app's folder that PyInstaller left in dist/: an installer for this system.

Windows: a setup program (Inno Setup). macOS: a disk image with the app. Linux: an archive with a menu entry.
Signing is switched on by naming who signs:

- Windows: IGYM_SIGN_COMMAND, a command line with `$f` for the file (see Inno Setup's SignTool)
- macOS: IGYM_SIGN_IDENTITY (a “Developer ID Application”), and IGYM_NOTARY_PROFILE, a profile of `notarytool`
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "interactive-gym-desktop"
BUNDLE = "Interactive Gym.app"
INNO_SETUP = "Inno Setup 6/ISCC.exe"

Call = Callable[[list[str]], None]


class InstallerError(Exception):
    """What is missing, for the person at the terminal."""


def version() -> str:
    """The app's, as pyproject.toml says it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def make(
    dist: Path, system: str = sys.platform, variables: Mapping[str, str] = os.environ, call: Call | None = None
) -> Path:
    """The installer of the app in `dist`, with its SHA-256 beside it. Raises `InstallerError`."""
    run = _call if call is None else call
    makers = {"win32": windows, "darwin": macos, "linux": linux}
    if system not in makers:
        raise InstallerError(f"There is no installer for {system}; the app itself is in {dist / FOLDER}.")
    made = makers[system](dist, variables, run)
    write_sum(made)
    return made


def windows(dist: Path, variables: Mapping[str, str], call: Call) -> Path:
    made = dist / f"interactive-gym-{version()}-windows.exe"
    command = [inno_setup(variables), "/Qp", f"/DVersion={version()}", f"/DSource={dist / FOLDER}", f"/DOutput={dist}"]
    sign = variables.get("IGYM_SIGN_COMMAND")
    command += [f"/Ssigner={sign}", "/DSign=signer"] if sign else []
    call([*command, str(ROOT / "build" / "windows" / "installer.iss")])
    return made


def inno_setup(variables: Mapping[str, str]) -> str:
    """Inno Setup's compiler: on the PATH or where its own installer puts it."""
    found = shutil.which("iscc", path=variables.get("PATH"))
    places = [Path(variables[name]) / INNO_SETUP for name in ("ProgramFiles(x86)", "ProgramFiles") if name in variables]
    if "LOCALAPPDATA" in variables:
        places.append(Path(variables["LOCALAPPDATA"]) / "Programs" / INNO_SETUP)
    there = next((str(place) for place in places if place.is_file()), None)
    if not (found or there):
        raise InstallerError("Inno Setup 6 is needed to make the installer. Install it (winget install InnoSetup).")
    return found or str(there)


def macos(dist: Path, variables: Mapping[str, str], call: Call) -> Path:
    """Everything inside is signed before the app itself, or the app's signature would be broken by them."""
    app, made = dist / BUNDLE, dist / f"interactive-gym-{version()}-macos-{machine()}.dmg"
    identity, profile = variables.get("IGYM_SIGN_IDENTITY"), variables.get("IGYM_NOTARY_PROFILE")
    if identity:
        entitlements = str(ROOT / "build" / "macos" / "entitlements.plist")
        sign = ["codesign", "--force", "--timestamp", "--options", "runtime", "--entitlements", entitlements,
                "--sign", identity]  # fmt: skip
        for library in sorted([*app.rglob("*.dylib"), *app.rglob("*.so")]):
            call([*sign, str(library)])
        call([*sign, "--deep", str(app)])
        call(["codesign", "--verify", "--deep", "--strict", str(app)])
    stage = dist / "dmg"
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)
    # By ditto: it keeps the links inside the app, without which its signature does not hold.
    call(["ditto", str(app), str(stage / BUNDLE)])
    (stage / "Applications").symlink_to("/Applications")
    call(["hdiutil", "create", "-volname", "Interactive Gym", "-srcfolder", str(stage), "-ov", "-format", "UDZO",
          str(made)])  # fmt: skip
    shutil.rmtree(stage, ignore_errors=True)
    if identity:
        call(["codesign", "--force", "--timestamp", "--sign", identity, str(made)])
    if identity and profile:
        call(["xcrun", "notarytool", "submit", str(made), "--keychain-profile", profile, "--wait"])
        call(["xcrun", "stapler", "staple", str(made)])
    return made


def machine() -> str:
    """arm64 or x86_64: a disk image runs on Macs of one kind."""
    return os.uname().machine if hasattr(os, "uname") else "unknown"


def linux(dist: Path, variables: Mapping[str, str], call: Call) -> Path:
    """The folder as it is, with what puts it into the menu (`add-to-menu.sh`) and its icon."""
    name = f"interactive-gym-{version()}-linux-{machine()}"
    made = dist / f"{name}.tar.gz"
    with tarfile.open(made, "w:gz", compresslevel=6) as archive:
        archive.add(dist / FOLDER, name, filter=_of_nobody)
    return made


def _of_nobody(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who built it is nobody's business, and must not become the owner when root unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def write_sum(file: Path) -> Path:
    """`<file>.sha256`, as `sha256sum --check` reads it."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    beside = file.with_name(f"{file.name}.sha256")
    beside.write_text(f"{digest.hexdigest()}  {file.name}\n", encoding="utf-8")
    return beside


def _call(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode != 0:
        raise InstallerError(f"This step failed (see above): {' '.join(command)}")

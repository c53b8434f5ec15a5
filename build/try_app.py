"""Runs the built app's self-test as a lab would first start it: elsewhere, under a new user's home, without a Python.

python build/try_app.py [FOLDER-WITH-THE-APP]      (dist/ by default)
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import installers

NAME = "Größe & Maß, zwei Wörter"
LIMIT_S = 600


def app_in(dist: Path) -> tuple[Path, Path]:
    """(what is copied, the executable in it) of this system."""
    if sys.platform == "darwin":
        return dist / installers.BUNDLE, Path("Contents/MacOS/interactive-gym")
    else:
        name = "interactive-gym.exe" if sys.platform == "win32" else "interactive-gym"
        return dist / installers.FOLDER, Path(name)


def bare_environment(home: Path) -> dict[str, str]:
    """A new user's, with none of this computer's Python on the PATH; what the system itself needs stays."""
    kept = ("SYSTEMROOT", "WINDIR", "COMSPEC", "TEMP", "TMP", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE")
    found = {name: os.environ[name] for name in kept if name in os.environ}
    system = os.environ.get("SYSTEMROOT", r"C:\Windows")
    path = (
        rf"{system}\System32;{system}"
        if sys.platform == "win32"
        else "/usr/bin:/bin"
        if sys.platform == "darwin"
        else ""
    )
    home_is = {"HOME": str(home), "USERPROFILE": str(home), "APPDATA": str(home / "AppData" / "Roaming"),
               "LOCALAPPDATA": str(home / "AppData" / "Local")}  # fmt: skip
    return {**found, **home_is, "PATH": path, "QT_QPA_PLATFORM": "offscreen", "LANG": "C.UTF-8"}


def main() -> int:
    dist = Path(sys.argv[1]) if len(sys.argv) > 1 else installers.ROOT / "dist"
    source, inside = app_in(dist)
    with tempfile.TemporaryDirectory(prefix="igym try ", ignore_cleanup_errors=True) as name:
        folder = Path(name) / NAME
        home = folder / "home"
        home.mkdir(parents=True)
        app = folder / source.name
        shutil.copytree(source, app, symlinks=True)
        done = subprocess.run(
            [str(app / inside), "--self-test"], env=bare_environment(home), cwd=home, timeout=LIMIT_S, check=False
        )
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())

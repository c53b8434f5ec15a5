"""Sets a checkout up: virtual environment, Python packages, npm packages, browser runtime, system libraries.

Every step looks first whether it is done (a stamp holds the hash of what it depends on), so the second time is fast.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import vendor
from vendor_fetch import VendorError

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
REQUIREMENTS_LOCK = ROOT / "build" / "requirements.lock"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
WINDOW_LIBRARIES = (
    "libgl1", "libegl1", "libxkbcommon0", "libglib2.0-0", "libfontconfig1", "libdbus-1-3", "libxkbcommon-x11-0",
    "libxcb-cursor0", "libxcb-icccm4", "libxcb-keysyms1", "libxcb-shape0",
)  # fmt: skip
# Three engines of browsers; R runs the analyses of the documentation and of the examples; the last three serve studies
# that run on several computers or far away.
TEST_LIBRARIES = (
    *WINDOW_LIBRARIES, "xvfb", "xauth", "iproute2", "chromium", "firefox-esr", "webkit2gtk-driver", "r-base-core",
    "r-cran-readr", "postgresql", "haproxy", "coturn", "redis-server",
)  # fmt: skip
# Debian and Ubuntu renamed these when they moved to a 64-bit time_t.
RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
FIREFOXES = ("firefox-esr", "firefox")
# Chromium without the parts for windows: pages of tests begin quicker in it. Not every system has it.
QUICK_BROWSER = "chromium-headless-shell"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class SetupError(Exception):
    """What is missing and how to get it, for the person at the terminal."""


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def venv_tool(name: str) -> str:
    return str(venv_python().with_name(f"{name}.exe" if sys.platform == "win32" else name))


def say(text: str) -> None:
    print(f"• {text}", flush=True)


def digest(paths: Iterable[Path], extra: str = "") -> str:
    hashed = hashlib.sha256(extra.encode())
    for path in paths:
        hashed.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return hashed.hexdigest()


def has_stamp(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="utf-8").strip() == value


def call(command: list[str], failure: str) -> None:
    """Runs a set-up command with its output shown. Raises SetupError with `failure` when it does not succeed."""
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        raise SetupError(f"{failure}\n  The command was: {' '.join(command)}")


def ensure_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed; this is {have}.")
    if venv_python().is_file():
        return
    say("making the virtual environment in .venv")
    call(
        [sys.executable, "-m", "venv", str(VENV)],
        "The virtual environment could not be made. On Debian and Ubuntu install python3-venv, then try again.",
    )


def told_of_this_computer(system: str, machine: str, python: tuple[int, ...]) -> list[str]:
    """What does not work on this kind of computer, a sentence each."""
    found = []
    if system == "darwin" and machine == "x86_64":
        found.append("On this Intel Mac trained networks run with onnxruntime 1.23, the last one made for it.")
    if system == "win32" and python < (3, 13):
        found.append("Under Windows, Python before 3.13 tells time in steps of 15.6 ms: for real sessions take 3.13.")
    return found


def ensure_packages() -> None:
    """The project itself (editable) with everything it needs, at the locked versions."""
    stamp = VENV / "igym-stamp"
    value = digest([ROOT / "pyproject.toml", REQUIREMENTS_LOCK])
    if has_stamp(stamp, value):
        return
    for sentence in told_of_this_computer(sys.platform, platform.machine(), sys.version_info[:2]):
        say(sentence)
    say("installing the Python packages")
    call(
        [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--constraint", str(REQUIREMENTS_LOCK), "--editable", f"{ROOT}[dev]"],
        "The Python packages could not be installed (see above). This step needs a package index: the internet once, "
        "or a local mirror set up in pip.",
    )  # fmt: skip
    stamp.write_text(value, encoding="utf-8")


def npm_tool() -> str:
    """The npm executable. Raises SetupError when Node.js is absent or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    advice = f"Install Node.js {OLDEST_NODE} or newer (nodejs.org, or your system's packages), then try again."
    if node is None or npm is None:
        raise SetupError(
            f"Node.js is needed to prepare and check the browser client, but `node`/`npm` was not found.\n{advice}"
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise SetupError(f"Node.js {version} is too old.\n{advice}")
    return npm


def ensure_npm() -> None:
    npm = npm_tool()
    stamp = ROOT / "node_modules" / "igym-stamp"
    value = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    if has_stamp(stamp, value):
        return
    say("installing the npm packages")
    # `ci` starts from nothing; an existing folder is brought up to the same lock much faster by `install`.
    how = "install" if (ROOT / "node_modules").is_dir() else "ci"
    call([npm, how, "--no-progress", "--loglevel=error"], "The npm packages could not be installed (see above).")
    stamp.write_text(value, encoding="utf-8")


def ensure_vendor() -> None:
    if vendor.is_current():
        return
    npm_tool()
    say("preparing the browser runtime")
    done = subprocess.run([str(venv_python()), str(ROOT / "build" / "vendor.py")], cwd=ROOT, check=False)
    if done.returncode != 0:
        raise SetupError("The browser runtime could not be prepared (see above).")


def ensure_bundle() -> None:
    command = [str(venv_python()), str(ROOT / "build" / "bundle.py"), "--quiet"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupError("The web client's modules could not be joined (see above).")


def is_debian() -> bool:
    return sys.platform == "linux" and shutil.which("dpkg-query") is not None and shutil.which("apt-get") is not None


def is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def installed(names: Iterable[str]) -> set[str]:
    """Those of the Debian packages that are installed."""
    command = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", *names]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return {line.split()[0] for line in lines if line.endswith(" installed")}


def version_of(name: str) -> str:
    """Of an installed Debian package; empty for another one."""
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name]
    state, _, version = subprocess.run(command, capture_output=True, text=True, check=False).stdout.partition(" ")
    return version if state == "installed" else ""


def missing_libraries(wanted: Iterable[str]) -> list[str]:
    """Debian packages that are not there, under their old or new name; any Chromium and any Firefox counts."""
    found = {"chromium": find_browser(), "firefox-esr": find_firefox()}
    wanted = [name for name in wanted if not found.get(name)]
    there = installed([*wanted, *RENAMED.values()])
    return [name for name in wanted if name not in there and RENAMED.get(name) not in there]


def ensure_libraries(wanted: Iterable[str]) -> None:
    """Installs missing system libraries on Debian and Ubuntu as root; elsewhere says what to install."""
    if not is_debian():
        return
    missing = missing_libraries(wanted)
    if not missing:
        return
    if not is_root():
        raise SetupError("System packages are missing. Please run:\n  sudo apt-get install " + " ".join(missing))
    say("installing system packages: " + " ".join(missing))
    call(["apt-get", "update", "-qq"], "The list of system packages could not be read.")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    call(
        [*environment, "apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
        "The system packages could not be installed (see above).",
    )


def find_browser() -> str | None:
    """A Chromium on this machine; IGYM_CHROMIUM names another one."""
    chosen = os.environ.get("IGYM_CHROMIUM")
    return chosen or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def find_firefox() -> str | None:
    """A Firefox on this machine; IGYM_FIREFOX names another one."""
    chosen = os.environ.get("IGYM_FIREFOX")
    return chosen or next((path for name in FIREFOXES if (path := shutil.which(name))), None)


def ensure_browser() -> None:
    """Where the system has no Chromium to install, Playwright's own is fetched once."""
    stamp = VENV / "igym-browser-stamp"
    if find_browser() or stamp.is_file():
        return
    say("fetching Chromium for the browser tests")
    call(
        [str(venv_python()), "-m", "playwright", "install", "chromium"],
        "No Chromium was found and none could be fetched. Install one and name it in the variable IGYM_CHROMIUM.",
    )
    stamp.write_text("done", encoding="utf-8")


def ensure_quick_browser() -> None:
    """Where tests can have it for the asking; they get on without.

    What could not be had is asked for again once there is another Chromium: both have to be of one version."""
    if not is_debian() or not is_root() or shutil.which(QUICK_BROWSER):
        return
    stamp, version = VENV / "igym-quick-browser-stamp", version_of("chromium")
    if not version or has_stamp(stamp, version):
        return
    offered = subprocess.run(["apt-cache", "show", QUICK_BROWSER], capture_output=True, check=False)
    if offered.returncode != 0:
        return
    say(f"installing {QUICK_BROWSER}")
    # Both, because they share files: the one must be of the other's version.
    command = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    if subprocess.run([*command, "chromium", QUICK_BROWSER], cwd=ROOT, check=False).returncode != 0:
        say(f"{QUICK_BROWSER} could not be installed; the tests take Chromium itself")
        stamp.write_text(version, encoding="utf-8")


def set_up(libraries: Iterable[str] = WINDOW_LIBRARIES, browser: bool = False) -> None:
    """Everything a command needs. Raises SetupError or VendorError."""
    ensure_python()
    ensure_libraries(libraries)
    ensure_packages()
    ensure_npm()
    ensure_vendor()
    ensure_bundle()
    if browser:
        ensure_browser()
        ensure_quick_browser()


__all__ = [
    "ROOT",
    "TEST_LIBRARIES",
    "WINDOW_LIBRARIES",
    "SetupError",
    "VendorError",
    "set_up",
    "venv_python",
    "venv_tool",
]

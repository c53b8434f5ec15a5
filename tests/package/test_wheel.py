"""The wheel, installed into an environment that has never seen the checkout, runs a study."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.package.installed import describe, run_engine, write_study


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def clean_python(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """A new environment with the wheel and what it says that it needs for the launcher, and not one package more."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, timeout=300)
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    with zipfile.ZipFile(wheel) as archive:
        text = next(archive.read(name).decode() for name in archive.namelist() if name.endswith("/METADATA"))
    wanted = email.message_from_string(text).get_all("Requires-Dist") or []
    for package in needed(wanted, {"desktop"}):
        for entry in {file.parts[0] for file in package.files or () if file.parts[0] not in ("..", "__pycache__")}:
            borrow(Path(str(package.locate_file(entry))), packages / entry)
    return python


def needed(lines: list[str], extras: set[str]) -> list[metadata.Distribution]:
    """Everything these requirements bring along on this computer, as it is installed in the tests' own environment."""
    found: dict[tuple[str, str], metadata.Distribution] = {}
    queue = [(line, extra) for line in lines for extra in ("", *extras)]
    while queue:
        line, extra = queue.pop()
        asked = Requirement(line)
        if asked.marker is not None and not asked.marker.evaluate({"extra": extra}):
            continue
        package = metadata.distribution(asked.name)
        for inner in ("", *asked.extras):
            if (asked.name, inner) not in found:
                found[asked.name, inner] = package
                queue += [(needs, inner) for needs in package.requires or ()]
    return list(found.values())


def borrow(source: Path, target: Path) -> None:
    if target.exists() or not source.exists():
        return
    if sys.platform != "win32":
        target.symlink_to(source, target_is_directory=source.is_dir())
    elif source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def test_the_wheel_carries_the_browser_runtime_and_no_leftovers(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "igym/_web/index.html" in names
    assert "igym/_web/vendor/vendor.json" in names
    assert "igym/_web/vendor/pyodide/pyodide.asm.wasm.gz" in names
    assert {"igym/_web/bundled/main.js", "igym/_web/bundled/worker.js"} < names
    assert "igym/_web/vendor/THIRD_PARTY_LICENSES.txt" in names
    assert any(name.startswith("igym/_examples/") and name.endswith("experiment.py") for name in names)
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"igym", "igym_desktop"}
    assert not [name for name in names if "__pycache__" in name or "node_modules" in name or name.endswith(".sqlite3")]


def test_the_code_that_runs_is_the_wheels(clean_python: Path, root: Path) -> None:
    command = [str(clean_python), "-c", "import igym, igym_desktop; print(igym.__file__); print(igym_desktop.__file__)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=clean_python.parent)
    for line in done.stdout.splitlines():
        assert not Path(line).is_relative_to(root)


def test_the_installed_command_describes_and_runs_a_study(clean_python: Path, tmp_path: Path) -> None:
    study = write_study(tmp_path / "study")
    igym = str(clean_python.with_name("igym.exe" if sys.platform == "win32" else "igym"))
    assert describe([igym, "describe"], study)["id"] == "packaged"
    run_engine([igym, "engine"], study, tmp_path / "data")


def test_the_launcher_of_the_wheel_opens_and_plays_an_example(clean_python: Path, tmp_path: Path) -> None:
    """Its window, the engine, two simulated participants, their files, and the check of them."""
    launcher = clean_python.with_name("igym-desktop.exe" if sys.platform == "win32" else "igym-desktop")
    environment = {**os.environ, "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [str(launcher), "--self-test"], env=environment, cwd=tmp_path, capture_output=True, encoding="utf-8",
        timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"] and told["broken"] == {}, told


def test_only_what_is_needed_is_there(clean_python: Path) -> None:
    """Otherwise the tests above would not notice a package that nobody declared."""
    for name in ("hypothesis", "playwright", "mypy", "onnx"):
        done = subprocess.run([str(clean_python), "-c", f"import {name}"], capture_output=True, text=True, check=False)
        assert "ModuleNotFoundError" in done.stderr

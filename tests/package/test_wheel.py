"""The wheel, installed into an environment that has never seen the checkout, runs a study."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

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
    """A new environment with the wheel. What it depends on is read from this one; the checkout is not on its path."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True, timeout=120)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = scripts / ("python.exe" if sys.platform == "win32" else "python")
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, check=True, timeout=300)
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    # A path added by a .pth file is searched, but the .pth files in it (the editable install's) are not followed.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_the_wheel_carries_the_browser_runtime_and_no_leftovers(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "igym/_web/index.html" in names
    assert "igym/_web/vendor/vendor.json" in names
    assert "igym/_web/vendor/pyodide/pyodide.asm.wasm.gz" in names
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

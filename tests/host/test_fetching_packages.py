"""Where the packages of a study are fetched from, once, and what is said when that fails."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from igym.host.packages.packages import Browser, Vendored
from igym.host.packages.prepare import (
    Progress,
    UnavailableError,
    from_folder,
    from_pip,
    from_release,
    pip_command,
    pip_reason,
    prepare,
)
from igym.host.packages.wheels import WheelStore
from tests.host.small_wheels import BROWSER, BUILT, TAGS, build_wheel


def test_prepare_fetches_dependencies_of_dependencies_and_tells_progress(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    build_wheel(stick, "game", "1", "pieces", "numpy")
    build_wheel(stick, "pieces", "1", "paint")
    build_wheel(stick, "paint", "1")
    store = WheelStore([tmp_path / "store"])
    told: list[Progress] = []
    found = prepare(["game"], BROWSER, store, [from_folder(stick, BROWSER)], told.append)
    assert found.complete
    assert found.requirements == ("game==1", "paint==1", "pieces==1")
    assert sorted(p.name for p in (tmp_path / "store").iterdir()) == sorted(p.name for p in stick.iterdir())
    assert [p.label for p in told] == ["fetching game", "fetching pieces", "fetching paint", "ready"]
    assert (told[-1].done, told[-1].total) == (4, 4)


def test_prepare_goes_on_when_one_package_cannot_be_had(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    build_wheel(stick, "slime", "1", "opencv-python")
    build_wheel(stick, "pieces", "1")
    found = prepare(["slime", "pieces"], BROWSER, WheelStore([tmp_path / "s"]), [from_folder(stick, BROWSER)])
    assert found.requirements == ("pieces==1", "slime==1")
    (missing,) = found.missing
    assert "needed by slime 1" in missing.text
    assert "“!opencv-python”" in missing.text


def test_prepare_asks_the_next_source_and_ends_when_all_fail(tmp_path: Path) -> None:
    asked: list[str] = []

    def empty(requirement: str, _folder: Path) -> Path:
        asked.append(requirement)
        raise UnavailableError("the shelf is bare.")

    found = prepare(["game==9"], BROWSER, WheelStore([tmp_path]), [empty, empty])
    assert asked == ["game==9", "game==9"]
    assert "the shelf is bare." in found.missing[0].text


def test_prepare_does_not_fetch_what_does_not_help_for_ever(tmp_path: Path) -> None:
    other = build_wheel(tmp_path / "elsewhere", "pieces", "1")
    found = prepare(["pieces==2"], BROWSER, WheelStore([tmp_path / "store"]), [lambda _r, _f: other])
    assert [item.name for item in found.missing] == ["pieces"]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder served on this computer, in the place of Pyodide's release: (folder, address)."""
    folder = tmp_path / "release"
    folder.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def released(folder: Path, url: str, sha256: str | None = None) -> Browser:
    path = build_wheel(folder, "opencv-python", "4.11", tag=BUILT)
    digest = sha256 or hashlib.sha256(path.read_bytes()).hexdigest()
    official = {"opencv-python": Vendored("opencv-python", "4.11", path.name, digest, ("numpy",))}
    return Browser("3.14.0", TAGS, BROWSER.vendored, official, url)


def test_a_package_built_for_the_browser_comes_from_the_release(tmp_path: Path, release: tuple[Path, str]) -> None:
    browser = released(*release)
    found = prepare(["opencv-python>=4"], browser, WheelStore([tmp_path / "store"]), [from_release(browser)])
    assert found.complete
    assert found.wheels[0].file_name == f"opencv_python-4.11-{BUILT}.whl"


def test_a_release_file_with_another_hash_is_thrown_away(tmp_path: Path, release: tuple[Path, str]) -> None:
    browser = released(*release, sha256="1" * 64)
    found = prepare(["opencv-python"], browser, WheelStore([tmp_path / "store"]), [from_release(browser)])
    assert "thrown away" in found.missing[0].text
    assert not (tmp_path / "store").exists()


def test_an_unreachable_release_is_said(tmp_path: Path, release: tuple[Path, str]) -> None:
    browser = released(release[0], release[1] + "absent/")
    found = prepare(["opencv-python"], browser, WheelStore([tmp_path / "store"]), [from_release(browser)])
    assert "could not be downloaded" in found.missing[0].text


def test_pip_brings_pure_wheels_for_the_browsers_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = tmp_path / "index"
    build_wheel(index, "pieces", "1", python=">=3.14")
    build_wheel(index, "native", "1", tag="cp311-cp311-manylinux_2_17_x86_64")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    store = WheelStore([tmp_path / "store"])
    found = prepare(["pieces==1", "native==1"], BROWSER, store, [from_pip(BROWSER)])
    assert found.requirements == ("pieces==1",)
    (missing,) = found.missing
    assert missing.name == "native"
    assert "no pure-Python wheel" in missing.text


def test_pip_is_told_the_browsers_python(tmp_path: Path) -> None:
    command = pip_command("cogrid==0.2.1", "3.14.0", tmp_path)
    assert "--python-version=3.14" in command
    assert command[-1] == "cogrid==0.2.1"


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("ERROR: Could not find a version that satisfies the requirement x (from versions: none)", "cannot be reached"),
        ("ERROR: Could not find a version that satisfies x (from versions: 1.0)\n", "this version"),
        ("ERROR: No space left on device", "No space left on device"),
        ("", "gave nothing"),
    ],
)
def test_pips_answers_are_put_in_the_researchers_words(stderr: str, said: str) -> None:
    assert said in pip_reason(stderr)

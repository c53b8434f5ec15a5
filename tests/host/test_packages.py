"""Which packages the browser gets, where they come from, and what a researcher reads when one is not here."""

from __future__ import annotations

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.host.packages import Browser, Resolution, Vendored, browser_tags, read_browser, resolve
from igym.host.prepare import (
    Progress,
    UnavailableError,
    from_folder,
    from_pip,
    from_release,
    pip_command,
    pip_reason,
    prepare,
)
from igym.host.simple_index import index_page, project_page
from igym.host.wheels import WheelError, WheelStore, read_wheel

TAGS = browser_tags("3.14.0", "pyemscripten_2026_0_wasm32")
NATIVE = "cp314-cp314-manylinux_2_28_x86_64"
BUILT = "cp314-cp314-pyemscripten_2026_0_wasm32"


def vendored(name: str, version: str, *depends: str) -> Vendored:
    return Vendored(name, version, f"{name}-{version}-py3-none-any.whl", "0" * 64, depends)


BROWSER = Browser(
    "3.14.0",
    TAGS,
    {p.name: p for p in (vendored("numpy", "2.4.3"), vendored("gymnasium", "1.3.0", "numpy"))},
)


def build_wheel(
    folder: Path, name: str, version: str, *requires: str, tag: str = "py3-none-any", python: str = "", title: str = ""
) -> Path:
    """Writes a small but real wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    path = folder / f"{module}-{version}-{tag}.whl"
    lines = ["Metadata-Version: 2.1", f"Name: {title or name}", f"Version: {version}"]
    lines += [f"Requires-Python: {python}"] * bool(python) + [f"Requires-Dist: {line}" for line in requires]
    info = f"{module}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{module}/__init__.py", f"__version__ = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", "\n".join(lines) + "\n")
        wheel.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


def resolved(folder: Path, *requirements: str, browser: Browser = BROWSER) -> Resolution:
    return resolve(requirements, browser, WheelStore([folder]).wheels())


# ---------------------------------------------------------------------------------------------------- resolution


def test_a_wheel_brings_its_dependencies_from_both_places(tmp_path: Path) -> None:
    build_wheel(tmp_path, "grid-game", "0.2.1", "gymnasium>=0.29", "pieces<2")
    build_wheel(tmp_path, "pieces", "1.9")
    build_wheel(tmp_path, "pieces", "2.0")
    found = resolved(tmp_path, "Grid_Game==0.2.1")
    assert found.complete
    assert found.vendor_packages == ("gymnasium", "numpy")
    assert found.requirements == ("grid-game==0.2.1", "pieces==1.9")
    assert found.urls == ("/wheels/grid_game-0.2.1-py3-none-any.whl", "/wheels/pieces-1.9-py3-none-any.whl")


def test_the_newest_fitting_version_is_taken(tmp_path: Path) -> None:
    for version in ("1.9", "1.10", "2.0"):
        build_wheel(tmp_path, "pieces", version)
    assert resolved(tmp_path, "pieces<2").requirements == ("pieces==1.10",)


def test_a_later_narrower_requirement_changes_the_choice(tmp_path: Path) -> None:
    build_wheel(tmp_path, "pieces", "1.0", "old-part")
    build_wheel(tmp_path, "pieces", "2.0", "new-part")
    build_wheel(tmp_path, "old-part", "1")
    build_wheel(tmp_path, "new-part", "1")
    build_wheel(tmp_path, "game", "1", "pieces<2")
    found = resolved(tmp_path, "pieces", "game")
    assert found.complete
    assert found.requirements == ("game==1", "old-part==1", "pieces==1.0")


def test_requirements_that_exclude_each_other_are_reported(tmp_path: Path) -> None:
    build_wheel(tmp_path, "pieces", "1.0")
    build_wheel(tmp_path, "pieces", "2.0")
    found = resolved(tmp_path, "pieces<2", "pieces>1.5")
    assert [item.name for item in found.missing] == ["pieces"]
    assert "this computer has only version 1.0, 2.0" in found.missing[0].text


def test_circular_dependencies_end(tmp_path: Path) -> None:
    build_wheel(tmp_path, "egg", "1", "hen")
    build_wheel(tmp_path, "hen", "1", "egg")
    assert resolved(tmp_path, "egg").requirements == ("egg==1", "hen==1")


def test_markers_are_judged_for_the_browser(tmp_path: Path) -> None:
    build_wheel(
        tmp_path,
        "game",
        "1",
        'native-part; sys_platform != "emscripten"',
        'backport; python_version < "3.12"',
        'extra-part; extra == "full"',
    )
    build_wheel(tmp_path, "extra-part", "1")
    assert resolved(tmp_path, "game").requirements == ("game==1",)
    assert resolved(tmp_path, "game[full]").requirements == ("extra-part==1", "game==1")
    assert resolved(tmp_path, "game", "game[full]").requirements == ("extra-part==1", "game==1")


def test_a_missing_package_is_named_with_what_to_do(tmp_path: Path) -> None:
    (missing,) = resolved(tmp_path, "cogrid==0.2.1").missing
    assert missing.text.startswith("cogrid==0.2.1: it is not on this computer.")
    assert "Download now" in missing.text
    assert ".whl" in missing.text


def test_a_missing_dependency_says_who_needs_it(tmp_path: Path) -> None:
    build_wheel(tmp_path, "slime", "0.1.1", "opencv-python>=4")
    (missing,) = resolved(tmp_path, "slime").missing
    assert missing.text.startswith("opencv-python>=4 (needed by slime 0.1.1): it is not on this computer.")


def test_a_dependency_can_be_left_out(tmp_path: Path) -> None:
    build_wheel(tmp_path, "slime", "0.1.1", "opencv-python>=4")
    found = resolved(tmp_path, "slime", "!opencv_python")
    assert found.complete
    assert found.requirements == ("slime==0.1.1",)
    assert found.left_out == ("opencv-python",)


def test_a_version_that_the_app_fixes_is_explained(tmp_path: Path) -> None:
    build_wheel(tmp_path, "numpy", "1.26.0")
    (missing,) = resolved(tmp_path, "numpy==1.26.0").missing
    assert "carries numpy 2.4.3" in missing.text
    assert not missing.fetchable


@pytest.mark.parametrize("entry", ["git+https://somewhere/x", "x @ file:///x.whl", "", "two words"])
def test_what_is_no_requirement_is_named_and_never_raises(tmp_path: Path, entry: str) -> None:
    (missing,) = resolved(tmp_path, entry).missing
    assert "not a package name" in missing.text
    assert not missing.fetchable


@given(st.lists(st.text(max_size=20), max_size=4))
def test_no_text_makes_the_resolution_fail(entries: list[str]) -> None:
    found = resolve(entries, BROWSER, [])
    assert all(item.text for item in found.missing)


@pytest.mark.parametrize(
    ("tag", "fits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        ("py39-none-any", True),
        (BUILT, True),
        (NATIVE, False),
        ("py2-none-any", False),
        ("cp313-cp313-pyemscripten_2026_0_wasm32", False),
    ],
)
def test_only_wheels_the_browser_runs_are_used(tmp_path: Path, tag: str, fits: bool) -> None:
    build_wheel(tmp_path, "pieces", "1", tag=tag)
    found = resolved(tmp_path, "pieces")
    assert found.complete == fits
    if not fits:
        assert "made for another system than the browser" in found.missing[0].text


@pytest.mark.parametrize(("python", "fits"), [(">=3.10", True), ("<3.12", False), ("not a version", False)])
def test_requires_python_is_judged_for_the_browser(tmp_path: Path, python: str, fits: bool) -> None:
    build_wheel(tmp_path, "pieces", "1", python=python)
    assert resolved(tmp_path, "pieces").complete == fits


def test_the_lock_tells_source_version_and_hash(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "game", "1", "numpy")
    lock = resolved(tmp_path, "game").lock()
    assert [(item["source"], item["name"], item["version"]) for item in lock] == [
        ("app", "numpy", "2.4.3"),
        ("wheel", "game", "1"),
    ]
    assert lock[1]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


# --------------------------------------------------------------------------------------------------------- store


def test_damaged_and_misnamed_wheels_are_told_not_used(tmp_path: Path) -> None:
    (tmp_path / "broken-1.0-py3-none-any.whl").write_bytes(b"PK\x03\x04 not really")
    (tmp_path / "strange.whl").write_bytes(b"")
    build_wheel(tmp_path, "honest", "1", title="liar")
    build_wheel(tmp_path, "odd", "1", "((((")
    store = WheelStore([tmp_path])
    assert store.wheels() == []
    reasons = store.unreadable()
    assert "damaged" in reasons["broken-1.0-py3-none-any.whl"]
    assert "not named like a wheel" in reasons["strange.whl"]
    assert "liar" in reasons["honest-1-py3-none-any.whl"]
    assert "cannot be understood" in reasons["odd-1-py3-none-any.whl"]


def test_a_damaged_wheel_is_not_taken_into_the_store(tmp_path: Path) -> None:
    bad = tmp_path / "broken-1.0-py3-none-any.whl"
    bad.write_bytes(b"nothing")
    store = WheelStore([tmp_path / "store"])
    with pytest.raises(WheelError):
        store.add(bad)
    assert not (tmp_path / "store").exists()


def test_an_earlier_folder_hides_the_same_file_of_a_later_one(tmp_path: Path) -> None:
    first = build_wheel(tmp_path / "one", "pieces", "1")
    build_wheel(tmp_path / "two", "pieces", "1", "something")
    store = WheelStore([tmp_path / "one", tmp_path / "two", tmp_path / "absent"])
    assert [wheel.path for wheel in store.wheels()] == [first]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    store = WheelStore([tmp_path])
    build_wheel(tmp_path, "pieces", "1")
    before = store.wheels()[0]
    build_wheel(tmp_path, "pieces", "1", "a-dependency")
    after = store.wheels()[0]
    assert (before.requires, after.requires) == ((), ("a-dependency",))
    assert before.sha256 != after.sha256


def test_only_wheels_of_the_store_can_be_served(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    path = build_wheel(tmp_path / "store", "pieces", "1")
    store = WheelStore([tmp_path / "store"])
    assert store.file(path.name) == path
    for name in ("../secret.txt", "..", "", "/etc/passwd", "other-1-py3-none-any.whl"):
        assert store.file(name) is None


def test_index_pages_name_every_wheel_with_its_hash(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "grid-game", "1", python=">=3.10,<4")
    wheels = WheelStore([tmp_path]).wheels()
    assert '<a href="/simple/grid-game/">grid-game</a>' in index_page(wheels)
    page = project_page("Grid_Game", wheels)
    assert page is not None
    assert f'href="/wheels/{path.name}#sha256={read_wheel(path).sha256}"' in page
    assert 'data-requires-python="&gt;=3.10,&lt;4"' in page
    assert project_page("absent", wheels) is None


# ------------------------------------------------------------------------------------------------------- prepare


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


# --------------------------------------------------------------------------------------------- the real runtime


def test_the_apps_runtime_carries_what_every_env_may_import(root: Path) -> None:
    browser = read_browser(root / "web_client" / "vendor" / "pyodide")
    found = resolve(["gymnasium==1.3.0", "pettingzoo==1.27.0", "numpy", "scipy", "pillow", "pandas"], browser, [])
    assert found.complete, [item.text for item in found.missing]
    assert {"cloudpickle", "farama-notifications", "typing-extensions"} <= set(found.vendor_packages)
    for package in browser.vendored.values():
        assert (root / "web_client" / "vendor" / "pyodide" / package.file_name).is_file()
    assert browser.packages_of(["PIL", "sklearn", "random"]) == ("pillow", "scikit-learn")
    assert "opencv-python" in browser.official
    assert "pygame-ce" in browser.official

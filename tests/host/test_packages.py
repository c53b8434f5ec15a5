"""Which packages the browser gets, and what a researcher reads when one is not here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.host.packages.packages import read_browser, resolve
from igym.host.packages.wheels import WheelStore
from tests.host.small_wheels import BROWSER, BUILT, NATIVE, build_wheel, resolved, vendored


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


def test_pygame_is_lent_while_it_is_not_here(tmp_path: Path) -> None:
    """Published envs ask for it; a wheel of it on this computer comes first."""
    build_wheel(tmp_path, "grids", "1.0", "pygame-ce>=2.4")
    with_pillow = replace(BROWSER, vendored={**BROWSER.vendored, "pillow": vendored("pillow", "12.0")})
    found = resolve(["grids", "pygame"], with_pillow, WheelStore([tmp_path]).wheels())
    assert found.complete and found.left_out == ("pygame", "pygame-ce")
    assert found.requirements == ("grids==1.0",) and found.vendor_packages == ("pillow",)
    build_wheel(tmp_path, "pygame-ce", "2.5.7", tag=BUILT)
    found = resolve(["grids"], with_pillow, WheelStore([tmp_path]).wheels())
    assert found.requirements == ("grids==1.0", "pygame-ce==2.5.7") and found.left_out == ()

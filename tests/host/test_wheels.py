"""The store of wheels: what is taken in, what is served, and what is locked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from igym.host.packages.simple_index import index_page, project_page
from igym.host.packages.wheels import WheelError, WheelStore, read_wheel
from tests.host.small_wheels import build_wheel, resolved


def test_the_lock_tells_source_version_and_hash(tmp_path: Path) -> None:
    path = build_wheel(tmp_path, "game", "1", "numpy")
    lock = resolved(tmp_path, "game").lock()
    assert [(item["source"], item["name"], item["version"]) for item in lock] == [
        ("app", "numpy", "2.4.3"),
        ("wheel", "game", "1"),
    ]
    assert lock[1]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


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
    assert '<a href="grid-game/">grid-game</a>' in index_page(wheels)
    page = project_page("Grid_Game", wheels)
    assert page is not None
    assert f'href="../../wheels/{path.name}#sha256={read_wheel(path).sha256}"' in page
    assert 'data-requires-python="&gt;=3.10,&lt;4"' in page
    assert project_page("absent", wheels) is None

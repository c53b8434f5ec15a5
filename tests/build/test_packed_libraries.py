"""Compiled modules that the stand-alone app keeps packed are imported as if they lay there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgpack._cmsgpack
import pytest
import trim_app

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="libraries of other systems are not packed")

IMPORTS = """
import json, sys
import packed_libraries
packed_libraries.sys._MEIPASS = sys.argv[1]
packed_libraries.install()
import msgpack
print(json.dumps([msgpack._cmsgpack.__file__, msgpack.unpackb(msgpack.packb([1, "ü"]))]))
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with MessagePack's compiled module, packed, and the table."""
    monkeypatch.setattr(trim_app, "KEPT_PACKED", ("msgpack/",))
    source = Path(msgpack._cmsgpack.__file__)
    beside = ("numpy/core.so", "/x/numpy/core.so", "EXTENSION")
    made = trim_app.packed([(f"msgpack/{source.name}", str(source), "EXTENSION"), beside], tmp_path / "scratch")
    assert made[0] == beside
    for name, file, kind in made[1:]:
        assert kind == "DATA"
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        Path(file).rename(tmp_path / "app" / name)
    (tmp_path / "app" / "msgpack" / "libbeside.so").write_bytes(b"what the module loads from its own folder")
    packed = tmp_path / "app" / "msgpack" / f"{source.name}.xz"
    assert packed.stat().st_size < source.stat().st_size / 2
    return tmp_path / "app"


def imported(app: Path, cache: str) -> str:
    """Imports it in a new process; returns where it was loaded from."""
    paths = f"{Path(trim_app.__file__).parent / 'app'}"
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, str(app)], env={"PYTHONPATH": paths, "XDG_CACHE_HOME": cache, "HOME": cache},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    place, read = json.loads(done.stdout)
    assert read == [1, "ü"]
    return str(place)


def test_the_first_import_unpacks_it_for_all_later_ones(app: Path, tmp_path: Path) -> None:
    place = Path(imported(app, str(tmp_path / "cache")))
    assert place.is_relative_to(tmp_path / "cache")
    assert place.stat().st_mode & 0o022 == 0, "nobody else may write what this user runs"
    assert place.parent.stat().st_mode & 0o077 == 0
    written = place.stat().st_mtime_ns, place.stat().st_ino
    assert imported(app, str(tmp_path / "cache")) == str(place)
    assert (place.stat().st_mtime_ns, place.stat().st_ino) == written
    beside = app / "msgpack" / "libbeside.so"
    assert {path.resolve() for path in place.parent.iterdir()} == {place, beside}


def test_one_that_was_cut_off_is_unpacked_again(app: Path, tmp_path: Path) -> None:
    place = Path(imported(app, str(tmp_path / "cache")))
    whole = place.read_bytes()
    place.unlink()
    place.write_bytes(whole[:1000])
    assert imported(app, str(tmp_path / "cache")) == str(place)
    assert place.read_bytes() == whole


def test_another_build_of_the_app_has_its_own_and_the_old_ones_go(app: Path, tmp_path: Path) -> None:
    old = Path(imported(app, str(tmp_path / "cache")))
    table = app / trim_app.packed_libraries.TABLE
    table.write_text(table.read_text("utf-8").replace('"sha256": "', '"sha256": "0'), "utf-8")
    new = Path(imported(app, str(tmp_path / "cache")))
    assert new.is_file() and new.parent != old.parent and not old.parent.exists()


def test_without_a_cache_that_can_be_written_it_is_unpacked_into_memory(app: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert imported(app, str(tmp_path / "file")).startswith("/proc/self/fd/")

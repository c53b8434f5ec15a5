"""Browsers get the bytecode of every Python module they are served, and still see its source."""

from __future__ import annotations

import importlib
import io
import marshal
import sys
import zipfile
from pathlib import Path

import compile_archive
import pytest
import vendor_compile
from vendor_fetch import Cache, VendorError

TEXT = b"def answer():\n    return 6 * 7\n"


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as target:
        for name, data in files.items():
            target.writestr(name.replace("__DOT__", "."), data)
    return made.getvalue()


def names(data: bytes) -> list[str]:
    return sorted(zipfile.ZipFile(io.BytesIO(data)).namelist())


SOURCES = {
    "thing/deep__DOT__py": TEXT,
    "thing/data__DOT__txt": b"text",
    "thing/broken__DOT__py": b"{{ a template }}(",
    "thing/tests/test_deep__DOT__py": TEXT,
    "thing/deep__DOT__pyi": b"def answer() -> int: ...\n",
}


def test_a_wheel_keeps_its_sources_and_gets_bytecode_beside_them() -> None:
    tag = sys.implementation.cache_tag
    made = compile_archive.compiled(archive(**SOURCES), compile_archive.SITE, beside=False)
    expected = [f"thing/__pycache__/deep.{tag}.pyc", "thing/broken.py", "thing/data.txt", "thing/deep.py"]
    assert names(made) == sorted(expected)
    assert made == compile_archive.compiled(archive(**SOURCES), compile_archive.SITE, beside=False)


def test_the_standard_library_keeps_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = compile_archive.compiled(
        archive(**{"in_a_zip__DOT__py": TEXT, "x/tests/y__DOT__txt": b""}), "/lib/a.zip", beside=True
    )
    assert names(made) == ["in_a_zip.py", "in_a_zip.pyc", "x/tests/y.txt"]
    (tmp_path / "a.zip").write_bytes(made)
    monkeypatch.syspath_prepend(str(tmp_path / "a.zip"))
    module = importlib.import_module("in_a_zip")
    assert module.answer() == 42
    assert module.answer.__code__.co_filename == "/lib/a.zip/in_a_zip.py", "it must come from the bytecode"


def test_bytecode_is_valid_whatever_times_its_source_has() -> None:
    code = compile_archive.bytecode(TEXT, "/x/deep.py")
    assert code is not None
    assert code[:4] == importlib.util.MAGIC_NUMBER
    assert int.from_bytes(code[4:8], "little") == 1
    assert marshal.loads(code[16:]).co_filename == "/x/deep.py"


def runtime() -> dict[str, bytes]:
    return dict.fromkeys(vendor_compile.RUNTIME, b"-") | {"a.whl": b"a", "b.whl": b"b"}


def test_what_was_compiled_once_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def compiling(_runtime: dict[str, bytes], archives: dict[str, bytes]) -> dict[str, bytes]:
        asked.append(sorted(archives))
        return {name: data + b" compiled" for name, data in archives.items()}

    monkeypatch.setattr(vendor_compile, "_compile", compiling)
    first = vendor_compile.compile_archives(runtime(), Cache(tmp_path))
    assert first == {"a.whl": b"a compiled", "b.whl": b"b compiled", "python_stdlib.zip": b"- compiled"}
    assert vendor_compile.compile_archives(runtime(), Cache(tmp_path)) == first
    vendor_compile.compile_archives(runtime() | {"a.whl": b"another"}, Cache(tmp_path))
    assert asked == [["a.whl", "b.whl", "python_stdlib.zip"], ["a.whl"]]


def test_what_games_hardly_ever_import_stays_as_small_as_it_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor_compile, "_compile", lambda _runtime, archives: dict.fromkeys(archives, b"compiled"))
    found = vendor_compile.compile_archives(runtime() | {"scikit_learn-1.8.0-cp314.whl": b"source"}, Cache(tmp_path))
    assert sorted(found) == ["a.whl", "b.whl", "python_stdlib.zip"]


def test_without_node_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor_compile.shutil, "which", lambda _name: None)
    with pytest.raises(VendorError, match=r"Install Node\.js 20"):
        vendor_compile.compile_archives(runtime(), Cache(tmp_path))


def test_the_vendored_python_is_compiled_by_itself(root: Path) -> None:
    folder = root / "web_client" / "vendor" / "pyodide"
    library = zipfile.ZipFile(folder / "python_stdlib.zip")
    modules = {name for name in library.namelist() if name.endswith(".py")}
    with_bytecode = {name[:-1] for name in library.namelist() if name.endswith(".pyc")}
    assert len(modules & with_bytecode) > 0.9 * len(modules)
    numpy = next(folder.glob("numpy-*.whl"))
    assert "numpy/__pycache__/__init__.cpython-314.pyc" in zipfile.ZipFile(numpy).namelist()

"""What the stand-alone app leaves out is never asked for, and what it keeps is unchanged."""

from __future__ import annotations

import ctypes
import struct
import sys
from pathlib import Path

import pytest
import trim_app

ITEMS = {
    "icudt99l/coll/de.res": b"umlauts",
    "icudt99l/coll/root.res": b"order of everything",
    "icudt99l/curr/de.res": b"Euro",
    "icudt99l/de.res": b"dates",
    "icudt99l/fr_CA.res": b"dates elsewhere",
    "icudt99l/ibm-1364_P110-2007.cnv": b"an old code page",
    "icudt99l/supplementalData.res": b"for all locales",
    "icudt99l/unames.icu": b"LATIN SMALL LETTER A",
}


def package(items: dict[str, bytes]) -> bytes:
    """As ICU's own tool lays it out."""
    header = struct.pack("<HBB4s", 32, 0xDA, 0x27, b"")[:8].ljust(32, b"h")
    names, table, body, at = b"", b"", b"", 4 + 8 * len(items)
    start = at + sum(len(name) + 1 for name in items)
    start += -start % 16
    for name, content in items.items():
        table += struct.pack("<II", at + len(names), start + len(body))
        names += name.encode() + b"\0"
        body += content + b"\0" * (-len(content) % 16)
    head = struct.pack("<I", len(items)) + table + names
    return header + head.ljust(start, b"\0") + body


def read(data: bytes) -> dict[str, bytes]:
    (header,) = struct.unpack_from("<H", data)
    (count,) = struct.unpack_from("<I", data, header)
    places = [struct.unpack_from("<II", data, header + 4 + 8 * n) for n in range(count)]
    assert all(start % 16 == 0 for _, start in places)
    ends = [start for _, start in places[1:]] + [len(data) - header]
    names = [data[header + name :].split(b"\0", 1)[0].decode() for name, _ in places]
    assert names == sorted(names), "ICU searches them by halves"
    return {
        name: data[header + start : header + end].rstrip(b"\0\xaa")
        for name, (_, start), end in zip(names, places, ends, strict=True)
    }


def test_icu_keeps_what_sorts_and_breaks_text_and_the_languages_of_the_launcher() -> None:
    assert read(package(ITEMS)) == ITEMS
    kept = read(trim_app.icu_package(package(ITEMS), trim_app.wanted_of_icu))
    names = ["coll/de.res", "coll/root.res", "de.res", "supplementalData.res"]
    assert kept == {name: ITEMS[name] for name in (f"icudt99l/{one}" for one in names)}


@pytest.mark.skipif(sys.platform != "linux", reason="libraries of other systems are not trimmed")
def test_a_library_of_data_is_found_by_its_symbol_where_numbers_may_be_read(tmp_path: Path) -> None:
    whole, small = tmp_path / "whole" / "libicudata.so.99", tmp_path / "small" / "libicudata.so.99"
    for path in (whole, small):
        path.parent.mkdir()
    trim_app.link_data(package(ITEMS), "icudt99_dat", whole)
    ((_, made, _),) = trim_app.trimmed([("lib/libicudata.so.99", str(whole), "BINARY")], tmp_path / "scratch")
    found = ctypes.c_char.in_dll(ctypes.CDLL(made), "icudt99_dat")
    assert ctypes.addressof(found) % 16 == 0
    expected = trim_app.icu_package(package(ITEMS), trim_app.wanted_of_icu)
    assert ctypes.string_at(ctypes.addressof(found), len(expected)) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="libraries of other systems are not trimmed")
def test_libraries_that_were_changed_after_linking_are_left_alone(tmp_path: Path) -> None:
    entries = [("numpy.libs/libblas.so", "/x/numpy.libs/libblas.so", "BINARY"), ("a.txt", "/x/a.txt", "DATA")]
    assert trim_app.trimmed(entries, tmp_path) == entries


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trim_app.shutil, "which", lambda name: None if name == "strip" else f"/bin/{name}")
    with pytest.raises(trim_app.TrimError, match=r"strip of binutils is missing: install binutils"):
        trim_app.trimmed([], tmp_path)


def test_large_files_for_browsers_are_there_once() -> None:
    named = ["a.wasm", "a.wasm.gz", "b.mjs", "c.whl", "c.whl.gz", "lock.json", "lock.json.gz"]
    # The engine reads the joined modules itself, and sends them either way.
    names = [*(f"web/vendor/{name}" for name in named), "web/bundled/main.js", "web/bundled/main.js.gz"]
    left = trim_app.without_twins([(name, f"/x/{name}", "DATA") for name in names])
    gone = ("web/vendor/a.wasm", "web/vendor/c.whl.gz")
    assert [name for name, _, _ in left] == [name for name in names if name not in gone]


@pytest.mark.skipif(sys.platform != "linux", reason="libraries of other systems are not left out")
def test_a_library_that_nothing_needs_any_more_goes_with_the_links_to_it(tmp_path: Path) -> None:
    """`a` is needed by the module, `b` by `a`; `c` by `d`, which nobody needs; the last two are loaded by name."""
    needs = {"libb.so.1": [], "liba.so.1": ["libb.so.1"], "libc.so.9": [], "libd.so.1": ["libc.so.9"],
             "module.so": ["liba.so.1"], "liblsl.so": [], "libpython3.99.so.1.0": []}  # fmt: skip
    (tmp_path / "data").write_bytes(b"some")
    for name, others in needs.items():
        beside = ["--no-as-needed", f"-L{tmp_path}", *(f"-l:{other}" for other in others)]
        data = ["--format=binary", str(tmp_path / "data"), "--format=default"]
        trim_app.run("ld", "-shared", "-soname", name, "-o", str(tmp_path / name), *data, *beside)
    placed = {"liba.so.1": "PySide6/Qt/lib/liba.so.1", "libc.so.9": "PySide6/Qt/lib/libc.so.9",
              "liblsl.so": "pylsl/lib/liblsl.so"}  # fmt: skip
    entries = [
        (placed.get(name, name), str(tmp_path / name), "EXTENSION" if name == "module.so" else "BINARY")
        for name in needs
    ]
    entries += [("liba.so.1", "PySide6/Qt/lib/liba.so.1", "SYMLINK"), ("libc.so.9", placed["libc.so.9"], "SYMLINK")]
    entries += [("PySide6/Qt/plugins/liba.so.1", "../lib/liba.so.1", "SYMLINK"), ("a.txt", "/x/a.txt", "DATA")]
    left = trim_app.reached(entries)
    assert [entry for entry in entries if entry not in left] == [
        (placed["libc.so.9"], str(tmp_path / "libc.so.9"), "BINARY"),
        ("libd.so.1", str(tmp_path / "libd.so.1"), "BINARY"),
        ("libc.so.9", placed["libc.so.9"], "SYMLINK"),
    ]

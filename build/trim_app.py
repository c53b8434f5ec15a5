"""Makes what goes into the stand-alone app smaller without taking anything away that it uses.

`reached`, `trimmed` and `packed` are for Linux, where the wheels' libraries carry symbols for debuggers and Qt brings
its own Unicode data; on Windows and macOS the symbols are in files of their own and the system has the data. They need
binutils.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import platform
import posixpath
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

sys.path.insert(0, str(Path(__file__).parent / "app"))

import packed_libraries

Entry = tuple[str, str, str]
"""PyInstaller's: name in the app, file it comes from, kind."""

ICU_DATA = re.compile(r"libicudata\.so\.(\d+)$")
# Compiled modules of these are kept packed: those of trained networks, Parquet files and researchers' own code, and
# others that shrink to a quarter or a third and need no library that lies beside them.
KEPT_PACKED = (
    "onnxruntime/", "arro3/", "pandas/", "numpy/random/", "numpy/fft/",
    "pydantic_core/", "uvloop/", "aiohttp/", "yarl/", "multidict/", "propcache/", "frozenlist/",
    "msgpack/", "charset_normalizer/",
)  # fmt: skip
# With Intel's jumps as addresses and short searches: a third of the strongest preset's time, and fewer bytes than its.
XZ = [
    *([{"id": lzma.FILTER_X86}] if platform.machine() in ("x86_64", "AMD64") else []),
    {"id": lzma.FILTER_LZMA2, "preset": 4, "mode": lzma.MODE_NORMAL, "mf": lzma.MF_HC4, "nice_len": 32, "depth": 4,
     "dict_size": 1 << 25},
]  # fmt: skip
# Libraries by these names are there because another one needs them; all others are loaded by name.
FOR_OTHERS = re.compile(r"(PySide6/Qt/lib/)?lib(?!python)[^/]+\.so[.\d]*$")
NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
# Browsers take these packed; the engine unpacks for whoever does not.
SENT_PACKED = (".wasm", ".mjs", ".js", ".bin")
# The engine reads these itself, and packing them again gains next to nothing.
SENT_AS_THEY_ARE = (".whl",)
BINUTILS = ("strip", "nm", "ld", "objcopy", "objdump")
# Qt compares and breaks text with ICU; for dates, currencies, names of zones and units it has tables of its own, and
# text in old code pages is never given to it.
ICU_FOLDERS_LEFT_OUT = {"unit", "zone", "curr", "lang", "region", "translit", "rbnf"}
ICU_KINDS_LEFT_OUT = (".cnv", ".dict")
ICU_LOCALES_KEPT = {"root", "pool", "res_index", "en", "de", "fr"}
LOCALE = re.compile(r"[a-z]{2,3}(_\w+)?$")


class TrimError(Exception):
    """A tool is missing or has failed."""


def trimmed(entries: Iterable[Entry], scratch: Path) -> list[Entry]:
    """The same entries; libraries that can be smaller come from copies in `scratch`. Raises `TrimError`."""
    if missing := [tool for tool in BINUTILS if shutil.which(tool) is None]:
        raise TrimError(f"{', '.join(missing)} of binutils is missing: install binutils (apt-get install binutils).")
    return [_trimmed(entry, scratch) for entry in entries]


def reached(entries: Iterable[Entry]) -> list[Entry]:
    """The same entries without libraries that nothing needs any more, and without links to what is not there."""
    entries = list(entries)
    libraries = {Path(name).name: (name, source) for name, source, kind in entries if kind in ("BINARY", "EXTENSION")}
    kept = {name for name, _, kind in entries if kind != "SYMLINK" and not FOR_OTHERS.fullmatch(name)}
    waiting = [source for name, source in libraries.values() if name in kept]
    while waiting:
        for needed in NEEDED.findall(run("objdump", "-p", waiting.pop())):
            name, source = libraries.get(needed, ("", ""))
            if name and name not in kept:
                kept.add(name)
                waiting.append(source)
    dropped = {name for name, _ in libraries.values()} - kept
    return [entry for entry in entries if (_led_to(entry) if entry[2] == "SYMLINK" else entry[0]) not in dropped]


def _led_to(link: Entry) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(link[0]), link[1]))


def packed(entries: Iterable[Entry], scratch: Path) -> list[Entry]:
    """The same entries; compiled modules of `KEPT_PACKED` lie in the app as `.xz`, with a table of them.

    `app/packed_libraries.py` unpacks them.
    """
    entries = list(entries)
    chosen = [entry for entry in entries if entry[2] == "EXTENSION" and entry[0].startswith(KEPT_PACKED)]
    with ThreadPoolExecutor() as pool:
        files = list(pool.map(_pack, [source for _, source, _ in chosen], [scratch / name for name, _, _ in chosen]))
    table = {
        name.partition(".")[0].replace("/", "."): {"file": f"{name}.xz", **_facts(Path(source).read_bytes())}
        for name, source, _ in chosen
    }
    listed = scratch / packed_libraries.TABLE
    listed.write_text(json.dumps(table, indent=1, sort_keys=True), encoding="utf-8")
    left = [entry for entry in entries if entry not in chosen]
    made = [(f"{name}.xz", str(file), "DATA") for (name, _, _), file in zip(chosen, files, strict=True)]
    return [*left, *made, (packed_libraries.TABLE, str(listed), "DATA")]


def _facts(content: bytes) -> dict[str, int | str]:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _pack(source: str, beside: Path) -> Path:
    target = beside.with_name(f"{beside.name}.xz")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(lzma.compress(Path(source).read_bytes(), filters=XZ))
    return target


def without_twins(entries: Iterable[Entry]) -> list[Entry]:
    """The same entries with the vendored files for browsers either as they are or packed, as `.gz`, but not both."""
    entries = list(entries)
    packed = {
        name.removesuffix(".gz") for name, _, _ in entries if name.endswith(".gz") and "vendor" in PurePath(name).parts
    }
    left_out = {name for name in packed if name.endswith(SENT_PACKED)}
    left_out |= {f"{name}.gz" for name in packed if name.endswith(SENT_AS_THEY_ARE)}
    return [entry for entry in entries if entry[0] not in left_out]


def _trimmed(entry: Entry, scratch: Path) -> Entry:
    name, source, kind = entry
    # Libraries in NumPy's and Pillow's own folders were changed after they were linked, and strip breaks them.
    if kind not in ("BINARY", "EXTENSION") or ".libs/" in source:
        return entry
    target = scratch / name
    target.parent.mkdir(parents=True, exist_ok=True)
    if ICU_DATA.search(name):
        smaller_icu(Path(source), target)
    else:
        run("strip", "--strip-unneeded", "-o", str(target), source)
    return name, str(target), kind


def smaller_icu(library: Path, target: Path) -> None:
    """Writes ICU's data library again with what Qt reads of it."""
    found = ICU_DATA.search(library.name)
    assert found
    symbol = f"icudt{found[1]}_dat"
    link_data(icu_package(icu_data(library, symbol), wanted_of_icu), symbol, target)


def link_data(data: bytes, symbol: str, target: Path) -> None:
    """Writes a shared library that offers `data` under `symbol`, and nothing else."""
    raw, linked = target.with_suffix(".dat"), target.with_suffix(".o")
    raw.write_bytes(data)
    run("ld", "-r", "-b", "binary", "-o", str(linked), raw.name, folder=target.parent)
    start = f"_binary_{re.sub(r'[^0-9A-Za-z]', '_', raw.name)}_start"
    # ICU reads numbers where they lie: without this the linker puts the data at any address.
    place = ("--rename-section", ".data=.rodata,alloc,load,readonly,data,contents", "--set-section-alignment")
    run("objcopy", "--redefine-sym", f"{start}={symbol}", *place, ".data=16", str(linked))
    run("ld", "-shared", "-z", "noexecstack", "-soname", target.name, "-o", str(target), str(linked))
    run("strip", "--strip-unneeded", str(target))
    raw.unlink()
    linked.unlink()


def wanted_of_icu(item: str) -> bool:
    """Whether `coll/de.res`, `brkitr/word.brk` and their like stay."""
    folder, _, file = item.rpartition("/")
    if folder in ICU_FOLDERS_LEFT_OUT or item.endswith(ICU_KINDS_LEFT_OUT) or item == "unames.icu":
        return False
    stem, _, kind = file.partition(".")
    return bool(folder) or kind != "res" or stem in ICU_LOCALES_KEPT or not LOCALE.match(stem)


def icu_data(library: Path, symbol: str) -> bytes:
    """The bytes behind `symbol`, up to the end of the file."""
    for line in run("nm", "-D", str(library)).splitlines():
        address, _, name = line.rpartition(" ")
        if name == symbol:
            # The data are in the first segment, where addresses are places in the file.
            return library.read_bytes()[int(address.split()[0], 16) :]
    raise TrimError(f"{library} has no {symbol}")


def icu_package(data: bytes, wanted: Callable[[str], bool]) -> bytes:
    """An ICU data package (ICU User Guide, “ICU Data”, format CmnD) with the wanted items only.

    After a header of its own size: the number of items (uint32), for each where its name and where its data are, both
    counted from that number; then the names, sorted, each ended by a zero byte; then the data, each at 16 bytes.
    """
    (header,) = struct.unpack_from("<H", data, 0)
    (count,) = struct.unpack_from("<I", data, header)
    places = [struct.unpack_from("<II", data, header + 4 + 8 * number) for number in range(count)]
    ends = [start for _, start in places[1:]] + [len(data) - header]
    names = [data[header + name : data.index(b"\0", header + name)] for name, _ in places]
    kept = [
        (name, data[header + start : header + end])
        for name, (_, start), end in zip(names, places, ends, strict=True)
        if wanted(name.decode().split("/", 1)[1])
    ]
    return data[:header] + _packed(kept)


def _packed(items: list[tuple[bytes, bytes]]) -> bytes:
    name_at = 4 + 8 * len(items)
    data_at = _to_16(name_at + sum(len(name) + 1 for name, _ in items))
    table, names, body = struct.pack("<I", len(items)), b"", b""
    for name, content in items:
        table += struct.pack("<II", name_at + len(names), data_at + len(body))
        names += name + b"\0"
        body += content.ljust(_to_16(len(content)), b"\xaa")
    return (table + names).ljust(data_at, b"\xaa") + body


def _to_16(size: int) -> int:
    return (size + 15) // 16 * 16


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise TrimError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout

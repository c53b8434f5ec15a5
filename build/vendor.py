"""Fills web_client/vendor/: the browser's Python, its packages and the JavaScript libraries, as vendor.lock.json says.

    python build/vendor.py            make it, or do nothing when it is current
    python build/vendor.py --check    exit code 1 when it is not current

Targets under `source/` are inputs only; everything else is served to browsers as it is, with a `.gz` sibling where that
saves a tenth or more. `vendor.json` is written last: it lists what was made and marks the folder as complete.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from vendor_compile import SCRIPTS, compile_archives
from vendor_fetch import Cache, Fetcher, Locked, VendorError, default_cache, sha256_of
from vendor_start import NAMES, SCRIPT, source_files, start_files

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "build" / "vendor.lock.json"
VENDOR = ROOT / "web_client" / "vendor"
GZIP_WORTH = 0.9
MSGPACK_EXPORTS = ("decode", "decodeMulti", "encode", "Decoder", "Encoder", "DecodeError", "ExtData", "ExtensionCodec")
# tsc reads the package's own types, from node_modules, through a declaration beside the served file.
TYPES = {
    "socket.io.esm.min.d.ts": 'export * from "socket.io-client";\n',
    "pixi.min.d.mts": 'export * from "pixi.js";\n',
    "msgpack.d.mts": 'export * from "@msgpack/msgpack";\n',
    "ort/ort.wasm.min.d.mts": 'export * from "onnxruntime-web/wasm";\n',
    "pyodide/pyodide.d.mts": 'export * from "pyodide";\n',
}
SOURCE_CODE = {
    "pyodide": "https://github.com/pyodide/pyodide",
    "onnxruntime-web": "https://github.com/microsoft/onnxruntime",
    "micropip": "https://github.com/pyodide/micropip",
}


def read_lock(path: Path = LOCK) -> tuple[dict[str, Any], tuple[Locked, ...]]:
    """The lock's `pyodide` section and its files."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    files = tuple(Locked(**{**entry, "sources": tuple(entry["sources"])}) for entry in raw["files"])
    return raw["pyodide"], files


def stamp(lock: Path = LOCK) -> str:
    """Changes when the lock, these scripts or our part of the browser's Python change, which is in what they make."""
    here = Path(__file__).resolve().parent
    own = [here / name for name in ("vendor.py", "vendor_fetch.py", "vendor_compile.py", "vendor_start.py")]
    parts = [lock, *own, *SCRIPTS, SCRIPT, *NAMES, *source_files()]
    return sha256_of(b"\0".join(part.read_bytes().replace(b"\r\n", b"\n") for part in parts))


def is_current(vendor: Path = VENDOR, lock: Path = LOCK) -> bool:
    """True when vendor.json is of this lock and every file it lists is there in full."""
    try:
        made = json.loads((vendor / "vendor.json").read_text(encoding="utf-8"))
        sizes_right = all((vendor / name).stat().st_size == info["bytes"] for name, info in made["files"].items())
    except (OSError, ValueError, KeyError):
        return False
    return bool(made["stamp"] == stamp(lock) and sizes_right)


def canonical(name: str) -> str:
    return name.replace("_", "-").replace(".", "-").lower()


def is_wheel(entry: Locked) -> bool:
    return entry.target.endswith(".whl")


def wheel_metadata(data: bytes) -> tuple[list[str], list[str], dict[str, str]]:
    """(import names, unconditional requirements' names, licence texts by file name) of a wheel."""
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        names = wheel.namelist()
        info = next(name.split("/")[0] for name in names if name.endswith(".dist-info/METADATA"))
        tops = {name.split("/")[0] for name in names if name.endswith(".py")} - {info}
        imports = sorted(top.removesuffix(".py") for top in tops if not top.endswith(".data"))
        headers = HeaderParser().parsestr(wheel.read(f"{info}/METADATA").decode("utf-8"))
        requires = [line for line in headers.get_all("Requires-Dist", []) if ";" not in line]
        words = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")
        licences = {
            name: wheel.read(name).decode("utf-8", "replace")
            for name in names
            if name.startswith(info) and Path(name).name.upper().startswith(words)
        }
    depends = sorted({canonical(_leading_name(line)) for line in requires})
    return imports, depends, licences


def _leading_name(requirement: str) -> str:
    end = next((i for i, c in enumerate(requirement) if not (c.isalnum() or c in "-_.")), len(requirement))
    return requirement[:end]


def slim_lock(official: dict[str, Any], wheels: dict[Locked, bytes]) -> dict[str, Any]:
    """A pyodide-lock of exactly the vendored wheels: official entries as they are, one entry for each pure wheel."""
    by_name = {canonical(name): entry for name, entry in official["packages"].items()}
    packages: dict[str, Any] = {}
    for locked, data in wheels.items():
        name = canonical(locked.name)
        if not any("://" in source for source in locked.sources):
            packages[name] = pure_entry(locked, data)
            continue
        packages[name] = by_name[name]
        if packages[name]["sha256"] != locked.sha256:
            raise VendorError(f"{name}: the hash in vendor.lock.json is not the one in pyodide-lock.json")
    absent = {f"{n} needs {d}" for n, e in packages.items() for d in map(canonical, e["depends"]) if d not in packages}
    if absent:
        raise VendorError("vendor.lock.json is not closed: " + ", ".join(sorted(absent)))
    return {"info": official["info"], "packages": dict(sorted(packages.items()))}


def pure_entry(locked: Locked, data: bytes) -> dict[str, Any]:
    imports, depends, _ = wheel_metadata(data)
    return {
        "name": canonical(locked.name),
        "version": locked.version,
        "file_name": Path(locked.target).name,
        "install_dir": "site",
        "sha256": locked.sha256,
        "package_type": "package",
        "imports": imports,
        "depends": depends,
        "unvendored_tests": False,
    }


def official_packages(official: dict[str, Any], url: str) -> dict[str, Any]:
    """What Pyodide's release offers beyond the vendored part: the host may prepare these when it is online."""
    keep = ("version", "file_name", "sha256", "depends")
    packages = {
        canonical(name): {key: entry[key] for key in keep}
        for name, entry in official["packages"].items()
        if entry["package_type"] == "package" and entry["file_name"].endswith(".whl")
    }
    return {"url": url, "packages": dict(sorted(packages.items()))}


def with_bytecode(made: dict[str, bytes], cache: Cache) -> dict[str, bytes]:
    """The files with compiled Python archives, and the lock of Pyodide's packages with the hashes of these."""
    runtime = {name.removeprefix("pyodide/"): data for name, data in made.items() if name.startswith("pyodide/")}
    archives = compile_archives(runtime, cache)
    wheels = runtime | archives
    packages = json.loads(runtime["pyodide-lock.json"])
    for entry in packages["packages"].values():
        entry["sha256"] = sha256_of(wheels[entry["file_name"]])
    changed = {**archives, "pyodide-lock.json": as_json(packages)}
    return made | {f"pyodide/{name}": data for name, data in changed.items()}


def with_quick_start(made: dict[str, bytes], cache: Cache) -> dict[str, bytes]:
    """The files and, made of them, those that the browser's Python starts from quickly."""
    runtime = {name.removeprefix("pyodide/"): data for name, data in made.items() if name.startswith("pyodide/")}
    return made | {f"pyodide/{name}": data for name, data in start_files(runtime, cache).items()}


def as_module(umd: bytes, exports: Iterable[str]) -> bytes:
    """Wraps a UMD script so that browsers and node import it as a module."""
    names = ", ".join(exports)
    head = b"const module = { exports: {} };\nconst exports = module.exports;\n"
    return head + umd.split(b"\n//# sourceMappingURL")[0] + f"\nexport const {{ {names} }} = module.exports;\n".encode()


def licences(contents: dict[Locked, bytes]) -> str:
    """THIRD_PARTY_LICENSES.txt: every vendored thing once, with its licence text."""
    texts = {
        entry.name: data.decode() for entry, data in contents.items() if entry.target.startswith("source/licences/")
    }
    mozilla = ""
    seen: dict[tuple[str, str], Locked] = {}
    bodies: dict[str, str] = dict(texts) | {"onnxruntime-web": mit("Microsoft Corporation")}
    for entry, data in contents.items():
        seen.setdefault((entry.name, entry.version), entry)
        if is_wheel(entry):
            found = wheel_metadata(data)[2]
            bodies[entry.name] = "\n\n".join(f"[{Path(name).name}]\n{text.strip()}" for name, text in found.items())
            if entry.name == "micropip":
                mozilla = bodies[entry.name]
    bodies["pyodide"] = mozilla
    return "\n".join(_licence_blocks(sorted(seen.values(), key=lambda e: e.name), bodies))


def mit(holder: str) -> str:
    """The MIT licence for a package whose tarball leaves it out."""
    own = (ROOT / "LICENSE").read_text(encoding="utf-8")
    return re.sub(r"Copyright \(c\) .*", f"Copyright (c) {holder}", own)


def _licence_blocks(entries: list[Locked], bodies: dict[str, str]) -> Iterator[str]:
    yield "What web_client/vendor contains, and under which terms.\n"
    for entry in entries:
        yield "=" * 100
        yield f"{entry.name} {entry.version}: {entry.licence}"
        if entry.name in SOURCE_CODE:
            yield f"Source code: {SOURCE_CODE[entry.name]}"
        yield "=" * 100
        yield (bodies.get(entry.name) or "The package carries no licence file of its own.").strip() + "\n"


def outputs(pyodide: dict[str, Any], contents: dict[Locked, bytes]) -> dict[str, bytes]:
    """Every file of web_client/vendor except the .gz siblings and vendor.json."""
    sources = {entry.target: data for entry, data in contents.items() if entry.target.startswith("source/")}
    made = {entry.target: data for entry, data in contents.items() if not entry.target.startswith("source/")}
    official = json.loads(sources["source/pyodide-lock.json"])
    wheels = {entry: data for entry, data in contents.items() if is_wheel(entry)}
    made["pyodide/pyodide-lock.json"] = as_json(slim_lock(official, wheels))
    made["pyodide/official.json"] = as_json(official_packages(official, pyodide["official_url"]))
    made["msgpack.mjs"] = as_module(sources["source/msgpack.min.js"], MSGPACK_EXPORTS)
    made["THIRD_PARTY_LICENSES.txt"] = licences(contents).encode()
    made |= {name: text.encode() for name, text in TYPES.items()}
    return made


def as_json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def compressed(data: bytes, cache: Cache) -> bytes:
    """gzip -9 of data, kept in the cache beside the original because it takes seconds for the large files."""
    path = cache.path(sha256_of(data)).with_suffix(".gz")
    if path.is_file():
        with_crc = path.read_bytes()
        try:
            if gzip.decompress(with_crc) == data:
                return with_crc
        except (OSError, EOFError):
            path.unlink()
    packed = gzip.compress(data, compresslevel=9, mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed)
    return packed


def write(made: dict[str, bytes], vendor: Path, cache: Cache, lock: Path) -> None:
    """Replaces the folder in one step, so that a broken run leaves the earlier one usable."""
    fresh = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    files: dict[str, dict[str, Any]] = {}
    for name, data in sorted(made.items()):
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        files[name] = {"bytes": len(data), "sha256": sha256_of(data)}
        packed = compressed(data, cache)
        if len(packed) < GZIP_WORTH * len(data) and not name.endswith((".d.ts", ".d.mts", ".txt")):
            path.with_name(path.name + ".gz").write_bytes(packed)
            files[name]["gzip_bytes"] = len(packed)
    digest = hashlib.sha256(b"".join(f"{n}{i['sha256']}".encode() for n, i in files.items())).hexdigest()
    (fresh / "vendor.json").write_bytes(as_json({"stamp": stamp(lock), "hash": digest[:16], "files": files}))
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def make(vendor: Path = VENDOR, lock: Path = LOCK, cache_folder: Path | None = None) -> bool:
    """Brings the vendor folder up to date; False when it already was. Raises VendorError."""
    if is_current(vendor, lock):
        return False
    pyodide, locked = read_lock(lock)
    cache = Cache(cache_folder or default_cache())
    fetcher = Fetcher(cache, locked)
    print(f"Preparing {len(locked)} files of the browser runtime (cache: {cache.folder})")
    contents = {entry: fetcher.fetch(entry) for entry in locked}
    write(with_quick_start(with_bytecode(outputs(pyodide, contents), cache), cache), vendor, cache, lock)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Prepare web_client/vendor from build/vendor.lock.json.")
    parser.add_argument("--check", action="store_true", help="only say whether it is current")
    arguments = parser.parse_args()
    if arguments.check:
        print("current" if is_current() else "not current")
        return 0 if is_current() else 1
    try:
        made = make()
    except VendorError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in VENDOR.rglob("*") if path.suffix != ".gz")
    print(f"web_client/vendor {'made' if made else 'is current'}: {size / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Gives the browser's Python modules their bytecode, which halves the time until a game can be played.

The vendored Pyodide itself compiles them, under node, because bytecode belongs to one version of Python.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from vendor_fetch import Cache, VendorError, sha256_of

HERE = Path(__file__).resolve().parent
SCRIPTS = (HERE / "compile_archive.py", HERE / "compile_in_pyodide.mjs")
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
STANDARD_LIBRARY = "python_stdlib.zip"
STANDARD_LIBRARY_HOME = "/lib/python314.zip"
SLIM = (
    "scikit_learn-", "pandas-", "joblib-", "threadpoolctl-", "fonttools-", "matplotlib-", "pyparsing-",
    "python_dateutil-", "pytz-",
)  # fmt: skip
"""Wheels that games hardly ever import: bytecode would make them twice as large for two seconds of a rare start."""
TIMEOUT_S = 600


def compile_archives(made: dict[str, bytes], cache: Cache) -> dict[str, bytes]:
    """`made` (files of pyodide/ by name, the runtime among them) with bytecode in its wheels but those of `SLIM`, and
    in its standard library.

    What was compiled once is kept in the cache. Raises VendorError when node is missing or fails.
    """
    archives = {name: data for name, data in made.items() if _gets_bytecode(name)}
    keys = {name: sha256_of(_recipe(made) + data) for name, data in archives.items()}
    known = {name: found for name, key in keys.items() if (found := _kept(cache, key)) is not None}
    missing = {name: data for name, data in archives.items() if name not in known}
    fresh = _compile({name: made[name] for name in RUNTIME}, missing) if missing else {}
    for name, data in fresh.items():
        _keep(cache, keys[name], data)
    return known | fresh


def _gets_bytecode(name: str) -> bool:
    return name == STANDARD_LIBRARY or (name.endswith(".whl") and not name.startswith(SLIM))


def _recipe(made: dict[str, bytes]) -> bytes:
    """Changes with the browser's Python and with the scripts."""
    return b"".join(part.read_bytes() for part in SCRIPTS) + sha256_of(made["pyodide.asm.wasm"]).encode()


def _index(cache: Cache, key: str) -> Path:
    return cache.folder / "compiled" / key


def _kept(cache: Cache, key: str) -> bytes | None:
    index = _index(cache, key)
    return cache.get(index.read_text(encoding="ascii")) if index.is_file() else None


def _keep(cache: Cache, key: str, data: bytes) -> None:
    index = _index(cache, key)
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(cache.put(data), encoding="ascii")


def _compile(runtime: dict[str, bytes], archives: dict[str, bytes]) -> dict[str, bytes]:
    node = node_tool()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, data in runtime.items():
            (folder / file).write_bytes(data)
        jobs: list[str] = []
        for number, (file, data) in enumerate(archives.items()):
            (folder / f"{number}.in").write_bytes(data)
            home = STANDARD_LIBRARY_HOME if file == STANDARD_LIBRARY else ""
            jobs += [home, str(folder / f"{number}.in"), str(folder / f"{number}.out")]
        _run([node, str(SCRIPTS[1]), str(folder), str(SCRIPTS[0]), *jobs])
        return {file: (folder / f"{number}.out").read_bytes() for number, file in enumerate(archives)}


def node_tool() -> str:
    """The node executable. Raises VendorError when there is none."""
    node = shutil.which("node")
    if node is None:
        raise VendorError("Node.js was not found. Install Node.js 20 or newer and run this again.")
    return node


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise VendorError("The browser's Python modules could not be compiled:\n" + done.stderr[-2000:])

"""Makes what the browser's Python starts from quickly: a picture of its memory, and what every start reads of its core
packages and the standard library in one file; the rest of the packages is another.

The bridge to envs and the part of igym that envs import are in the picture, and their text is among the packages.
The vendored Pyodide makes both itself, under node. `start.json` says of which files; a page served others, or another
bridge, starts Python the ordinary way.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from vendor_compile import RUNTIME, node_tool
from vendor_fetch import Cache, VendorError, sha256_of

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "build" / "start_in_pyodide.mjs"
NAMES = tuple(ROOT / "web_client" / "game" / name for name in ("start_parts.js", "linking.js", "memory_picture.js"))
PARTS = ("start.memory.bin", "start.packages.bin", "start.rest.bin")
RECIPE = "start.json"
PACKAGES = ("numpy", "gymnasium", "pettingzoo")
"""With what they need; `CORE_PACKAGES` of the game worker."""
TIMEOUT_S = 300


def source_files() -> list[Path]:
    """What `our_sources` is made of."""
    igym, bridge = ROOT / "server" / "igym", ROOT / "web_client" / "game" / "igym_bridge"
    rendering = sorted((igym / "rendering").glob("*.py"))
    return [*sorted(bridge.rglob("*.py")), *rendering, igym / "in_browsers.py"]


def our_sources() -> bytes:
    """What every page's Python gets of ours, as the host sends it: `{path: text}` as JSON."""
    # Whichever Python runs the set-up may have no packages; this module needs none.
    sys.path.insert(0, str(ROOT / "server"))
    from igym.in_browsers import bridge_files, library_files

    return json.dumps(library_files() | bridge_files(ROOT / "web_client")).encode()


def start_files(runtime: dict[str, bytes], cache: Cache) -> dict[str, bytes]:
    """The files to serve beside those of pyodide/ (`runtime`, by name, wheels included).

    What was made once of the same files is kept in the cache. Raises VendorError when node is missing or fails.
    """
    used = {name: runtime[name] for name in (*RUNTIME, *_wheels(json.loads(runtime["pyodide-lock.json"])))}
    made_of = {name: sha256_of(data) for name, data in sorted(used.items())}
    sources = our_sources()
    own = [*(path.read_bytes() for path in (SCRIPT, *NAMES)), sources]
    key = sha256_of(json.dumps(made_of).encode() + b"\0".join(own))
    return _kept(cache, key) or _keep(cache, key, _made(used, made_of, sources))


def _wheels(lock: dict[str, Any]) -> list[str]:
    """File names of PACKAGES and of everything they need."""
    entries: dict[str, Any] = {}
    waiting = list(PACKAGES)
    while waiting:
        name = waiting.pop()
        if name not in entries:
            entries[name] = lock["packages"][name]
            waiting += entries[name]["depends"]
    return [entry["file_name"] for entry in entries.values()]


def _made(used: dict[str, bytes], made_of: dict[str, str], sources: bytes) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as place:
        folder, out, own = Path(place, "pyodide"), Path(place, "out"), Path(place, "sources.json")
        own.write_bytes(sources)
        folder.mkdir()
        out.mkdir()
        for name, data in used.items():
            (folder / name).write_bytes(data)
        _run([node_tool(), str(SCRIPT), str(folder), str(out), str(own), *PACKAGES])
        recipe = json.loads((out / RECIPE).read_text(encoding="utf-8")) | {"made_of": made_of}
        parts = {name: (out / name).read_bytes() for name in PARTS}
    return parts | {RECIPE: (json.dumps(recipe, indent=1, sort_keys=True) + "\n").encode()}


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=TIMEOUT_S, check=False
    )
    if done.returncode != 0:
        raise VendorError("The picture of the browser's Python could not be made:\n" + done.stderr[-2000:])


def _index(cache: Cache, key: str) -> Path:
    return cache.folder / "started" / key


def _kept(cache: Cache, key: str) -> dict[str, bytes] | None:
    index = _index(cache, key)
    if not index.is_file():
        return None
    found = {name: cache.get(digest) for name, digest in json.loads(index.read_text(encoding="ascii")).items()}
    whole = {name: data for name, data in found.items() if data is not None}
    return whole if len(whole) == len(found) else None


def _keep(cache: Cache, key: str, made: dict[str, bytes]) -> dict[str, bytes]:
    index = _index(cache, key)
    index.parent.mkdir(parents=True, exist_ok=True)
    index.write_text(json.dumps({name: cache.put(data) for name, data in made.items()}), encoding="ascii")
    return made

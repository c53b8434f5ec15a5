"""The files browsers get from this program: the web client, the vendored runtime, the Python they run."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import igym
from igym.host.base.errors import HostError
from igym.in_browsers import bridge_files, library_files
from igym.protocol.told import Told

PACKAGE = Path(igym.__file__).resolve().parent
MIME_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".json": "application/json",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".whl": "application/zip",
    ".zip": "application/zip",
    ".onnx": "application/octet-stream",
}
"""Set by us because the type table of some systems calls JavaScript plain text."""


def web_client_folder() -> Path:
    """In a frozen app, in an installed wheel, or in a checkout."""
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [Path(frozen) / "igym" / "_web", Path(frozen) / "web_client"] if frozen else []
    candidates += [PACKAGE / "_web", PACKAGE.parent.parent / "web_client"]
    for folder in candidates:
        if (folder / "index.html").is_file():
            return folder
    raise HostError(
        "packages_missing",
        Told("The pages for participants are missing from this installation. Please install Interactive Gym again."),
        "looked in: " + ", ".join(map(str, candidates)),
    )


IMPORTED = re.compile(r"""^(?:import|export)\b(?:[^"';=(]*\bfrom)?\s*["'](\.[^"']+)["']""", re.MULTILINE)
"""What a module of the web client needs before it runs; types in comments and later imports are none of it."""


class Served:
    """A folder whose files may be fetched, under a name that changes when any of them changes."""

    def __init__(self, folder: Path, without: Iterable[str] = (), also: bytes = b"") -> None:
        self.folder = folder.resolve()
        self._without = frozenset(without)
        digest = hashlib.sha256(also)
        for path in self._files():
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        self.hash = digest.hexdigest()[:16]

    def find(self, relative: str) -> Path | None:
        """The file at `relative`, or None when there is none or it lies outside."""
        return inside(self.folder, relative)

    def modules(self, entry: str) -> tuple[str, ...]:
        """Every module that runs before `entry` does, nearest first; a browser would find them one after another."""
        found = [entry]
        for name in found:
            path = inside(self.folder, name)
            names = IMPORTED.findall(path.read_text(encoding="utf-8")) if path else []
            needed = [posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in names]
            found += [one for one in dict.fromkeys(needed) if one not in found and inside(self.folder, one)]
        return tuple(found[1:])

    def _files(self) -> Iterator[Path]:
        for path in sorted(self.folder.rglob("*")):
            parts = path.relative_to(self.folder).parts
            if parts[0] not in self._without and not _is_hidden(parts) and path.is_file():
                yield path


class Bundled:
    """The web client's modules joined into a few files, which are used only while they are made of the modules beside
    them: whoever changes one in a checkout is served the modules themselves."""

    FOLDER = "bundled"
    LIST = "made_of.json"
    JOINED: ClassVar = {"main.js": "bundled/main.js", "game/worker.js": "bundled/worker.js"}
    """What begins a page and its worker, and the file it is joined into."""

    def __init__(self, client: Path) -> None:
        self._client = client
        try:
            made_of = json.loads((client / self.FOLDER / self.LIST).read_text(encoding="utf-8"))["made_of"]
        except (OSError, ValueError, KeyError, TypeError):
            made_of = None
        self.is_current = made_of is not None and made_of == self.digest(client)

    def joined(self, entry: str) -> str:
        """The file that begins what `entry` begins."""
        return self.JOINED[entry] if self.is_current else entry

    @classmethod
    def digest(cls, client: Path) -> str:
        """Of every module that can be in them."""
        digest = hashlib.sha256()
        for path in sorted(client.rglob("*.js")):
            parts = path.relative_to(client).parts
            if parts[0] not in ("vendor", cls.FOLDER, f"{cls.FOLDER}.new") and not _is_hidden(parts):
                digest.update("/".join(parts).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


class Vendored(Served):
    """The vendored runtime; its own lock file stands for its hundred megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        lock = self.folder / "vendor.json"
        self.hash = hashlib.sha256(lock.read_bytes() if lock.is_file() else b"none").hexdigest()[:16]

    def find(self, relative: str) -> Path | None:
        """The file at `relative`, which in the stand-alone app may be there as its `.gz` sibling only."""
        return super().find(relative) or (super().find(f"{relative}.gz") and self.folder / relative)

    @property
    def is_complete(self) -> bool:
        return (self.folder / "vendor.json").is_file()


def inside(folder: Path, relative: str) -> Path | None:
    """The existing file `folder/relative`; None when it does not exist, is hidden or lies outside `folder`."""
    parts = relative.split("/")
    if "\0" in relative or "\\" in relative or ":" in relative or not relative or _is_hidden(parts):
        return None
    try:
        path = folder.joinpath(*parts).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # a name too long for the file system, or one it cannot write
        return None


def _is_hidden(parts: Iterable[str]) -> bool:
    return any(part.startswith(".") or part in ("", "__pycache__") for part in parts)


@lru_cache(maxsize=1)
def bridge_for_browsers(client: Path) -> bytes:
    """`{path: source}` of the web client's bridge to envs, as JSON: one answer is quicker than forty."""
    return json.dumps(bridge_files(client)).encode()


@lru_cache(maxsize=1)
def python_for_browsers() -> bytes:
    """`{path: source}` of the part of igym that an env file may import in the browser, as JSON."""
    return json.dumps(library_files()).encode()

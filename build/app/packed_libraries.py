"""Part of the stand-alone app under Linux: compiled modules that most sessions never load are kept packed in it.

They take a quarter of the room that way. The first import unpacks one into the user's cache; where there is none that
can be written, into memory. `trim_app.packed` makes what this reads.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

TABLE = "packed_libraries.json"
"""`{module: {"file": where it lies packed, "bytes": its size unpacked, "sha256": of what is unpacked}}`"""
CACHE = ("Interactive Gym", "libraries")


def install() -> None:
    """Has `import` look here first; called before anything else in the app."""
    here = Path(getattr(sys, "_MEIPASS", Path(__file__).parent))
    if (here / TABLE).is_file():
        sys.meta_path.insert(0, PackedLibraries(here))


class PackedLibraries(MetaPathFinder):
    """Finds the modules that the table in `folder` names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        table = (folder / TABLE).read_bytes()
        self._modules: dict[str, dict[str, Any]] = json.loads(table)
        self._build = hashlib.sha256(table + str(folder).encode()).hexdigest()[:16]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        entry = self._modules.get(fullname)
        if entry is None:
            return None
        place = self._unpacked(entry)
        return spec_from_file_location(fullname, place, loader=ExtensionFileLoader(fullname, place))

    def _unpacked(self, entry: dict[str, Any]) -> str:
        packed = self._folder / entry["file"]
        try:
            place = self._cache() / entry["file"].removesuffix(".xz").replace("/", "-")
            if not place.is_file() or place.stat().st_size != entry["bytes"]:
                _unpack_to_file(packed, place)
                _link_neighbours(packed.parent, place.parent)
            return str(place)
        except OSError:
            return _unpack_to_memory(packed)

    def _cache(self) -> Path:
        import platformdirs

        libraries = Path(platformdirs.user_cache_dir(CACHE[0], appauthor=False)) / CACHE[1]
        mine = libraries / self._build
        if not mine.is_dir():
            # Another build's; one that runs still has its files open.
            shutil.rmtree(libraries, ignore_errors=True)
            mine.mkdir(mode=0o700, parents=True, exist_ok=True)
        return mine


def _unpack_to_file(packed: Path, place: Path) -> None:
    """Whole or not at all: several programs of the app may do this at the same moment."""
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as part:
        try:
            _unpack(packed, part)
        except BaseException:
            Path(part.name).unlink()
            raise
    Path(part.name).replace(place)


def _link_neighbours(folder: Path, cache: Path) -> None:
    """A library finds there what it loads from the folder it lies in."""
    for library in folder.glob("lib*.so*"):
        with contextlib.suppress(FileExistsError):
            (cache / library.name).symlink_to(library)


def _unpack_to_memory(packed: Path) -> str:
    if sys.platform == "linux":
        descriptor = os.memfd_create(packed.name)
        with open(descriptor, "wb", closefd=False) as stream:
            _unpack(packed, stream)
        return f"/proc/self/fd/{descriptor}"
    else:
        raise OSError(f"{packed} cannot be unpacked")


def _unpack(packed: Path, target: Any) -> None:
    import lzma

    with lzma.open(packed) as source:
        shutil.copyfileobj(source, target, 1 << 20)

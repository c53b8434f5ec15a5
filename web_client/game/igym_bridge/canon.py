"""A canonical reading of a game's state: equal states give equal bytes in every browser, and differences have names."""

from __future__ import annotations

import types
from collections.abc import Iterable, Sequence
from typing import Any

from .namespaces import Namespaces
from .reading import Reader
from .summing import Summer

Data = dict[int, tuple[Any, Sequence[str], Sequence[Any]]]
"""id of a module or class → it, the names of its data, their values."""


class Canon:
    """Reads `roots` (name → object, module or class) into tokens, or into one digest."""

    def __init__(self, roots: dict[str, Any], skip: Iterable[Any] = ()) -> None:
        self._roots = roots
        skipped = {id(thing) for thing in skip}
        self._skip = skipped
        self._summer = Summer(skipped)
        self._contents: list[Any] | None = None
        """What modules and classes held at the last digest."""
        self._namespaces = Namespaces([root for root in roots.values() if isinstance(root, types.ModuleType | type)])

    def digest(self) -> bytes:
        """16 bytes; equal for equal states."""
        summer, contents = self._summer, self._namespaces.contents()
        rebound = contents is not self._contents
        if rebound:
            self._contents, summer.namespaces = contents, self._data()
        if not summer.again(rebound):
            summer.begin()
            self._read(summer, summer.namespaces)
            summer.close()
        return summer.digest()

    def checksum(self) -> int:
        """The first 4 bytes of the digest as an unsigned number."""
        return int.from_bytes(self.digest()[:4], "little")

    def table(self) -> dict[str, str]:
        """Path of each value (e.g. `env.ball.x`) → its token."""
        reader = Reader(self._skip)
        self._read(reader, self._data())
        return reader.found

    def _data(self) -> Data:
        contents = self._namespaces.contents()
        holding = zip(self._namespaces.holding, contents, strict=True)
        return {id(target): (target, names, values) for (target, names, *_), values in holding}

    def _read(self, reader: Reader, data: Data) -> None:
        for name, root in self._roots.items():
            if isinstance(root, types.ModuleType | type):
                reader.names(name, *data.get(id(root), (root, (), ())))
            else:
                reader.read(name, root)


def differing(one: dict[str, str], other: dict[str, str], most: int = 5) -> list[str]:
    """Paths whose tokens differ, in reading order, containers' own entries last."""
    names = [name for name in one if other.get(name) != one[name]]
    names += [name for name in other if name not in one]
    return names[:most]

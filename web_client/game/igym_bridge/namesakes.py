"""Which module a name means where a file of the researcher's is called as another module is.

The same one however this Python was started, on the host too: what happens to be loaded already differs between them.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_COMMON = """
__future__ __main__ __mp_main__ _colorize _collections_abc _compat_pickle _frozen_importlib _frozen_importlib_external
_opcode_metadata _py_warnings _pyodide _sitebuiltins _ssl _weakrefset abc annotationlib array ast asyncio atexit base64
binascii bisect builtins bz2 cmath codecs codeop collections compression concurrent contextlib contextvars copy copyreg
ctypes cython_runtime dataclasses datetime decimal difflib dis email encodings enum errno farama_notifications
faulthandler fcntl fnmatch fractions functools gc genericpath glob gymnasium hashlib heapq hmac igym igym_bridge
importlib inspect io itertools json keyword linecache locale logging lzma marshal math mmap multiprocessing ntpath
numbers numpy opcode operator os pathlib pickle platform posix posixpath pyexpat pyodide pyodide_js random re reprlib
runpy secrets select selectors shutil signal site socket ssl stat string struct subprocess sys sysconfig tempfile
termios textwrap threading time token tokenize traceback types typing unicodedata warnings weakref zipfile zipimport
zlib
"""
COMMON = frozenset(_COMMON.split())
"""What every game's Python has loaded before the game: these names mean what they always do."""

_aside: dict[str, types.ModuleType] = {}


def give_way(folder: str) -> None:
    """From here on other names mean the folder's own files."""
    names = list(_names_in(Path(folder)))
    lay_aside(*(name for name in names if name not in COMMON))
    missing = [name for name in names if name in COMMON and name not in sys.modules]
    if missing:
        _import_from_elsewhere(missing, folder)


def _import_from_elsewhere(names: list[str], folder: str) -> None:
    path = sys.path.copy()
    # The folder may be where this process is.
    sys.path[:] = [place for place in path if place not in ("", folder)]
    for name in names:
        # This system may have no such module: then the name is free.
        with suppress(ImportError):
            importlib.import_module(name)
    sys.path[:] = path


def lay_aside(*names: str) -> None:
    """Nobody finds the modules of these names and what lies in them, until `put_back`."""
    starts = tuple(f"{name}." for name in names)
    for known in [known for known in sys.modules if known in names or known.startswith(starts)]:
        # Of a file that is loaded a second time, what stood there before the first is what `put_back` needs.
        _aside.setdefault(known, sys.modules.pop(known))


def put_back() -> None:
    """What was laid aside is what it was again."""
    sys.modules.update(_aside)
    _aside.clear()


def _names_in(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.suffix == ".py":
            yield path.stem
        elif (path / "__init__.py").is_file():
            yield path.name

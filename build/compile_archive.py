"""Runs inside the browser's own Python: gives every module of an archive its bytecode; browsers need not compile then.

Bytecode is of the "unchecked hash" kind of PEP 552: it stays valid whatever times an unpacker writes. Sources stay, for
the lines of tracebacks.
"""

from __future__ import annotations

import importlib.util
import io
import marshal
import posixpath
import sys
import warnings
import zipfile

UNCHECKED_HASH = (0b01).to_bytes(4, "little")
# Nothing of these is read when a game runs; unpacking them takes a browser's time.
LEFT_OUT = (".pyi", ".pxd", ".h", ".a")
SITE = "/lib/python{}.{}/site-packages".format(*sys.version_info[:2])


def compiled(archive: bytes, home: str, beside: bool) -> bytes:
    """The archive (a zip or wheel) with bytecode.

    `home`: the path its modules are imported from. `beside`: `a.pyc` next to `a.py`, as an import from a zip wants it;
    otherwise in `__pycache__`.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name.endswith("/") or (not beside and _is_left_out(name)):
                continue
            data = source.read(name)
            _write(target, name, data)
            if name.endswith(".py") and (code := bytecode(data, posixpath.join(home, name))):
                _write(target, name + "c" if beside else cached_name(name), code)
    return made.getvalue()


def _is_left_out(name: str) -> bool:
    return name.endswith(LEFT_OUT) or "/tests/" in name


def _write(target: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name)  # with the format's first date: the same input gives the same archive
    info.compress_type = zipfile.ZIP_DEFLATED
    target.writestr(info, data)


def cached_name(name: str) -> str:
    """`a/b.py` → `a/__pycache__/b.cpython-314.pyc`."""
    folder, file = posixpath.split(name)
    return posixpath.join(folder, "__pycache__", f"{file[:-3]}.{sys.implementation.cache_tag}.pyc")


def bytecode(source: bytes, path: str) -> bytes | None:
    """A .pyc file's content; None for a file that is a template or a test of the compiler, not a module."""
    try:
        with warnings.catch_warnings(action="ignore"):
            code = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    return importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(source) + marshal.dumps(code)

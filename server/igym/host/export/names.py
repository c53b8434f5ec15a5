"""File names from ids: readable, unambiguous, and never outside their folder."""

from __future__ import annotations

import string

from igym.core.state import KINDS

_PLAIN = frozenset(string.ascii_letters + string.digits + "._-@+")
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"com{n}" for n in range(1, 10)} | {f"lpt{n}" for n in range(1, 10)}
)
MAX_NAME_BYTES = 120
STUDY = KINDS[0]
KIND_FOLDERS = {kind: f"_{kind}" for kind in KINDS if kind != STUDY}
"""Where the files of a session of this kind lie below the data folder; no scene's id can begin like that."""


def safe_name(text: str) -> str:
    """Return `text` as one file name component on Linux, macOS and Windows.

    Every other character becomes `%XX` of its UTF-8 bytes, so that two different ids never share a name. Names that are
    too long keep their start and end with a digest.
    """
    encoded = "".join(char if char in _PLAIN else "".join(f"%{byte:02X}" for byte in char.encode()) for char in text)
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if encoded.endswith("."):
        encoded = encoded[:-1] + "%2E"
    if encoded.split(".")[0].lower() in _RESERVED:
        encoded = f"%{ord(encoded[0]):02X}{encoded[1:]}"
    if len(encoded) > MAX_NAME_BYTES:
        encoded = f"{encoded[: MAX_NAME_BYTES - 17]}%{_digest(text)}"
    return encoded or "%00"


def stem(identifier: str, session_ordinal: int, first_ordinal: int) -> str:
    """Return the file stem of an id that was first used in session `first_ordinal` (from 1).

    A later session in which the same id appears again gets the suffix `_s<ordinal>`, so nothing is overwritten.
    """
    suffix = "" if session_ordinal == first_ordinal else f"_s{session_ordinal}"
    return safe_name(identifier) + suffix


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:16]

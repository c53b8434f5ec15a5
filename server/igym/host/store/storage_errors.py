"""What a refusal of the disk is called, and what to do about it."""

from __future__ import annotations

import errno

from igym.host.store.postgres.errors import AwayError, LostError, ServerError
from igym.protocol.told import Told

_BY_KIND = ((AwayError, "server_away"), (ServerError, "server_refused"), (LostError, "not_leading"))
_BY_NUMBER = {errno.ENOSPC: "disk_full", errno.EDQUOT: "disk_full", errno.EROFS: "read_only"}
_BY_TEXT = (
    ("full", "disk_full"),
    ("readonly", "read_only"),
    ("read-only", "read_only"),
    ("locked", "locked"),
    ("busy", "locked"),
    ("malformed", "database_damaged"),
    ("not a database", "database_damaged"),
)
_ADVICE = {
    "disk_full": Told("The disk with the data folder is full. Free some space; recording goes on by itself."),
    "read_only": Told(
        "The data folder has become write-protected. Make it writable again; recording goes on by itself."
    ),
    "locked": Told("Another program holds the recordings file locked. Close it; recording goes on by itself."),
    "database_damaged": Told(
        "The recordings file was damaged while the session was running. Make a copy of the data "
        "folder before anything else."
    ),
    "server_away": Told("The database server does not answer. Recording goes on by itself when it is back."),
    "server_refused": Told("The database server refuses to write. Its own log says why; recording goes on by itself."),
    "not_leading": Told("Another server goes on with this session."),
    "write_failed": Told("The recordings file could not be written."),
}


def write_failure_code(error: Exception) -> str:
    """`disk_full, read_only, locked, database_damaged, server_away, server_refused, not_leading` or `write_failed`."""
    for kind, code in _BY_KIND:
        if isinstance(error, kind):
            return code
    if isinstance(error, OSError) and error.errno in _BY_NUMBER:
        return _BY_NUMBER[error.errno]
    text = str(error).lower()
    return next((code for part, code in _BY_TEXT if part in text), "write_failed")


def explain_write_failure(error: Exception) -> str:
    """What happened to a running session's recordings, and what happens next."""
    advice = _ADVICE[write_failure_code(error)]
    if isinstance(error, LostError):
        return advice
    return Told(
        "{text} Until then nobody new is let in, and browsers keep their rows and send them again.", text=advice
    )

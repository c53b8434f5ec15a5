"""An id from whatever name a person gives a study: it becomes a folder's name on every system."""

from __future__ import annotations

import re
import unicodedata

from igym_desktop.i18n import tr

LONGEST = 60
_WRITTEN_OUT = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "aa", "ð": "d", "þ": "th",
    "ł": "l", "đ": "d", "ı": "i",
}  # fmt: skip
_DEVICE = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
_KEPT = frozenset(
    (
        "match_logs",
        "console_logs",
        "replays",
        "experiment",
        "exports",
        "telemetry",
        "withdrawals",
        "retention",
        "backups",
    )
)
"""Names of what recordings are kept in."""


def study_id(name: str) -> str:
    """Lower-case letters, digits and _; raises `ValueError`, for a person, when nothing is left of the name."""
    composed = unicodedata.normalize("NFC", name.strip().casefold())
    written = "".join(_WRITTEN_OUT.get(letter, letter) for letter in composed)
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode("ascii")
    identifier = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST].strip("_")
    if not re.search(r"[a-z]", identifier) and not re.search(r"[0-9]{2}", identifier):
        raise ValueError(tr("Give the study a name with some letters from A to Z: its files are named after it."))
    if _DEVICE.fullmatch(identifier) or identifier in _KEPT:
        raise ValueError(tr("{name} is a name this computer keeps for itself. Choose another one.", name=identifier))
    return identifier

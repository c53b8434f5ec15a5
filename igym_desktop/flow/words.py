"""States as a person reads them: a word, an icon and a tone, never colour alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from igym.host.export.names import KIND_FOLDERS
from igym_desktop.i18n import number, said, tr

Tone = str
"""One of "go", "wait", "warn", "stop", "accent", "off"."""


class Words(NamedTuple):
    text: str
    icon: str
    tone: Tone


_STATES = {
    "arriving": Words("Arriving", "door-open", "wait"),
    "loading": Words("Loading", "loading", "wait"),
    "screening": Words("Screening", "verify", "wait"),
    "in_scene": Words("In a scene", "page", "go"),
    "waiting": Words("Waiting", "hourglass", "wait"),
    "countdown": Words("About to play", "clock", "accent"),
    "playing": Words("Playing", "game", "go"),
    "paused": Words("Paused", "pause", "warn"),
    "in progress": Words("In progress", "clock", "wait"),
    "finished": Words("Finished", "flag", "accent"),
    "unfinished": Words("Not finished", "stop", "warn"),
    "dropped": Words("Dropped out", "offline", "stop"),
    "timed_out": Words("Timed out", "hourglass", "warn"),
    "screened_out": Words("Screened out", "verify", "stop"),
    "excluded": Words("Excluded", "exclude", "stop"),
    "withdrawn": Words("Withdrawn", "exclude", "off"),
}
_CONNECTIONS = {
    "connected": Words("Connected", "online", "go"),
    "away": Words("Away", "away", "warn"),
    "lost": Words("Lost", "offline", "stop"),
}
_PARITY = {
    "identical": Words("Identical", "verify", "go"),
    "pending": Words("Not checked yet", "clock", "off"),
}
STATES, CONNECTIONS = tuple(_STATES), tuple(_CONNECTIONS)
EARLY = ("unfinished", "dropped", "timed_out", "screened_out", "excluded", "withdrawn")
"""How somebody's part ends otherwise than finished."""
ENDED = frozenset({"finished", *EARLY})
"""States nobody comes back from."""


def is_gone(row: Mapping[str, object]) -> bool:
    """Whose browser is lost while they still take part: what it measured last says nothing any more."""
    return row.get("connection") == "lost" and row.get("state") not in ENDED


def is_state(word: str) -> bool:
    """Whether the engine calls a participant's state so."""
    return word in _STATES


def state_words(state: str) -> Words:
    """For a participant's state."""
    return _translated(_STATES.get(state) or Words(state.replace("_", " ").capitalize(), "info", "off"))


def kind_words(kind: str) -> str:
    """What a session is for, when it is no study; "" for a study."""
    return {"pilot": tr("Pilot"), "rehearsal": tr("Rehearsal"), "test": tr("Test")}.get(kind, "")


def kind_folder(kind: str) -> str:
    """Where below the data folder the files of such a session are; "" for a study."""
    return KIND_FOLDERS.get(kind, "")


def connection_words(connection: str) -> Words:
    """For a participant's connection."""
    return _translated(_CONNECTIONS.get(connection) or Words(connection.capitalize(), "info", "off"))


def parity_words(parity: object) -> Words:
    """For a match's comparison of its members' rows: None, "identical" or "differs at frame N"."""
    if not parity:
        return _translated(_PARITY["pending"])
    known = _PARITY.get(str(parity))
    if known:
        return _translated(known)
    text = said(str(parity))
    return Words(text[:1].upper() + text[1:], "warning", "stop")


def level_words(level: str) -> Words:
    """For a problem or a line of the log."""
    table = {
        "error": Words("Error", "error", "stop"),
        "warning": Words("Warning", "warning", "warn"),
        "info": Words("Information", "info", "accent"),
        "debug": Words("Detail", "log", "off"),
    }
    return _translated(table.get(level) or Words(level.capitalize(), "info", "off"))


def _translated(words: Words) -> Words:
    return words._replace(text=tr(words.text))


def duration_text(seconds: float | None) -> str:
    """`75 → "1:15"`, `3700 → "1:01:40"`, None → ""."""
    if seconds is None:
        return ""
    total = max(0, int(seconds))
    hours, rest = divmod(total, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def size_text(size_bytes: float) -> str:
    """`1536 → "1.5 kB"`."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            whole = unit == "B" or value >= 100
            return f"{value:.0f} {unit}" if whole else f"{number(f'{value:.1f}')} {unit}"
        value /= 1000
    return ""

"""What a launcher on another computer may ask for: everything that does not mean the engine's own computer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from igym.protocol.told import Told

ALLOWED = frozenset({
    "about", "annotate", "backup", "cancel_export", "clear_problem", "close_admission", "close_cell", "end_match",
    "end_session", "exclude", "export", "fetch", "match_details", "message", "monitor", "move", "mute",
    "open_admission", "open_cell", "participant_details", "pause_match", "replace_with_bot", "requeue",
    "restart_scene", "resume_match", "session_kind", "stop_engine", "transfer", "unmute", "verify", "watch", "withdraw",
})  # fmt: skip
PLACES = ("folder", "path")
"""Arguments that name a place on the engine's own disk."""
TOLD_OF = ("participant", "match", "scene", "seat", "cell", "kind", "erase", "id", "to", "formats", "on")
"""Arguments that the log repeats: whom and what a command was about, never what was written to people."""


def refusal(name: str, args: Mapping[str, Any]) -> str:
    """Why not, in words for the researcher; "" when it may be."""
    if name == "replay":
        return Told(
            "Recordings are not played on the server's screen. Fetch the files to this computer, then choose Replay on "
            "the Data page."
        )
    if name not in ALLOWED:
        return Told("This cannot be done from another computer: {name}. Do it where the server runs.", name=name)
    if any(args.get(place) for place in PLACES):
        return Told(
            "A launcher on another computer cannot choose folders of the server. Fetch the files to this computer."
        )
    return ""


def told_of(args: Mapping[str, Any]) -> str:
    """Whom or what a command was about, for the log."""
    return ", ".join(f"{name} {str(args[name])[:80]}" for name in TOLD_OF if args.get(name) not in (None, ""))

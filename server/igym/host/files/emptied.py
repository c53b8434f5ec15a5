"""What stays of a withdrawn participant's records and events."""

from __future__ import annotations

import json
from typing import Any

from igym.core.places import ENDING_KINDS

CONTENT_MESSAGES = frozenset({"answers", "globals_set", "web_event", "client_error", "hello", "console", "chat_say"})
KEPT_RECORDS = ENDING_KINDS | {
    "scene_entered", "scene_left", "match_formed", "match_state", "match_ended", "episode_started",
    "group_formed", "group_ended", "simulated", "researcher_action", "earnings",
}  # fmt: skip
"""What says that somebody was there and with whom, which partners' data need to make sense."""
ERASED: dict[str, Any] = {"erased": True}


def emptied(body: dict[str, Any]) -> dict[str, Any] | None:
    """An event's body without what a participant wrote or is called; None when it holds nothing of the kind.

    What a researcher's function returned about somebody may repeat what they wrote, and so may its error.
    """
    if body.get("type") == "answered":
        return {**body, "value": None, "error": None, **ERASED}
    if body.get("type") == "joined":
        return {**body, "label": None, "params": {}, "token_hash": "", **ERASED}
    message = body.get("message")
    if body.get("type") != "message" or not isinstance(message, dict):
        return None
    if message.get("message") not in CONTENT_MESSAGES:
        return None
    return {**body, "message": {**message, "payload": ERASED}}


def emptied_text(text: str) -> str | None:
    """Like `emptied`, on JSON texts."""
    found = emptied(json.loads(text))
    return None if found is None else json.dumps(found)

"""What a page is told of a recorded episode: the game with its files' addresses, the inputs, the match."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from igym.host.replay.files import ReplayFile

ASSETS, WHEELS = "/assets/", "/wheels/"


def addressed(bundle: dict[str, Any], base: str, wheels: str = WHEELS) -> dict[str, Any]:
    """The bundle with its assets below the address `base`, and its packages below `wheels`."""
    rest = {name: value for name, value in bundle.items() if name not in ("files", "data")}
    text = json.dumps(rest).replace(f'"{ASSETS}', f'"{base}').replace(f'"{WHEELS}', f'"{wheels}')
    moved: dict[str, Any] = json.loads(text)
    data = {name: {**entry, "url": f"{base}{quote(name)}"} for name, entry in bundle["data"].items()}
    return {**moved, "files": bundle["files"], "data": data}


def episode_json(replay: ReplayFile) -> dict[str, Any]:
    """What the page needs to play one episode."""
    body = replay.body
    return {
        "episode": replay.episode, "seed": body["episode_seed"], "inputs": replay.inputs(), "fps": body["fps"],
        "globals": replay.followed.get("globals"), "followed": replay.followed.get("participant"),
        "reason": body.get("reason"),
    }  # fmt: skip


def match_json(replay: ReplayFile) -> dict[str, Any]:
    """The match as the game worker knows it."""
    players = [
        {"player": entry["player"], "agent": entry["agent"], "name": str(entry.get("participant") or "")}
        for entry in replay.body["players"]
    ]
    seed = replay.body["seed"]
    return {
        "id": replay.body["match"],
        "seed": seed,
        "me": 0,
        "players": players,
        "bots": replay.body["bots"],
        "episode": 0,
        "fixed": replay.body.get("fixed") or {"bot_policies": replay.body.get("bot_policies", {})},
    }

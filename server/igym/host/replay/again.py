"""Recorded matches played again by this computer's Python, through the browsers' own bridge."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from igym.host.children.researcher_child import describe_error
from igym.host.hostenv.learners import keep_checkpoints
from igym.host.replay.files import Game, ReplayFile
from igym.host.replay.judge import Played
from igym.host.studies.env_bridge import bridge_config, game_copy, open_bridge

FRAMES_AT_ONCE = 300
Cancelled = Callable[[], bool]


def play_match(game: Game, episodes: list[ReplayFile], cancelled: Cancelled) -> Iterator[tuple[ReplayFile, Played]]:
    """Each episode as it goes here, in one env from the first to the last: as a browser played them."""
    with game_copy(game.bundle, game.sources, whole=game.on_host) as folder:
        try:
            bridge = opened(game, episodes[0], folder)
        except Exception as error:
            yield from ((replay, Played("", "", -1, told(error))) for replay in episodes)
            return
        for replay in episodes:
            yield replay, _played(bridge, replay, cancelled)


def opened(game: Game, first: ReplayFile, folder: Path) -> Any:
    """The bridge as a browser had it when the match began. Whatever the researcher's files raise comes through."""
    players = [entry["agent"] for entry in first.body["players"]]
    body = first.body
    globals_of = first.followed.get("globals")
    config = bridge_config(
        game.bundle["spec"],
        players,
        int(body["seed"]),
        globals_of,
        body.get("fixed") or {"bot_policies": body.get("bot_policies")},
    )
    bridge = open_bridge(folder, config, game.sources)
    bridge.prepare(len(players) > 1 and not game.on_host)
    keep_checkpoints(bridge, first.root, body["session"], body["scene"], body["match"], keeps=False)
    return bridge


def _played(bridge: Any, replay: ReplayFile, cancelled: Cancelled) -> Played:
    checks = ""
    ran: dict[str, Any] = {"chain": "", "ended": -1}
    try:
        inputs = json.dumps(replay.inputs())
        again = bridge.replay(int(replay.body["episode_seed"]), replay.episode, inputs)
        while not cancelled():
            ran = json.loads(again.run(FRAMES_AT_ONCE))
            checks += ran["checks"]
            if not ran["checks"]:
                break
    except Exception as error:
        return Played(checks, ran["chain"], -1, told(error))
    return Played(checks, ran["chain"], ran["ended"])


def told(error: Exception) -> str:
    described = describe_error(error)
    place = f" ({described['file']}, line {described['line']})" if described["file"] else ""
    return f"{described['type']}: {described['message']}{place}"

"""The process that makes a reel: a recorded match of a game on the host, played again with the packages of then."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from igym.host.base.json_lines import say, take_over_stdin, take_over_stdout
from igym.host.base.spawn import be_nice
from igym.host.hostenv.views import Views
from igym.host.replay.again import FRAMES_AT_ONCE, opened, told
from igym.host.replay.files import ReplayFile, game_of
from igym.host.replay.reel import Reel
from igym.host.studies.env_bridge import game_copy

Tell = Callable[[dict[str, Any]], None]


def main(arguments: list[str]) -> int:
    """`igym verify --show PACKAGES FOLDER MOST_BYTES ORDER`: the last episode of ORDER as lines of JSON and as pieces
    of pictures in FOLDER, after those before it. ORDER is a file, `[{path, root, body}]`.

    Lines: `{earlier, total}` frames of the episodes before; `{first, frames, checks, chain, ended, piece, bytes}` as
    `Replay.run` tells them, with the number and size of the piece that holds their pictures, or null when there is no
    room for them; `{error}` in words; `{done: true}`.
    """
    packages, folder, most_bytes, order = arguments
    tell: Tell = partial(say, take_over_stdout())
    _end_with(take_over_stdin())
    be_nice()
    sys.path.insert(0, packages)
    entries = json.loads(Path(order).read_text("utf-8"))
    episodes = [ReplayFile(Path(entry["path"]), Path(entry["root"]), entry["body"]) for entry in entries]
    try:
        _show(episodes, Path(folder), int(most_bytes), tell)
        tell({"done": True})
    except Exception as error:
        tell({"error": told(error)})
    # What an env has started must not keep this process alive.
    os._exit(0)


def _end_with(lines: Any) -> None:
    """Nobody is left to make pictures for when whoever asked for them is gone."""

    def wait() -> None:
        lines.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()


def _show(episodes: list[ReplayFile], folder: Path, most_bytes: int, tell: Tell) -> None:
    *before, wanted = episodes
    game = game_of(wanted)
    with game_copy(game.bundle, game.sources, whole=True) as place:
        bridge = opened(game, episodes[0], place)
        per_agent = bool(game.bundle["spec"]["rendering"]["per_agent_view"])
        views = Views(bridge.play, len(wanted.body["players"]), per_agent)
        _play_before(bridge, before, tell)
        _draw(bridge, wanted, Reel(folder, views, most_bytes), tell)


def _again(bridge: Any, replay: ReplayFile) -> Any:
    return bridge.replay(int(replay.body["episode_seed"]), replay.episode, json.dumps(replay.inputs()))


def _play_before(bridge: Any, before: list[ReplayFile], tell: Tell) -> None:
    total, done = sum(int(replay.body["frames"]) for replay in before), 0
    for replay in before:
        again = _again(bridge, replay)
        while ran := json.loads(again.run(FRAMES_AT_ONCE))["frames"]:
            done += len(ran)
            tell({"earlier": done, "total": total})


def _draw(bridge: Any, replay: ReplayFile, reel: Reel, tell: Tell) -> None:
    telling = _Telling(reel, tell)
    reel.before_step()
    again = _again(bridge, replay)
    reel.draw(-1)
    try:
        while True:
            reel.before_step()
            ran = json.loads(again.run(1))
            if not ran["frames"]:
                break
            telling.add(ran, reel.draw(ran["first"]))
    finally:
        # Also when the env fails: what led there is what somebody wants to see.
        telling.end()


class _Telling:
    """The frames since the last piece, which are told with it."""

    def __init__(self, reel: Reel, tell: Tell) -> None:
        self._reel, self._tell = reel, tell
        self._told: dict[str, Any] = {"first": 0, "frames": [], "checks": "", "chain": "", "ended": -1}

    def add(self, ran: dict[str, Any], is_piece: bool) -> None:
        told = self._told
        told["frames"] += ran["frames"]
        told["checks"] += ran["checks"]
        told["chain"], told["ended"] = ran["chain"], ran["ended"]
        if is_piece or (self._reel.is_full and len(told["frames"]) >= FRAMES_AT_ONCE):
            self._say(is_piece)

    def end(self) -> None:
        is_piece = self._reel.flush()
        if is_piece or self._told["frames"]:
            self._say(is_piece)

    def _say(self, is_piece: bool) -> None:
        told = self._told
        piece, size = (self._reel.pieces - 1, self._reel.bytes) if is_piece else (None, 0)
        self._tell({**told, "piece": piece, "bytes": size})
        self._told = {**told, "first": told["first"] + len(told["frames"]), "frames": [], "checks": ""}

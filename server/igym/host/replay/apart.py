"""Recorded matches of games on the host, played again in a process of their own, with the packages of then.

One interpreter for each match, as when it was played: a compiled package can be imported once, and may crash.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from igym.host.base import spawn
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.children.told_lines import ToldLines
from igym.host.hostenv.kept_packages import unpack
from igym.host.replay.again import Cancelled, play_match
from igym.host.replay.files import Game, ReplayFile, game_of, read_replay
from igym.host.replay.judge import Played
from igym.protocol.told import Told

AGAIN = "--again"


def play_apart(game: Game, episodes: list[ReplayFile], cancelled: Cancelled) -> Iterator[tuple[ReplayFile, Played]]:
    """Each episode as it goes in a process of its own, whose end costs only what was not told yet."""
    with tempfile.TemporaryDirectory(prefix="igym-packages-", ignore_cleanup_errors=True) as packages:
        lacking = unpack(game.lock, episodes[0].root, Path(packages))
        if lacking:
            yield from ((replay, Played("", "", -1, f"{'; '.join(lacking)}.")) for replay in episodes)
            return
        yield from _told(packages, episodes, cancelled)


def _told(packages: str, episodes: list[ReplayFile], cancelled: Cancelled) -> Iterator[tuple[ReplayFile, Played]]:
    argv = spawn.command("verify", [AGAIN, packages, *(str(replay.path) for replay in episodes)])
    open_episodes = iter(episodes)
    told = ToldLines(argv)
    with closing(iter(told)) as lines:
        for played in lines:
            yield next(open_episodes), Played(**played)
            if cancelled():
                return
    yield from ((replay, Played("", "", -1, Told("Its process {end}", end=told.end))) for replay in open_episodes)


def main(arguments: list[str]) -> int:
    """`igym verify --again PACKAGES REPLAY…`: one line of JSON, a `Played`, for each episode of the match."""
    packages, *paths = arguments
    replies = take_over_stdout()
    sys.path.insert(0, packages)
    episodes = [read_replay(Path(path)) for path in paths]
    for _, played in play_match(game_of(episodes[0]), episodes, lambda: False):
        say(replies, asdict(played))
    replies.flush()
    # What an env has started must not keep this process alive.
    os._exit(0)

"""Every replay of a session as a video, a GIF or a strip of pictures, under `exports/<session>/<format>/`."""

from __future__ import annotations

from pathlib import Path

from igym.host.children.browsers import find_browser
from igym.host.export.episodes import episode_keys
from igym.host.export.exporter import Exporter
from igym.host.export.formats import folder_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.replay.files import ReplayFile, read_replay
from igym.host.replay.film import SUFFIXES, Kind, Take, Wanted, film
from igym.host.replay.judge import is_simulated

LONGEST_GIF_S = 60.0
"""A longer recording is shown faster: a GIF that fits into no slide is of no use."""


def write_pictures(
    kind: Kind, exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Film each episode that a browser or an env recorded. One that cannot be filmed is told, the others are made.

    Raises `HostError` "no_browser" when there is something to film and nothing to do it with.
    """
    takes = [_take(exporter, replay, kind) for replay in _to_film(exporter, cancelled)]
    if not takes:
        return []
    steps = Steps(len(takes), progress, cancelled)
    studio = film(find_browser(), takes, lambda take, pictures: steps.check(), lambda take: steps.done(take.to.name))
    exporter.failures += [f"{take.to.name} ({error})" for take, error in studio.failed]
    return [take.to for take in studio.made]


def _take(exporter: Exporter, replay: ReplayFile, kind: Kind) -> Take:
    seconds = float(replay.body["frames"]) / float(replay.body["fps"])
    speed = max(1.0, seconds / LONGEST_GIF_S) if kind == "gif" else 1.0
    return Take(replay, folder_of(exporter, kind) / f"{replay.id}{SUFFIXES[kind]}", Wanted(kind, speed=speed))


def _to_film(exporter: Exporter, cancelled: Cancelled) -> list[ReplayFile]:
    """Episodes with a game; another folder than the session's own gets the replays first."""
    keys = episode_keys(exporter.source, exporter.row.id)
    paths = list(dict.fromkeys(exporter.layout.replay(key.match, key.episode) for key in keys))
    if not all(path.is_file() for path in paths):
        exporter.export_all(None, cancelled)
    replays = list[ReplayFile]()
    for path in paths:
        with exporter.part(path.name):
            replays.append(read_replay(path))
    return [replay for replay in replays if not is_simulated(replay)]

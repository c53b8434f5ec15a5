"""A video of every replay of a session, under `exports/<session>/video/`."""

from __future__ import annotations

from pathlib import Path

from igym.host.browsers import find_browser
from igym.host.errors import HostError
from igym.host.export.exporter import Exporter
from igym.host.export.formats import folder_of
from igym.host.export.steps import Cancelled, Progress, Steps
from igym.host.replay.files import ReplayFile, find_replays
from igym.host.replay.film import NO_BROWSER, Wanted, film
from igym.host.replay.judge import is_simulated


def write_videos(
    exporter: Exporter, progress: Progress | None = None, cancelled: Cancelled = lambda: False
) -> list[Path]:
    """Film each episode that a browser or an env recorded. One that cannot be filmed is told, the others are made.

    Raises `HostError` "no_browser" when there is something to film and nothing to do it with.
    """
    browser, replays = find_browser(), _to_film(exporter)
    if replays and browser is None:
        raise HostError("no_browser", NO_BROWSER)
    steps = Steps(len(replays), progress, cancelled)
    made = []
    for replay in replays:
        path = folder_of(exporter, "video") / f"{replay.id}.webm"
        path.parent.mkdir(parents=True, exist_ok=True)
        with exporter.part(path.name):
            film(browser, replay, path, Wanted(), lambda _frames: steps.check())
            made.append(path)
        steps.done(path.name)
    return made


def _to_film(exporter: Exporter) -> list[ReplayFile]:
    if not (exporter.folder / "replays").is_dir():
        return []
    try:
        found = find_replays(exporter.folder)
    except HostError:  # there are none
        return []
    return [one for one in found if one.body["session"] == exporter.row.id and not is_simulated(one)]

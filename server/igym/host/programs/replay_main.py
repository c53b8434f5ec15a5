"""`igym replay FILE_OR_FOLDER`: recorded matches to look at again, in this computer's browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
import webbrowser
from pathlib import Path
from typing import Any

from igym.host.base.errors import HostError
from igym.host.base.json_lines import line_of
from igym.host.children.browsers import chosen_browser
from igym.host.replay.addresses import opened_at
from igym.host.replay.files import ReplayFile, find_replays
from igym.host.replay.film import SUFFIXES, Take, Wanted, film
from igym.host.replay.server import ReplayServer
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym replay", description="Plays recorded matches again in a browser.")
    parser.add_argument("where", type=Path, help="a data folder, or one file of its folder “replays”")
    parser.add_argument("--id", help="which replay, where a folder has several (the file's name without .igr.json)")
    parser.add_argument("--video", type=Path, metavar="FILE.webm", help="write a video of it")
    parser.add_argument(
        "--gif", type=Path, metavar="FILE.gif", help="write it as a moving picture for slides and pages"
    )
    parser.add_argument("--speed", type=_positive, default=1.0, help="of the video and the GIF (1: as it was played)")
    parser.add_argument("--first", type=int, default=0, metavar="FRAME", help="where the film begins (0)")
    parser.add_argument("--last", type=int, default=-1, metavar="FRAME", help="where the film ends (the last frame)")
    parser.add_argument("--strip", type=Path, metavar="FILE.png", help="write some of its pictures beside each other")
    parser.add_argument("--pictures", type=int, default=6, help="how many pictures the strip has (6)")
    parser.add_argument("--at", type=int, nargs="+", default=[], metavar="FRAME", help="which frames the strip shows")
    parser.add_argument("--view", type=int, default=0, help="number of the player whose view is shown (0)")
    parser.add_argument("--scale", type=_positive, default=1.0, help="of the scene's own size (1)")
    parser.add_argument("--browser", default="auto", help="what films: auto (default), or the path of a Chromium")
    parser.add_argument("--port", type=int, default=0, help="a port of this computer (any)")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    parser.add_argument("--json", action="store_true", help="tell a program: JSON lines, until stdin ends")
    options = parser.parse_args(arguments)
    try:
        if options.video or options.gif or options.strip:
            _film(options)
        else:
            asyncio.run(_serve(options))
    except HostError as error:
        failed = {"event": "failed", "code": error.code, "text": error.text}
        print(line_of(failed) if options.json else error.text, file=sys.stdout if options.json else sys.stderr)
        return 1
    except OSError as error:
        print(f"The file could not be written: {error}.", file=sys.stderr)
        return 1
    return 0


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError("it must be more than 0")
    return number


def _film(options: argparse.Namespace) -> None:
    """The video, the GIF and the strip, as far as they were asked for."""
    replay = _wanted(options)
    shape = {
        "speed": options.speed, "view": options.view, "scale": options.scale, "pictures": options.pictures,
        "first": options.first, "last": options.last, "at": tuple(options.at),
    }  # fmt: skip
    files = {kind: getattr(options, kind) for kind in SUFFIXES}
    takes = [Take(replay, path.resolve(), Wanted(kind, **shape)) for kind, path in files.items() if path]
    studio = film(chosen_browser(options.browser), takes)
    for take in studio.made:
        print(take.to, flush=True)
    for _, error in studio.failed:
        raise error


def _wanted(options: argparse.Namespace) -> ReplayFile:
    where = options.where.resolve()
    found = find_replays(where)
    replays = [replay for replay in found if options.id in (None, replay.id)]
    if len(replays) == 1:
        return replays[0]
    ids = ", ".join(replay.id for replay in found)
    raise HostError("which_replay", Told("Say which replay with --id. There are: {ids}.", ids=ids))


async def _serve(options: argparse.Namespace) -> None:
    server = ReplayServer(options.where.resolve())
    url = await server.start(options.port)
    if options.where.is_file():
        url = opened_at(url, server.replays[0].id)
    try:
        _announce(options, url, server)
        await _told_to_stop(options.json)
    finally:
        await server.close()


def _announce(options: argparse.Namespace, url: str, server: ReplayServer) -> None:
    ready: dict[str, Any] = {"event": "ready", "url": url, "replays": [r.described() for r in server.replays]}
    print(line_of(ready) if options.json else f"Replays are at {url} (Ctrl+C ends it)", flush=True)
    if options.open:
        webbrowser.open(url)


async def _told_to_stop(by_stdin: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    if by_stdin:
        ended = loop.run_in_executor(None, sys.stdin.read)
        ended.add_done_callback(lambda _: stopped.set())
    await stopped.wait()

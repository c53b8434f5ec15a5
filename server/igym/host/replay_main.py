"""`igym replay FILE_OR_FOLDER`: recorded matches to look at again, in this computer's browser."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import webbrowser
from pathlib import Path
from typing import Any

from igym.host.errors import HostError
from igym.host.replay.server import ReplayServer, opened_at


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="igym replay", description="Plays recorded matches again in a browser.")
    parser.add_argument("where", type=Path, help="a data folder, or one file of its folder “replays”")
    parser.add_argument("--port", type=int, default=0, help="a port of this computer (any)")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    parser.add_argument("--json", action="store_true", help="tell a program: JSON lines, until stdin ends")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(_serve(options))
    except HostError as error:
        failed = {"event": "failed", "code": error.code, "text": error.text}
        print(json.dumps(failed) if options.json else error.text, file=sys.stdout if options.json else sys.stderr)
        return 1
    return 0


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
    print(json.dumps(ready) if options.json else f"Replays are at {url} (Ctrl+C ends it)", flush=True)
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

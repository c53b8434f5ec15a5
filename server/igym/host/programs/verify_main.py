"""`igym verify DATA_FOLDER`: are the files unchanged, and do the recorded matches go again as they were recorded?"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from igym.host.base import spawn
from igym.host.base.errors import HostError
from igym.host.base.json_lines import say, take_over_stdout
from igym.host.children.browsers import chosen_browser
from igym.host.replay.addresses import SHOW
from igym.host.replay.apart import AGAIN
from igym.host.replay.apart import main as play_again
from igym.host.replay.verify import InBrowser, VerifyCancelledError, verify
from igym.protocol.told import Told

CANCELLED_EXIT_CODE = 4
Say = Callable[[dict[str, Any]], None]


def main(arguments: list[str]) -> int:
    if arguments[:1] == [AGAIN]:
        return play_again(arguments[1:])
    if arguments[:1] == [SHOW]:
        # Pictures need numpy, and a browser a web server: a process for each match that is only checked needs neither.
        from igym.host.replay.reel_child import main as show

        return show(arguments[1:])
    options = _parser().parse_args(arguments)
    if os.environ.get("PYTHONHASHSEED") != "0":
        # Browsers hash with seed 0; a Python that already runs cannot change its own.
        argv = spawn.command("verify", arguments)
        return subprocess.run(argv, env=spawn.environment(os.environ), check=False).returncode
    replies = take_over_stdout()
    tell: Say = partial(say, replies) if options.json else lambda message: _print(message, replies.write, replies.flush)
    try:
        found = verify(
            options.folder.resolve(), options.session, _browser(options), _progress(tell), _cancelling(), options.code
        )
    except HostError as error:
        tell({"event": "failed", "code": error.code, "text": error.text})
        return 1
    except VerifyCancelledError:
        tell({"event": "failed", "code": "cancelled", "text": Told("The check was stopped.")})
        return CANCELLED_EXIT_CODE
    tell({"event": "verified", **found.to_json()})
    return found.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="igym verify", description="Checks recorded data against its own hashes.")
    parser.add_argument("folder", type=Path, help="an experiment's data folder (data/<experiment>)")
    parser.add_argument("--session", help="only this session's replays")
    parser.add_argument(
        "--browser", default="auto",
        help="what decides where this computer's Python cannot: auto (default), none, or the path of a Chromium",
    )  # fmt: skip
    parser.add_argument("--code", default="", help="a session's code from the Data page or from your paper log")
    parser.add_argument("--json", action="store_true", help="report as JSON lines")
    return parser


def _browser(options: argparse.Namespace) -> InBrowser | None:
    path = chosen_browser(options.browser)
    if path is None:
        return None
    from igym.host.replay.browsers import play_in_browser

    return partial(play_in_browser, path, options.folder.resolve())


def _progress(tell: Say) -> Callable[[int, int, str], None]:
    return lambda done, total, what: tell({"event": "progress", "done": done, "total": total, "what": what})


def _cancelling() -> Callable[[], bool]:
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda got, _: told.append(got))
    return lambda: bool(told)


def _print(message: dict[str, Any], write: Callable[[str], object], flush: Callable[[], object]) -> None:
    """The same for a person: the outcome of each episode, then the whole."""
    if message["event"] == "failed":
        write(f"{message['text']}\n")
    elif message["event"] == "verified":
        for episode in message["episodes"]:
            by = f", by this computer's {episode['by']}" if episode["by"] == "python" else ""
            write(f"{episode['id']}: {episode['result']}{by}. {episode['text']}\n")
        write(f"{message['text']}\n")
    flush()

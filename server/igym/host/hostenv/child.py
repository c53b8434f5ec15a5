"""The process of one match: loads the env, then plays what `game` says, at its own pace."""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any

from igym.host.base.clock import Clock, fine_timers
from igym.host.hostenv.game import Game, NotRepeatableError
from igym.host.hostenv.learners import keep_checkpoints
from igym.host.hostenv.pipe import Outlet, read, take_over_pipes
from igym.host.hostenv.watchdog import Watchdog
from igym.host.studies.env_bridge import bridge_module, open_bridge

LONGEST_SLEEP_S = 0.05
"""In play the pipe is looked at before every frame anyway; this bounds the wait for a pause at slow rates."""


def main(arguments: list[str]) -> int:
    """`igym hostenv FOLDER`."""
    parser = argparse.ArgumentParser(prog="igym hostenv")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args(arguments).folder.resolve()
    # An interrupt in the terminal is the engine's affair; it ends this process when it is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    faulthandler.enable()
    inlet, say = take_over_pipes()
    # How long the env may take to load counts from here: this process's start takes a second itself.
    say({"say": "awake"})
    order = read(inlet)
    if order is None:
        return 0
    try:
        with fine_timers():
            play(order, str(folder), inlet, say)
    except NotRepeatableError:
        say({"say": "changed"})
    except BaseException as error:
        say({"say": "fault", **json.loads(bridge_module().fault(error, str(folder)))})
    # Threads that an env has started must not keep this process alive.
    sys.stderr.flush()
    os._exit(0)


def play(order: dict[str, Any], folder: str, inlet: IO[bytes], say: Outlet) -> None:
    """Until the last episode is over or the engine ends it; raises what the env raises."""
    watchdog = Watchdog(say, order["limits"], folder)
    watchdog.start()
    watchdog.enter("load")
    bridge = open_env(order, folder)
    report = json.loads(bridge.prepare(False))
    kept = order["kept"]
    where = (Path(kept["data"]), kept["session"], order["scene"], order["match"])
    checkpoints = keep_checkpoints(bridge, *where, keeps=True)
    watchdog.leave()
    # Not told as the time it is: on a busy computer an order is under way for long, and the game would be behind by it.
    game = Game(bridge, order, say, Clock(float(order["clock_ahead_s"])), watchdog)
    game.prepare(order.get("interrupted"))
    say({"say": "ready", "kind": report["kind"]})
    _Loop(game, inlet).run()
    if checkpoints is not None:
        checkpoints.end()


def open_env(order: dict[str, Any], folder: str) -> Any:
    """The bridge with the scene's env and bots; packages may lie in the experiment's `site-packages`."""
    # An env that opens "levels/one.txt" means its own folder, here as in a browser.
    os.chdir(folder)
    site_packages = str(Path(folder) / "site-packages")
    if site_packages not in sys.path:
        sys.path.insert(0, site_packages)
    return open_bridge(Path(folder), order["config"])


class _Loop:
    """Reads orders in a thread, does them and the frames in this one."""

    def __init__(self, game: Game, inlet: IO[bytes]) -> None:
        self._game = game
        self._inlet = inlet
        self._orders: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._closed = False

    def run(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()
        while not self._closed:
            wait_s = self._wait_s()
            if wait_s is None:
                self._obey(self._orders.get())
            else:
                # Sleeping is exact where waiting for the queue is not, and nothing in it matters before the next frame.
                time.sleep(min(wait_s, LONGEST_SLEEP_S))
            self._obey_waiting()
            due_s = self._wait_s()
            if due_s is not None and due_s <= 0 and not self._closed:
                self._game.tick()

    def _wait_s(self) -> float | None:
        due = self._game.due
        return None if due is None else max(0.0, due - self._game.now())

    def _listen(self) -> None:
        while (order := read(self._inlet)) is not None:
            self._orders.put(order)
        # The engine is gone: nobody is left to play for, and nobody to take the rows.
        os._exit(0)

    def _obey_waiting(self) -> None:
        while not self._orders.empty():
            self._obey(self._orders.get())

    def _obey(self, order: dict[str, Any]) -> None:
        game = self._game
        match order["do"]:
            case "input":
                game.input(order["player"], order["input"], order["at_ms"])
            case "start":
                game.start(order["at"])
            case "allow":
                game.allow(order["episodes"])
            case "pause":
                game.pause()
            case "resume":
                game.resume()
            case "absent":
                game.absent(order["player"])
            case "show":
                game.show(order["player"])
            case "look":
                game.look(order["player"])
            case "close":
                game.close()
                self._closed = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

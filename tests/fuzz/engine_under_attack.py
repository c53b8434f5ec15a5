"""An engine in a process of its own that tells how it fares: its memory, the longest step of its loop, what it logs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from pathlib import Path

from igym.host.base.journal import LibraryLog
from igym.host.engine.engine import Engine
from igym.host.session.settings import EngineOptions
from tests.loop_watch import LoopWatch, watched_loop

LOOK_EVERY_S = 0.1


def resident_bytes() -> int:
    """What this process holds of the memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not tell")


async def main(folder: Path, data: Path) -> None:
    """Until standard input ends; then one line of JSON: `{peak_bytes, longest_step_s, stalls, unhandled}`."""
    unhandled: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unhandled.append(str(context)))
    engine = Engine(EngineOptions(folder=folder, data=data, port=0, address="127.0.0.1"))
    logging.getLogger().addHandler(LibraryLog(engine.journal))
    engine.journal.add_listener(lambda line: unhandled.append(str(line)) if _is_unhandled(line) else None)
    ready = await engine.start()
    print(json.dumps({"url": ready.join_url, "folder": str(ready.data_folder), "session": ready.session}), flush=True)
    ending = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    peak = 0
    with watched_loop() as watch:
        while not ending.done():
            peak = max(peak, resident_bytes())
            await asyncio.wait([ending], timeout=LOOK_EVERY_S)
    await engine.stop("the attack is over")
    _tell(peak, watch, unhandled)


def _is_unhandled(line: dict[str, object]) -> bool:
    """An error of ours; not what a browser says of errors of its own."""
    data = line.get("data")
    traced = isinstance(data, dict) and bool(data.get("traceback"))
    return (line["level"] == "error" or traced) and "Error in the browser" not in str(line["text"])


def _tell(peak: int, watch: LoopWatch, unhandled: list[str]) -> None:
    found = {"peak_bytes": peak, "longest_step_s": watch.longest_s, "stalls": watch.stalls, "unhandled": unhandled[:20]}
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))

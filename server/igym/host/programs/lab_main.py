"""`igym labcheck --folder F …`: the lab check as a process of its own, at the other end of the launcher's pipes."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from igym.host.base.clock import Clock
from igym.host.base.errors import HostError
from igym.host.base.journal import Journal, print_json
from igym.host.lab.lab_host import LabHost
from igym.host.programs.engine_main import FAILED_EXIT_CODE, run_loop
from igym.host.session.settings import add_engine_arguments, engine_options
from igym.protocol.told import Told


def main(arguments: list[str]) -> int:
    """Takes the engine's options, so that the same port, card and certificate are tried.

    JSON lines on stdout: `{event: "ready", url}` or `{event: "failed", code, text}`, then `{event: "lab", …}` with the
    whole table after each change (at most four a second). JSON lines on stdin: `{do: "again"}`, `{do: "forget", seat}`.
    The end of stdin ends the check.
    """
    parser = argparse.ArgumentParser(prog="igym labcheck", description="Measures the lab's computers, seat by seat.")
    parser.add_argument("--folder", type=Path, required=True)
    add_engine_arguments(parser)
    parsed, _ = parser.parse_known_args(arguments)
    return run_loop(_run(engine_options(parsed, parsed.folder)))


async def _run(options: Any) -> int:
    with contextlib.redirect_stdout(sys.stderr):
        out = sys.__stdout__
        clock = Clock()
        host = LabHost(options, clock, Journal(clock), lambda table: print_json({"event": "lab", **table}, out))
        try:
            url = await host.start()
        except Exception as error:
            await host.close()
            print_json(_failed(error), out)
            return FAILED_EXIT_CODE
        print_json({"event": "ready", "url": url, "pid": os.getpid()}, out)
        orders = _stdin_lines(asyncio.get_running_loop())
        while (order := await orders.get()) is not None:
            await _obey(host, order)
        await host.close()
        return 0


def _failed(error: Exception) -> dict[str, Any]:
    if isinstance(error, HostError):
        return {"event": "failed", "code": error.code, "text": error.text, "details": error.details}
    text = Told("The lab check could not start: {error}", error=error)
    return {"event": "failed", "code": "internal", "text": text, "details": traceback.format_exc()}


async def _obey(host: LabHost, line: bytes) -> None:
    try:
        order = json.loads(line)
    except ValueError:
        return
    if order.get("do") == "again":
        await host.again()
    elif order.get("do") == "forget":
        await host.forget(str(order.get("seat")))


def _stdin_lines(loop: asyncio.AbstractEventLoop) -> asyncio.Queue[bytes | None]:
    """Each line of standard input, then None at its end. The thread ends with the process."""
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(line: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended before the launcher
            loop.call_soon_threadsafe(lines.put_nowait, line)

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in sys.stdin.buffer:
                put(line)
        put(None)

    threading.Thread(target=read, name="igym-lab-orders", daemon=True).start()
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

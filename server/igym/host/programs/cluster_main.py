"""One session on several computers: `igym cluster core FOLDER …`, `igym cluster edge …` and `igym cluster jobs …`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys

from igym.host.base.errors import HostError
from igym.host.base.journal import Line
from igym.host.cluster.edge import Edge, EdgeOptions
from igym.host.cluster.redis_bus import checked_redis
from igym.host.programs.engine_main import FAILED_EXIT_CODE, run_by_hand, run_loop, serve_options
from igym.host.programs.jobs_main import jobs_main
from igym.host.session.settings import DEFAULT_PORT

USAGE = """usage: igym cluster core FOLDER --database URL --redis URL …
       igym cluster edge --redis URL …
       igym cluster jobs --database URL --data FOLDER

  core   runs a session whose participants come through edges; several with --standby --begin take over from each other
  edge   holds participants' sockets and serves the pages; as many as are needed, behind a proxy
  jobs   makes files and checks, so that the computers that run sessions need not

`igym cluster core --help` and so on tell more."""


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["core"]:
        return run_loop(run_by_hand(serve_options(arguments[1:], of_cluster=True)))
    if arguments[:1] == ["edge"]:
        return run_loop(_run_edge(edge_options(arguments[1:])))
    if arguments[:1] == ["jobs"]:
        return jobs_main(arguments[1:])
    asked = arguments[:1] in (["-h"], ["--help"])
    print(USAGE, file=sys.stdout if asked else sys.stderr)
    return 0 if asked else 2


def edge_options(arguments: list[str]) -> EdgeOptions:
    """What a command line of `igym cluster edge` asks for; one that cannot be meant ends the program."""
    parser = argparse.ArgumentParser(prog="igym cluster edge", description="Holds participants' sockets.")
    parser.add_argument("--redis", required=True, metavar="URL", help="the Redis server that the core uses")
    parser.add_argument(
        "--study", default="", metavar="NAME", help="igym_ and the study's id, where several studies use that server"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help=f"TCP port (default: {DEFAULT_PORT}), 0: any")
    parser.add_argument("--address", help="network address of this computer to use (default: the best one)")
    parser.add_argument("--public-url", default="", metavar="URL", help="the address at which a proxy serves the study")
    parser.add_argument(
        "--trusted-proxy", default="", metavar="ADDRESS[,…]",
        help="address or network of the proxy whose X-Forwarded-For, -Proto and -Host are believed",
    )  # fmt: skip
    parsed = parser.parse_args(arguments)
    try:
        url = checked_redis(parsed.redis)
    except HostError as error:
        parser.error(error.text)
    return EdgeOptions(url, parsed.study, parsed.port, parsed.address, parsed.public_url, parsed.trusted_proxy)


async def _run_edge(options: EdgeOptions) -> int:
    edge = Edge(options)
    edge.journal.print = _print_line
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    running, asked = asyncio.create_task(_serve(edge)), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([running, asked], return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            await running
        return 0
    except HostError as error:
        sys.stderr.write(f"{error.text}\n")
        return FAILED_EXIT_CODE
    finally:
        for task in (running, asked):
            task.cancel()
        await asyncio.gather(running, asked, return_exceptions=True)
        await edge.close()


async def _serve(edge: Edge) -> None:
    port = await edge.start()
    sys.stdout.write(f"Edge {edge.name} answers at port {port}.\n")
    sys.stdout.flush()
    await edge.broken()


def _print_line(line: Line) -> None:
    if line["level"] != "debug":
        sys.stderr.write(f"[{line['level']}] {line['source']}: {line['text']}\n")

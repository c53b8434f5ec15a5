"""`igym end URL|FOLDER`: ends a running session for everybody, without a window, and says who had not finished.

Exit codes: 0 ended and all files are written, 1 ended but some files are not, 2 wrong usage, 3 there is no running
session to end, 4 ended but the files were not done within the limit.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import socketio
from socketio.exceptions import SocketIOError

from igym.core.state import HAVE_PEOPLE
from igym.host.base.errors import HostError
from igym.host.base.json_lines import line_of
from igym.host.base.spawn import TOKEN_VARIABLE
from igym.host.files.exports import NOT_WRITTEN
from igym.host.session.control import COMMAND_LINE, CONTROL
from igym.host.store.engine_file import ENGINE_FILE, read_engine_file
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told

FILES_MISSING, NO_SESSION, NOT_DONE = 1, 3, 4
CONNECT_S = 10.0
SETTLED_S = 15.0
"""Longest wait for the view in which everybody's part has ended."""


@dataclass(frozen=True)
class Target:
    """Where the engine is controlled; `folder` is its data folder when that is on this computer."""

    url: str
    token: str
    folder: Path | None = None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="igym end",
        description="Ends a running session for everybody, waits until its files are written, and says who finished.",
        epilog="Exit codes: 0 ended and all files written; 1 ended, some files could not be written; 2 wrong usage; "
        "3 no running session there; 4 ended, but writing the files takes longer than --limit.",
    )
    parser.add_argument("where", metavar="URL|FOLDER", help="the data folder (it holds engine.json), or its address")
    parser.add_argument("--token", help=f"the control token, for an address (default: {TOKEN_VARIABLE})")
    parser.add_argument("--header", default="", help="headline of the last page for those who had not finished")
    parser.add_argument("--body", default="", help="text of that page")
    parser.add_argument("--reason", default="", help="why, for researcher_actions.csv")
    parser.add_argument("--limit", type=float, default=900.0, metavar="SECONDS", help="longest wait for files (900)")
    parser.add_argument("--json", action="store_true", help="report as one JSON line")
    options = parser.parse_args(arguments)
    try:
        target = find(options.where, options.token or os.environ.get(TOKEN_VARIABLE, ""))
        return asyncio.run(_end(target, options))
    except HostError as error:
        if options.json:
            print(line_of({"event": "failed", "code": error.code, "text": error.text}))
        else:
            sys.stderr.write(f"{error.text}\n")
        return NO_SESSION


def find(where: str, token: str) -> Target:
    """The engine an address or a folder leads to. Raises `HostError`."""
    if "://" in where:
        if not token:
            raise HostError(
                "no_token",
                Told(
                    "Give the control token with --token, or in {token_variable}: it is in the engine.json of "
                    "the data folder. On this computer, give that folder instead.",
                    token_variable=TOKEN_VARIABLE,
                ),
            )
        return Target(where, token)
    folder = Path(where).absolute()
    # The study's folder and the root of all data folders are what people have at hand.
    found = [path.parent for pattern in ("", "*/", "data/*/") for path in folder.glob(f"{pattern}{ENGINE_FILE}")]
    if not found:
        raise HostError(
            "not_running",
            Told(
                "No session is running with the data folder {folder}. A paused one goes on with `igym serve "
                "STUDY --resume`; then it can be ended.",
                folder=folder,
            ),
        )
    if len(found) > 1:
        names = ", ".join(str(path) for path in found)
        raise HostError(
            "several",
            Told(
                "Several sessions are running below {folder}: {names}. Give one of these folders.",
                folder=folder,
                names=names,
            ),
        )
    facts = read_engine_file(found[0])
    if facts is None:
        raise HostError("not_running", Told("{name} cannot be read.", name=found[0] / ENGINE_FILE))
    url = f"http://127.0.0.1:{facts.control_port or facts.port}"
    return Target(url, facts.control_token, found[0])


class _Link:
    """The newest rows of the session, as the engine tells them."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.session: dict[str, Any] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.not_written: dict[str, str] = {}
        self.news = asyncio.Event()
        self.gone = asyncio.Event()
        for name in ("snapshot", "changes"):
            self.client.on(name, self._take, namespace=CONTROL)
        self.client.on("disconnect", lambda *_: self.gone.set(), namespace=CONTROL)

    def _take(self, view: dict[str, Any]) -> None:
        self.session = view["session"]
        self.people |= {row["id"]: row for row in view["participants"]}
        for row in view["problems"]:
            if row.get("title") == NOT_WRITTEN:
                self.not_written[row["id"]] = row["text"]
            else:
                self.not_written.pop(row["id"], None)
        self.news.set()

    async def open(self, target: Target) -> None:
        try:
            await self.client.connect(target.url, auth={"token": target.token}, namespaces=[CONTROL],
                                      transports=["websocket"], wait_timeout=CONNECT_S)  # fmt: skip
            await self.until(lambda: bool(self.session), CONNECT_S)
        except (SocketIOError, TimeoutError, OSError) as error:
            raise HostError(
                "not_reachable",
                Told(
                    "No session answers at {url}, or the token is another one's. Its engine may have stopped: a "
                    "paused session goes on with `igym serve STUDY --resume`.",
                    url=target.url,
                ),
                str(error),
            ) from error

    async def close(self) -> None:
        await self.client.shutdown()
        # A connection that was refused leaves its session open.
        if self.client.eio.http is not None:
            await self.client.eio.http.close()

    async def until(self, condition: Any, limit_s: float) -> None:
        async with asyncio.timeout(limit_s):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def command(self, name: str, reason: str = "", **args: Any) -> dict[str, Any]:
        message = {"name": name, "args": args, "reason": reason, "by": COMMAND_LINE}
        return dict(await self.client.call("command", message, namespace=CONTROL))


async def _end(target: Target, options: argparse.Namespace) -> int:
    link = _Link()
    try:
        await link.open(target)
        reply = await link.command("end_session", options.reason, header=options.header, body=options.body)
        if not reply["ok"] and reply["code"] != "session_over":
            raise HostError(reply["code"], reply["text"])
        await link.until(lambda: link.session["state"] == "ended", SETTLED_S)
        if not options.json:
            print("The session has ended for everybody. Writing the files…", flush=True)
        await link.command("stop_engine")
        code = await _written(link, target, options.limit)
    finally:
        await link.close()
    _tell(link, target, options, code)
    return code


async def _written(link: _Link, target: Target, limit_s: float) -> int:
    """The engine hangs up when everything is on disk; engine.json stays behind where it died before."""
    try:
        async with asyncio.timeout(limit_s):
            await link.gone.wait()
    except TimeoutError:
        return NOT_DONE
    died = target.folder is not None and (target.folder / ENGINE_FILE).exists()
    return FILES_MISSING if link.not_written or died else 0


def _tell(link: _Link, target: Target, options: argparse.Namespace, code: int) -> None:
    people = [row for row in link.people.values() if not row["simulated"]] or list(link.people.values())
    if options.json:
        print(line_of({**_as_json(link, code), "code": _trail_code(link, target)}))
        return
    others = [row for row in people if row["state"] != "finished"]
    print(f"{len(people) - len(others)} of {len(people)} finished.")
    if others:
        print("Not finished:")
    for row in others:
        print(f"  {row['label'] or row['id']:<20} {row['state'].replace('_', ' ')}{_where(row)}: {row['reason']}")
    simulated = sum(row["simulated"] for row in link.people.values())
    if simulated:
        told = f"{simulated} simulated participants took part." if simulated > 1 else "One was simulated."
        print(f"{told} {_in_files(link)}".rstrip())
    place = f" {target.folder}" if target.folder else ""
    after = {0: "All files are written.", NOT_DONE: "Files are still being written."}
    print(after.get(code, f"Not all files could be written; `igym export{place}` makes them."))
    for text in link.not_written.values():
        print(f"  {text}")
    code_of_trail = _trail_code(link, target)
    if code_of_trail:
        print(f"For your paper log, the code of everything recorded: {code_of_trail}")


def _in_files(link: _Link) -> str:
    if link.session["kind"] not in HAVE_PEOPLE:
        return ""
    return "Files leave out who played with nobody real; igym export --include-simulated writes them too."


def _trail_code(link: _Link, target: Target) -> str | None:
    """The short code of the session's log; None where its database is on another computer or nothing was kept."""
    database = target.folder / DATABASE if target.folder else None
    if database is None or not has_data(database):
        return None
    with StoreReader(database) as reader:
        head = reader.trail_head(link.session["id"])
    return head.code if head else None


def _where(row: dict[str, Any]) -> str:
    """` in “play”, episode 2`, or nothing before the first scene."""
    if not row["scene_id"]:
        return ""
    return f" in “{row['scene_id']}”" + (f", episode {row['episode']}" if row["episode"] is not None else "")


def _as_json(link: _Link, code: int) -> dict[str, Any]:
    names = {"participant": "id", "label": "label", "status": "state", "reason": "reason", "scene": "scene_id",
             "episode": "episode", "simulated": "simulated"}  # fmt: skip
    people = [{name: row[source] for name, source in names.items()} for row in link.people.values()]
    problems = list(link.not_written.values())
    files = {0: "written", NOT_DONE: "being written"}.get(code, "not all written")
    return {"event": "ended", "session": link.session["id"], "participants": people, "files": files,
            "problems": problems}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

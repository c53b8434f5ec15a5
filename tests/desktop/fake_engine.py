"""Speaks the engine's side of the contract (control namespace, stdout lines, describe) with scripted behaviour.

Usage: fake_engine.py engine --folder … | describe FOLDER | export …   (behaviour from the JSON in $IGYM_FAKE)
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

SCENES = ["welcome", "game", "survey", "thanks"]
STATES = [
    "playing",
    "playing",
    "waiting",
    "in_scene",
    "loading",
    "paused",
    "finished",
    "excluded",
    "countdown",
    "dropped",
]


DETAILS = {
    "timeline": [
        {"at": 1.0, "kind": "joined", "body": {}},
        {"at": 2.0, "kind": "scene_entered", "scene": "game", "body": {}},
    ],
    "answers": [{"at": 3.0, "kind": "answers", "scene": "survey", "body": {"values": {"fun": 5}}}],
    "rtt": [{"at": 1.0, "rtt_ms": 2.0}],
    "metrics": [{"at": 2.0, "participant": "P001", "body": {"values": {"fps": 30}}}],
    "console": [{"at": 2.0, "level": "error", "text": "boom"}],
}


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


def participant(number: int) -> dict[str, Any]:
    state = STATES[(number - 1) % len(STATES)]
    playing = state in ("playing", "paused", "countdown")
    mate = number + 1 if number % 2 else number - 1
    return {
        "id": f"P{number:03d}",
        "label": f"PC{number:02d}",
        "seat": f"PC{number:02d}",
        "state": state,
        "connection": "lost" if state == "dropped" else "away" if number % 7 == 0 else "connected",
        "scene_id": SCENES[number % 4],
        "scene_index": number % 4,
        "scene_total": 4,
        "loading": {"label": "Python packages", "fraction": 0.6} if state == "loading" else None,
        "rtt_ms": 2.0 + number % 9,
        "fps": 29.9 if playing else None,
        "match_id": f"m{(number + 1) // 2}" if playing else None,
        "partners": [f"P{mate:03d}"] if playing else [],
        "episode": 0 if playing else None,
        "frame": 120 * number if playing else None,
        "focused": number % 5 != 0,
        "warnings": 2 if number % 5 == 0 else 0,
        "waiting_since": time.time() - 42 if state == "waiting" else None,
        "code": f"C0DE{number}" if state == "finished" else None,
        "reason": "ping too high" if state == "excluded" else None,
        "joined_at": time.time() - 300 - number,
        "browser": "Chromium 140 on Linux",
    }


class FakeSession:
    def __init__(self, arguments: argparse.Namespace, behaviour: dict[str, Any], url: str) -> None:
        self.behaviour = behaviour
        self.folder = Path(arguments.data) / "mountain_car"
        self.rows = {row["id"]: row for row in (participant(n + 1) for n in range(behaviour.get("participants", 0)))}
        self.session = {
            "id": arguments.resume or behaviour.get("session", "s-2026-01-01-1"),
            "experiment_id": "mountain_car",
            "title": behaviour.get("title", "Mountain Car"),
            "state": "running",
            "admission": "open",
            "started_at": time.time() - 1403,
            "expected": behaviour.get("expected"),
            "join_url": url,
        }
        self.problems: list[dict[str, Any]] = behaviour.get("problems", [])
        self.commands: list[dict[str, Any]] = []
        self.seq = 0
        self.monitor: str | None = None
        self.export_stopped = asyncio.Event()

    def counts(self) -> dict[str, int]:
        names = [
            "loading",
            "in_scene",
            "waiting",
            "playing",
            "paused",
            "finished",
            "excluded",
            "withdrawn",
            "dropped",
            "timed_out",
        ]
        counts = {name: sum(row["state"] == name for row in self.rows.values()) for name in names}
        for name in ("connected", "away", "lost"):
            counts[name] = sum(row["connection"] == name for row in self.rows.values())
        return {"joined": len(self.rows), **counts}

    def matches(self) -> list[dict[str, Any]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in self.rows.values():
            if row["match_id"]:
                found.setdefault(row["match_id"], []).append(row)
        return [
            {
                "id": key,
                "scene_id": "game",
                "state": members[0]["state"],
                "participants": [row["id"] for row in members],
                "episode": 1,
                "frame": members[0]["frame"],
                "parity": ["pending", "identical", "differs at frame 301"][i % 3],
                "transport": "p2p",
                "started_at": time.time() - 100,
                "ended_at": None,
                "reason": None,
            }
            for i, (key, members) in enumerate(found.items())
        ]

    def view(self) -> dict[str, Any]:
        waiting = sum(row["state"] == "waiting" for row in self.rows.values())
        rooms = (
            [{"scene_id": "game", "waiting": waiting, "needed": 2, "oldest_since": time.time() - 42}] if waiting else []
        )
        return {
            "session": self.session,
            "counts": self.counts(),
            "participants": list(self.rows.values()),
            "matches": self.matches(),
            "waitrooms": rooms,
            "cells": self.behaviour.get("cells", []),
            "messages": self.behaviour.get("messages", []),
            "problems": self.problems,
        }

    def changes(self, changed: list[dict[str, Any]]) -> dict[str, Any]:
        self.seq += 1
        return {**self.view(), "seq": self.seq, "participants": changed, "gone": []}

    def erased(self, args: dict[str, Any]) -> None:
        participant = args["participant"]
        if not args.get("erase"):
            return
        receipt = {"participant": participant, "session": self.session["id"], "erased_at": time.time(),
                   "erased": "rows", "kept": "ids", "removed_files": [f"game/{participant}_ep0.csv"],
                   "copies": [{"file": "backups/a.sqlite3", "done": "erased in it"}]}  # fmt: skip
        file = self.folder / "withdrawals" / f"{participant}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(receipt))

    async def perform(self, message: dict[str, Any], progress: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if message["name"] == "cancel_export":
            self.export_stopped.set()
        if message["name"] == "export" and self.behaviour.get("long_export"):
            await progress(self.behaviour["long_export"])
            await self.export_stopped.wait()
            return {"ok": False, "code": "cancelled", "text": "The export was stopped after 1 of 9 steps."}, []
        return self.command(message["name"], message["args"])

    def command(self, name: str, args: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if name in self.behaviour.get("refuse", []):
            return {"ok": False, "code": "refused", "text": f"The server refused {name}."}, []
        row = self.rows.get(args.get("participant", ""))
        changed = [row] if row else []
        if name in ("close_admission", "open_admission"):
            self.session["admission"] = "closed" if name.startswith("close") else "open"
        elif name in ("close_cell", "open_cell"):
            for cell in self.behaviour["cells"]:
                cell["open"] = cell["open"] if cell["id"] != args["cell"] else name == "open_cell"
        elif name == "exclude" and row:
            row.update(state="excluded", reason=args.get("reason") or "excluded by the researcher")
        elif name == "withdraw" and row:
            row.update(state="withdrawn")
            self.erased(args)
        elif name == "move" and row:
            row.update(scene_id=args["scene"], state="in_scene")
        elif name == "end_session":
            self.session["state"] = "ended"
        elif name == "monitor" and "on" in args:
            self.monitor = "/monitor?token=secret" if args["on"] else None
        self.session.update({"annotate": args}.get(name, {}))
        details = self.behaviour.get("details", DETAILS)
        results = {"participant_details": details, "match_details": details, "monitor": {"path": self.monitor}}
        result = results.get(name)
        return {"ok": True, "result": result}, changed


async def run_engine(arguments: argparse.Namespace, behaviour: dict[str, Any]) -> int:
    import socketio
    from aiohttp import web

    server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
    app = web.Application()
    server.attach(app)
    done = asyncio.Event()
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", arguments.port)
    try:
        await site.start()
    except OSError:
        say(
            event="failed",
            code="port_in_use",
            text=f"Port {arguments.port} is used by another program.",
            details={"port": arguments.port},
        )
        return 3
    port = site._server.sockets[0].getsockname()[1]
    token = os.environ["IGYM_CONTROL_TOKEN"]
    session = FakeSession(arguments, behaviour, f"http://127.0.0.1:{port}/")

    @server.on("connect", namespace="/control")
    async def connect(sid: str, environ: Any, auth: Any) -> None:
        if (auth or {}).get("token") != token:
            raise socketio.exceptions.ConnectionRefusedError("wrong token")
        await server.emit("snapshot", session.view(), to=sid, namespace="/control")
        for line in behaviour.get("log", []):
            await server.emit("log", line, to=sid, namespace="/control")

    @server.on("command", namespace="/control")
    async def command(sid: str, message: dict[str, Any]) -> dict[str, Any]:
        session.commands.append(message)
        with (folder / "commands.jsonl").open("a") as file:
            file.write(json.dumps(message) + "\n")
        if message["name"] in ("crash", behaviour.get("crashes_at")):
            os._exit(9)
        answer, changed = await session.perform(
            message, lambda step: server.emit("progress", step, to=sid, namespace="/control")
        )
        if message["name"] != "monitor":
            await server.emit("changes", session.changes(changed), namespace="/control")
        if message["name"] == "stop_engine":
            asyncio.get_running_loop().call_later(0.05, done.set)
        return answer

    folder = Path(arguments.data) / "mountain_car"
    folder.mkdir(parents=True, exist_ok=True)
    turn = os.environ.get("IGYM_TURN_CREDENTIAL", "")
    (folder / "started.json").write_text(json.dumps({"arguments": behaviour["others"], "turn": turn}))
    engine_file = folder / "engine.json"
    engine_file.write_text(
        json.dumps(
            {
                "pid": os.getpid(),
                "port": port,
                "control_token": token,
                "session": session.session["id"],
                "started_at": 0,
            }
        )
    )
    say(
        event="ready",
        port=port,
        join_url=session.session["join_url"],
        session=session.session["id"],
        keeps_data=behaviour.get("keeps_data", True),
        pid=os.getpid(),
        data_folder=str(folder),
    )
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    leash = threading.Thread(target=lambda: (sys.stdin.read(), launcher_gone(loop, arguments, done)), daemon=True)
    leash.start()
    await done.wait()
    engine_file.unlink(missing_ok=True)
    await runner.cleanup()
    return int(behaviour.get("ends_with", 0))


def launcher_gone(loop: asyncio.AbstractEventLoop, arguments: argparse.Namespace, done: asyncio.Event) -> None:
    if arguments.when_launcher_gone == "stop":
        loop.call_soon_threadsafe(done.set)


def main() -> int:
    behaviour = json.loads(os.environ.get("IGYM_FAKE", "{}"))
    kind, rest = sys.argv[1], sys.argv[2:]
    if kind == "describe":
        file = Path(rest[0]) / "describe.json"
        print(
            file.read_text()
            if file.exists()
            else json.dumps({"ok": False, "error": {"text": "No describe.json", "file": str(file), "line": 1}})
        )
        return 0
    if kind != "engine":
        if behaviour.get("told_to"):
            with Path(behaviour["told_to"]).open("a") as file:
                file.write(json.dumps([kind, *rest]) + "\n")
        for line in behaviour.get(kind, []):
            say(**line)
        if behaviour.get(f"{kind}_waits"):
            signal.signal(signal.SIGTERM, lambda *_: os._exit(4))
            signal.pause()
        return int(behaviour.get(f"{kind}_exit", 0))
    parser = argparse.ArgumentParser()
    for name in ("folder", "address", "data", "profile", "resume", "when-launcher-gone", "grace"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--port", type=int)
    arguments, others = parser.parse_known_args(rest)
    behaviour["others"] = others
    if behaviour.get("fail"):
        say(event="failed", **behaviour["fail"])
        return 3
    if behaviour.get("crash_at_start"):
        print("Traceback: boom", file=sys.stderr, flush=True)
        return 1
    return asyncio.run(run_engine(arguments, behaviour))


if __name__ == "__main__":
    sys.exit(main())

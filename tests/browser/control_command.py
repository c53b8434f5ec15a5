"""One command over the control link, as the launcher gives it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import socketio

from igym.host.store.engine_file import read_engine_file
from tests.browser.engine_process import EngineProcess

LIMIT_S = 120


def command(engine: EngineProcess, name: str, **args: Any) -> dict[str, Any]:
    """The answer's result; `AssertionError` with the engine's words when it refuses."""
    answers: list[dict[str, Any]] = []
    # A thread of its own: the browser driver already runs a loop in this one.
    asking = threading.Thread(target=lambda: answers.append(asyncio.run(_ask(engine, name, args))))
    asking.start()
    asking.join(LIMIT_S)
    assert answers, "the engine did not answer"
    assert answers[0]["ok"], answers[0]
    return dict(answers[0]["result"] or {})


async def _ask(engine: EngineProcess, name: str, args: dict[str, Any]) -> dict[str, Any]:
    facts = read_engine_file(engine.folder)
    assert facts is not None
    client = socketio.AsyncClient(handle_sigint=False)
    await client.connect(f"http://127.0.0.1:{facts.port}", auth={"token": facts.control_token},
                         namespaces=["/control"], transports=["websocket"], wait_timeout=LIMIT_S)  # fmt: skip
    try:
        message = {"name": name, "args": args, "reason": ""}
        return dict(await client.call("command", message, namespace="/control", timeout=LIMIT_S))
    finally:
        await client.disconnect()

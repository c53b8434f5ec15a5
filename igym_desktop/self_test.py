"""`--self-test`: does this installation work? Plays an example with simulated participants, exports, verifies."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from igym_desktop.flow.rehearsal import RehearsalPlan, Report
from igym_desktop.launcher import Launcher
from igym_desktop.rehearsal import Rehearsal

LIMIT_S = 180.0


async def self_test(launcher: Launcher) -> int:
    """Prints one JSON object and returns 0 when everything went well."""
    with tempfile.TemporaryDirectory(prefix="igym-self-test-") as folder:
        launcher.change_settings(port=0, address="127.0.0.1", data_root=folder)
        try:
            result = await asyncio.wait_for(_run(launcher), LIMIT_S)
        except (TimeoutError, RuntimeError) as error:
            result = {"ok": False, "text": str(error) or f"it took longer than {LIMIT_S:g} s", "log": _log(launcher)}
        engine = launcher.engine
        engine.stop(end_session=True)
        await _until(lambda: not engine.alive)
    print(json.dumps({"event": "self_test", **result}), file=sys.__stdout__, flush=True)
    return 0 if result["ok"] else 1


async def _run(launcher: Launcher) -> dict[str, Any]:
    entries = launcher.library.entries
    await launcher.reader.described()
    ready = [entry for entry in entries.values() if entry.status == "ready"]
    if not ready:
        errors = [str(entry.error.get("text")) for entry in entries.values()]
        raise RuntimeError(f"no example can be loaded: {errors}")
    entry = next((entry for entry in ready if entry.info.get("players") == 1), ready[0])
    launcher.start(entry.folder)
    await _until(lambda: launcher.engine.mirror.session or launcher.engine.state == "failed")
    if launcher.engine.state == "failed":
        raise RuntimeError(launcher.engine.problem)
    reports: list[Report] = []
    rehearsal = Rehearsal(launcher, RehearsalPlan(number=2, frames=60, speed=0.0), launcher)
    rehearsal.finished.connect(reports.append)
    rehearsal.start()
    await _until(lambda: reports)
    broken = {item.folder.name: str(item.error.get("text")) for item in entries.values() if item.status == "broken"}
    lines = [text for _, text in reports[0].lines]
    return {"ok": reports[0].ok and not broken, "experiment": entry.experiment_id, "report": lines, "broken": broken}


def _log(launcher: Launcher) -> list[str]:
    return [line.as_text() for line in list(launcher.log.lines)[-30:]]


async def _until(condition: Callable[[], Any]) -> None:
    while not condition():  # noqa: ASYNC110 - conditions of Qt objects, from several signals
        await asyncio.sleep(0.05)

"""Children are begun whatever happens to the terminal meanwhile."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Any

import pytest

from igym.host.children.child import LocalRunner

INTERRUPTS_ITSELF = (
    "import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGINT)"
)


@pytest.mark.real_starts
@pytest.mark.skipif(sys.platform == "win32", reason="a child is in a group of its own there from its beginning")
async def test_a_child_that_ctrl_c_met_while_it_was_made_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncio.create_subprocess_exec
    made: list[Process] = []

    async def met_once(*command: str, **options: Any) -> Process:
        made.append(await real(*(command if made else (sys.executable, "-c", INTERRUPTS_ITSELF)), **options))
        if len(made) == 1:
            await made[0].wait()
        return made[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", met_once)
    started = await LocalRunner().start("checkpoint", [str(tmp_path / "nothing.sqlite3"), "s"], 1000)
    assert [started] == made[1:] and made[0].returncode == -signal.SIGINT
    await started.wait()

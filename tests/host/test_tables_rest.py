"""Tables over everybody are not written anew each time somebody finishes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.children.child import LocalRunner
from igym.host.files import exports
from igym.host.files.exports import TABLES_AFTER_S, TABLES_REST, Exports
from tests.waiting import until


class Exporter:
    """The exporting process: writing takes so long on a clock of its own."""

    now, takes_s = 1000.0, 3.0
    done: list[str]

    def __init__(self) -> None:
        self.done, self.is_alive = [], True

    async def start(self) -> None: ...

    async def end(self) -> None: ...

    async def request(self, fields: dict[str, Any], progress: Any = None) -> dict[str, Any]:
        self.now += self.takes_s
        self.done.append(fields["do"])
        return {"value": None if fields["do"] == "check" else []}


async def test_tables_rest_in_proportion_to_what_they_cost_until_the_session_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Exporter()
    monkeypatch.setattr(exports, "LineChild", lambda runner, kind, arguments, log: child)
    monkeypatch.setattr(exports, "steady_s", lambda: child.now)
    clock = Clock()
    journal = Journal(clock)
    files = Exports(tmp_path / "session.sqlite3", "s", lambda line: None, HostProblems(clock, journal), LocalRunner())
    files.start()
    loop = asyncio.get_running_loop()

    def due_in_s() -> float:
        assert files._tables_due is not None
        return files._tables_due.when() - loop.time()

    files.file(do="scene", participant="p1", visit=1)
    assert due_in_s() == pytest.approx(TABLES_AFTER_S, abs=1)
    files._tables_due.cancel()  # type: ignore[union-attr]
    files._tables_now()
    await until(lambda: child.done == ["scene", "tables"])

    files.file(do="scene", participant="p2", visit=1)
    assert due_in_s() == pytest.approx(TABLES_REST * child.takes_s, abs=5)
    files.check()
    assert due_in_s() == pytest.approx(TABLES_AFTER_S, abs=1), "the session is over"
    await files.finish()
    assert child.done[-3:] == ["last", "tables", "check"]

"""The real launcher in a process of its own, told over stdin what a researcher clicks: one JSON object a line."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from pathlib import Path
from typing import Any

import qasync
from PySide6.QtWidgets import QApplication, QPushButton

from igym_desktop.app import App, make_application
from igym_desktop.flow.paths import AppPaths
from igym_desktop.models.participants import ROW_ROLE

LIMIT_S = 120


class Driver:
    """Carries out one order at a time on the open window."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def carry_out(self, order: dict[str, Any]) -> dict[str, Any]:
        """Run the named order; the answer tells where the launcher is afterwards."""
        if order["do"] == "click":
            (await self._button(order["name"])).click()
        elif order["do"] == "answer":
            await self._until(QApplication.activeModalWidget)
            question: Any = QApplication.activeModalWidget()
            question.buttons[order["key"]].click()
        elif order["do"] == "start":
            folder = Path(order["folder"])
            await self._until(lambda: self.app.launcher.library.entries[folder].status == "ready")
            self.app.launcher.start(folder)
        elif order["do"] == "until":
            await self._until(lambda: self.app.launcher.engine.state == order["state"])
            if order["state"] == "running":
                await self._until(lambda: self.app.launcher.engine.mirror.session)
        return self.state()

    def state(self) -> dict[str, Any]:
        """What the researcher sees."""
        engine = self.app.launcher.engine
        rows = self.app.window.pages["session"].people.table.model().rowCount() if engine.mirror.session else 0
        return {
            "state": engine.state,
            "page": self.app.window.page_name,
            "url": engine.join_url,
            "pid": engine.pid,
            "rows": rows,
            "session": engine.mirror.session,
            "port": engine.plan.port if engine.plan else 0,
            "events": engine.mirror.events,
            "tiles": self._tiles(),
            "table": self._table(),
        }

    def _tiles(self) -> dict[str, str]:
        if not self.app.launcher.engine.mirror.session:
            return {}
        counts = self.app.window.pages["session"].counts
        names = ("joined", "loading", "in_scene", "waiting", "playing", "paused", "finished", "early")
        return {name: counts.figure(name) for name in names}

    def _table(self) -> dict[str, str]:
        """Participant → state, as the table's rows say now."""
        if not self.app.launcher.engine.mirror.session:
            return {}
        model = self.app.window.pages["session"].people.model
        rows = [model.index(row, 0).data(ROW_ROLE) for row in range(model.rowCount())]
        return {row["id"]: row["state"] for row in rows}

    async def _button(self, name: str) -> QPushButton:
        def found() -> QPushButton | None:
            button = self.app.window.findChild(QPushButton, name)
            return button if button is not None and button.isVisible() and button.isEnabled() else None

        await self._until(found)
        button = found()
        assert button
        return button

    async def _until(self, condition: Any) -> None:
        for _ in range(LIMIT_S * 50):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise TimeoutError("the launcher never got there")


def main() -> None:
    """`launcher_driver.py PORT HOME EXAMPLE…`"""
    port, *places = sys.argv[1:]
    home, *examples = map(Path, places)
    qt = make_application()
    qt.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    app = App(qt, AppPaths.below(home), examples=examples)
    app.launcher.change_settings(port=int(port), address="127.0.0.1", may_sleep=True)
    app.open()
    with loop:
        loop.run_until_complete(serve(Driver(app)))


async def serve(driver: Driver) -> None:
    """Answer orders until stdin ends or the window is told to close."""
    orders: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(orders.put_nowait, line)
        loop.call_soon_threadsafe(orders.put_nowait, "")

    threading.Thread(target=read, daemon=True).start()
    while line := await orders.get():
        try:
            answer = await driver.carry_out(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}", **driver.state()}
        print(json.dumps(answer), flush=True)
    await driver.app.shut_down()


if __name__ == "__main__":
    main()

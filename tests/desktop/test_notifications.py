"""What the desktop is told of, and what is no news."""

from __future__ import annotations

from typing import Any

from igym_desktop.flow.news import NewsDesk
from tests.waiting import until

from .test_main_window import open_app, started, stopped, study

__all__ = ["open_app", "study"]


def person(state: str, connection: str = "connected") -> dict[str, Any]:
    return {"state": state, "connection": connection, "label": "PC07"}


def test_only_what_is_new_is_told_once() -> None:
    desk = NewsDesk()
    hook = {"level": "error", "title": "on_join failed", "text": "line 3"}
    assert desk.read({"1": hook}, {"p1": person("playing", "lost")}) == [], "what was there before is no news"
    slow = {"level": "warning", "title": "Slow", "text": ""}
    people = {"p1": person("playing", "lost"), "p2": person("playing", "lost")}
    told = desk.read({"1": hook, "2": {**hook, "title": "on_match failed"}, "3": slow}, people)
    assert [item.title for item in told] == ["on_match failed", "1 participant has lost the connection"]
    assert told[1].text == "PC07"
    ended = {"p1": person("finished", "lost"), "p2": person("dropped", "lost")}
    assert [item.title for item in desk.read({}, ended)] == ["1 of 2 finished; nobody takes part any more."]
    assert desk.read({}, ended) == []
    desk.begin()
    assert desk.read({"9": hook}, {}) == []


def test_the_desktop_is_told_unless_it_is_switched_off(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=2)
        folder = study("mountain_car")
        app = open_app(folder)
        told: list[str] = []
        app.notifications.told.connect(lambda title, text: told.append(title))
        app.window.isActiveWindow = lambda: False
        await started(app, folder)
        engine = app.launcher.engine
        row = {**engine.mirror.participants["P001"], "connection": "lost"}
        engine.link.changes.emit({"participants": [row]})
        await until(lambda: told == ["1 participant has lost the connection"], "notice")
        app.launcher.change_settings(notify=False)
        engine.link.changes.emit({"problems": [{"id": "x", "level": "error", "title": "Broken", "text": ""}]})
        assert told == ["1 participant has lost the connection"]
        await stopped(app)

    play(scenario())

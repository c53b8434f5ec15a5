"""The cells of a design on the Session page: how many people each has, and closing one."""

from __future__ import annotations

from typing import Any

from tests.waiting import until

from .test_main_window import open_app, press, started, stopped, study

__all__ = ["open_app", "study"]


def cell(partner: str, running: int, finished: int, dropped: int = 0) -> dict[str, Any]:
    counts = {"running": running, "finished": finished, "dropped": dropped}
    return {"id": partner, "levels": {"partner": partner}, "wanted": 20, "open": True, **counts}


def test_cells_are_counted_closed_and_opened_again(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=4, cells=[cell("human", 3, 9, 2), cell("ai", 2, 18)])
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        assert page.tabs.isTabVisible(page.tabs.indexOf(page.conditions))
        page.tabs.setCurrentWidget(page.conditions)
        model = page.conditions.model

        def shown(row: int) -> list[str]:
            return [model.index(row, column).data() for column in range(model.columnCount())]

        assert model.titles == ["partner", "Wanted", "Under way", "Finished", "Left before the end", "Takes people"]
        assert shown(0) == ["human", "20", "3", "9", "2", "Yes"]
        assert shown(1) == ["ai", "20", "2", "18", "0", "Full"]
        assert not page.conditions.close_cells.isEnabled()
        page.conditions.table.selectRow(0)
        press(page, "close_cells")
        await until(lambda: shown(0)[-1] == "Closed", "closed")
        assert page.conditions.table.selectionModel().hasSelection()
        press(page, "open_cells")
        await until(lambda: shown(0)[-1] == "Yes", "opened")
        await stopped(app)

    play(scenario())


def test_a_study_without_a_design_has_no_such_tab(play: Any, behave: Any, study: Any, open_app: Any) -> None:
    async def scenario() -> None:
        behave(participants=4)
        folder = study("mountain_car")
        app = open_app(folder)
        page = await started(app, folder)
        assert not page.tabs.isTabVisible(page.tabs.indexOf(page.conditions))
        await stopped(app)

    play(scenario())

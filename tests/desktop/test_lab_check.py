"""The lab check as a lab manager meets it: from the preflight page to each seat's result and what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt

from igym_desktop.flow.lab_check import finding_text, headline, last_check, last_check_text, way_words
from tests.waiting import until

from .conftest import fake_command
from .test_main_window import open_app, press, ready, study

__all__ = ["open_app", "study"]
FAKE_LAB = Path(__file__).with_name("fake_lab.py")


def lab_command(how: str) -> Any:
    def command(kind: str, arguments: Any) -> list[str]:
        return [sys.executable, str(FAKE_LAB), how] if kind == "labcheck" else fake_command(kind, arguments)

    return command


async def opened(app: Any, folder: Path, how: str = "works") -> tuple[Any, Any]:
    await ready(app)
    app.launcher.command_line = lab_command(how)
    app.launcher.choose(folder, "preflight")
    page = app.window.pages["preflight"]
    press(page, "lab_check")
    return page, page.lab.dialog


def texts(view: Any, column: int) -> list[str]:
    return [view.index(row, column).data() for row in range(view.rowCount())]


def test_each_seat_has_a_result_and_a_fix_in_words(play: Any, study: Any, open_app: Any) -> None:
    folder = study("duel", title="Duel")

    async def scenario() -> None:
        app = open_app(folder)
        page, dialog = await opened(app, folder)
        await until(lambda: dialog.seats.rowCount() == 3, "three seats")
        assert dialog.url.text() == "http://10.0.0.1:8000/labcheck"
        assert dialog.headline.text() == "3 seats: 1 not ready, 2 ready"
        assert texts(dialog.seats, 1) == ["Ready", "Ready", "Not ready"]
        dialog.seats_view.selectRow(2)
        said = [item.text() for item in dialog._details.findChildren(type(dialog.headline))]
        assert "One step of the game takes 41.0 ms here; a frame has only 33.3 ms." in said
        assert any("leave this seat out" in text for text in said)
        ways = {
            (dialog.ways.seats[a], dialog.ways.seats[b]): dialog.ways.index(a, b).data()
            for a in range(3)
            for b in range(3)
        }
        assert ways["PC01", "PC02"] == ways["PC02", "PC01"] == "1.2 ms"
        assert ways["PC01", "PC03"] == "4.0 ms relayed"
        assert ways["PC02", "PC03"] == "none"
        assert dialog.ways.index(0, 1).data(Qt.ItemDataRole.DecorationRole) is not None
        press(dialog, "lab_forget")
        await until(lambda: dialog.seats.rowCount() == 2, "the seat is left out")
        press(dialog, "lab_again")
        await until(lambda: dialog.headline.text() == "3 seats: 3 ready", "measured again")
        over: list[bool] = []
        dialog.child.ended.connect(lambda: over.append(True))
        press(dialog, "lab_done")
        await until(lambda: over, "the lab check's process ends with its window")
        assert page.lab.dialog is None

    play(scenario())


def test_a_check_that_cannot_run_says_why(play: Any, study: Any, open_app: Any) -> None:
    folder = study("duel", title="Duel")

    async def scenario() -> None:
        app = open_app(folder)
        _, dialog = await opened(app, folder, "broken")
        await until(dialog.banner.isVisible, "the reason")
        assert dialog.banner.text.text() == "Port 8000 is used by another program."
        assert dialog.headline.text() == "The lab check cannot run"
        press(dialog, "lab_done")

    play(scenario())


def test_the_preflight_page_tells_what_the_last_check_found(tmp_path: Path) -> None:
    assert last_check(tmp_path) is None
    assert last_check_text(None) == ("off", "The seats have not been checked yet.")
    (tmp_path / "lab_check.json").write_text(
        json.dumps({"at": 0, "seats": [{"verdict": "warning"}, {"verdict": "go"}]})
    )
    tone, text = last_check_text(last_check(tmp_path))
    assert tone == "warn"
    assert text.endswith("2 seats: 1 with warnings, 1 ready.")


def test_the_preflight_page_opens_the_tables(
    play: Any, study: Any, open_app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, shown = study("duel", title="Duel"), []
    monkeypatch.setattr("igym_desktop.pages.preflight_lab.show_folder", shown.append)

    async def scenario() -> None:
        app = open_app(folder)
        await ready(app)
        app.launcher.choose(folder, "preflight")
        panel = app.window.pages["preflight"].lab
        assert not panel.tables.isVisible()
        kept = app.launcher.data_root / "duel"
        kept.mkdir(parents=True)
        (kept / "lab_check.json").write_text(json.dumps({"at": 0, "seats": [{"seat": "PC01", "verdict": "go"}]}))
        panel.refresh()
        press(panel, "lab_tables")
        assert shown == [kept / "lab_check"]
        assert "PC01,go" in (kept / "lab_check" / "seats.csv").read_text(encoding="utf-8")

    play(scenario())


def test_every_finding_of_the_protocol_has_words_and_a_fix() -> None:
    from typing import get_args

    from igym.protocol.lab import FindingCode

    values = {"why": "x", "step_ms": 1, "frame_ms": 2, "seats": "PC02", "rtt_ms": 3, "hz": 4, "usual": "Chrome 140"}
    for code in get_args(FindingCode):
        found, advice = finding_text({"code": code, "values": values})
        assert found != code
        assert advice.endswith(".")
    assert headline({"seats": []})[1] == "No seat has opened the page yet."
    assert way_words(None).text == "·"

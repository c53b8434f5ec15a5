"""Other engines beside Chromium: alone, after a reload, in one match; all calculate the same numbers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conditions import keep_on, stored_frames
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, assert_went_on_after_a_reload, read_rows
from tests.browser.firefox import Firefox, find_firefox
from tests.browser.other_browser import ENTER, RIGHT, UP, OtherBrowser
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import STUDIES, study_copy
from tests.browser.webkit import WebKit, find_webkit

TABLET_MB = 1000
"""So much an iPad leaves to a page; beyond it Safari ends it."""
Open = Callable[[str], OtherBrowser]
# WebKitGTK is Linux's alone. It has no direct way to other browsers.
ENGINES = ("Firefox", "WebKit") if sys.platform == "linux" else ("Firefox",)
WAYS = {"Firefox": ("auto", "relay"), "WebKit": ("auto",)}
TOGETHER = 90
"""Frames of an episode."""


def opened(engine: str) -> OtherBrowser:
    if engine == "WebKit":
        found = find_webkit()
        assert found, "WebKitGTK was not found. Install its driver (Debian: webkit2gtk-driver, xvfb)."
        return WebKit(*found)
    program = find_firefox()
    assert program, "No Firefox was found. Install one (Debian: firefox-esr) or name it in the variable IGYM_FIREFOX."
    return Firefox(program)


@pytest.fixture
def open_browser() -> Iterator[Open]:
    """Starts a browser with this engine; ends it after the test."""
    started: list[OtherBrowser] = []

    def start(engine: str) -> OtherBrowser:
        started.append(opened(engine))
        return started[-1]

    yield start
    for browser in started:
        browser.close()


def stored_of(engine: EngineProcess, scene: str, members: int) -> int:
    """How many frames of this scene are on disk of each of so many who play there; none unless all do."""
    found = stored_frames(engine, scene).values()
    return min(found) if len(found) == members else 0


def stored(engine: EngineProcess, scene: str, members: int, frames: int, browser: OtherBrowser, key: str) -> None:
    """Presses a key again and again until so many frames of this scene are on disk of all who play there."""

    def press(_turn: int) -> None:
        browser.hold(key, 150)
        browser.text()

    keep_on(
        press,
        lambda: stored_of(engine, scene, members) >= frames,
        lambda: f"{frames} frames of {scene} stored; {browser.name} shows: {browser.text()}",
    )


def numbers_study(folder: Path, ways: tuple[str, ...]) -> Path:
    """Pages and a game alone for who comes first, then a game for two over each of these ways."""
    study = study_copy(folder, "numbers", **{'WAYS = ("auto", "relay")': f"WAYS = {ways}"})
    shutil.copy(STUDIES / "solo" / "env.py", study / "drive.py")
    shutil.copytree(STUDIES / "solo" / "pictures", study / "pictures")
    return study


def play_alone_and_come_back(engine: EngineProcess, browser: OtherBrowser) -> None:
    browser.sees("Hello there")
    browser.press("Start")
    browser.sees("Drive now")
    browser.press("Go")
    stored(engine, "alone", 1, 60, browser, RIGHT)
    if isinstance(browser, WebKit):
        assert browser.memory_mb() < TABLET_MB
    browser.reload()
    stored(engine, "alone", 1, stored_of(engine, "alone", 1) + 30, browser, RIGHT)


def end_the_game_and_answer(browser: OtherBrowser) -> None:
    def press(_turn: int) -> None:
        browser.hold(ENTER, 150)

    keep_on(press, lambda: "And now" in browser.text(), lambda: f"the form; {browser.name} shows: {browser.text()}")
    browser.choose([4])
    browser.press("Continue")


def play_together(engine: EngineProcess, browser: OtherBrowser, other: ParticipantPage, ways: tuple[str, ...]) -> None:
    for way in ways:
        stored(engine, f"over_{way}", 2, TOGETHER + 10, browser, UP)
    browser.sees("Goodbye")
    other.sees("Goodbye")


@pytest.mark.parametrize("name", ENGINES)
def test_another_engine_plays_alone_comes_back_after_a_reload_and_calculates_the_same_as_chromium(
    start_engine: StartEngine, new_participant: NewParticipant, open_browser: Open, tmp_path: Path, name: str
) -> None:
    """Float maths, functions of the C library, numpy, orders and JSON: every frame's rows are equal byte for byte.

    A difference of the states ends the match. Each of the two has a value of their own, which the env never sees.
    """
    ways = WAYS[name]
    engine = start_engine(numbers_study(tmp_path, ways))
    browser = open_browser(name)
    browser.open(f"{engine.url}?alone=1")
    browser.press("Start")
    play_alone_and_come_back(engine, browser)
    other = new_participant(engine)
    other.join()
    end_the_game_and_answer(browser)
    play_together(engine, browser, other, ways)
    engine.stop()
    assert_played_alone(engine)
    for way in ways:
        assert_calculated_the_same(engine.folder / f"over_{way}", way, direct=name != "WebKit")


def assert_played_alone(engine: EngineProcess) -> None:
    """Every frame is there once, although the page was loaded anew in between; a second episode came after that."""
    (person, _) = (record["participant"] for record in engine.records("joined"))
    assert_parity(engine.folder / "alone", members=1, episodes=2)
    first, second = (read_rows(engine.folder / "alone" / f"{person}_ep{episode}.csv") for episode in (0, 1))
    assert len(first) >= 90 and first[-1]["terminated.agent_0"] == second[-1]["terminated.agent_0"] == "true"
    assert {"1", "2"} <= {row["actions.agent_0"] for row in first}
    assert_went_on_after_a_reload(engine, "alone", person)
    (answer,) = read_rows(next((engine.folder / "after").glob("*.csv")))
    assert answer["fun"] == "4"


def assert_calculated_the_same(folder: Path, way: str, direct: bool) -> None:
    assert_parity(folder, members=2, episodes=2)
    rows = read_rows(min(folder.glob("*_ep0.csv")))
    assert len(rows) == TOGETHER
    assert len({row["infos.left.bytes"] for row in rows}) == TOGETHER
    assert {row["infos.left.given"] for row in rows} == {"3"}
    assert any("1" in (row["actions.left"], row["actions.right"]) for row in rows)
    for path in folder.glob("*_ep?.csv"):
        ways = {row["local.transport"] for row in read_rows(path)}
        assert "p2p" in ways if direct and way == "auto" else ways == {"relay"}, (path.name, ways)

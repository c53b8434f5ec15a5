"""Other engines beside Chromium: alone, in one match, after a reload; all calculate the same numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conditions import keep_on
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.firefox import Firefox, find_firefox
from tests.browser.other_browser import RIGHT, UP, OtherBrowser
from tests.browser.study_copy import study_copy
from tests.browser.webkit import WebKit, find_webkit

TABLET_MB = 1000
"""So much an iPad leaves to a page; beyond it Safari ends it."""
Open = Callable[[str], OtherBrowser]
# WebKitGTK is Linux's alone. It has no direct way to other browsers.
ENGINES = ("Firefox", "WebKit") if sys.platform == "linux" else ("Firefox",)
WAYS = [("Firefox", "auto"), ("Firefox", "relay"), ("WebKit", "auto")][: 2 * len(ENGINES) - 1]


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


def stored(engine: EngineProcess, frames: int, browser: OtherBrowser, key: str) -> None:
    """Presses a key again and again until so many frames are on disk."""

    def press(_turn: int) -> None:
        browser.hold(key, 150)
        browser.text()

    keep_on(
        press,
        lambda: sum(batch.count for batch in engine.batches()) >= frames,
        lambda: f"{frames} frames stored; {browser.name} shows: {browser.text()}",
    )


@pytest.mark.parametrize("name", ENGINES)
def test_another_engine_plays_alone_and_comes_back_after_a_reload(
    start_engine: StartEngine, open_browser: Open, studies: Path, name: str
) -> None:
    engine = start_engine(studies / "solo")
    browser = open_browser(name)
    browser.open(engine.url)
    browser.press("Start")
    browser.sees("Hello there")
    browser.press("Start")
    browser.press("Go")
    stored(engine, 60, browser, RIGHT)
    if isinstance(browser, WebKit):
        assert browser.memory_mb() < TABLET_MB
    browser.reload()
    browser.sees("And now")
    engine.stop()
    assert_parity(engine.folder / "drive", members=1, episodes=2)
    first, second = sorted((engine.folder / "drive").glob("*_ep?.csv"))
    assert len(read_rows(first)) == len(read_rows(second)) == 150
    assert {"1", "2"} <= {row["actions.agent_0"] for row in read_rows(first)}


@pytest.mark.parametrize(("name", "transport"), WAYS)
def test_another_engine_and_chromium_calculate_the_same(
    start_engine: StartEngine,
    new_participant: NewParticipant,
    open_browser: Open,
    tmp_path: Path,
    name: str,
    transport: str,
) -> None:
    """Float maths, functions of the C library, numpy, orders and JSON: every frame's rows are equal byte for byte.

    A difference of the states ends the match. Each of the two has a value of their own, which the env never sees.
    """
    study = study_copy(tmp_path, "numbers", **{'transport="auto"': f'transport="{transport}"'})
    engine = start_engine(study)
    other = new_participant(engine)
    other.join()
    browser = open_browser(name)
    browser.open(engine.url)
    browser.press("Start")
    stored(engine, 200, browser, UP)
    browser.sees("Goodbye")
    other.sees("Goodbye")
    engine.stop()
    assert_parity(engine.folder / "calculate", members=2, episodes=2)
    (first, *_) = sorted((engine.folder / "calculate").glob("*_ep0.csv"))
    rows = read_rows(first)
    assert len(rows) == 150
    assert len({row["infos.left.bytes"] for row in rows}) == 150
    assert {row["infos.left.given"] for row in rows} == {"3"}
    assert any("1" in (row["actions.left"], row["actions.right"]) for row in rows)
    ways = {row["local.transport"] for row in rows}
    assert ways == {"relay"} if transport == "relay" or name == "WebKit" else "p2p" in ways

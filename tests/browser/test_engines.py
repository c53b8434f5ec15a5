"""Firefox beside Chromium: alone, in one match over both ways, after a reload; both calculate the same numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.firefox import RIGHT, UP, Firefox, find_firefox
from tests.browser.study_copy import study_copy


@pytest.fixture
def firefox() -> Iterator[Firefox]:
    program = find_firefox()
    assert program, "No Firefox was found. Install one (Debian: firefox-esr) or name it in the variable IGYM_FIREFOX."
    opened = Firefox(program)
    yield opened
    opened.close()


def stored(engine: EngineProcess, frames: int, firefox: Firefox, key: str) -> None:
    """Presses a key again and again until so many frames are on disk."""
    for _ in range(800):
        if sum(batch.count for batch in engine.batches()) >= frames:
            return
        firefox.hold(key, 150)
        firefox.text()
    raise AssertionError(f"{frames} frames were never stored; Firefox shows: {firefox.text()}")


def test_firefox_plays_alone_and_comes_back_after_a_reload(
    start_engine: StartEngine, firefox: Firefox, studies: Path
) -> None:
    engine = start_engine(studies / "solo")
    firefox.open(engine.url)
    firefox.press("Start")
    firefox.sees("Hello there")
    firefox.press("Start")
    firefox.press("Go")
    stored(engine, 60, firefox, RIGHT)
    firefox.reload()
    firefox.sees("And now")
    engine.stop()
    assert_parity(engine.folder / "drive", members=1, episodes=2)
    first, second = sorted((engine.folder / "drive").glob("*_ep?.csv"))
    assert len(read_rows(first)) == len(read_rows(second)) == 240
    assert {"1", "2"} <= {row["actions.agent_0"] for row in read_rows(first)}


@pytest.mark.parametrize("transport", ["auto", "relay"])
def test_firefox_and_chromium_calculate_the_same(
    start_engine: StartEngine, new_participant: NewParticipant, firefox: Firefox, tmp_path: Path, transport: str
) -> None:
    """Float maths, functions of the C library, numpy, orders and JSON: every frame's rows are equal byte for byte."""
    study = study_copy(tmp_path, "numbers", **{'transport="auto"': f'transport="{transport}"'})
    engine = start_engine(study)
    other = new_participant(engine)
    other.join()
    firefox.open(engine.url)
    firefox.press("Start")
    stored(engine, 200, firefox, UP)
    firefox.sees("Goodbye")
    other.sees("Goodbye")
    engine.stop()
    assert_parity(engine.folder / "calculate", members=2, episodes=2)
    (first, *_) = sorted((engine.folder / "calculate").glob("*_ep0.csv"))
    rows = read_rows(first)
    assert len(rows) == 150
    assert len({row["infos.left.bytes"] for row in rows}) == 150
    assert any("1" in (row["actions.left"], row["actions.right"]) for row in rows)
    ways = {row["local.transport"] for row in rows}
    assert ways == {"relay"} if transport == "relay" else "p2p" in ways

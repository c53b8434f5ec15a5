"""A game whose env runs on the host, in two browsers that load no Python."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Request, expect

from tests.browser.conditions import keep_on
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.control_command import command
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import LOADING_LIMIT_MS, ParticipantPage

PROFILE = """
[scenes.wood.gameplay]
max_steps = 150
"""
KEYS = ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "d", "s")


def test_two_people_play_a_game_on_the_host_to_their_files(
    root: Path, tmp_path: Path, start_engine: StartEngine, new_participant: NewParticipant
) -> None:
    profile = tmp_path / "short.toml"
    profile.write_text(PROFILE, "utf-8")
    engine = start_engine(root / "examples" / "lantern_hunt", "--profile", str(profile))
    people = [new_participant(engine), new_participant(engine)]
    asked: list[str] = []
    for person in people:
        person.context.on("request", lambda request: asked.append(_path(request)))
        person.join()
        person.press("Start")
        person.press("Into the wood")
    for person in people:
        person.sees_game()
    watcher = _watch(engine, new_participant(engine))
    ends = [person.page.get_by_text("How was it?").first for person in people]

    def press(turn: int) -> None:
        for person, end in zip(people, ends, strict=True):
            if not end.is_visible():
                person.hold(KEYS[turn % len(KEYS)], 250)
        if turn == 4:
            _reload(people[1])
        if turn == 8:
            watcher.page.locator("#view").select_option(label=_views(watcher)[1])

    keep_on(press, lambda: all(end.is_visible() for end in ends), "the questions after the game")
    for person in people:
        person.choose([3, 3, 3])
        person.press("Continue")
        person.sees("Thank you!")
        person.assert_clean()
    expect(watcher.page.locator("#state")).to_have_text("The match has ended: complete", timeout=LOADING_LIMIT_MS)
    watcher.assert_clean()
    engine.stop()

    assert_parity(engine.folder / "wood", members=2, episodes=2)
    rows = read_rows(next((engine.folder / "wood").glob("*_ep0.csv")))
    assert len(rows) == 150
    assert {row["local.transport"] for row in rows} == {"host"}
    assert any(row["local.input_event_ms"] for row in rows)
    drawn = [row for row in rows if row["local.shown_ms"]]
    assert len(drawn) > len(rows) / 2, "the browser tells when it drew a frame's picture"
    assert all(float(row["local.shown_ms"]) > float(row["local.timestamp_ms"]) for row in drawn)
    moves = [row[f"actions.{agent}"] for row in rows for agent in ("amber", "violet")]
    assert {"1", "2", "3", "4"} & set(moves)
    assert not [path for path in asked if "pyodide" in path or path.endswith("game/worker.js")]


def _path(request: Request) -> str:
    return request.url.split("//", 1)[1].partition("/")[2]


def _watch(engine: EngineProcess, watcher: ParticipantPage) -> ParticipantPage:
    """A researcher's page that shows the running match, as one of the two sees it."""
    path = command(engine, "watch", match="m001")["path"]
    watcher.page.goto(engine.url + path[1:])
    watcher.sees_game()
    live = re.compile(r"Episode \d, frame [1-9]\d* · Live")
    expect(watcher.page.locator("#state")).to_have_text(live, timeout=LOADING_LIMIT_MS)
    assert len(_views(watcher)) == 2
    stage = Image.open(io.BytesIO(watcher.page.locator("#stage").screenshot())).convert("RGB")
    assert len(stage.getcolors(stage.width * stage.height) or ()) > 5, "nothing is drawn"
    return watcher


def _views(watcher: ParticipantPage) -> list[str]:
    return watcher.page.locator("#view option").all_inner_texts()


def _reload(person: ParticipantPage) -> None:
    """In the middle of play: the page comes back into the same game, with its picture."""
    person.page.reload()
    person.sees_game()

"""The game worker and the renderer in a real Chromium, with a page of their own around them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest
from playwright.sync_api import Browser, Page, Playwright

from igym import GymScene
from igym.experiment.bundle import game_bundle
from tests.browser.game.game_site import game_site
from tests.browser.participant_page import LOADING_LIMIT_MS, SHORT_GAMES
from tests.waiting import LIMIT_S


@pytest.fixture(scope="module")
def browser(playwright: Playwright, quick_chromium: str) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=quick_chromium, args=SHORT_GAMES)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """Base address of the pages `/` (one player) and `/two` (several in one page, linked with a network of its own)."""
    with game_site() as url:
        yield url


page_errors: list[str] = []


@pytest.fixture(autouse=True)
def no_page_errors() -> Iterator[None]:
    """An exception nobody caught on a page fails the test it happened in."""
    page_errors.clear()
    yield
    assert page_errors == []


def open_page(browser: Browser, address: str) -> Page:
    page = browser.new_page()
    page.set_default_timeout(LOADING_LIMIT_MS)
    page.on("pageerror", lambda error: page_errors.append(str(error)))
    page.goto(address)
    page.wait_for_function("window.ready")
    return page


@pytest.fixture
def bundle_of(tmp_path: Path) -> Callable[[GymScene, str], dict[str, Any]]:
    """`bundle_of(scene, source)`: what the host sends for the scene with `source` as its env.py."""

    def made(scene: GymScene, source: str) -> dict[str, Any]:
        (tmp_path / "env.py").write_text(source)
        return game_bundle(scene, tmp_path)

    return made


def match_of(*agents: Any, seed: int = 4) -> dict[str, Any]:
    players = [{"player": player, "agent": agent} for player, agent in enumerate(agents)]
    return {"id": "m1", "seed": seed, "me": 0, "players": players, "bots": [], "episode": 0}


class Episode:
    """What one browser sent of one episode."""

    def __init__(self) -> None:
        self.frames = 0
        self.chain = ""
        self.parity: dict[str, list[Any]] = {}
        self.local: dict[str, list[Any]] = {}
        self.inputs: dict[str, list[int]] = {}

    def add(self, batch: dict[str, Any]) -> None:
        assert batch["first"] == self.frames, "a gap or a duplicate between batches"
        self.frames += batch["count"]
        self.chain = batch["chain"]
        for kind in ("parity", "local", "inputs"):
            for name, values in batch[kind].items():
                getattr(self, kind).setdefault(name, []).extend(values)


def episodes(batches: list[dict[str, Any]]) -> dict[int, Episode]:
    unpacked = [msgpack.unpackb(bytes(batch["bytes"])) for batch in batches]
    found: dict[int, Episode] = {}
    for batch in sorted(unpacked, key=lambda one: (one["episode"], one["first"])):
        found.setdefault(batch["episode"], Episode()).add(batch)
    return found


def wait_until(condition: Callable[[], Any], limit_s: float = LIMIT_S) -> Any:
    """Polls for what a page will say."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    pytest.fail(f"did not happen within {limit_s} s")

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.engine_process import EngineProcess
from tests.browser.participant_page import SHORT_GAMES, ParticipantPage

StartEngine = Callable[..., EngineProcess]
NewParticipant = Callable[..., ParticipantPage]


@pytest.fixture(scope="module")
def browser(playwright: Playwright, quick_chromium: str) -> Iterator[Browser]:
    """One Chromium for a module; each participant is a profile of their own."""
    launched = playwright.chromium.launch(executable_path=quick_chromium, args=SHORT_GAMES)
    yield launched
    launched.close()


@pytest.fixture
def start_engine(tmp_path: Path) -> Iterator[StartEngine]:
    """Starts an engine on a study with a data folder of its own; ends it after the test."""
    started: list[EngineProcess] = []

    def start(study: Path, *options: str, prefix: Sequence[str] = ()) -> EngineProcess:
        started.append(EngineProcess(study, tmp_path / "data", *options))
        started[-1].prefix = [*prefix]
        return started[-1].start()

    yield start
    for engine in started:
        engine.stop()


@pytest.fixture
def new_participant(browser: Browser) -> Iterator[NewParticipant]:
    """Opens a browser profile for one more person; closes it after the test."""
    opened: list[ParticipantPage] = []

    def new(engine: EngineProcess, **context: Any) -> ParticipantPage:
        opened.append(ParticipantPage(browser, engine.url, **context))
        return opened[-1]

    yield new
    for person in opened:
        person.context.close()


@pytest.fixture
def studies() -> Path:
    """The small studies of these tests."""
    return Path(__file__).parent / "studies"

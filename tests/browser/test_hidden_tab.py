"""A participant who looks at another tab while the partner plays on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Playwright

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows
from tests.browser.hidden_browser import tabbed_browser
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet, play


def look_away(person: ParticipantPage, other_tab: Page, meanwhile: Callable[[], None]) -> None:
    """Put the other tab in front, and the game in front again when `meanwhile` is done."""
    other_tab.bring_to_front()
    assert person.page.evaluate("document.hidden") is True
    meanwhile()
    person.page.bring_to_front()


def test_six_seconds_in_a_hidden_tab_and_a_hidden_start_of_an_episode_cost_nobody_a_frame(
    start_engine: StartEngine,
    new_participant: NewParticipant,
    tmp_path: Path,
    playwright: Playwright,
    chromium: str,
    short_tmp: Path,
) -> None:
    patient = ".multiplayer(monitoring={'hidden_exclude_s': None}).matchmaking("
    study = study_copy(tmp_path, "duet", **{'"frames": 180': '"frames": 360', ".matchmaking(": patient})
    engine = start_engine(study)
    stays = new_participant(engine)
    with tabbed_browser(playwright, chromium, short_tmp) as browser:
        looks_away = ParticipantPage(browser, engine.url, tabs=True)
        meet([stays, looks_away])
        play([stays, looks_away], engine, 30)
        other_tab = looks_away.open_page()
        look_away(looks_away, other_tab, lambda: stays.hold("ArrowUp", 6000))
        play([stays, looks_away], engine, 230)
        look_away(looks_away, other_tab, lambda: play([stays], engine, 360 + 30, members=2))
        for person in (stays, looks_away):
            person.sees("Goodbye")
            person.assert_clean()
        engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    _, away = (record["participant"] for record in engine.records("joined"))
    first, second = (read_rows(engine.folder / "play" / f"{away}_ep{episode}.csv") for episode in (0, 1))
    hidden = [row["local.hidden"] == "true" for row in first + second]
    assert any(hidden[:230]), "in the middle of an episode"
    assert hidden[len(first) - 1] and hidden[len(first)], "over the end of one and the beginning of the next"

"""A participant who looks at another tab while the partner plays on."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Playwright

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows
from tests.browser.hidden_browser import tabbed_browser
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet, play


def test_six_seconds_in_a_hidden_tab_cost_nobody_a_frame(
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
        other_tab.bring_to_front()
        assert looks_away.page.evaluate("document.hidden") is True
        stays.hold("ArrowUp", 6000)
        looks_away.page.bring_to_front()
        for person in (stays, looks_away):
            person.sees("Goodbye")
            person.assert_clean()
        engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    own = [read_rows(path) for path in (engine.folder / "play").glob("*_ep*.csv")]
    assert any(row["local.hidden"] == "true" for rows in own for row in rows)

"""From a click in the launcher to the files on disk, and what survives when the launcher does not."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conditions import end_the_game, keep_on
from tests.browser.exports import assert_parity, read_rows
from tests.browser.launcher_process import ROOT, LauncherProcess
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_one_person import assert_whole, finish, reach_the_game, stored_actions, wait_for_rows


@pytest.fixture
def launchers(tmp_path: Path) -> Iterator[list[LauncherProcess]]:
    """Launchers a test started; whatever still runs is ended, its engine included."""
    started: list[LauncherProcess] = []
    yield started
    for launcher in started:
        launcher.close()


def open_launcher(launchers: list[LauncherProcess], tmp_path: Path, study: Path) -> LauncherProcess:
    launchers.append(LauncherProcess(tmp_path / "home", study))
    return launchers[-1]


def end(launcher: LauncherProcess) -> None:
    launcher.click("end_session")
    launcher.tell("answer", key="end")
    launcher.tell("until", state="stopped")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def drive_until_the_survey(person: ParticipantPage) -> None:
    """Rock the car: push to one side and the other, about as long as it takes to swing."""
    survey = person.page.get_by_text("How was it?")
    keep_on(lambda turn: person.hold(("ArrowRight", "ArrowLeft")[turn % 2], 1250), survey.count, "the survey")


def test_start_mountain_car_play_two_episodes_answer_and_find_the_files(
    launchers: list[LauncherProcess], browser: Browser, tmp_path: Path
) -> None:
    study = ROOT / "examples" / "mountain_car"
    launcher = open_launcher(launchers, tmp_path, study)
    launcher.click("start_mountain_car")
    running = launcher.tell("until", state="running")
    assert running["page"] == "session"
    person = ParticipantPage(browser, running["url"])
    person.join()
    person.sees("A small car and a steep hill")
    person.press("Start")
    person.press("Start driving")
    person.sees_game()
    assert launcher.tell("state")["rows"] == 1
    drive_until_the_survey(person)
    person.choose([5, 6, 7])
    person.press("Continue")
    person.sees("Thank you!")
    person.assert_clean()
    engine = launcher.engine(study, running["session"]["id"], running["url"])
    end(launcher)
    launcher.close()

    assert not is_running(running["pid"])
    assert_parity(engine.folder / "drive", members=1, episodes=2)
    for episode in (0, 1):
        rows = read_rows(next((engine.folder / "drive").glob(f"*_ep{episode}.csv")))
        assert {"0", "2"} <= {row["actions.driver"] for row in rows}
        assert "true" in (rows[-1]["terminated.driver"], rows[-1]["truncated.driver"])
    (answer,) = read_rows(next((engine.folder / "survey").glob("*.csv")))
    assert [answer[name] for name in ("fun", "difficulty", "insight", "text")] == ["5", "6", "7", ""]
    (human,) = read_rows(engine.folder / "participants.csv")
    assert human["status"] == "finished"
    engine.assert_only_this_folder()
    person.context.close()


def test_launcher_and_engine_killed_together_resume_and_a_launcher_killed_alone_is_noticed_by_no_participant(
    launchers: list[LauncherProcess], browser: Browser, tmp_path: Path
) -> None:
    study = study_copy(tmp_path, "solo", **{"max_steps=150": "max_steps=20_000"})
    launcher = open_launcher(launchers, tmp_path, study)
    launcher.click("start_solo")
    running = launcher.tell("until", state="running")
    engine = launcher.engine(study, running["session"]["id"], running["url"])
    person = ParticipantPage(browser, running["url"])
    reach_the_game(person)
    wait_for_rows(person, engine, 60)
    launcher.kill()
    os.kill(running["pid"], signal.SIGKILL)
    acknowledged = stored_actions(engine)
    second = open_launcher(launchers, tmp_path, study)
    second.click("resume_session")
    resumed = second.tell("until", state="running")
    assert (resumed["session"]["id"], resumed["url"]) == (running["session"]["id"], running["url"])

    second.kill()
    without = len(stored_actions(engine))
    wait_for_rows(person, engine, without + 60)
    third = open_launcher(launchers, tmp_path, study)
    shown = third.tell("until", state="running")
    assert (shown["page"], shown["rows"], shown["pid"]) == ("session", 1, resumed["pid"])
    assert shown["session"]["id"] == running["session"]["id"]
    with_another = len(stored_actions(engine))
    wait_for_rows(person, engine, with_another + 30)
    end_the_game([person], "And now")
    finish(person)
    end(third)
    assert not is_running(resumed["pid"])
    first, _ = assert_whole(engine, acknowledged)
    assert len(first) >= with_another + 30
    engine.assert_only_this_folder()
    person.context.close()

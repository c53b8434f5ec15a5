"""Two people, two browsers, one game."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.conditions import keep_on, stored_frames
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.parity import shared_rows


def meet(people: list[ParticipantPage]) -> None:
    for person in people:
        person.join()
        person.sees("Hello there")
    for person in people:
        person.press("Start")
    for person in people:
        person.sees_game()


def play(
    people: list[ParticipantPage], engine: EngineProcess, frames: int, members: int | None = None, scene: str = "play"
) -> None:
    """Press keys of these people until this many frames of all members (these people, if not told) are stored."""

    def press(turn: int) -> None:
        people[turn % len(people)].hold(("ArrowUp", "ArrowDown", "ArrowDown")[turn % 3], 120)

    def is_stored() -> bool:
        stored = stored_frames(engine, scene)
        return len(stored) == (members or len(people)) and min(stored.values()) >= frames

    keep_on(press, is_stored, lambda: f"{frames} frames of {scene} stored by all: {stored_frames(engine, scene)}")


def test_two_people_play_two_episodes_and_record_the_same(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(study_copy(tmp_path, "duet", **{'"frames": 180': '"frames": 100'}))
    people = [new_participant(engine), new_participant(engine)]
    meet(people)
    play(people, engine, 60)
    for person in people:
        person.sees("Goodbye")
        person.assert_clean()
    engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    rows = read_rows(next((engine.folder / "play").glob("*_ep0.csv")))
    assert len(rows) == 100
    assert {"1", "2"} & {row["actions.left"] for row in rows} and {"1", "2"} & {row["actions.right"] for row in rows}
    assert rows[-1]["truncated.left"] == "true"
    statuses = [row["status"] for row in read_rows(engine.folder / "participants.csv")]
    assert statuses == ["finished", "finished"]
    engine.assert_only_this_folder()


def test_a_partner_who_closes_the_page_ends_the_match_and_every_confirmed_frame_is_kept(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(study_copy(tmp_path, "duet", **{'"timeout_s": 60': '"timeout_s": 5'}))
    stays, leaves = new_participant(engine), new_participant(engine)
    meet([stays, leaves])
    play([stays, leaves], engine, 60)
    leaves.page.close()
    stays.sees("Goodbye")
    engine.stop()
    assert_parity_of_partial(engine.folder / "play")


def assert_parity_of_partial(folder: Path) -> None:
    """Both files agree on every frame both have, and the comparison says who has how many."""
    first, second = (read_rows(path) for path in sorted(folder.glob("*_ep0.csv")))
    shared = min(len(first), len(second))
    assert shared >= 30
    parity = [shared_rows(rows[:shared]) for rows in (first, second)]
    assert parity[0] == parity[1]
    (path,) = folder.glob("*_aggregated_metrics.json")
    members = json.loads(path.read_text("utf-8"))["episodes"][0]["members"]
    assert sorted(member["frames"] for member in members) == sorted([len(first), len(second)])

"""One person at one browser, with a real engine."""

from __future__ import annotations

import json
from pathlib import Path

from tests.browser.conditions import end_the_game, wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, assert_went_on_after_a_reload, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy


def reach_the_game(person: ParticipantPage) -> None:
    person.join()
    person.sees("Hello there")
    person.press("Start")
    person.press("Go")
    person.sees_game()


def finish(person: ParticipantPage) -> None:
    person.sees("And now")
    person.choose([4])
    person.press("Continue")
    person.sees("Goodbye")
    person.assert_clean()


def wait_for_rows(person: ParticipantPage, engine: EngineProcess, frames: int) -> None:
    """Returns when at least this many frames are acknowledged."""
    wait_until(person, lambda: sum(batch.count for batch in engine.stored()) >= frames, f"{frames} rows stored")


def assert_whole(engine: EngineProcess, acknowledged: list[tuple[int, int, object]]) -> list[list[dict[str, str]]]:
    """Both episodes' rows: each has all its frames once, and all that were stored before a crash are as they were."""
    folder = engine.folder / "drive"
    assert_parity(folder, members=1, episodes=2)
    episodes = [read_rows(next(folder.glob(f"*_ep{episode}.csv"))) for episode in (0, 1)]
    for episode, frame, action in acknowledged:
        assert episodes[episode][frame]["actions.agent_0"] == str(action)
    return episodes


def stored_actions(engine: EngineProcess) -> list[tuple[int, int, object]]:
    return [
        (batch.episode, batch.first + offset, action)
        for batch in engine.batches()
        for offset, action in enumerate(batch.rows["parity"]["actions.agent_0"])
    ]


def test_nobody_notices_a_killed_engine_a_reload_goes_on_where_it_was_and_every_file_has_right_rows(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    """The engine dies in the first episode, the page is loaded anew in the second; the person ends both."""
    engine = start_engine(study_copy(tmp_path, "solo", **{"max_steps=150": "max_steps=20_000"}))
    person = new_participant(engine)
    # Python starts from the picture of its memory: the ordinary start would unpack this.
    person.context.route("**/numpy-*.whl", lambda route: route.abort())
    reach_the_game(person)
    wait_for_rows(person, engine, 20)
    person.hold("ArrowRight", 1000)
    engine.kill()
    acknowledged = stored_actions(engine)
    person.hold("ArrowLeft", 1000)
    engine.start()
    wait_for_rows(person, engine, len(acknowledged) + 30)
    person.page.keyboard.down("Enter")
    wait_until(person, lambda: any(batch.episode == 1 for batch in engine.stored()), "the second episode")
    person.page.keyboard.up("Enter")
    acknowledged += stored_actions(engine)[len(acknowledged) :]
    person.page.reload()
    wait_for_rows(person, engine, len(acknowledged) + 30)
    end_the_game([person], "And now")
    finish(person)
    engine.stop()

    assert max(episode for episode, _, _ in acknowledged) == 1, "loaded anew in the second episode"
    assert_whole(engine, acknowledged)
    (participant,) = (record["participant"] for record in engine.records("joined"))
    assert_went_on_after_a_reload(engine, "drive", participant)
    assert_files_are_right(engine)
    engine.assert_only_this_folder()


def assert_files_are_right(engine: EngineProcess) -> None:
    (rows,) = [read_rows(path) for path in (engine.folder / "drive").glob("*_ep0.csv")]
    assert {"0", "1", "2", "3"} >= {row["actions.agent_0"] for row in rows} >= {"1", "2", "3"}
    assert (rows[-1]["terminated.agent_0"], rows[-1]["truncated.agent_0"]) == ("true", "false")
    assert all(row["observations.agent_0.0"] for row in rows)
    (answer,) = read_rows(next((engine.folder / "after").glob("*.csv")))
    assert answer["fun"] == "4"
    (human,) = read_rows(engine.folder / "participants.csv")
    assert (human["status"], human["episodes"]) == ("finished", "2")
    (metadata,) = (engine.folder / "drive").glob("*_metadata.json")
    described = json.loads(metadata.read_text())
    assert described["options"]["gameplay"]["max_steps"] == 20_000
    assert described["visits"][0]["left_at"] > described["visits"][0]["entered_at"]
    for name in (
        "events.jsonl",
        "codebook.csv",
        "match_logs/drive.jsonl",
        "experiment",
        "replays",
        "researcher_actions.csv",
    ):
        assert (engine.folder / name).exists(), name


def test_a_second_tab_at_a_lab_computer_is_the_same_persons_or_somebody_new_ones_and_the_former_tab_says_so(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path
) -> None:
    engine = start_engine(studies / "solo")
    person = new_participant(engine)
    person.only_reads()
    person.join("seat/PC03")
    person.press("Start")
    person.sees("Drive now")
    person.page.reload()
    person.sees("Drive now")
    first = person.page
    person.page = person.open_page()
    person.only_reads()
    person.page.goto(engine.url + "seat/PC03")
    person.press("It was me, go on")
    person.sees("Drive now")
    first.get_by_text("another").first.wait_for()

    before = person.page
    person.page = person.open_page()
    person.page.goto(engine.url + "seat/PC03")
    person.press("I am somebody new")
    person.press("Start")
    person.sees("Hello there")
    before.get_by_text("Somebody new takes part at this computer now").wait_for()
    person.press("Start")
    person.press("Go")
    finish(person)
    engine.stop()
    for rows in assert_whole(engine, []):
        assert len(rows) == 150 and rows[-1]["truncated.agent_0"] == "true"
    people = [(row["seat"], row["status"]) for row in read_rows(engine.folder / "participants.csv")]
    assert people == [("PC03", "in progress"), ("PC03", "finished")]

"""The way packets take between two players while the direct one breaks and heals."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.test_two_people import meet

CUTTABLE = """
const send = RTCDataChannel.prototype.send;
window.cut = false;
RTCDataChannel.prototype.send = function (...data) { if (!window.cut) send.apply(this, data); };
"""
"""What is sent the direct way vanishes while `cut` is set, as when somebody pulls the cable between two rooms."""


def long_duet(studies: Path, folder: Path) -> Path:
    """The duet with one episode that is long enough for a link to break and heal."""
    study = shutil.copytree(studies / "duet", folder / "study")
    text = (study / "experiment.py").read_text("utf-8")
    changed = text.replace('"frames": 180', '"frames": 500').replace("num_episodes=1", "num_episodes=1")
    assert changed != text
    (study / "experiment.py").write_text(changed, "utf-8")
    return study


def set_cut(people: list[ParticipantPage], cut: bool) -> None:
    for person in people:
        person.page.evaluate("cut => { window.cut = cut; }", cut)


def play_until_transport(people: list[ParticipantPage], engine: EngineProcess, wanted: str, frames: int) -> None:
    """Both press keys until the last so many stored frames of each came over the wanted way."""
    for turn in range(200):
        people[turn % 2].hold(("ArrowUp", "ArrowDown")[turn % 2], 100)
        last = {batch.participant: batch for batch in engine.batches()}
        ways = [batch.rows["local"]["transport"][-frames:] for batch in last.values()]
        if len(ways) == 2 and all(set(way) == {wanted} for way in ways):
            return
    raise AssertionError(f"the frames never came over {wanted}")


def test_a_cut_direct_way_is_replaced_by_the_host_and_taken_again_when_it_heals(
    start_engine: StartEngine, new_participant: NewParticipant, studies: Path, tmp_path: Path
) -> None:
    engine = start_engine(long_duet(studies, tmp_path))
    people = [new_participant(engine), new_participant(engine)]
    for person in people:
        person.context.add_init_script(CUTTABLE)
    meet(people)
    play_until_transport(people, engine, "p2p", 5)
    set_cut(people, True)
    play_until_transport(people, engine, "relay", 5)
    set_cut(people, False)
    play_until_transport(people, engine, "p2p", 5)
    for person in people:
        person.sees("Goodbye")
        person.assert_clean()
    engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=1)
    files = sorted((engine.folder / "play").glob("*_ep*.csv"))
    assert {row["local.transport"] for file in files for row in read_rows(file)} == {"p2p", "relay"}

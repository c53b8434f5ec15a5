"""The way packets take between two players while the direct one breaks and heals."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.browser.conditions import end_the_game, wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import spots_study
from tests.browser.test_two_people import meet
from tests.browser.wrong_clock import HostClock

CUTTABLE = """
const send = RTCDataChannel.prototype.send;
window.cut = false;
RTCDataChannel.prototype.send = function (...data) { if (!window.cut) send.apply(this, data); };
"""
"""What is sent the direct way vanishes while `cut` is set, as when somebody pulls the cable between two rooms."""
HOUR_S = 3600.0
WITHOUT_WEBSOCKETS = """
const Plain = window.WebSocket;
window.WebSocket = class extends Plain { constructor(url) { super(url.replace("socket.io", "refused")); } };
"""
"""As behind a filter that lets nothing but plain requests through."""


def set_cut(people: list[ParticipantPage], cut: bool) -> None:
    for person in people:
        person.page.evaluate("cut => { window.cut = cut; }", cut)


def play_until_transport(people: list[ParticipantPage], engine: EngineProcess, wanted: str, frames: int) -> None:
    """Both press keys until the last so many stored frames of each came over the wanted way."""

    def pressed_and_carried() -> bool:
        people[0].hold("ArrowLeft", 60)
        people[1].hold("ArrowRight", 60)
        ways = [rows["local"]["transport"][-frames:] for rows in engine.last_rows()]
        return len(ways) == 2 and all(set(way) == {wanted} for way in ways)

    wait_until(people[0], pressed_and_carried, f"frames over {wanted}")


def test_a_cut_direct_way_is_replaced_by_the_host_and_taken_again_by_plain_requests_and_while_the_hosts_date_jumps(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    date = HostClock(tmp_path / "clock")
    engine = start_engine(spots_study(tmp_path, "endless"), prefix=date.prefix)
    people = [new_participant(engine), new_participant(engine)]
    for person in people:
        person.context.add_init_script(CUTTABLE)
    people[1].context.add_init_script(WITHOUT_WEBSOCKETS)
    meet(people)
    play_until_transport(people, engine, "p2p", 5)
    date.jump(HOUR_S)
    set_cut(people, True)
    play_until_transport(people, engine, "relay", 5)
    date.jump(-HOUR_S)
    set_cut(people, False)
    play_until_transport(people, engine, "p2p", 5)
    end_the_game(people, "Goodbye")
    for person in people:
        person.assert_clean()
    states = {record["state"] for record in engine.records("match_state")}
    assert {"playing", "ended"} <= states and "paused" not in states
    engine.stop()
    written_at = json.loads((engine.folder / "table_check.json").read_text())[engine.session]["at"]
    assert written_at < time.time() - HOUR_S / 2, "the host's own date is the wrong one"
    times = [json.loads(line)["at"] for line in (engine.folder / "events.jsonl").read_text("utf-8").splitlines()]
    assert times == sorted(times) and times[-1] - times[0] < HOUR_S / 2
    assert_parity(engine.folder / "play", members=2, episodes=1)
    files = sorted((engine.folder / "play").glob("*_ep*.csv"))
    assert {row["local.transport"] for file in files for row in read_rows(file)} == {"p2p", "relay"}

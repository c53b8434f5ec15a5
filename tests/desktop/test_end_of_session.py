"""What the launcher says of a session's people when it ends: who finished, who did not, and where."""

from __future__ import annotations

from typing import Any

import pytest

from igym_desktop.flow.end_of_session import all_finished, how_far, unfinished_lines
from igym_desktop.flow.words import ENDED, kind_words
from igym_desktop.widgets.counts import CountsRow


def person(name: str, state: str, **more: Any) -> dict[str, Any]:
    usual = {"scene_id": None, "episode": None, "reason": "", "connection": "connected", "simulated": False}
    return {"id": name, "label": None, "state": state, **usual, **more}


DONE = person("P1", "finished", scene_id="end", reason="finished")
GONE = person("P2", "dropped", scene_id="duel", episode=2, reason="away when the session ended")
READING = person("P3", "in_scene", scene_id="welcome", connection="away")
PROGRAM = person("sim-1", "finished", simulated=True)


@pytest.mark.parametrize(
    ("people", "said"),
    [
        ([], "Nobody has joined."),
        ([DONE], "Everyone has finished."),
        ([DONE, GONE], "1 of 2 finished; nobody takes part any more."),
        ([DONE, READING], "1 participant is not finished yet."),
        ([GONE, PROGRAM], "0 of 1 finished; nobody takes part any more."),
        ([PROGRAM], "Everyone has finished."),
    ],
)
def test_everyone_has_finished_only_when_somebody_did_and_all_did(people: list[dict[str, Any]], said: str) -> None:
    assert how_far(people) == said
    assert all_finished(people) is (said == "Everyone has finished.")


def test_who_did_not_finish_is_named_with_the_place() -> None:
    assert unfinished_lines([DONE, GONE, READING, PROGRAM]) == [
        "P2: Dropped out, in duel, episode 3, away when the session ended",
        "P3: In a scene, in welcome, not connected",
    ]


def test_every_ending_and_kind_has_its_words() -> None:
    assert {"unfinished", "screened_out", "dropped"} <= ENDED
    assert [kind_words(kind) for kind in ("study", "pilot", "rehearsal", "test")] == ["", "Pilot", "Rehearsal", "Test"]


def test_the_tiles_add_up_to_all_who_joined(qapp: Any) -> None:
    row = CountsRow()
    row.show_counts({"joined": 6, "finished": 1, "unfinished": 3, "dropped": 1, "screened_out": 1}, None)
    assert (row.figure("finished"), row.figure("early"), row.figure("joined")) == ("1", "5", "6")

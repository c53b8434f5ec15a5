"""However somebody's part ends: their browser leads to the address for that, with their id and code."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conditions import both_have_played, wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.control_command import command
from tests.browser.exports import assert_parity_as_far_as_both_go, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import spots_study

PANEL = "http://panel.test/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_every_end_leads_to_its_own_address(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "returning"))

    def person(**context: str) -> ParticipantPage:
        found = new_participant(engine, **context)
        found.context.route(f"{PANEL}**", lambda route: route.fulfill(body="Back at the panel"))
        return found

    screened = person(user_agent=FIREFOX)
    screened.join()
    alone, sent_away, leaving, stays, gone = (person() for _ in range(5))
    for one in (sent_away, leaving):
        one.only_reads()
    alone.join("?alone=1")
    alone.press("Start")
    sent_away.join()
    sent_away.sees("Hello there")
    command(engine, "exclude", participant=engine.records("joined")[-1]["participant"])
    leaving.join()
    leaving.sees("Hello there")
    leaving.leaves()
    for one in (stays, gone):
        one.join()
        one.press("Start")
    wait_until(stays, lambda: both_have_played(engine, "both", 20), "play of two")
    gone.page.close()

    led = {"screened_out": screened, "timed_out": alone, "excluded": sent_away, "withdrawn": leaving,
           "partner_left": stays}  # fmt: skip
    for one in led.values():
        one.sees("Back at the panel")
    engine.stop()
    people = {row["participant"]: row for row in read_rows(engine.folder / "participants.csv")}
    for outcome, one in led.items():
        address, _, told = one.strays[0].partition("?")
        who, _, code = told.partition("&")
        assert (address, code) == (f"{PANEL}{outcome}", f"cc=C-{outcome}"), one.strays
        row = people[who.removeprefix("who=")]
        assert row["completion_code"] == f"C-{outcome}"
        assert row["status"] == {"partner_left": "finished"}.get(outcome, outcome)
    (formed,) = engine.records("match_formed")
    members = [seat["participant"] for seat in formed["players"]]
    assert_parity_as_far_as_both_go(engine.folder / "both", members, at_least=20)

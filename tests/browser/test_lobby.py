"""Arriving, waiting and coming back: names and seats, every outcome of a wait, reloads and second tabs."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conditions import wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows
from tests.browser.study_copy import spots_study

ALONE = "1 of 2 people is here"


def test_every_outcome_of_a_wait_and_names_that_are_typed(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "lobby"))
    through, elsewhere, ending = (new_participant(engine) for _ in range(3))
    elsewhere.context.route("http://panel.test/**", lambda route: route.fulfill(body="Welcome back at the panel"))

    through.page.goto(f"{engine.url}?way=through")
    through.press("Start")
    through.sees("Please enter your participant code.")
    through.page.get_by_label("Your participant code").fill("Ann <b>Lee")
    through.press("Start")
    through.sees("Hello there")
    elsewhere.page.goto(f"{engine.url}?way=elsewhere")
    elsewhere.page.get_by_label("Your participant code").fill("ann <B>lee")
    elsewhere.press("Start")
    elsewhere.sees("Somebody already takes part under this name.")
    elsewhere.page.get_by_label("Your participant code").fill("Bob/../..")
    elsewhere.press("Start")
    ending.page.goto(f"{engine.url}seat/PC07?id=Cleo")
    expect(ending.page.get_by_label("Your participant code")).to_have_value("Cleo")
    ending.press("Start")

    for person in (through, elsewhere, ending):
        person.sees("Hello there")
        person.press("Start")
    ending.sees("That was it.")
    elsewhere.sees("Welcome back at the panel")
    through.sees("Nobody came.")
    through.sees("Never mind")
    through.press("Continue")
    through.sees("Take this code.")
    code = through.page.locator("input[readonly]").input_value()
    through.page.reload()
    through.sees("Take this code.")
    assert through.page.locator("input[readonly]").input_value() == code
    ending.page.reload()
    ending.sees("That was it.")
    for person in (through, ending):
        person.assert_clean()
    assert [address.partition("panel.test/")[2] for address in elsewhere.strays][:1] == ["Bob%2F..%2F.."]
    engine.stop()

    outcomes = [(record["scene"], record["outcome"]) for record in engine.records("waitroom_timeout")]
    assert sorted(outcomes) == [
        ("away", "redirect"),
        ("over", "end"),
        ("to_scene", "scene"),
        ("with_bot", "bot"),
        ("with_code", "completion_code"),
    ]
    rows = {row["label"]: row for row in read_rows(engine.folder / "participants.csv")}
    assert {label: row["status"] for label, row in rows.items()} == dict.fromkeys(rows, "timed_out")
    assert set(rows) == {"Ann <b>Lee", "Bob/../..", "Cleo"}
    assert rows["Ann <b>Lee"]["completion_code"] == code
    assert rows["Cleo"]["seat"] == "PC07"
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", row["participant"]) for row in rows.values())
    assert_parity(engine.folder / "with_bot", members=1, episodes=1)
    engine.assert_only_this_folder()


def test_reloads_a_second_tab_and_a_partner_who_goes_during_the_questions(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "together"))
    nobody = new_participant(engine)
    nobody.join()
    nobody.sees("This link carries no participant id.")
    first, second = new_participant(engine), new_participant(engine)
    first.join("?PROLIFIC_PID=P-01")
    second.page.goto(f"{engine.url}?workerId=P-02&look=1")  # as a preview comes: without pressing Start
    for person in (first, second):
        person.sees("Hello there")
        person.press("Start")
    for person in (first, second):
        person.stands_at("Find a partner")

    first.press("Find a partner")
    first.sees(ALONE)
    first.page.reload()
    first.sees(ALONE)
    earlier_tab = first.page
    first.comes_back()
    first.sees(ALONE)
    earlier_tab.get_by_role("button", name="Go on here instead").wait_for()
    loaded = {record["participant"] for record in engine.records("waiting_started")}
    assert loaded == {"P-01"}
    second.press("Find a partner")
    wait_until(second, lambda: engine.records("match_formed"), "the match")
    second.page.reload()
    for person in (first, second):
        person.sees_game()
        person.hold("ArrowRight", 100)
    for person in (first, second):
        person.sees("And now")

    first.choose([4])
    first.page.reload()
    first.sees("And now")
    expect(first.page.get_by_role("radio").nth(3)).to_be_checked()
    second.page.close()
    wait_until(first, lambda: engine.records("connection")[-1]["state"] == "away", "the partner's going")
    expect(first.page.get_by_role("radio").nth(3)).to_be_visible()
    assert first.page.locator(".notice, .overlay").count() == 0, (
        "a partner who is done with the game is nobody's matter"
    )
    first.press("Continue")
    second.comes_back()
    second.sees("And now")
    second.choose([2])
    second.press("Continue")
    codes = []
    for person in (first, second):
        person.sees("Your code")
        codes.append(person.page.locator("input[readonly]").input_value())
        person.press("Continue")
        person.sees("Goodbye")
        person.page.reload()
        person.sees("Goodbye")
        person.assert_clean()
    engine.stop()

    assert [record["reason"] for record in engine.records("match_ended")] == ["complete"]
    assert [record["participant"] for record in engine.records("waiting_started")] == ["P-01", "P-02"]
    assert_parity(engine.folder / "play", members=2, episodes=1)
    rows = {row["participant"]: row for row in read_rows(engine.folder / "participants.csv")}
    assert {who: row["status"] for who, row in rows.items()} == {"P-01": "finished", "P-02": "finished"}
    assert [rows[who]["completion_code"] for who in ("P-01", "P-02")] == codes
    assert len(set(codes)) == 2
    engine.assert_only_this_folder()

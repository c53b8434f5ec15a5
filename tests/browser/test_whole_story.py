"""One person goes through nearly every kind of page in German, from the consent to the truth about their partner."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import spots_study

PRINTING = "window.printed = []; window.print = () => printed.push(document.querySelector('.receipt').textContent);"
"""Paper would end the test; what it would show is kept."""


def agree(person: ParticipantPage) -> str:
    """The text of the receipt."""
    person.sees("Bevor es losgeht")
    person.page.get_by_role("checkbox").check(force=True)
    person.press("Ein Exemplar für mich drucken")
    (printed,) = person.page.evaluate("window.printed")
    person.page.emulate_media(media="print")
    expect(person.page.locator(".receipt")).to_be_visible()
    expect(person.page.get_by_role("checkbox")).to_be_hidden()
    person.page.emulate_media(media="screen")
    person.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    person.press("Weiter")
    return str(printed)


def answer(person: ParticipantPage) -> None:
    """Wrong first, then right; then a page that is too quick for its second question."""
    person.page.get_by_text("Beim Ruhen").click()
    person.press("Weiter")
    person.sees("Jeder Schritt zur Seite ist ein Punkt.")
    person.page.get_by_text("Beim Bewegen").click()
    person.press("Weiter")
    person.page.get_by_label("Wie viele Punkte holen Sie?").fill("7")
    person.sees("Diese Seite schließt in")


def test_every_page_of_one_study_and_every_table_of_it(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "story"))
    person = new_participant(engine, locale="de-DE")
    person.page.add_init_script(PRINTING)
    person.join()
    receipt = agree(person)
    answer(person)
    person.sees_game()
    field = person.page.get_by_label("Nachricht schreiben")
    while not field.is_visible():
        person.hold("ArrowRight", 200)
    field.fill("Wer warst du?")
    field.press("Enter")
    person.sees("You said: Wer warst du?")
    person.press("Weiter")
    person.sees("Sie stehen auf Platz 1 von 1.")
    person.press("Weiter")
    person.sees("Auf Wiedersehen")
    expect(person.page.locator(".debriefing")).to_contain_text("war ein Programm")
    points = person.page.get_by_text("Punkte.").first.inner_text().split()[0]
    expect(person.page.locator("input[readonly]")).to_have_value("C1DONE")
    person.assert_clean()
    engine.stop()

    (who,) = read_rows(engine.folder / "participants.csv")
    assert (who["status"], who["language"], who["completion_code"]) == ("finished", "de", "C1DONE")
    assert (who["check.understood.attempts"], who["check.understood.passed"]) == ("2", "true")
    (agreed,) = read_rows(engine.folder / "consent.csv")
    text = (engine.folder / "consent_texts" / f"{agreed['text_hash']}.txt").read_text("utf-8")
    assert (agreed["given"], agreed["version"]) == ("true", "2.1")
    assert "Ich mache mit." in text and "Ich mache mit." in receipt
    assert agreed["text_hash"] in receipt and who["participant"] in receipt
    attempts = [(row["value"], row["right"]) for row in read_rows(engine.folder / "attempts.csv")]
    assert attempts == [("rest", "false"), ("move", "true")]
    visits = {row["scene"]: row for row in read_rows(engine.folder / "scenes.csv")}
    assert [name for name, row in visits.items() if row["timed_out"] == "true"] == ["quick"]
    assert 3.5 <= float(visits["quick"]["duration_s"]) < 13, "by itself, and not by the host ten seconds later"
    (guess,) = read_rows(next((engine.folder / "quick").glob("*.csv")))
    assert (guess["guess"], guess["why"]) == ("7", "")
    assert (visits["results"]["rank"], visits["results"]["rank_of"]) == ("1", "1")

    assert_parity(engine.folder / "play", members=1, episodes=1)
    rows = read_rows(next((engine.folder / "play").glob("*_ep0.csv")))
    assert str(len(rows)) == who["condition.frames"], "the env was made with the level of the design"
    moved = sum(row["actions.left"] == "2" for row in rows)
    assert moved and float(points) == moved, "what the last page says is what was played"
    (match,) = read_rows(engine.folder / "matches.csv")
    assert match["policy.right"].startswith("env.py:wander")
    assert (match["partner_kind"], match["config.frames"]) == ("bot", who["condition.frames"])
    inputs = read_rows(next((engine.folder / "play").glob("*_input.csv")))
    held = [float(row["held_ms"]) for row in inputs if row["code"] == "ArrowRight" and row["held_ms"]]
    assert held and max(held) > 150
    said = [(row["how"], row["text"]) for row in read_rows(engine.folder / "chat.csv")]
    assert said == [("text", "Wer warst du?"), ("responder", "You said: Wer warst du?")]
    (reply,) = read_rows(engine.folder / "responses.csv")
    assert (reply["name"], reply["outcome"]) == ("Robo", "said")

    events = [json.loads(line) for line in (engine.folder / "events.jsonl").read_text("utf-8").splitlines()]
    at = {event["kind"]: event for event in events}
    assert float(match["formed_at"]) - float(visits["play"]["entered_at"]) >= at["acted_wait"]["body"]["seconds"]
    assert {"debriefed", "leaderboard", "condition_drawn"} <= at.keys()
    engine.assert_only_this_folder()

"""Two people talk beside their game and after it, in real pages; the game does not notice."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.exports import assert_parity, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import study_copy
from tests.browser.test_two_people import meet, play

CHAT = '.content(chat={"show": ["during"], "phrases": ["Well played"], "reactions": ["👍"]})'


def write(person: ParticipantPage, text: str) -> None:
    field = person.page.get_by_label("Write a message")
    field.fill(text)
    field.press("Enter")


def test_they_talk_in_and_after_a_game(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    study = study_copy(
        tmp_path, "duet", **{
            ".matchmaking(": f"{CHAT}.matchmaking(",
            "EndScene(\"bye\"": 'ChatScene("after").display(header="And now talk"), EndScene("bye"',
            "import ": "import ChatScene, ",
        }
    )  # fmt: skip
    engine = start_engine(study)
    left, right = people = [new_participant(engine), new_participant(engine)]
    meet(people)
    play(people, engine, 10)
    write(left, "up or down? <b>up</b>")
    right.sees("up or down? <b>up</b>")
    right.page.get_by_role("button", name="Answer with 👍").click()
    expect(left.page.locator(".chat-sign")).to_have_text("👍")
    # The keys are the game's again as soon as something was said.
    play(people, engine, 60)
    left.sees("And now talk")
    right.sees("And now talk")
    write(right, "thank you")
    left.sees("thank you")
    for person in people:
        person.press("Continue")
        person.sees("Goodbye")
        person.assert_clean()
    engine.stop()
    assert_parity(engine.folder / "play", members=2, episodes=2)
    rows = read_rows(engine.folder / "chat.csv")
    told = [(row["scene"], row["number"], row["how"], row["text"], row["answers_number"]) for row in rows]
    assert told == [
        ("play", "1", "text", "up or down? <b>up</b>", ""),
        ("play", "2", "reaction", "👍", "1"),
        ("after", "1", "text", "thank you", ""),
    ]
    assert [row["episode"] for row in rows] == ["0", "0", ""]
    assert {"1", "2"} & {row["actions.left"] for row in read_rows(next((engine.folder / "play").glob("*_ep0.csv")))}

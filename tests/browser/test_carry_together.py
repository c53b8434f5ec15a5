"""The example that is a whole study, on real pages: personal links, practice until it goes well, two people, codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route

from igym.host.web.links import links, make_key
from tests.browser.conditions import keep_on
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity_of_each_match, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.example_analyses import assert_r_finds_the_same, in_pandas

pytestmark = pytest.mark.timeout(900)
"""Three browsers share one computer here."""

PLATFORM = "http://platform.example"
PROFILE = f"""
[experiment.participant_ids]
mode = "link"
signed_only = true
[experiment.returns.finished]
redirect_url = "{PLATFORM}/done?who={{participant}}&cc={{code}}"
[experiment.returns.failed_check]
redirect_url = "{PLATFORM}/check?who={{participant}}&cc={{code}}"
[scenes.training.scene]
at_most = 2
[scenes.practice.environment.config]
rings = 40
every = 5
ease = 17
[scenes.practice.gameplay]
countdown_s = 0
reset_freeze_s = 0
[scenes.together.environment.config]
rings = 12
every = 5
[scenes.together.gameplay]
countdown_s = 0
reset_freeze_s = 0
[scenes.talk.scene]
min_display_s = 0
"""
WORDS = {
    "en": {
        "agree": "I have read this", "on": "Continue", "know": "I see", "start": "Start",
        "one": "When my end is in its ring", "both": "When both ends are in their rings", "why": "You carry together",
        "together": "Now together", "talk": "What would you do differently", "share": "How much of the work",
        "results": "How you did",
    },
    "de": {
        "agree": "Ich habe das gelesen", "on": "Weiter", "know": "Verstanden", "start": "Los",
        "one": "Wenn mein Ende in seinem Ring ist", "both": "Wenn beide Enden in ihren Ringen sind",
        "why": "Sie tragen zusammen", "together": "Jetzt zusammen", "talk": "Was würden Sie beim nächsten Mal",
        "share": "Wie viel Prozent", "results": "Ihr Ergebnis",
    },
}  # fmt: skip
OpenLink = Callable[..., ParticipantPage]


class Reader:
    """A person who reads one of the languages of the study."""

    def __init__(self, person: ParticipantPage, language: str) -> None:
        self.person, self.page, self.words = person, person.page, WORDS[language]

    def agree(self) -> None:
        self.person.sees(self.words["agree"])
        self.page.get_by_role("checkbox").check(force=True)
        self.person.press(self.words["on"])

    def tick(self, *choices: str) -> None:
        for choice in choices:
            self.page.get_by_text(choice).first.click()
        self.person.press(self.words["on"])

    def understand(self) -> None:
        """Wrong first."""
        self.person.press(self.words["know"])
        self.tick(self.words["one"])
        self.person.sees(self.words["why"])
        self.tick(self.words["both"])

    def start(self) -> None:
        self.person.press(self.words["start"])

    def write(self, text: str) -> None:
        field = self.page.get_by_role("textbox").first
        field.fill(text)
        field.press("Enter")

    def look_back(self, share: int) -> None:
        self.person.press(self.words["on"])
        self.page.get_by_label(self.words["share"]).fill(str(share))
        self.person.press(self.words["on"])
        self.person.sees(self.words["results"])
        self.person.press(self.words["on"])


LIFT_AND_SINK = """
() => {
  const key = (kind) => window.dispatchEvent(new KeyboardEvent(kind, { code: "ArrowUp", key: "ArrowUp" }));
  let lifts = false;
  window.lifting ??= setInterval(() => key((lifts = !lifts) ? "keydown" : "keyup"), 560);
}
"""
"""In the page itself: how fast this test is on a busy computer is not how fast somebody plays."""


def carry(readers: list[Reader], until: str) -> None:
    """All lift and let sink until each sees the page that follows; who needs another round of practice begins it."""
    ends = [reader.page.get_by_text(reader.words[until]).first for reader in readers]

    def lift(_turn: int) -> None:
        for reader, end in zip(readers, ends, strict=True):
            if end.is_visible():
                continue
            reader.page.evaluate(LIFT_AND_SINK)
            again = reader.page.get_by_role("button", name=reader.words["start"])
            # Asked anew, as the next page, which begins with such a button, may have come meanwhile.
            if again.is_visible() and not end.is_visible():
                again.click()
        readers[0].page.wait_for_timeout(1000)

    keep_on(lift, lambda: all(end.is_visible() for end in ends), readers[0].person.state)


@pytest.fixture
def engine(start_engine: StartEngine, root: Path, tmp_path: Path) -> EngineProcess:
    (tmp_path / "short.toml").write_text(PROFILE, "utf-8")
    return start_engine(root / "examples" / "carry_together", "--profile", str(tmp_path / "short.toml"))


@pytest.fixture
def led_to() -> list[str]:
    """The addresses of the platform that people were led to."""
    return []


@pytest.fixture
def open_link(engine: EngineProcess, new_participant: NewParticipant, led_to: list[str]) -> OpenLink:
    """Opens somebody's personal link in a browser of its own, and presses Start."""
    found = dict(links(make_key(engine.folder), ["P01", "P02", "P03"], engine.url, "id"))

    def platform(route: Route) -> None:
        led_to.append(route.request.url)
        route.fulfill(body="<h1>Back at the platform</h1>", content_type="text/html")

    def opened(who: str, language: str = "en", forged: str = "") -> ParticipantPage:
        person = new_participant(engine, locale=language)
        person.context.route(f"{PLATFORM}/**", platform)
        person.page.goto(found[who].replace(who, forged or who))
        person.press("Start")
        return person

    return opened


def test_a_whole_study_from_links_to_codes(
    engine: EngineProcess,
    open_link: OpenLink,
    led_to: list[str],
    root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_home = open_link("P01", "de")
    first, second, third = Reader(at_home, "de"), Reader(open_link("P02"), "en"), Reader(open_link("P03"), "en")
    for reader in (first, second, third):
        reader.agree()
    first.tick("Mit der rechten", "Das rechte")
    second.tick("The right one", "The left end")
    third.tick("The left one", "Either")
    first.person.sees("Einen Balken tragen")

    open_link("P01", forged="P09").sees("This link is not complete")
    first = Reader(open_link("P01", "de"), "de")
    first.person.sees("Einen Balken tragen")
    at_home.sees("Anderswo fortgesetzt")

    for reader in (first, second, third):
        reader.understand()
        reader.start()
    carry([first, second], "together")
    third.start()
    third.person.sees("This study needs people to whom the game comes easily.")
    for reader in (first, second):
        reader.start()
    for reader in (first, second):
        reader.person.sees_game()
    carry([first, second], "talk")
    first.write("Langsamer!")
    second.person.sees("Langsamer!")
    second.write("Yes, slower.")
    first.person.sees("Yes, slower.")
    first.look_back(60)
    first.person.sees("Sie haben den Balken durch")
    second.look_back(50)
    second.person.sees("You carried the beam through")
    for reader in (first, second, third):
        reader.person.sees("Back at the platform")
    engine.stop()

    assert sorted(led_to) == [
        f"{PLATFORM}/check?who=P03&cc=CARRY-CHECK",
        *(f"{PLATFORM}/done?who={who}&cc=CARRY-DONE" for who in ("P01", "P02")),
    ]
    assert_everything_is_in_the_tables(engine.folder)
    assert assert_parity_of_each_match(engine.folder / "together", episodes=2) == [("P01", "P02")]
    assert len(assert_parity_of_each_match(engine.folder / "practice_r1", episodes=1)) == 3
    engine.assert_only_this_folder()

    example = root / "examples" / "carry_together"
    found = in_pandas(example, engine.folder, ("practice", "together", "talks", "opinions"), monkeypatch)
    assert found["practice"].set_index("participant")["passed"].to_dict() == {"P01": True, "P02": True, "P03": False}
    assert len(found["together"]) == 4 and found["together"]["off"].between(0, 100).all()
    assert found["talks"][["messages", "writers"]].values.tolist() == [[2, 2]]
    assert found["opinions"].set_index("participant")["after.share"].to_dict() == {"P01": 60, "P02": 50}
    assert_r_finds_the_same(example, engine.folder, found, tmp_path)


def assert_everything_is_in_the_tables(data: Path) -> None:
    people = {row["participant"]: row for row in read_rows(data / "participants.csv")}
    told = {who: (row["status"], row["language"], row["completion_code"]) for who, row in people.items()}
    assert told == {
        "P01": ("finished", "de", "CARRY-DONE"), "P02": ("finished", "en", "CARRY-DONE"),
        "P03": ("excluded", "en", "CARRY-CHECK"),
    }  # fmt: skip
    assert {people[who]["condition.ring"] for who in ("P01", "P02")} == {"wide", "narrow"}, "balanced: both write right"
    trained = {who: (row["check.training.attempts"], row["check.training.passed"]) for who, row in people.items()}
    assert trained["P03"] == ("2", "false") and trained["P01"][1] == trained["P02"][1] == "true"
    assert (people["P01"]["reloads"], people["P02"]["reloads"]) == ("1", "0"), "from one browser to another"

    matches = {(row["participant"], row["scene"]): row for row in read_rows(data / "matches.csv")}
    assert [matches[who, "together"]["agent"] for who in ("P01", "P02")] == ["right", "left"]
    for (who, scene), row in matches.items():
        if row["base_id"] == "practice":
            assert row["config.ring"] == people[who]["condition.ring"], "the env was made with the condition"
            assert row["partner_kind"] == "bot" and (who == "P03") == (float(row["score"]) < 3), scene
    played = [row for row in read_rows(data / "episodes.csv") if row["scene"] == "together"]
    winds = {who: [row["config.wind"] for row in played if row["participant"] == who] for who in ("P01", "P02")}
    assert sorted(winds["P01"]) == ["calm", "gusts"] and winds["P01"] == winds["P02"], "one order for both"

    assert [row["text"] for row in read_rows(data / "chat.csv")] == ["Langsamer!", "Yes, slower."]
    tried = [(row["participant"], row["value"], row["right"]) for row in read_rows(data / "attempts.csv")]
    assert sorted(tried) == [
        (who, value, right) for who in people for value, right in (("both", "true"), ("one", "false"))
    ]
    agreed = {row["participant"]: row["text_hash"] for row in read_rows(data / "consent.csv")}
    assert agreed["P02"] == agreed["P03"] != agreed["P01"], "German is another text"
    score = float(matches["P01", "together"]["score"])
    paid = {row["participant"]: float(row["earnings"]) for row in read_rows(data / "payments.csv")}
    assert paid == {"P01": round(4 + score / 10, 2), "P02": round(4 + score / 10, 2), "P03": 4.0}
    shown = {row["participant"]: row["rank"] for row in read_rows(data / "scenes.csv") if row["scene"] == "results"}
    assert shown == {"P01": "1", "P02": "1"}
    shares = {who: read_rows(data / "after" / f"{who}.csv")[0]["share"] for who in ("P01", "P02")}
    assert shares == {"P01": "60", "P02": "50"}

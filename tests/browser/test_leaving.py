"""Partners who go, fall silent or look away: what becomes of the match, of them and of who stays, game after game."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from tests.browser.conditions import both_have_played, end_the_game, stored_frames, wait_until
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity_as_far_as_both_go, read_rows
from tests.browser.hidden_browser import tabbed_browser
from tests.browser.participant_page import ParticipantPage
from tests.browser.study_copy import spots_study

pytestmark = pytest.mark.timeout(900)

SLOW_SOCKET = """
const send = WebSocket.prototype.send;
window.lateMs = 0;
WebSocket.prototype.send = function (data) {
  setTimeout(() => this.readyState === WebSocket.OPEN && send.call(this, data), window.lateMs);
};
"""
"""What the page tells the host arrives `lateMs` later, pongs included; the way to the other player is not touched."""

STEADY_PRESSES = """
setInterval(() => {
  for (const kind of ["keydown", "keyup"]) {
    const options = { code: "ArrowRight", key: "ArrowRight", bubbles: true, cancelable: true };
    setTimeout(() => document.body?.dispatchEvent(new KeyboardEvent(kind, options)), kind === "keyup" ? 100 : 0);
  }
}, 200);
"""
"""By the page's own clock: presses are near each other however slow the test is."""


class Pair:
    """Who stays, and presses a key all the time, and who is to leave, at the door of one game after the other."""

    def __init__(self, engine: EngineProcess, stays: ParticipantPage, leaves: ParticipantPage) -> None:
        self.engine = engine
        self.stays, self.leaves = stays, leaves
        stays.page.add_init_script(STEADY_PRESSES)

    def begin(self, scene: str, frames: int = 20) -> None:
        """Both play this scene; returns when so many frames of both are on disk."""
        for person in (self.stays, self.leaves):
            person.sees(f"Game {scene}")
            person.stands_at("Find a partner")
        for person in (self.stays, self.leaves):
            person.press("Find a partner")
        self.wait_until(lambda: both_have_played(self.engine, scene, frames), f"play of {scene}")

    def wait_until(self, condition: Callable[[], Any], what: str) -> None:
        wait_until(self.stays, condition, what)

    def go_away(self) -> None:
        self.leaves.page.close()


def plays_with_substitute(engine: EngineProcess, scene: str, frames: int) -> bool:
    """Whether so many frames of this scene are on disk in which somebody's seat was taken by a substitute."""
    from_frames = [record["from_frame"] for record in engine.records("substituted") if record["scene"] == scene]
    return bool(from_frames) and max(stored_frames(engine, scene).values()) >= from_frames[0] + frames


def agent_of(engine: EngineProcess, scene: str, participant: str) -> str:
    """Whom this participant played in the first match of the scene."""
    formed = next(record for record in engine.records("match_formed") if record["scene"] == scene)
    return next(str(player["agent"]) for player in formed["players"] if player["participant"] == participant)


def ends(engine: EngineProcess) -> dict[str, list[tuple[str, list[str]]]]:
    """Why each scene's matches ended, and who was the reason."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    for record in engine.records("match_ended"):
        found.setdefault(record["scene"], []).append((record["reason"], record["who"]))
    return found


def test_a_partner_who_is_lost_or_idle(
    start_engine: StartEngine, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "leaving"))
    pair = Pair(engine, new_participant(engine), new_participant(engine))
    for person in (pair.stays, pair.leaves):
        person.join("?all=1&ping=1")
        person.sees("Hello there")
        person.press("Start")
    for scene, next_page in (("bot", "Game still"), ("still", "Game again")):
        pair.begin(scene)
        pair.go_away()
        pair.wait_until(lambda of=scene: plays_with_substitute(engine, of, 60), f"the substitute in {scene}")
        # Who left goes on behind the game that who stays now ends.
        pair.leaves.comes_back()
        end_the_game([pair.stays], next_page)
    pair.begin("again")
    pair.go_away()
    pair.stays.sees("You wait again.")
    pair.leaves.comes_back()
    pair.stays.sees_game()
    end_the_game([pair.stays], "Game idle")
    pair.begin("idle")
    pair.wait_until(lambda: engine.records("excluded"), "the exclusion of who does nothing")
    pair.stays.sees("The other one had to stop.")
    pair.leaves.sees("You had to stop.")
    pair.leaves.page.reload()
    pair.leaves.sees("You had to stop.")
    engine.stop()

    stays, leaves = (record["participant"] for record in engine.records("joined"))
    for scene, by in (("bot", "bot"), ("still", "default")):
        assert_parity_as_far_as_both_go(engine.folder / scene, [stays, leaves], at_least=20)
        rows = read_rows(engine.folder / scene / f"{stays}_ep0.csv")
        assert rows[-1]["terminated.left"] == "true", "who stays plays to the end"
        (substituted,) = [record for record in engine.records("substituted") if record["scene"] == scene]
        assert (substituted["participant"], substituted["by"]) == (leaves, by)
        assert (substituted["reason"], substituted["from_frame"] > 0) == ("connection lost", True)
        assert len(rows) >= substituted["from_frame"] + 60
        later = {row[f"actions.{agent_of(engine, scene, leaves)}"] for row in rows[substituted["from_frame"] + 30 :]}
        assert (later == {"0"}) is (by == "default")
    for scene in ("again", "idle"):
        assert_parity_as_far_as_both_go(engine.folder / scene, [stays, leaves], at_least=20)
    assert ends(engine)["again"] == [("connection lost", [leaves]), ("complete", [])]
    assert ends(engine)["idle"] == [("excluded", [leaves])]
    assert [(record["participant"], record["rule"]) for record in engine.records("warned")] == [(leaves, "inactivity")]
    people = {row["participant"]: row for row in read_rows(engine.folder / "participants.csv")}
    assert (people[leaves]["status"], people[leaves]["reason"]) == ("excluded", "no input")
    engine.assert_only_this_folder()


def test_a_partner_who_looks_away_or_is_slow(
    start_engine: StartEngine,
    new_participant: NewParticipant,
    tmp_path: Path,
    playwright: Playwright,
    chromium: str,
    short_tmp: Path,
) -> None:
    engine = start_engine(spots_study(tmp_path, "leaving"))
    with tabbed_browser(playwright, chromium, short_tmp) as browser:
        pair = Pair(engine, new_participant(engine), ParticipantPage(browser, engine.url, tabs=True))
        slow = new_participant(engine)
        slow.context.add_init_script(SLOW_SOCKET)
        for person, link in ((pair.stays, ""), (pair.leaves, ""), (slow, "?ping=1")):
            person.join(link)
            person.sees("Hello there")
            person.press("Start")
        other_tab = pair.leaves.open_page()
        pair.leaves.page.bring_to_front()

        pair.begin("away")
        other_tab.bring_to_front()
        pair.stays.sees("The other one went away.")
        pair.leaves.page.bring_to_front()
        pair.begin("hidden")
        other_tab.bring_to_front()
        pair.stays.sees("The other one had to stop.")
        pair.leaves.sees("You had to stop.")
    pair.leaves = slow
    pair.begin("slow")
    slow.page.evaluate("window.lateMs = 5000")
    pair.stays.sees("The other one had to stop.")
    slow.sees("You had to stop.")
    pair.stays.sees("Goodbye")
    pair.stays.assert_clean()
    engine.stop()

    stays, hidden, slow_one = (record["participant"] for record in engine.records("joined"))
    for scene, other in (("away", hidden), ("hidden", hidden), ("slow", slow_one)):
        assert_parity_as_far_as_both_go(engine.folder / scene, [stays, other], at_least=20)
    assert ends(engine) == {
        "away": [("away from the page", [hidden])],
        "hidden": [("excluded", [hidden])],
        "slow": [("excluded", [slow_one])],
    }
    people = {row["participant"]: row for row in read_rows(engine.folder / "participants.csv")}
    found = {who: (people[who]["status"], people[who]["reason"]) for who in (stays, hidden, slow_one)}
    assert found[hidden] == ("excluded", "page hidden or left")
    assert found[slow_one] == ("excluded", "ping above 3000 ms")
    assert found[stays][0] == "finished"
    engine.assert_only_this_folder()


def test_alone_a_slow_computer_and_the_studys_own_rule_end_the_game(
    start_engine: StartEngine, browser: Browser, new_participant: NewParticipant, tmp_path: Path
) -> None:
    engine = start_engine(spots_study(tmp_path, "alone"))
    slow, judged = new_participant(engine), new_participant(engine)
    for person, way in ((slow, "slow"), (judged, "judged")):
        person.join(f"?way={way}")
        person.sees("Hello there")
        person.press("Start")
    judged.sees("Our own rule says stop.", limit_ms=240_000)
    slow.sees("This computer is too slow.", limit_ms=240_000)
    for person in (slow, judged):
        person.assert_clean()
    engine.stop()
    reasons = [(row["status"], row["reason"]) for row in read_rows(engine.folder / "participants.csv")]
    assert reasons[0] == ("excluded", "frame rate too low")
    assert reasons[1][0] == "excluded"
    assert reasons[1][1].startswith("callback: ")
    for scene in ("slow", "judged"):
        (path,) = (engine.folder / scene).glob("*_ep0.csv")
        rows = read_rows(path)
        assert [int(row["frame"]) for row in rows] == list(range(len(rows)))
        assert len(rows) >= 5, "what was played is kept"

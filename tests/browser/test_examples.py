"""The built-in examples, from the first page to the last, as a participant meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conditions import keep_on
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, assert_parity_of_each_match, read_rows
from tests.browser.participant_page import LOADING_LIMIT_MS, ParticipantPage
from tests.browser.test_chat import write
from tests.example_analyses import assert_r_finds_the_same, in_pandas

StartShortened = Callable[[str, str], EngineProcess]


@pytest.fixture
def examples(root: Path) -> Path:
    return root / "examples"


@pytest.fixture
def start_shortened(examples: Path, tmp_path: Path, start_engine: StartEngine) -> StartShortened:
    """Starts an example with the options of a profile."""

    def start(example: str, profile: str) -> EngineProcess:
        path = tmp_path / "short.toml"
        path.write_text(profile, "utf-8")
        return start_engine(examples / example, "--profile", str(path))

    return start


def answer_scales(person: ParticipantPage, points: int, choice: int) -> None:
    for group in person.page.get_by_role("radiogroup").all():
        if group.get_by_role("radio").count() == points:
            group.get_by_role("radio").nth(choice).check(force=True)


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_slime_volleyball_against_the_network(start_shortened: StartShortened, new_participant: NewParticipant) -> None:
    engine = start_shortened("slime_volleyball_ai", "[scenes.match.environment.config]\nwin_score = 3\n")
    person = new_participant(engine)
    person.join()
    person.sees("A game of slime volleyball")
    person.press("Start")
    person.press("I see")
    person.press("Play")
    person.sees_game()
    survey = person.page.get_by_text("About your opponent").first
    keep_on(lambda turn: person.hold(("ArrowUp", "ArrowRight")[turn % 2], 300), survey.is_visible, "the survey")
    person.page.get_by_text("A computer program").click()
    answer_scales(person, 7, 4)
    person.press("Continue")
    person.sees("Well played!")
    person.assert_clean()
    engine.stop()

    assert_parity(engine.folder / "match", members=1, episodes=2)
    for episode in (0, 1):
        rows = read_rows(only(engine.folder / "match", f"*_ep{episode}.csv"))
        assert {row["actions.left"] for row in rows} >= {"0", "2", "3"}
        assert len({row["actions.right"] for row in rows}) >= 3, "the network does something"
        assert rows[-1]["terminated.left"] == rows[-1]["terminated.right"] == "true"
        points = {side: int(rows[-1][f"infos.{side}.points"]) for side in ("left", "right")}
        assert max(points.values()) == 3
        assert sum(row["rewards.right"] == "1" for row in rows) == points["right"]
    (answers,) = read_rows(only(engine.folder / "survey", "*.csv"))
    assert (answers["option"], answers["fun"]) == ("program", "5")
    engine.assert_only_this_folder()


def steer(person: ParticipantPage, next_page: str | re.Pattern[str]) -> None:
    """The pointer goes from side to side until the next page is there."""
    box = person.page.locator("canvas").first.bounding_box()
    assert box
    end = person.page.get_by_role("heading", name=next_page)

    def cross(turn: int) -> None:
        share = (0.3, 0.5, 0.75, 0.6)[turn % 4]
        person.page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2, steps=4)
        person.page.wait_for_timeout(120)

    keep_on(cross, end.count, "the end of the crossing")


def test_a_boat_is_steered_with_and_without_a_pilot(
    start_shortened: StartShortened, new_participant: NewParticipant, examples: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    scenes = ("first", "advised", "practice", "last")
    short = "".join(f"[scenes.{scene}.gameplay]\nmax_steps = 90\ncountdown_s = 0\n" for scene in scenes)
    engine = start_shortened("windy_crossing", short)
    for _ in range(2):
        person = new_participant(engine)
        person.join("?lang=en")
        person.press("Start")
        person.press("Understood")
        for following in (re.compile("With a pilot|Practice"), "The last crossing", "Ashore again"):
            person.press("Cast off")
            person.sees_game()
            steer(person, following)
        answer_scales(person, 7, 4)
        person.press("Continue")
        person.sees("of 120 gates")
        person.assert_clean()
    engine.stop()

    for scene, episodes in (("first", 1), ("last", 1), ("advised", 2), ("practice", 2)):
        members = 2 if scene in ("first", "last") else 1
        assert len(assert_parity_of_each_match(engine.folder / scene, episodes=episodes)) == members
    rows = read_rows(only(engine.folder / "advised", "*_ep1.csv"))
    aims = [float(row["actions.agent_0.0"]) for row in rows]
    assert min(aims) < -0.3 and max(aims) > 0.3, "the boat went where the pointer was"
    assert all(row["advice.agent_0.0"] for row in rows) and len({row["advice.agent_0.0"] for row in rows}) > 5
    assert "advice.agent_0.0" not in read_rows(only(engine.folder / "practice", "*_ep1.csv"))[0]
    example = examples / "windy_crossing"
    found = in_pandas(example, engine.folder, ("crossings", "learned", "followed", "opinions"), monkeypatch)
    assert len(found["crossings"]) == 8 and len(found["learned"]) == len(found["followed"]) == 2
    assert_r_finds_the_same(example, engine.folder, found, tmp_path)
    engine.assert_only_this_folder()


TAPPING = """
[scenes.rules.scene]
max_display_s = 3
[scenes.tapping.environment.config]
beats = 8
[scenes.tapping.gameplay]
countdown_s = 0
reset_freeze_s = 0
[scenes.tapping.waitroom]
acted_wait_s = [5, 6]
"""


def tap(person: ParticipantPage) -> None:
    """About in time with the ticks, until the talk begins."""
    end = person.page.get_by_role("heading", name="The two of you")

    def press(_turn: int) -> None:
        person.hold("Space", 80)
        person.page.wait_for_timeout(500)

    keep_on(press, end.count, "the end of the rounds")


def test_a_person_taps_with_a_program_and_is_told_so_at_the_end(
    start_shortened: StartShortened, new_participant: NewParticipant, examples: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    engine = start_shortened("tap_together", TAPPING)
    for _ in range(2):
        person = new_participant(engine)
        person.join("?lang=en")
        person.sees("Before we begin")
        person.page.get_by_role("checkbox").check(force=True)
        person.press("Continue")
        person.press("To my partner")  # the rules have left by themselves
        person.sees("Your partner will be here in a moment.")
        person.sees_game()
        tap(person)
        write(person, "Hello!")
        person.sees("once the ticks were gone")
        person.press("Continue")
        person.page.get_by_text("A person", exact=True).click()
        answer_scales(person, 7, 4)
        assert person.page.get_by_text("Your partner was a program").count() == 0
        person.press("Continue")
        person.sees("Thank you!")
        person.sees("Your partner was a program")
        person.assert_clean()
    engine.stop()

    assert len(assert_parity_of_each_match(engine.folder / "tapping", episodes=2)) == 2
    played = [row["policy.partner"] for row in read_rows(engine.folder / "matches.csv")]
    assert sorted(played) == ["partner.py:adaptive", "partner.py:steady"], "each of the pool once"
    assert [len(engine.records(kind)) for kind in ("acted_wait", "debriefed")] == [2, 2]
    timed_out = {row["timed_out"] for row in read_rows(engine.folder / "scenes.csv") if row["scene"] == "rules"}
    assert timed_out == {"true"}
    said = [(row["how"], row["text"]) for row in read_rows(engine.folder / "chat.csv")]
    assert [text for how, text in said if how != "responder"] == ["Hello!"] * 2
    assert len(read_rows(engine.folder / "responses.csv")) == len(said) - 2 == 2
    for path in (engine.folder / "tapping").glob("*_input.csv"):
        presses = [row for row in read_rows(path) if row["code"] == "Space" and row["event"] == "press"]
        assert len(presses) > 10 and all(float(row["held_ms"]) > 0 for row in presses if row["held_ms"])
    example = examples / "tap_together"
    found = in_pandas(example, engine.folder, ("rounds", "tempo", "opinions"), monkeypatch)
    assert set(found["rounds"]["partner"]) == {"steady", "adaptive"} and len(found["tempo"]) == 4
    assert_r_finds_the_same(example, engine.folder, found, tmp_path)
    engine.assert_only_this_folder()


NEXT_PAGE = """shown => !document.body.innerText.includes("Look at this pattern")
    || document.querySelector("img")?.getAttribute("src") !== shown"""
"""The page after the last pattern may show that one again, as the first to choose from."""


def rate_the_patterns(person: ParticipantPage) -> None:
    page = person.page
    for _ in range(4):
        person.sees("Look at this pattern")
        shown = page.locator("img").first.get_attribute("src")
        for slider in page.get_by_role("slider").all():
            slider.focus()
            slider.press("ArrowRight")
        person.press("Continue")
        page.wait_for_function(NEXT_PAGE, arg=shown, timeout=LOADING_LIMIT_MS)


def choose_in_any_order(person: ParticipantPage) -> None:
    page = person.page
    questions = {"Which one would you hang on your wall?": ["Rings"], "Which words fit": ["Warm", "Playful"]}
    either = page.get_by_text("Which one would you hang on your wall?").or_(page.get_by_text("Which words fit"))
    while questions:
        either.first.wait_for()
        shown = next(question for question in questions if page.get_by_text(question).count())
        for choice in questions.pop(shown):
            page.get_by_text(choice, exact=True).click()
        person.press("Continue")
        page.get_by_text(shown).wait_for(state="detached")


def catch_the_dots(person: ParticipantPage) -> None:
    frame = person.page.frame_locator("iframe")
    frame.get_by_text("Begin").click()
    for _ in range(8):
        frame.locator("#dot").wait_for(state="visible")
        frame.locator("#dot").dispatch_event("pointerdown")


def test_the_tour(start_engine: StartEngine, new_participant: NewParticipant, examples: Path) -> None:
    engine = start_engine(examples / "survey_tour")
    person = new_participant(engine)
    page = person.page
    person.join()
    person.sees("Some patterns please us at once")
    person.press("Start")
    person.sees("Before we begin")
    person.press("I agree")
    person.sees("Please tick this box to go on.")
    page.get_by_role("checkbox").first.check(force=True)
    person.press("I agree")
    page.get_by_label("How old are you?").fill("30")
    page.get_by_text("Right", exact=True).click()
    page.get_by_text("In the lab").click()
    answer_scales(person, 5, 2)
    person.press("Continue")
    person.sees("Take your time, and have a good")
    person.press("Continue")
    rate_the_patterns(person)
    choose_in_any_order(person)
    person.sees("Put them in order")
    # Wherever they stood before: there is an answer once something was moved.
    for name, keys in (("Rings", ("End", "Home")), ("Waves", ("End",))):
        for key in keys:
            page.get_by_label(f"{name}, place").press(key)
    person.press("Continue")
    for _ in range(2):
        person.sees("Quick: which one?")
        page.get_by_text("Seeds", exact=True).click()
        person.press("Continue")
        person.sees("How sure were you?")
        answer_scales(person, 7, 4)
        person.press("Continue")
    page.get_by_text("Yes, gladly").click()
    person.press("Continue")
    person.sees("Catch the dot")
    catch_the_dots(person)
    person.sees("Looking back")
    page.get_by_text("Just right").click()
    answer_scales(person, 5, 3)
    person.press("Continue")
    person.sees("The last word is yours")
    person.press("Continue")
    person.sees("Your completion code")
    code = page.locator("input[readonly]").input_value()
    person.press("Continue")
    person.sees("Your answers are saved")
    person.assert_clean()
    engine.stop()

    expected = {
        "about_you": {"age": "30", "hand": "right", "screen": "In the lab", "drawing": "3", "museum": ""},
        "consent": {"agree": "true", "contact": "false"},
        "favourite": {"choice": "rings"},
        "pair_r1": {"option": "seeds"},
        "certainty_r2": {"sure": "5", "text": ""},
        "more": {"choice": "yes"},
        "looking_back": {"option": "Just right", "scale_1": "4", "scale_2": "4"},
    }
    for scene, values in expected.items():
        (answers,) = read_rows(only(engine.folder / scene, "*.csv"))
        assert values.items() <= answers.items(), scene
    (ranked,) = read_rows(only(engine.folder / "all_four", "*.csv"))
    order, before = json.loads(ranked["ranking"]), json.loads(ranked["shown_order.ranking"])
    assert [order[0], order[-1]] == ["rings", "waves"] and sorted(order) == sorted(before)
    (human,) = read_rows(engine.folder / "participants.csv")
    assert len(code) == 8
    assert human["completion_code"] == code
    assert not (engine.folder / "no_task").exists()
    shared = json.loads(only(engine.folder / "thanks", "*_globals.json").read_text("utf-8"))
    assert "part_of_day" in json.dumps(shared)
    events = (engine.folder / "events.jsonl").read_text("utf-8")
    assert "median_ms" in events, "what the framed task sent is on disk"
    engine.assert_only_this_folder()

"""The built-in examples for several people, from the first page to the last: everybody records the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import pytest

from igym.host.store.store_reader import StoreReader
from tests.browser.conditions import keep_on, stored_frames
from tests.browser.conftest import NewParticipant, StartEngine
from tests.browser.engine_process import EngineProcess
from tests.browser.exports import assert_parity, assert_parity_of_each_match, read_rows
from tests.browser.participant_page import ParticipantPage
from tests.browser.test_links import CUTTABLE, set_cut
from tests.example_analyses import assert_r_finds_the_same, in_pandas

pytestmark = pytest.mark.timeout(900)
"""Several browsers share one computer here."""

Rows = list[dict[str, str]]
Seats = Callable[[str, int, str], tuple[EngineProcess, list[ParticipantPage]]]


@pytest.fixture
def seats(root: Path, tmp_path: Path, start_engine: StartEngine, new_participant: NewParticipant) -> Seats:
    """Starts an example, shortened by a profile, with so many people at its first page."""

    def seat(example: str, people: int, profile: str) -> tuple[EngineProcess, list[ParticipantPage]]:
        path = tmp_path / "short.toml"
        path.write_text(profile, "utf-8")
        engine = start_engine(root / "examples" / example, "--profile", str(path))
        return engine, [new_participant(engine) for _ in range(people)]

    return seat


def meet(people: list[ParticipantPage], engine: EngineProcess, *buttons: str) -> None:
    """Everybody joins and presses these buttons, up to the game; `people` then stand in the order of their slots."""
    for person in people:
        person.join()
    for button in buttons:
        for person in people:
            person.press(button)
    for person in people:
        person.sees_game()
    with StoreReader(engine.folder / "session.sqlite3") as reader:
        joined = [record.participant for record in reader.records(engine.session, kinds=("joined",))]
        *_, formed = reader.records(engine.session, kinds=("match_formed",))
    slots = {entry["participant"]: entry["player"] for entry in formed.body["players"]}
    people[:] = [
        person
        for _, person in sorted(zip((slots[who] for who in joined), people, strict=True), key=lambda pair: pair[0])
    ]


def hold_together(held: Sequence[tuple[ParticipantPage, str]], duration_ms: int) -> None:
    """Each of these people holds a key, all at the same time."""
    for person, key in held:
        person.page.keyboard.down(key)
    held[0][0].page.wait_for_timeout(duration_ms)
    for person, key in held:
        person.page.keyboard.up(key)


def play(
    people: Sequence[ParticipantPage],
    keys: Sequence[Sequence[str]],
    duration_ms: int,
    last_page: str,
    reloads: Mapping[int, Sequence[int]] = MappingProxyType({}),
    reached: Callable[[int], int] = int,
) -> None:
    """Everybody presses their own keys in turn until all are at the next page.

    As soon as `reached(turn)` is as far as a number in `reloads`, those people load their pages anew, all at once.
    """
    ends = [person.page.get_by_text(last_page).first for person in people]
    due = sorted(reloads)

    def press(turn: int) -> None:
        if due and reached(turn) >= due[0]:
            for number in reloads[due.pop(0)]:
                people[number].page.evaluate("setTimeout(() => location.reload(), 50)")
        playing = zip(people, keys, ends, strict=True)
        if held := [(person, own[turn % len(own)]) for person, own, end in playing if not end.is_visible()]:
            hold_together(held, duration_ms)

    keep_on(press, lambda: all(end.is_visible() for end in ends), last_page)
    assert not due, f"the game was over before the pages were loaded anew at {due}"


def leave(people: Sequence[ParticipantPage], engine: EngineProcess, scales: int, last_page: str) -> None:
    """Everybody answers the questions and reaches the end."""
    for person in people:
        person.choose([4] * scales)
        person.press("Continue")
        person.sees(last_page)
        person.assert_clean()
    engine.stop()
    assert [row["status"] for row in read_rows(engine.folder / "participants.csv")] == ["finished"] * len(people)
    engine.assert_only_this_folder()


def assert_came_back(engine: EngineProcess, times: int) -> None:
    """The match went on to its end after so many pages were loaded anew."""
    assert [record["reason"] for record in engine.records("match_ended")] == ["complete"]
    new_pages = [record for record in engine.records("browser") if record["new_page"]]
    joined = len(engine.records("joined"))
    assert len(new_pages) >= joined + times


def rows_of(folder: Path, episode: int) -> Rows:
    """One member's rows; the others' are the same."""
    return read_rows(sorted(folder.glob(f"*_ep{episode}.csv"))[0])


def column(rows: Rows, name: str) -> set[str]:
    return {row[name] for row in rows}


def test_four_in_a_row_in_which_one_and_then_both_load_anew(seats: Seats) -> None:
    profile = (
        "[scenes.board.gameplay]\ncountdown_s = 1\nreset_freeze_s = 0\n"
        "[scenes.board.multiplayer.reconnection]\ntimeout_s = 90\n"
    )
    engine, people = seats("four_in_a_row", 2, profile)
    meet(people, engine, "Start", "I am ready")
    play(
        people,
        [["ArrowLeft", "ArrowLeft", "ArrowLeft", "Space"], ["2", "3", "4"]],
        60,
        "Looking back",
        {2: [1], 12: [0, 1]},
    )
    assert_came_back(engine, 3)
    leave(people, engine, 3, "Both games are over")

    assert_parity(engine.folder / "board", members=2, episodes=2)
    for episode in (0, 1):
        rows = rows_of(engine.folder / "board", episode)
        assert rows[-1]["terminated.red"] == rows[-1]["terminated.yellow"] == "true"
        assert {rows[-1]["rewards.red"], rows[-1]["rewards.yellow"]} == {"1", "-1"}
        moves = [
            (row["actions.red"], row["actions.yellow"]) for row in rows if row["actions.red"] + row["actions.yellow"]
        ]
        assert all("" in move for move in moves), "only the player whose turn it is acts"
        assert {action for move in moves for action in move} >= {"7", "9"}
        assert 7 <= int(rows[-1]["infos.red.discs"]) <= 42


def understand(person: ParticipantPage) -> None:
    """The rules of the trust game; the first answer is wrong and is explained."""
    person.join("?lang=en")
    person.press("Start")
    person.press("Understood")
    for label, points in (("You send 4 points.", "4"), ("They give back 6 of them.", "12"), ("And how many", "6")):
        person.page.get_by_label(label).fill(points)
    person.press("Continue")
    person.sees("What you send is tripled on its way")
    person.page.get_by_label("You send 4 points.").fill("12")
    person.press("Continue")
    person.press("Find my partner")


def take_turns(people: Sequence[ParticipantPage], *next_pages: str) -> list[str]:
    """Whoever is on turn gives six; returns on which of the pages each of them is then."""
    reached = [""] * len(people)

    def take(turn: int) -> None:
        for number, person in enumerate(people):
            found = [page for page in next_pages if person.page.get_by_role("heading", name=page).count()]
            reached[number] = found[0] if found else ""
            if not found:
                person.hold(("ArrowUp", "ArrowRight", "Space")[turn % 3], 40)

    keep_on(take, lambda: all(reached), lambda: f"one of {next_pages} for each: {reached}")
    return reached


def test_trust_game(seats: Seats, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = "".join(f"[scenes.{part}.environment.config]\nrounds = 2\n" for part in ("before", "after"))
    short += "".join(f"[scenes.{part}.gameplay]\nreset_freeze_s = 0\ncountdown_s = 0\n" for part in ("before", "after"))
    engine, people = seats("trust_game", 4, short)
    for person in people:
        understand(person)
    pauses = take_turns(people, "Talk to your partner", "Half of it is done")
    assert sorted(pauses) == ["Half of it is done"] * 2 + ["Talk to your partner"] * 2, "each condition has a pair"
    first, second = [person for person, page in zip(people, pauses, strict=True) if page.startswith("Talk")]
    first.page.get_by_role("textbox").fill("Half and half?")
    first.page.keyboard.press("Enter")
    second.sees("Half and half?")
    for person in people:
        person.press("Go on to part two")
        person.press("Go on")
    take_turns(people, "What you have earned")
    for person in people:
        person.press("Continue")
    leave(people, engine, 4, "Your answers are saved")

    pairs = [assert_parity_of_each_match(engine.folder / part, episodes=1) for part in ("before", "after")]
    assert set(pairs[0]) == set(pairs[1]), "the same two meet again"
    (said,) = read_rows(engine.folder / "chat.csv")
    assert said["text"] == "Half and half?"
    episodes = read_rows(engine.folder / "episodes.csv")
    points: dict[str, float] = {}
    for row in episodes:
        points[row["participant"]] = points.get(row["participant"], 0) + float(row["score"])
    paid = {row["participant"]: float(row["earnings"]) for row in read_rows(engine.folder / "payments.csv")}
    assert paid == {person: pytest.approx(3 + 0.05 * gained) for person, gained in points.items()}

    example = root / "examples" / "trust_game"
    found = in_pandas(example, engine.folder, ("rounds", "change", "opinions"), monkeypatch)
    rounds = found["rounds"]
    assert len(rounds) == 2 * 2 * 2 and set(rounds["condition.communication"]) == {"talk", "silence"}
    # A round has ten points, and two more for each that was sent.
    assert sum(points.values()) == (10 + 2 * rounds["sent"]).sum()
    assert_r_finds_the_same(example, engine.folder, found, tmp_path)


def test_slime_duel(seats: Seats) -> None:
    profile = (
        "[scenes.duel.environment.config]\nwin_score = 2\n[scenes.duel.gameplay]\ncountdown_s = 1\nnum_episodes = 1\n"
    )
    engine, people = seats("slime_duel", 2, profile)
    meet(people, engine, "Start", "I see", "Find my opponent")
    play(people, [["ArrowRight", "ArrowUp", "ArrowLeft"], ["ArrowUp", "ArrowLeft"]], 250, "About the other person")
    leave(people, engine, 3, "The other slime was a person")

    assert_parity(engine.folder / "duel", members=2, episodes=1)
    rows = rows_of(engine.folder / "duel", 0)
    for side in ("left", "right"):
        assert column(rows, f"actions.{side}") >= {"0", "1", "3"}
        assert rows[-1][f"terminated.{side}"] == "true"
    points = [int(rows[-1][f"infos.{side}.points"]) for side in ("left", "right")]
    assert max(points) == 2
    assert sum(row["rewards.left"] == "1" for row in rows) == points[0]


def test_grid_kitchen(seats: Seats) -> None:
    profile = (
        "[scenes.kitchen.environment.config]\nframes = 200\n[scenes.kitchen.gameplay]\nnum_episodes = 1\n"
        "[scenes.kitchen.rendering]\nfps = 20\n"
    )
    engine, people = seats("grid_kitchen", 2, profile)
    meet(people, engine, "Start", "To the kitchen")
    to_the_crates = [["ArrowUp", "ArrowLeft", "ArrowUp", "Space"], ["ArrowUp", "ArrowRight", "ArrowUp", "Space"]]
    play(people, to_the_crates, 300, "Cooking together")
    leave(people, engine, 3, "The kitchen is closed")

    assert_parity(engine.folder / "kitchen", members=2, episodes=1)
    rows = rows_of(engine.folder / "kitchen", 0)
    assert len(rows) == 200
    for cook in ("blue", "pink"):
        assert "take" in column(rows, f"infos.{cook}.did")
        assert column(rows, f"infos.{cook}.hand") & {"onion", "tomato"}
        assert rows[-1][f"terminated.{cook}"] == "true"


def test_harvest_trio(seats: Seats) -> None:
    profile = (
        "[scenes.orchard.environment.config]\nframes = 140\n[scenes.orchard.gameplay]\nnum_episodes = 1\n"
        "[scenes.orchard.rendering]\nfps = 20\nsmooth_motion = false\n"
    )
    engine, people = seats("harvest_trio", 2, profile)
    meet(people, engine, "Start", "To the orchard")
    there_and_back = ["ArrowRight"] * 3 + ["ArrowLeft"] * 3
    play(people, [there_and_back, there_and_back[::-1]], 250, "After the harvest")
    leave(people, engine, 4, "The robot followed one rule")

    assert_parity(engine.folder / "orchard", members=2, episodes=1)
    rows = rows_of(engine.folder / "orchard", 0)
    assert len(rows) == 140
    assert len(column(rows, "actions.robot")) >= 3, "the robot walks about"
    picked = {name: int(rows[-1][f"infos.{name}.picked"]) for name in ("teal", "plum", "robot")}
    assert picked["robot"] > 0
    assert picked["teal"] + picked["plum"] > 0
    for name, apples in picked.items():
        assert sum(int(row[f"rewards.{name}"]) for row in rows) == apples


def test_paint_arena_of_four_while_pages_load_anew_and_one_line_is_cut(seats: Seats) -> None:
    profile = (
        "[scenes.arena.environment.config]\nframes = 240\n[scenes.arena.gameplay]\nnum_episodes = 1\n"
        "[scenes.arena.multiplayer.reconnection]\ntimeout_s = 90\n[scenes.arena.rendering]\nsmooth_motion = false\n"
    )
    engine, people = seats("paint_arena", 4, profile)
    people[1].context.add_init_script(CUTTABLE)
    cuttable = people[1:2]
    meet(people, engine, "Start", "Into the arena")
    across = [
        ["ArrowRight", "ArrowDown"],
        ["ArrowLeft", "ArrowDown"],
        ["ArrowUp", "ArrowRight"],
        ["ArrowLeft", "ArrowUp"],
    ]
    set_cut(cuttable, True)
    play(
        people, across, 250, "How was it?", {10: [2], 60: [0, 3]},
        lambda _turn: min(stored_frames(engine, "arena").values(), default=0),
    )  # fmt: skip
    assert_came_back(engine, 3)
    leave(people, engine, 3, "Both rounds are over")

    assert_parity(engine.folder / "arena", members=4, episodes=1)
    rows = rows_of(engine.folder / "arena", 0)
    assert len(rows) == 240
    for name in ("red", "blue", "green", "gold"):
        tiles = int(rows[-1][f"infos.{name}.tiles"])
        assert tiles == 1 + sum(int(row[f"rewards.{name}"]) for row in rows)
        assert len(column(rows, f"actions.{name}")) >= 2
    assert max(int(row[f"infos.{name}.tiles"]) for row in rows for name in ("red", "blue", "green", "gold")) > 4

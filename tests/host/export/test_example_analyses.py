"""The analyses of the examples run on recorded data, and those in R name the tables' columns and find the same."""

from __future__ import annotations

import csv
import random
import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import igym
from igym import GymScene, load_experiment
from igym.experiment.bundle import game_bundle
from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.store.store_reader import StoreReader
from igym.host.studies.sources import source_files
from tests import example_analyses
from tests.example_analyses import assert_r_finds_the_same
from tests.host.export.played import PlayedStudy, Press
from tests.host.export.store_builder import StoreBuilder

EXAMPLES = Path(__file__).parents[3] / "examples"
TABLES = {
    "slime_duel": ("games", "touches", "network", "opinions"),
    "four_in_a_row": ("moves", "games", "opinions"),
    "mountain_car": ("attempts", "changes", "opinions"),
    "survey_tour": ("ratings", "favourites", "pairs", "pages"),
    "grid_kitchen": ("work", "rounds", "opinions"),
    "harvest_trio": ("taken", "trees", "opinions"),
    "lantern_hunt": ("people", "rounds", "opinions"),
    "paint_arena": ("results", "leads", "opinions"),
    "slime_volleyball_ai": ("games", "guesses", "opinions"),
}
"""Example → what both of its analyses come to."""
PLAYED = {"carry_together", "overcooked_pair", "tap_together", "trust_game", "windy_crossing"}
"""Examples whose analyses are run on what was played in browsers: they need packages, or several parts."""
PRESSED: dict[str, Press] = {
    "slime_duel": lambda player, episode, frame, _: (frame // 7 + player) % 6,
    "four_in_a_row": lambda player, episode, frame, _: (frame // 5 + 2 * player + episode) % 7,
    "mountain_car": lambda player, episode, frame, _: 4 if frame % 80 < 40 + episode else 1,
    "grid_kitchen": lambda player, episode, frame, _: cooked(WAYS[player], frame),
    "harvest_trio": lambda player, episode, frame, _: 1 + (frame // (5 + player) + episode) % 4,
    "lantern_hunt": lambda player, episode, frame, _: (4, 2, 3, 1)[(frame // (9 + 15 * player) + 2 * player) % 4],
    "paint_arena": lambda player, episode, frame, _: 1 + (frame // (11 + 3 * player) + player + episode) % 8,
    "slime_volleyball_ai": lambda player, episode, frame, _: (frame // 7) % 6,
}
WAYS = ("ULUXRRRUXLLLUXRRRUXLLLUXRRRUXLLLDLX" + 30 * "." + "URRRUXRRRDDRX", "UUURUXLUXDDD")
"""What the two cooks do: a soup of three onions is served by one; the other puts a tomato on the counter. X: use."""
PEOPLE = 2
READ = r'read\(\s*"(\w+\.csv)",\s*c\(([^)]*)\)'
ROWS = r'lapply\(file\.path\("(\w+)", files\), read, c\(([^)]*)\)'


def cooked(way: str, frame: int) -> int:
    """A step takes two frames; what is held down acts once."""
    step, second = divmod(frame, 2)
    done = way[step] if step < len(way) else "."
    return 0 if done == "X" and second else ".UDLRX".index(done)


def play(root: Path, name: str) -> Path:
    """Matches of an example's own game, key by key."""
    files: dict[str, str | bytes] = {
        file.relative_to(EXAMPLES / name).as_posix(): file.read_bytes()
        for file in sorted((EXAMPLES / name).rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }
    [scene] = [scene for scene in load_experiment(EXAMPLES / name).scenes if isinstance(scene, GymScene)]
    study = PlayedStudy(root, scene, files)
    people = [who for _ in range(PEOPLE) for who in study.match(PRESSED[name], episodes=2, most=400)]
    for match in range(PEOPLE):
        for episode in (0, 1):
            study.builder.record("parity", None, f"m{match}", scene.id, episode=episode, result="identical")
    answer(study.builder, name, people)
    study.builder.close()
    return study.data


def fill_in(root: Path, name: str) -> Path:
    """Pages alone."""
    builder = StoreBuilder(root).session("s1")
    people = [f"p{number}" for number in range(PEOPLE)]
    for who in people:
        builder.record("joined", who, label=who)
    answer(builder, name, people)
    builder.record("joined", "gone", label="gone").record("dropped", "gone", reason="connection lost")
    builder.close()
    return root


def answer(builder: StoreBuilder, name: str, people: list[str]) -> None:
    """Everybody answers every page of the example, rounds too, and finishes."""
    experiment, chance = load_experiment(EXAMPLES / name), random.Random(3)
    fields = {scene.id: scene.client_spec()["fields"] for scene in experiment.scenes}
    for who in people:
        for visit, planned in enumerate(experiment.stager.draw(random.Random(1)).scenes(), 2):
            if asked := fields[planned.scene]:
                page = planned.id
                values = {field["name"]: given(field, chance) for field in asked}
                builder.record("scene_entered", who, scene=page, visit=visit, spec=planned.scene, scene_kind="form")
                builder.record("answers", who, scene=page, visit=visit, values=values)
                builder.record("scene_left", who, scene=page, visit=visit, submitted=True)
        builder.record("finished", who, reason="end")


def given(field: dict[str, Any], chance: random.Random) -> Any:
    if field["type"] in ("scale", "slider", "number"):
        return chance.randint(int(field["min"]), int(field["max"]))
    if field.get("choices"):
        return chance.choice(field["choices"])["value"]
    return "so so"


@cache
def recorded(name: str, root: Path) -> Path:
    make: Callable[[Path, str], Path] = play if name in PRESSED else fill_in
    (root / name).mkdir()
    folder = make(root / name, name)
    with StoreReader(folder / "session.sqlite3") as reader:
        exporter = Exporter(reader, folder, "s1")
        exporter.export_all()
    assert exporter.failures == []
    assert set(igym.load(folder).comparisons["parity"]) == ({"identical"} if name in PRESSED else set())
    return folder


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("analyses")


@cache
def in_pandas(name: str, folder: Path) -> dict[str, pd.DataFrame]:
    """Run once for all who only look at what it found."""
    with pytest.MonkeyPatch.context() as patch:
        return example_analyses.in_pandas(EXAMPLES / name, folder, TABLES[name], patch)


def test_every_example_has_one_in_both_languages() -> None:
    for file in ("in_pandas.py", "in_r.R"):
        assert {path.parents[1].name for path in EXAMPLES.glob(f"*/analysis/{file}")} == {*TABLES, *PLAYED}
    assert {path.parent.name for path in EXAMPLES.glob("*/experiment.py")} == {*TABLES, *PLAYED}


@pytest.mark.parametrize("name", TABLES)
def test_an_analysis_is_no_part_of_what_participants_get_or_of_what_was_run(name: str) -> None:
    folder = EXAMPLES / name
    games = [scene for scene in load_experiment(folder).scenes if isinstance(scene, GymScene)]
    sent = [path for scene in games for path in game_bundle(scene, folder)["files"]]
    kept = [path.relative_to(folder).as_posix() for path in source_files(folder)]
    assert [path for path in (*sent, *kept) if path.startswith("analysis")] == [] and kept


def test_pandas_finds_the_games_that_were_played(root: Path) -> None:
    duel = in_pandas("slime_duel", recorded("slime_duel", root))
    assert len(duel["games"]) == len(duel["touches"]) == 2 * 2 * PEOPLE
    for _, game in duel["games"].groupby(["match", "episode"]):
        assert game["score"].sum() == 0 and game["won"].sum() == (game["score"] != 0).any()
    assert duel["touches"]["touches"].sum() > 0 and set(duel["network"]["parity"]) == {"identical"}
    assert len(duel["opinions"]) == 2 * PEOPLE

    board = in_pandas("four_in_a_row", recorded("four_in_a_row", root))
    for _, moves in board["moves"].groupby(["match", "episode"]):
        assert moves["move"].tolist() == list(range(1, len(moves) + 1))
        # The players take turns.
        assert (moves["agent"] != moves["agent"].shift()).all() and (moves["thinking_s"] >= 0).all()
    assert board["opinions"]["moves"].sum() == len(board["moves"]) >= 7 * 2 * PEOPLE

    hill = in_pandas("mountain_car", recorded("mountain_car", root))
    assert len(hill["attempts"]) == 2 * PEOPLE and len(hill["opinions"]) == PEOPLE
    assert (hill["changes"]["changes"] == (hill["attempts"]["frames"] - 1) // 40).mean() > 0.4


def test_pandas_finds_what_groups_did_together(root: Path) -> None:
    kitchen = in_pandas("grid_kitchen", recorded("grid_kitchen", root))
    rounds, work = kitchen["rounds"], kitchen["work"]
    # Three onions taken and put into the pot, a plate, the soup, the hatch; and a tomato put aside.
    assert (rounds["soups"] + rounds["wrong"]).tolist() == [1] * 4 and rounds["deeds"].tolist() == [11] * 4
    assert work.loc[work["agent"] == "pink", ["take", "put"]].to_numpy().tolist() == [[1, 1]] * 4
    assert set(rounds["smaller"]) == {2 / 11}

    orchard = in_pandas("harvest_trio", recorded("harvest_trio", root))
    assert orchard["taken"].groupby(["match", "episode"])["share"].sum().tolist() == pytest.approx([1] * 4)
    assert (orchard["trees"]["fewest"] <= orchard["trees"]["mean_left"]).all() and len(orchard["opinions"]) == 4

    wood = in_pandas("lantern_hunt", recorded("lantern_hunt", root))
    found = wood["people"].groupby(["match", "episode"])["found"].sum()
    assert (found + wood["rounds"].set_index(["match", "episode"])["left"]).tolist() == [12] * 4
    assert len(wood["opinions"]) == 4 and (wood["rounds"]["searched_twice"] > 0).any()

    arena = in_pandas("paint_arena", recorded("paint_arena", root))
    for _, result in arena["results"].groupby(["match", "episode"]):
        first = result[result["place"] == 1]
        assert len(result) == 4 and (first["tiles"] == result["tiles"].max()).all()
    assert arena["leads"]["changes"].sum() > 0 and len(arena["opinions"]) == 8

    match = in_pandas("slime_volleyball_ai", recorded("slime_volleyball_ai", root))
    assert match["guesses"]["people"].sum() == PEOPLE and match["games"]["network_touches"].sum() > 0


def test_pandas_finds_what_was_answered(root: Path) -> None:
    folder = recorded("survey_tour", root)
    tour = in_pandas("survey_tour", folder)
    with (folder / "answers.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    waves = [float(line["number"]) for line in lines if (line["scene"], line["field"]) == ("rate_waves", "beauty")]
    ratings = tour["ratings"].set_index(["base_id", "field"])
    assert len(ratings) == 8 and ratings.loc[("rate_waves", "beauty"), "mean"] == pytest.approx(sum(waves) / PEOPLE)
    assert tour["favourites"]["people"].sum() == PEOPLE
    picked = {who: [line["value"] for line in lines if (line["participant"], line["field"], line["base_id"])
                    == (who, "option", "pair")] for who in tour["pairs"]["participant"]}  # fmt: skip
    assert [len(set(picked[who])) == 1 for who in tour["pairs"]["participant"]] == tour["pairs"]["consistent"].tolist()
    assert set(tour["pages"]["median_s"]) == {2.0}


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_that_r_asks_for_are_there(name: str, root: Path) -> None:
    folder = recorded(name, root)
    script = (EXAMPLES / name / "analysis" / "in_r.R").read_text("utf-8")
    manifest = Manifest(folder)
    asked = [([file], columns) for file, columns in re.findall(READ, script)]
    for scene, columns in re.findall(ROWS, script):
        asked.append(([path for path in manifest.names(".csv") if re.match(rf"{scene}/.*_ep\d+\.csv", path)], columns))
    assert len(asked) == script.count("read(") + script.count(", read, c(")
    for files, columns in asked:
        assert files
        for file in files:
            assert set(re.findall(r'"([^"]+)"', columns)) <= set(manifest.columns(file) or ()), file


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere R is not among what the set-up installs")
@pytest.mark.parametrize("name", TABLES)
def test_r_finds_the_same(name: str, root: Path, tmp_path: Path) -> None:
    folder = recorded(name, root)
    assert_r_finds_the_same(EXAMPLES / name, folder, in_pandas(name, folder), tmp_path)

"""Reading what was exported, and the one assertion every test that plays makes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests import parity
from tests.browser.engine_process import EngineProcess


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def parity_text(path: Path) -> str:
    """The parity columns of an episode file as one text: what must be the same, byte for byte, for all members."""
    rows = read_rows(path)
    names = [name for name in rows[0] if parity.is_shared(name)]
    return "\n".join([",".join(names), *("\x1f".join(row[name] for name in names) for row in rows)])


def assert_parity(folder: Path, members: int, episodes: int) -> None:
    """Each of `episodes` in this scene was recorded whole and identically by all `members`.

    Reads the files themselves, not the engine's verdict, and then demands that the verdict says the same.
    """
    for episode in range(episodes):
        files = sorted(folder.glob(f"*_ep{episode}.csv"))
        assert len(files) == members, [file.name for file in files]
        assert len({parity_text(file) for file in files}) == 1, f"exports of episode {episode} differ"
        frames = [int(row["frame"]) for row in read_rows(files[0])]
        assert frames == list(range(len(frames)))
        assert frames
    for path in folder.glob("*_aggregated_metrics.json"):
        compared = json.loads(path.read_text("utf-8"))
        assert compared["parity"] == "identical"
        assert all(not member["gaps"] for entry in compared["episodes"] for member in entry["members"])


def assert_went_on_after_a_reload(engine: EngineProcess, scene: str, participant: str) -> None:
    """This person loaded the page anew while they played, and frames that were played before and after are there."""
    loaded = [record for record in engine.records("browser") if record["new_page"]]
    *_, last = [record["at"] for record in loaded if record["participant"] == participant]
    files = (engine.folder / scene).glob(f"{participant}_ep?.csv")
    played = [float(row["local.timestamp_ms"]) / 1000 for path in files for row in read_rows(path)]
    assert min(played) < last < max(played)


def match_members(path: Path) -> list[str]:
    """The members of the match whose `*_aggregated_metrics.json` this is."""
    return sorted(str(player["participant"]) for player in json.loads(path.read_text("utf-8"))["members"])


def episode_file(folder: Path, member: str, episode: int) -> Path:
    """The one file of this episode, also when an earlier match of this person in the scene came to nothing."""
    (found,) = folder.glob(f"{member}*_ep{episode}.csv")
    return found


def assert_parity_of_each_match(folder: Path, *, episodes: int) -> list[tuple[str, ...]]:
    """Every match of this scene was recorded whole and identically by all its members; returns who they were.

    For scenes with several matches of different people, none of whom recorded rows in two of them.
    """
    groups = []
    for path in sorted(folder.glob("*_aggregated_metrics.json")):
        members = match_members(path)
        compared = json.loads(path.read_text("utf-8"))
        assert compared["parity"] == "identical", path.name
        assert [entry["episode"] for entry in compared["episodes"]] == list(range(episodes))
        assert all(not member["gaps"] for entry in compared["episodes"] for member in entry["members"])
        for episode in range(episodes):
            files = [episode_file(folder, member, episode) for member in members]
            assert len({parity_text(file) for file in files}) == 1, f"exports of {members}, episode {episode} differ"
            assert [int(row["frame"]) for row in read_rows(files[0])] == list(range(len(read_rows(files[0]))))
        groups.append(tuple(members))
    return groups


def assert_parity_as_far_as_both_go(folder: Path, members: list[str], *, at_least: int, episode: int = 0) -> None:
    """An episode that one of two members left: the shorter recording is the beginning of the longer one."""
    rows = [read_rows(folder / f"{member}_ep{episode}.csv") for member in members]
    shared = min(map(len, rows))
    assert shared >= at_least
    beginnings = [parity.shared_rows(own[:shared]) for own in rows]
    assert beginnings[0] == beginnings[1]
    assert all([int(row["frame"]) for row in own] == list(range(len(own))) for own in rows)

"""Reading what was exported, and the one assertion every test that plays makes."""

from __future__ import annotations

import csv
import json
from pathlib import Path


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as text."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def parity_text(path: Path) -> str:
    """The parity columns of an episode file as one text: what must be the same, byte for byte, for all members."""
    rows = read_rows(path)
    names = [name for name in rows[0] if not name.startswith("local.")]
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

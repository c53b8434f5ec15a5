"""Ten million recorded rows written in every format: time, rows a second and the exporting process's largest memory.

`--rows N` measures with fewer, `--frames N` with longer episodes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgpack
from figures import Figure, figure, report

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

from igym.host.store.store_schema import open_for_writing  # noqa: E402

SESSION = "20260101-120000-beef"
FRAMES = 25_000
"""Of one episode: about 14 minutes at 30 frames a second."""
BATCH = 30
FORMATS = ("csv", "parquet", "jsonl", "psych-ds", "bids", "zip")
TARGET = "< 1,024 MB"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--frames", type=int, default=FRAMES)
    options = parser.parse_known_args()[0]
    rows, frames = options.rows, options.frames
    with tempfile.TemporaryDirectory(prefix="igym-rows-", dir=os.environ.get("IGYM_BENCH_FOLDER")) as name:
        folder = Path(name) / "data" / "rows"
        matches = max(1, rows // (2 * frames))
        build(folder, matches, frames)
        stored = matches * 2 * frames
        measured = [(form, export(folder, form)) for form in FORMATS]
        size = (folder / "session.sqlite3").stat().st_size / 2**20
    figures = [found for form, run in measured for found in figures_of(form, run, stored)]
    notes = [
        f"{stored:,} rows in {matches} matches of two with {frames:,} frames each; the database has {size:,.0f} MB.",
        "Each format is one process `igym export`; csv includes the comparison of members, replays and tables.",
    ]
    report("Export of many rows", figures, notes)


@dataclass(frozen=True)
class Run:
    """One export."""

    seconds: float
    peak_mb: float
    steps: int


def figures_of(form: str, run: Run, rows: int) -> list[Figure]:
    return [
        figure(f"{form}: time", "s", [run.seconds]),
        figure(f"{form}: rows a second", "1/s", [rows / run.seconds]),
        figure(f"{form}: largest memory", "MB", [run.peak_mb], TARGET),
        figure(f"{form}: progress reports", "", [float(run.steps)]),
    ]


def export(folder: Path, form: str) -> Run:
    command = [sys.executable, "-m", "igym.cli", "export", str(folder), "--format", form, "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "server")}
    started = time.monotonic()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(command, stdout=out, env=environment)
        child.returncode, peak_mb = ended(child.pid)
        seconds = time.monotonic() - started
        if child.returncode != 0:
            raise RuntimeError(f"igym export --format {form} ended with code {child.returncode}")
        out.seek(0)
        steps = sum(json.loads(line)["event"] == "progress" for line in out)
    if form != "csv":  # room for the next one; the zip needs the CSV files
        shutil.rmtree(folder / "exports", ignore_errors=True)
    return Run(seconds, peak_mb, steps)


def ended(pid: int) -> tuple[int, float]:
    """A child's exit code and the most memory it held, in MB."""
    if sys.platform != "win32":
        _, status, usage = os.wait4(pid, 0)
        return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024
    raise SystemExit("Windows does not tell how much memory a child held.")


def build(folder: Path, matches: int, frames: int = FRAMES) -> None:
    """A database as the engine would have written it."""
    connection = open_for_writing(folder / "session.sqlite3")
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    described = json.dumps({"id": "rows", "version": "1", "scenes": []})
    connection.execute(
        "INSERT INTO sessions(id, started_at, seed, experiment_json, options_json, app_version, state) "
        "VALUES (?, 1000.0, '7', ?, '{}', '1', 'ended')",
        (SESSION, described),
    )
    records = ((SESSION, seq, 0, 2000.0 + seq, *record) for seq, record in enumerate(records_of(matches)))
    connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", records)
    for match in range(matches):
        connection.executemany(
            "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", batches_of(match, frames)
        )
    connection.execute("COMMIT")
    connection.close()


def records_of(matches: int) -> Iterator[tuple[str, str | None, str | None, str | None, str]]:
    for match in range(matches):
        people = [f"p{2 * match}", f"p{2 * match + 1}"]
        for who in people:
            yield "joined", who, None, None, json.dumps({"label": who})
            yield "scene_entered", who, None, "duel", json.dumps({"visit": 1})
        players = [{"player": n, "agent": f"a{n}", "participant": who} for n, who in enumerate(people)]
        formed = {"players": players, "bots": [], "seed": match}
        yield "match_formed", None, f"m{match}", "duel", json.dumps(formed)


def batches_of(match: int, frames: int) -> Iterator[tuple[Any, ...]]:
    for first in range(0, frames, BATCH):
        count = min(BATCH, frames - first)
        for player in (0, 1):
            body = zlib.compress(msgpack.packb(batch(match, first, count, player)), 1)
            yield (SESSION, f"p{2 * match + player}", f"m{match}", "duel", 1, 0, first, first, count, body, 3000.0)


def batch(match: int, first: int, count: int, player: int) -> dict[str, Any]:
    return {**played(first, count, player), "match": f"m{match}"}


@lru_cache(maxsize=2 * FRAMES // BATCH + 2)
def played(first: int, count: int, player: int) -> dict[str, Any]:
    """Frames of a batch; every match goes the same way."""
    frames = range(first, first + count)
    parity: dict[str, list[Any]] = {}
    for agent in ("a0", "a1"):
        parity[f"actions.{agent}"] = [frame % 4 for frame in frames]
        parity[f"rewards.{agent}"] = [0.5 if frame % 90 == 0 else 0.0 for frame in frames]
        parity[f"terminated.{agent}"] = [False] * count
        for part in range(4):
            parity[f"observations.{agent}.{part}"] = [((frame * 37 + part) % 10007) / 97 for frame in frames]
    parity["infos.a0.event"] = ["hit" if frame % 60 == 0 else None for frame in frames]
    local = {
        "timestamp_ms": [1.7e12 + frame * 33.3 for frame in frames],
        "focused": [True] * count,
        "rtt_ms": [12.5 + player] * count,
        "transport": ["p2p"] * count,
    }
    head = {"v": 1, "scene": "duel", "visit": 1, "match": "", "episode": 0, "seq": first}
    inputs = {"0": [frame % 4 for frame in frames], "1": [frame % 4 for frame in frames]}
    return {**head, "first": first, "count": count, "parity": parity, "local": local, "inputs": inputs, "chain": "ab"}


if __name__ == "__main__":
    main()

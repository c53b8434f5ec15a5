"""Stopping an export within one long file: it goes, what was finished stays and is listed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import igym
from igym.host.export import files, steps
from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.export.steps import ExportCancelledError
from igym.host.files.export_formats import FORMATS, write_format
from igym.host.replay.film import SUFFIXES
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder

BATCHES = 40
FRAMES = 30


def long_match(folder: Path) -> Exporter:
    """One match of two with one long episode, its rows in many batches."""
    builder = StoreBuilder(folder).session("s1").two_player_match("m1", "duel", ("ann", "bob"))
    for first in range(0, BATCHES * FRAMES, FRAMES):
        for who in ("ann", "bob"):
            rows = [({"actions.a0": frame, "rewards.a0": 0.5}, {"focused": True}) for frame in range(FRAMES)]
            builder.play(who, "m1", "duel", rows, first=first)
    builder.close()
    return Exporter(StoreReader(builder.path), folder, "s1")


def half_written(folder: Path) -> Callable[[], bool]:
    """Asks to stop as soon as a file is in work that is not there yet."""
    return lambda: any(folder.rglob("*.part"))


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in SUFFIXES])
def test_every_format_stops_within_a_file_and_leaves_nothing_half_written(tmp_path: Path, name: str) -> None:
    exporter = long_match(tmp_path)
    if name == "zip":
        exporter.export_all()
    if name == "bids":
        cancelled: Callable[[], bool] = iter([False] * 3 + [True] * 9).__next__
    else:
        cancelled = half_written(tmp_path)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    counted: list[int] = []
    with pytest.raises(ExportCancelledError) as stopped:
        write_format(exporter, name, lambda done, total, what: counted.append(done), cancelled)
    assert f"stopped after {len(counted)} of " in str(stopped.value)
    assert "nothing half written is left" in str(stopped.value)
    assert not list(tmp_path.rglob("*.part"))
    left = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    # Tables that were finished before stay.
    assert not [path for path in left if path.parent.name == "duel" and path.suffix in {".parquet", ".jsonl"}]
    assert not [path for path in left if path.suffix == ".zip"]
    assert not (tmp_path / "duel" / "ann_ep0.csv").exists() or name == "zip"


def test_files_finished_before_the_stop_are_whole_and_on_the_manifest(tmp_path: Path) -> None:
    exporter = long_match(tmp_path)
    bob = tmp_path / "duel"

    def cancelled() -> bool:
        return any(bob.glob(".bob_ep0.csv.*.part"))

    with pytest.raises(ExportCancelledError):
        exporter.export_all(cancelled=cancelled)
    assert len((bob / "ann_ep0.csv").read_text().splitlines()) == BATCHES * FRAMES + 1
    assert not (bob / "bob_ep0.csv").exists()
    listed = json.loads((tmp_path / "manifest.json").read_text())["files"]
    assert "duel/ann_ep0.csv" in listed and "duel/bob_ep0.csv" not in listed
    report = Manifest(tmp_path).verify()
    assert report.ok and not report.unlisted

    exporter.export_all()
    assert Manifest(tmp_path).verify().ok and (bob / "bob_ep0.csv").is_file()


def test_a_stopped_zip_leaves_the_one_of_before(tmp_path: Path) -> None:
    exporter = long_match(tmp_path)
    exporter.export_all()
    (path,) = write_format(exporter, "zip")
    before = path.read_bytes()
    with pytest.raises(ExportCancelledError):
        write_format(exporter, "zip", None, half_written(tmp_path))
    assert path.read_bytes() == before and not list(tmp_path.rglob("*.part"))


@pytest.mark.real_starts  # a signal may meet it wherever it is
@pytest.mark.parametrize("how", ["ctrl+c", "leash"])
def test_igym_export_that_is_stopped_says_so_and_leaves_nothing_half_written(tmp_path: Path, how: str) -> None:
    folder = long_match(tmp_path).folder
    # So often that it cannot be through before it is stopped.
    command = [sys.executable, "-m", "igym.cli", "export", str(folder), "--leash", *["--format", "csv"] * 3000]
    environment = {**os.environ, "PYTHONPATH": str(Path(igym.__file__).parent.parent)}
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment)
    assert child.stdin is not None
    try:
        end = time.monotonic() + 100
        while not (folder / "manifest.json").is_file() and time.monotonic() < end:
            time.sleep(0.02)
        if how == "leash":
            child.stdin.close()
            child.stdin = None
        else:
            child.send_signal(signal.SIGINT)
        child.wait(timeout=120)
        out, errors = child.communicate()
    finally:
        child.kill()
    assert child.returncode == 4 and out == ""
    assert errors.startswith("The export was stopped after") and errors.count("\n") == 1
    assert not list(folder.rglob("*.part"))
    assert Manifest(folder).verify().ok


def test_a_long_file_reports_in_between_without_counting_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "TOLD_EVERY_ROWS", 1000)
    told: list[tuple[int, int, str]] = []
    write_format(long_match(tmp_path), "jsonl", lambda *step: told.append(step))
    one, two = "1,020 rows read for the next file", "2,040 rows read for the next file"
    assert [(done, what) for done, _, what in told][:6] == [
        (0, one), (0, two), (1, "duel: ann, episode 0"), (1, one), (1, two), (2, "duel: bob, episode 0"),
    ]  # fmt: skip


def test_what_a_killed_export_left_is_removed_by_a_later_one(tmp_path: Path) -> None:
    exporter = long_match(tmp_path)
    (tmp_path / "duel").mkdir()
    old, fresh = tmp_path / "duel" / ".ann_ep0.csv.x1.part", tmp_path / "duel" / ".bob_ep0.csv.x2.part"
    for path in (old, fresh):
        path.write_text("half")
    os.utime(old, (1.0, 1.0))
    write_format(exporter, "bids")
    assert not old.exists()
    assert fresh.exists(), "another process may be writing it"


def test_a_long_replay_is_stopped_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = long_match(tmp_path)
    monkeypatch.setattr(files, "PIECES_AT_ONCE", 100)
    with pytest.raises(ExportCancelledError):
        exporter.export_all(cancelled=lambda: any(tmp_path.rglob(".m1_ep0.igr.json.*.part")))
    assert (tmp_path / "duel" / "bob_ep0.csv").is_file()
    assert not list((tmp_path / "replays").iterdir())

"""Tables that disagree with the rows or with each other are named; those that were just written never do."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from igym.host.export.exporter import Exporter
from igym.host.export.manifest import Manifest
from igym.host.export.selfcheck import check_tables
from igym.host.replay.verify import verify
from igym.host.store.store_reader import StoreReader
from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_tables import folder  # noqa: F401 (a fixture)


def change(path: Path, column: str, value: str, line: int = 0) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        lines, header = list(reader), list(reader.fieldnames or ())
    lines[line][column] = value
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def drop_line(path: Path) -> None:
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")


def test_what_was_just_exported_agrees(folder: Path) -> None:  # noqa: F811
    found = check_tables(folder)
    assert found is not None and found.ok, found
    assert found.counts > 30


def test_a_folder_without_tables_is_not_called_right(tmp_path: Path) -> None:
    assert check_tables(tmp_path) is None


@pytest.mark.parametrize(
    ("breaking", "named"),
    [
        (lambda f: change(f / "participants.csv", "episodes", "2"), "participants.csv, ann of session s1: episodes"),
        (lambda f: change(f / "participants.csv", "scenes_completed", "9"), "scenes_completed says 9"),
        (lambda f: change(f / "participants.csv", "participant", "eve"), "whom participants.csv does not have"),
        (lambda f: change(f / "payments.csv", "status", "withdrawn"), "payments.csv calls ann of session s1 withdrawn"),
        (lambda f: drop_line(f / "payments.csv"), "payments.csv has no line for bob"),
        (lambda f: change(f / "matches.csv", "frames", "33"), "frames says 33, but there are 10 in episodes.csv"),
        (lambda f: change(f / "episodes.csv", "frames", "33", 1), "frames says 33, but there are 8 rows in duel/bob"),
        (lambda f: change(f / "scenes.csv", "hidden_s", "77"), "duration_s says 8.0, but there are 84.0 s"),
        (lambda f: change(f / "answers.csv", "visit", "7"), "scenes.csv has no visit 7"),
        (lambda f: drop_line(f / "duel" / "ann_ep0.csv"), "frames says 10, but there are 9 rows in duel/ann_ep0.csv"),
        (lambda f: (f / "duel" / "bob_ep0.csv").unlink(), "frames says 8, but there are 0 rows in no file"),
        (lambda f: drop_line(f / "episodes.csv"), "duel/bob_ep0.csv has rows of an episode that episodes.csv does not"),
    ],
)  # fmt: skip
def test_what_disagrees_is_named(folder: Path, breaking: Callable[[Path], None], named: str) -> None:  # noqa: F811
    breaking(folder)
    found = check_tables(folder, "s1")
    assert found is not None and not found.ok
    assert named in found.text()
    other = check_tables(folder, "another")
    assert other is not None and other.ok
    assert other.text() == "The tables hold nobody's data, so there was nothing to compare."


def test_verify_names_what_disagrees_also_where_no_file_was_changed_since(folder: Path) -> None:  # noqa: F811
    def checked() -> str:
        found = verify(folder, None, None, lambda *_: None, lambda: False)
        assert found.tables is not None and found.tables.ok is (found.to_json()["tables"]["ok"])
        return found.text()

    assert "counts in the tables agree with the rows they count" in checked()
    drop_line(folder / "payments.csv")
    manifest = Manifest(folder)
    manifest.note(folder / "payments.csv")
    manifest.write()
    assert "payments.csv has no line for bob" in checked()
    assert not verify(folder, None, None, lambda *_: None, lambda: False).is_sound


def test_tables_of_a_rehearsal_are_checked_in_their_own_folder(tmp_path: Path) -> None:
    builder = StoreBuilder(tmp_path).session("s1").record("session_started", session_kind="rehearsal")
    builder.two_player_match("m1", "duel", ("ann", "bob"))
    for who in ("ann", "bob"):
        builder.play(who, "m1", "duel", [({"rewards.a0": 1.0}, {"focused": True})] * 3)
    builder.close()
    with StoreReader(builder.path) as reader:
        Exporter(reader, tmp_path, "s1").export_all()
    found = check_tables(tmp_path, "s1")
    assert found is not None and found.ok and found.counts > 10, found
    (tmp_path / "_rehearsal" / "duel" / "bob_ep0.csv").unlink()
    broken = check_tables(tmp_path, "s1")
    assert broken is not None and not broken.ok
    assert "_rehearsal/episodes.csv, m1, episode 0, bob of session s1: frames says 3, but there are 0" in broken.text()

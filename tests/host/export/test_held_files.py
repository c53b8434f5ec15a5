"""A table open in Excel cannot be replaced under Windows: it is written beside itself, and all others as ever."""

from __future__ import annotations

import csv
import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from igym.host.base import held_files
from igym.host.base.errors import HostError
from igym.host.base.held_files import aside_of, move, plain_name
from igym.host.export.bids import write_bids
from igym.host.export.manifest import Manifest
from igym.host.export.psych_ds import write_psych_ds
from igym.host.files.withdrawal import remove_files
from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_exporter import export, rows

Open = Callable[[str, int], None]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """`opened(name, times)`: so often Windows refuses to replace or remove the file, as while a program has it open."""
    left: dict[str, int] = {}
    replace, unlink = Path.replace, Path.unlink

    def refuse(path: Path) -> None:
        if left.get(path.name, 0) > 0:
            left[path.name] -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file", str(path))

    def guarded_replace(self: Path, target: Path) -> Path:
        refuse(Path(target))
        return replace(self, target)

    def guarded_unlink(self: Path, missing_ok: bool = False) -> None:
        refuse(self)
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "replace", guarded_replace)
    monkeypatch.setattr(Path, "unlink", guarded_unlink)
    monkeypatch.setattr(held_files, "WAITS_S", (0.0, 0.0))
    yield left.__setitem__


ALWAYS = 1_000_000


def recorded(tmp_path: Path) -> StoreBuilder:
    builder = StoreBuilder(tmp_path).session("s1")
    builder.record("joined", "p1", label="p1")
    return builder.record("scene_entered", "p1", scene="words", visit=1, scene_id="words")


def codebook_files(folder: Path) -> set[str]:
    with (folder / "codebook.csv").open(encoding="utf-8", newline="") as stream:
        return {row["file"] for row in csv.DictReader(stream)}


def test_all_others_are_written_and_the_open_one_beside_itself(tmp_path: Path, opened: Open) -> None:
    builder = recorded(tmp_path)
    export(builder)
    stale = (builder.folder / "participants.csv").read_bytes()
    builder.record("joined", "p2", label="p2")
    opened("participants.csv", ALWAYS)
    export(builder)

    beside = (builder.folder / "participants (new).csv").read_text("utf-8")
    assert "p2" in beside and (builder.folder / "participants.csv").read_bytes() == stale
    assert "p2" in (builder.folder / "payments.csv").read_text("utf-8")
    manifest = Manifest(builder.folder)
    assert manifest.has(builder.folder / "participants (new).csv") and manifest.verify().ok
    assert manifest.verify().unlisted == ()
    assert not [name for name in codebook_files(builder.folder) if "(new)" in name]


def test_a_closed_file_is_replaced_and_the_second_one_goes(tmp_path: Path, opened: Open) -> None:
    builder = recorded(tmp_path)
    opened("participants.csv", ALWAYS)
    export(builder)
    opened("participants.csv", 0)
    export(builder)
    assert not (builder.folder / "participants (new).csv").exists()
    assert "p1" in (builder.folder / "participants.csv").read_text("utf-8")
    report = Manifest(builder.folder).verify()
    assert report.ok and report.unlisted == ()


@pytest.mark.parametrize("name", ["codebook.csv", "manifest.json", "events.jsonl"])
def test_any_file_may_be_open(tmp_path: Path, opened: Open, name: str) -> None:
    builder = recorded(tmp_path)
    opened(name, ALWAYS)
    export(builder)
    assert aside_of(builder.folder / name).is_file()
    assert (builder.folder / "payments.csv").is_file()


def test_a_scanner_that_lets_go_in_a_moment_is_waited_for(tmp_path: Path, opened: Open) -> None:
    builder = recorded(tmp_path)
    opened("participants.csv", 2)
    export(builder)
    assert (builder.folder / "participants.csv").is_file()
    assert not (builder.folder / "participants (new).csv").exists()


def test_a_rename_of_anything_waits_and_then_says_why(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "settings.new").write_text("x", "utf-8")
    opened("settings.json", 2)
    move(tmp_path / "settings.new", tmp_path / "settings.json")
    (tmp_path / "settings.new").write_text("y", "utf-8")
    opened("settings.json", ALWAYS)
    with pytest.raises(PermissionError):
        move(tmp_path / "settings.new", tmp_path / "settings.json")


def test_a_dataset_whose_file_is_open_is_said_to_be_unfinished_and_written_once_it_is_closed(
    tmp_path: Path, opened: Open
) -> None:
    exporter = export(recorded(tmp_path))
    write_psych_ds(exporter)
    (held,) = tmp_path.rglob("content-participants_data.csv")
    opened(held.name, ALWAYS)
    with pytest.raises(HostError, match=r"content-participants_data\.csv is open in another program"):
        write_psych_ds(exporter)
    assert aside_of(held).is_file()
    opened(held.name, 0)
    write_psych_ds(exporter)
    assert held.is_file() and not aside_of(held).exists()


def test_an_old_file_of_a_dataset_that_is_open_stays_and_is_named(tmp_path: Path, opened: Open) -> None:
    exporter = export(recorded(tmp_path))
    (participants,) = [path for path in write_bids(exporter) if path.name == "participants.tsv"]
    gone = participants.parent / "phenotype" / "gone.tsv"
    gone.parent.mkdir(exist_ok=True)
    gone.write_text("a page that is no longer there")
    opened("gone.tsv", ALWAYS)
    write_bids(exporter)
    assert gone.is_file()
    assert any("gone.tsv is open" in why and "Close it there" in why for why in exporter.failures)
    opened("gone.tsv", 0)
    write_bids(exporter)
    assert not gone.exists()


def test_a_withdrawn_persons_open_file_is_named_and_stays_listed(tmp_path: Path, opened: Open) -> None:
    builder = recorded(tmp_path)
    builder.play("p1", "m1", "words", rows(3))
    builder.record("match_formed", None, "m1", "words", players=[{"player": 0, "agent": "a", "participant": "p1"}])
    exporter = export(builder)
    (mine,) = [name for name in exporter.manifest.names(".csv") if name.endswith("p1_ep0.csv")]
    opened("p1_ep0.csv", ALWAYS)
    with pytest.raises(HostError) as caught:
        remove_files(exporter, "p1")
    assert mine in caught.value.text and "Close it there" in caught.value.text
    assert Manifest(builder.folder).has(builder.folder / mine)
    opened("p1_ep0.csv", 0)
    remove_files(exporter, "p1")
    (receipt,) = (builder.folder / "withdrawals").glob("*.json")
    assert mine in receipt.read_text("utf-8")


def test_names_of_files_beside_others() -> None:
    assert plain_name("scene/p1 (new).csv") == "scene/p1.csv"
    assert plain_name("scene/p1.csv") == "scene/p1.csv"
    assert aside_of(Path("a/p1.metrics.json")).name == "p1.metrics (new).json"

"""The list of studies: described, kept, refused, copied."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from igym.experiment.scenes.base import check_id
from igym_desktop.flow.library import DescribeCache, Library, duplicate
from igym_desktop.flow.study_names import study_id


def test_library_caches_until_a_file_changes(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "experiment.py").write_text("1")
    cache = DescribeCache(tmp_path / "cache", "1")
    library = Library([folder], [], cache)
    assert library.entries[folder].status == "reading"
    library.learned(folder, {"ok": True, "id": "x", "title": "X", "players": 2, "minutes": 4.6})
    entry = Library([folder], [], cache).entries[folder]
    assert (entry.status, entry.title, entry.players_text, entry.minutes_text) == (
        "ready",
        "X",
        "2 players",
        "about 5 min",
    )
    assert Library([folder], [], DescribeCache(tmp_path / "cache", "2")).entries[folder].status == "reading"
    (folder / "env.py").write_text("2")
    assert Library([folder], [], cache).entries[folder].status == "reading"


def test_library_refuses_what_is_no_study(tmp_path: Path) -> None:
    library = Library([], [], DescribeCache(tmp_path / "cache", "1"))
    with pytest.raises(ValueError, match="is not a folder"):
        library.add(tmp_path / "missing")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "experiment.py").write_text("1")
    with pytest.raises(ValueError, match=f"Did you mean {inner}"):
        library.add(tmp_path)


def test_duplicate_gives_its_own_id(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "data").mkdir(parents=True)
    (source / "data" / "x.csv").write_text("secret")
    (source / "env.py").write_text("env = 1")
    (source / "experiment.py").write_text(
        'scene = Scene(id="x", title="T")\nexperiment = Experiment(\n    id="old", title="Old",\n)\n'
    )
    target = duplicate(source, tmp_path / "studies", "Pilot Ärger 1")
    text = (target / "experiment.py").read_text()
    assert 'Scene(id="x", title="T")' in text and 'title="Pilot Ärger 1"' in text and 'id="pilot_aerger_1"' in text
    assert (target / "env.py").exists() and not (target / "data").exists()
    with pytest.raises(ValueError, match="already a folder"):
        duplicate(source, tmp_path / "studies", "Pilot Ärger 1")
    with pytest.raises(ValueError, match="letters from A to Z"):
        duplicate(source, tmp_path / "studies", "!!!")


def test_the_title_of_a_copy_is_its_title_in_every_language(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "texts").mkdir(parents=True)
    (source / "experiment.py").write_text(
        'experiment = Experiment(\n    id="old",\n    title={"en": "Old", "de": "Alt"},\n'
        '    description="It\'s old, "\n'
        '    \'and "dusty".\',\n    languages=("en", "de"),\n)\n'
    )
    told = '[experiment]\ntitle = "Alt"  # the name\n\n[experiment.returns.finished]\nmessage = "Danke"\n'
    (source / "texts" / "fr.toml").write_text(told, "utf-8")
    target = duplicate(source, tmp_path / "studies", "Neu", description="Für „uns“\\n")
    call = ast.parse((target / "experiment.py").read_text("utf-8")).body[0].value  # type: ignore[attr-defined]
    given = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
    assert given == {"id": "neu", "title": "Neu", "description": "Für „uns“\\n", "languages": ("en", "de")}
    kept = tomllib.loads((target / "texts" / "fr.toml").read_text("utf-8"))
    assert kept == {"experiment": {"returns": {"finished": {"message": "Danke"}}}}


def test_a_copy_of_a_study_made_here_gets_its_own_id_and_keeps_its_comments(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    text = '# ours\nid = "old"\ntitle = "Old"\norder = ["id"]\n\n[scenes.id]\nkind = "static"\n'
    (source / "study.toml").write_text(text, encoding="utf-8")
    target = duplicate(source, tmp_path / "studies", "Größe 2")
    changed = text.replace('"old"', '"groesse_2"').replace('"Old"', '"Größe 2"')
    assert target.name == "groesse_2"
    assert (target / "study.toml").read_text("utf-8") == changed
    library = Library([], [], DescribeCache(tmp_path / "cache", "1"))
    assert library.add(target).status == "reading"


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Übung für Größe", "uebung_fuer_groesse"),
        ("Łódź – été 2", "lodz_ete_2"),
        ("x" * 100, "x" * 60),
        ("a" * 59 + " b", "a" * 59),
        ("2024 pilot", "2024_pilot"),
    ],
)
def test_a_name_becomes_an_id_that_is_a_folder_everywhere(name: str, identifier: str) -> None:
    assert study_id(name) == identifier
    assert check_id(identifier, "experiment id") == identifier


@pytest.mark.parametrize("name", ["", "!!!", "実験", "Исследование", "con", "LPT1", "exports", "Backups"])
def test_a_name_that_gives_no_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"letters from A to Z|keeps for itself"):
        study_id(name)

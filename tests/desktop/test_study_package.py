from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from igym_desktop.flow import study_package
from igym_desktop.flow.study_package import MANIFEST, read_contents, write_package
from tests.host.small_wheels import build_wheel


def open_package(package: Path, studies: Path) -> Path:
    """Somebody looked at the contents and agreed."""
    return study_package.open_package(package, studies, read_contents(package).digest)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    for name in ("experiment.py", "pages/hello.html", "profiles/short.toml", "data/secret.csv", "__pycache__/x.pyc"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def packed(study: Path, tmp_path: Path) -> Path:
    return write_package(study, tmp_path / "pilot", {"id": "pilot", "title": "Pilot"}, "1.0")


def rewritten(package: Path, **changes: str | None) -> Path:
    """The package with entries replaced, added or (None) left out, its manifest untouched unless named."""
    target = package.with_name("changed.igymz")
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(target, "w") as out:
        entries = {name: source.read(name).decode() for name in source.namelist()}
        for name, content in {**entries, **changes}.items():
            if content is not None:
                out.writestr(name, content)
    return target


def test_a_package_carries_the_study_without_its_data(study: Path, tmp_path: Path) -> None:
    package = packed(study, tmp_path)
    assert package.name == "pilot.igymz"
    first, second = (open_package(package, tmp_path / "studies") for _ in range(2))
    assert (first.name, second.name) == ("pilot", "pilot_2")
    found = sorted(path.relative_to(first).as_posix() for path in first.rglob("*") if path.is_file())
    assert found == ["experiment.py", "pages/hello.html", "profiles/short.toml"]
    assert (first / "pages" / "hello.html").read_text() == "pages/hello.html"


def test_a_study_made_here_is_packed_like_any_other(study: Path, tmp_path: Path) -> None:
    (study / "experiment.py").rename(study / "study.toml")
    assert (open_package(packed(study, tmp_path), tmp_path / "studies") / "study.toml").read_text() == "experiment.py"


def test_files_that_a_game_reads_travel_with_the_study(study: Path, tmp_path: Path) -> None:
    content = bytes(range(256))
    (study / "levels" / "deep").mkdir(parents=True)
    (study / "levels" / "deep" / "one.npy").write_bytes(content)
    opened = open_package(packed(study, tmp_path), tmp_path / "studies")
    assert (opened / "levels" / "deep" / "one.npy").read_bytes() == content


def test_changed_missing_and_added_files_are_refused(study: Path, tmp_path: Path) -> None:
    package = packed(study, tmp_path)
    studies = tmp_path / "studies"
    with pytest.raises(ValueError, match=r"were changed: experiment\.py"):
        open_package(rewritten(package, **{"experiment.py": "evil"}), studies)
    with pytest.raises(ValueError, match="not those on its list"):
        open_package(rewritten(package, **{"pages/hello.html": None}), studies)
    with pytest.raises(ValueError, match="not those on its list"):
        open_package(rewritten(package, **{"extra.py": "evil"}), studies)
    assert not studies.exists()


@pytest.mark.parametrize("name", ["../outside.py", "/abs.py", "a/../../b.py", "C:evil.py", "a\\b.py", "./a.py"])
def test_no_file_leaves_its_folder(name: str, study: Path, tmp_path: Path) -> None:
    package = packed(study, tmp_path)
    with zipfile.ZipFile(package) as archive:
        manifest = json.loads(archive.read(MANIFEST))
    import hashlib

    manifest["files"][name] = hashlib.sha256(b"evil").hexdigest()
    with pytest.raises(ValueError, match="have names that do not work"):
        open_package(rewritten(package, **{name: "evil", MANIFEST: json.dumps(manifest)}), tmp_path / "studies")
    assert not (tmp_path / "studies").exists()


def test_what_is_no_package_is_told(study: Path, tmp_path: Path) -> None:
    junk = tmp_path / "junk.igymz"
    junk.write_text("junk")
    with pytest.raises(ValueError, match="is not a study package"):
        open_package(junk, tmp_path / "studies")
    newer = rewritten(packed(study, tmp_path), **{MANIFEST: json.dumps({"format": "igym-study/9", "files": {}})})
    with pytest.raises(ValueError, match="newer version"):
        open_package(newer, tmp_path / "studies")
    with pytest.raises(ValueError, match="could not be written"):
        write_package(study, tmp_path / "missing" / "x", {}, "1")


def test_wheels_of_this_computer_travel_with_the_study_and_are_checked(study: Path, tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path / "store", "tiles", "1.0")
    package = write_package(study, tmp_path / "carried", {"id": "carried"}, "1.0", [wheel])
    opened = open_package(package, tmp_path / "there")
    assert (opened / "wheels" / wheel.name).read_bytes() == wheel.read_bytes()
    with zipfile.ZipFile(package) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    kept[f"wheels/{wheel.name}"] = b"another wheel"
    with zipfile.ZipFile(package, "w") as archive:
        for name, content in kept.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=wheel.name):
        open_package(package, tmp_path / "elsewhere")

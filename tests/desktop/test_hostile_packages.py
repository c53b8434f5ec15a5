"""Study packages by somebody who means harm: refused with a sentence, in bounded memory, before anything is written."""

from __future__ import annotations

import asyncio
import hashlib
import json
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from igym_desktop.flow.study_package import FORMAT, MANIFEST, open_package, read_contents, write_package
from tests.host.small_wheels import build_wheel

PLAIN = {"experiment.py": b"raise SystemExit"}


def package(folder: Path, files: Mapping[str, bytes], manifest: Any = None, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A package whose hashes fit its files, unless `manifest` says otherwise."""
    target = folder / "hostile.igymz"
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    text = manifest if isinstance(manifest, bytes) else None
    wanted = {"format": FORMAT, "id": "study", "title": "Study", "files": hashes} if manifest is None else manifest
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, text if text is not None else json.dumps(wanted))
    return target


def refusal(path: Path) -> str:
    with pytest.raises(ValueError) as caught:
        read_contents(path)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("name", [MANIFEST, "experiment.py"])
def test_a_small_file_never_becomes_a_large_one(name: str, method: int, tmp_path: Path) -> None:
    target = tmp_path / "bomb.igymz"
    with zipfile.ZipFile(target, "w", method) as archive:
        with archive.open(name, "w", force_zip64=True) as out:
            for _ in range(100):
                out.write(b" " * 1_000_000)
        archive.writestr("other", "{}")
    tracemalloc.start()
    refusal(target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


def test_a_directory_of_too_many_names_is_not_read(tmp_path: Path) -> None:
    target = tmp_path / "names.igymz"
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(70_000):  # beyond what the short count of an archive can say
            archive.writestr(f"{number}.py", "")
    tracemalloc.start()
    assert "too large" in refusal(target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    "manifest",
    [
        b"[]", b"7", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b'{"files": ' + b"9" * 5000 + b"}",
        {"format": FORMAT}, {"format": FORMAT, "files": []}, {"format": FORMAT, "files": {"experiment.py": 7}},
        {"format": FORMAT, "files": {"experiment.py": None}}, {"format": [], "files": {}},
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_told_in_words(manifest: Any, tmp_path: Path) -> None:
    text = refusal(package(tmp_path, PLAIN, manifest))
    assert "study package" in text
    assert text.endswith(".")


@pytest.mark.parametrize("at", range(0, 400, 13))
def test_damage_anywhere_is_told_in_words(at: int, tmp_path: Path) -> None:
    """Or it lies where nothing is read, such as in a file's date: then the contents are those that were packed."""
    target = package(tmp_path, {**PLAIN, "long.py": bytes(range(256)) * 50})
    whole = read_contents(target)
    data = bytearray(target.read_bytes())
    place = at * len(data) // 400
    data[place : place + 8] = b"\xff" * 8
    target.write_bytes(bytes(data))
    try:
        assert read_contents(target) == whole
    except ValueError as error:
        assert "study package" in str(error)
    target.write_bytes(bytes(data[:place]))
    assert "study package" in refusal(target)


def test_locked_files_and_files_that_are_there_twice_are_refused(tmp_path: Path) -> None:
    target = package(tmp_path, PLAIN)
    data = bytearray(target.read_bytes())
    for start in (i for i in range(len(data)) if data[i : i + 4] == b"PK\x01\x02"):
        struct.pack_into("<H", data, start + 8, 1)
    target.write_bytes(bytes(data))
    assert "password" in refusal(target)
    twice = package(tmp_path, PLAIN)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(twice, "a") as archive:
        archive.writestr("experiment.py", "another")
    assert "twice" in refusal(twice)


@pytest.mark.parametrize(
    "name",
    ["con.py", "pages/NUL", "aux.tar.gz", "com1.txt", "lpt¹.py", "a\x07b.py", "evil\u202eyp.py", "zero\u200bwidth.py",
     "dot.", "space ", " space", "a*b", "a?b", "a|b", 'a"b', "a<b", "x" * 130, "/".join(["long"] * 60)],
)  # fmt: skip
def test_names_fit_every_computer(name: str, tmp_path: Path) -> None:
    assert "have names that do not work" in refusal(package(tmp_path, {**PLAIN, name: b""}))


@pytest.mark.parametrize(
    "name",
    [".git/hooks/post-checkout", "sub/.GIT/config", "data/pilot/session.sqlite3", "Data/x.csv", ".vscode/tasks.json",
     "__pycache__/experiment.cpython-311.pyc", ".env", "node_modules/x/index.js"],
)  # fmt: skip
def test_only_what_belongs_to_a_study_is_taken(name: str, tmp_path: Path) -> None:
    assert "do not belong into a study package" in refusal(package(tmp_path, {**PLAIN, name: b""}))


@pytest.mark.parametrize(
    ("one", "other"),
    [("env.py", "ENV.py"), ("pages/a.html", "Pages/b.html"), ("pages", "pages/a.html"), ("\u00e9.py", "e\u0301.py"),
     ("straße.py", "STRASSE.py")],
)  # fmt: skip
def test_names_differ_on_every_computer(one: str, other: str, tmp_path: Path) -> None:
    assert "one and the same" in refusal(package(tmp_path, {**PLAIN, one: b"", other: b""}))


def test_wheels_are_wheels(tmp_path: Path) -> None:
    wheel = build_wheel(tmp_path / "store", "tiles", "1.0")
    sound = package(tmp_path, {**PLAIN, f"wheels/{wheel.name}": wheel.read_bytes()})
    assert read_contents(sound).wheels == [f"wheels/{wheel.name}"]
    for name, content in ((wheel.name, b"MZ"), ("tiles.whl", wheel.read_bytes()), (wheel.name, b"PK\x05\x06" * 9)):
        assert "none" in refusal(package(tmp_path, {**PLAIN, f"wheels/{name}": content}))


def test_a_device_name_is_no_folder_and_odd_texts_are_not_shown(tmp_path: Path) -> None:
    files = {"experiment.py": hashlib.sha256(PLAIN["experiment.py"]).hexdigest()}
    odd = package(tmp_path, PLAIN, {"format": FORMAT, "id": "CON", "title": "a\u202eb\x1b[31m" * 90, "files": files})
    contents = read_contents(odd)
    assert contents.title.isprintable()
    assert len(contents.title) <= 200
    assert open_package(odd, tmp_path / "studies", contents.digest).name == "study"


def test_what_was_agreed_to_is_what_is_opened(tmp_path: Path) -> None:
    shown = read_contents(package(tmp_path, PLAIN))
    swapped = package(tmp_path, {"experiment.py": b"something else"})
    with pytest.raises(ValueError, match="was changed since you looked at it"):
        open_package(swapped, tmp_path / "studies", shown.digest)
    assert not (tmp_path / "studies").exists()


def test_what_could_not_be_opened_is_not_written(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / ".git").mkdir(parents=True)
    for name in ("experiment.py", ".git/config", ".DS_Store"):
        (study / name).write_text("x")
    assert list(read_contents(write_package(study, tmp_path / "fine", {"id": "s"}, "1")).files) == ["experiment.py"]
    (study / "aux.py").write_text("x")
    with pytest.raises(ValueError, match=r"aux\.py"):
        write_package(study, tmp_path / "refused", {"id": "s"}, "1")
    assert not (tmp_path / "refused.igymz").exists()


def test_nothing_of_a_package_runs_before_its_sender_is_trusted(
    make_app: Callable[..., Any], play: Callable[..., Any], tmp_path: Path
) -> None:
    """The person sees what is inside; Enter alone, Escape and Cancel leave no trace of it on the disk."""
    ran = tmp_path / "ran"
    code = f"open({str(ran)!r}, 'w').close()\n".encode()
    target = package(tmp_path, {"experiment.py": code, "pages/a.html": b"<b>"})

    async def question(page: Any) -> Any:
        from igym_desktop.windows.dialogs import Question

        page.open_package(target)
        for _ in range(2000):
            found = [q for q in page.findChildren(Question) if q.isVisible()]
            if found:
                return found[0]
            await asyncio.sleep(0.005)
        raise AssertionError("nobody was asked")

    async def scenario() -> None:
        app = make_app([])
        page, studies = app.window.pages["experiments"], app.launcher.paths.studies
        asked = await question(page)
        listing = asked.findChild(object, "question_listing").toPlainText()
        assert "experiment.py" in listing
        assert "pages/a.html" in listing
        assert asked.buttons["cancel"].isDefault()
        asked.buttons["cancel"].click()
        assert not studies.exists() or not list(studies.iterdir())
        assert not app.launcher.library.own_folders()
        assert not ran.exists()
        asked = await question(page)
        asked.buttons["yes"].click()
        for _ in range(4000):
            if ran.exists():
                break
            await asyncio.sleep(0.005)
        assert ran.exists()
        assert [Path(folder).name for folder in app.launcher.library.own_folders()] == ["study"]

    play(scenario())

"""Which files beside an env go to browsers: those its code names, those the study names, and never anything private."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from igym import GymScene, Human
from igym.experiment import data_files
from igym.experiment.bundle import game_bundle
from igym.experiment.errors import ExperimentError

FILES = {
    "env.py": "from pathlib import Path\nimport maps\nHERE = Path(__file__).parent\n",
    "maps.py": "",
    "analysis.py": "open('people.csv')\n",
    "people.csv": "name\nAnn\n",
    "words.txt": "one two\n",
    "levels/one.txt": "1\n",
    "levels/two.json": "{}\n",
    "levels/deep/three.npy": "x",
    "study.toml": "private",
    "data/session.txt": "private",
    ".hidden/key.txt": "private",
    "wheels/some.txt": "private",
    "notes/plan.md": "private",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def scene(**environment: object) -> GymScene:
    return GymScene("game").environment(file="env.py", **environment).policies({"agent_0": Human})  # type: ignore[arg-type]


def sent(folder: Path, source: str = "", **environment: object) -> list[str]:
    (folder / "env.py").write_text(FILES["env.py"] + source)
    return sorted(game_bundle(scene(**environment), folder)["data"])


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("", []),
        ("open('words.txt')", ["words.txt"]),
        ("open('./levels/one.txt')", ["levels/one.txt"]),
        ("(HERE / 'levels' / 'one.txt').read_text()", ["levels/deep/three.npy", "levels/one.txt", "levels/two.json"]),
        ("(HERE / 'levels/one.txt').read_text()", ["levels/one.txt"]),
        ("number = 1\nopen(f'levels/{number}.txt')", ["levels/one.txt"]),
        ("open('levels/%s.json' % 'two')", ["levels/two.json"]),
        ("open('levels/{}.json'.format('two'))", ["levels/two.json"]),
        ("name = 'three'\nopen(HERE / (name + '.npy'))", ["levels/deep/three.npy"]),
        ("HERE.rglob('*.npy')", ["levels/deep/three.npy"]),
        ("HERE.glob('*')", []),
        ("open(HERE / 'data' / 'session.txt')", []),
        ("open(HERE / '.hidden' / 'key.txt')", []),
        ("open(HERE / 'study.toml')", []),
        ("open('maps.py'), open('experiment.py'), open('../env.py')", []),
    ],
)
def test_the_files_that_the_games_code_names_go_to_browsers(folder: Path, source: str, names: list[str]) -> None:
    assert sent(folder, source) == names


def test_what_only_other_code_of_the_folder_names_stays(folder: Path) -> None:
    """analysis.py reads the people's names; the game does not import it."""
    assert sent(folder) == []
    (folder / "maps.py").write_text("import analysis\n")
    assert sent(folder) == ["people.csv"]


def test_the_config_names_files_too(folder: Path) -> None:
    assert sent(folder, config={"levels": ["levels/two.json"], "speed": 2}) == ["levels/two.json"]


def test_a_study_may_say_itself_which_files_its_game_reads(folder: Path) -> None:
    reads = "open('words.txt')"
    assert sent(folder, reads, files=[]) == []
    assert sent(folder, reads, files=["levels/deep/", "levels/*.txt"]) == ["levels/deep/three.npy", "levels/one.txt"]
    with pytest.raises(ExperimentError, match=r'Did you mean "levels/one\.txt"'):
        sent(folder, files=["one.txt"])
    for private in ("data/session.txt", ".hidden/key.txt", "maps.py"):
        with pytest.raises(ExperimentError, match="cannot go to browsers"):
            sent(folder, files=[private])
    with pytest.raises(ExperimentError, match="not a path inside the experiment folder"):
        sent(folder, files=["../secret.txt"])


def test_files_behind_a_link_out_of_the_folder_stay(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.txt").write_text("private")
    (folder / "linked").symlink_to(outside)
    assert sent(folder, "open('linked/secret.txt')") == []


def test_too_many_bytes_are_refused_with_the_way_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_files, "MOST_BYTES", 6)
    with pytest.raises(ExperimentError) as error:
        sent(folder, "open('words.txt')")
    for part in ("words.txt", "a browser gets at most", ".environment(files=", '.runtime(where="host")'):
        assert part in error.value.text


def test_addresses_carry_the_hash_of_the_content(folder: Path) -> None:
    (folder / "a b#.txt").write_text("x")
    (folder / "env.py").write_text("open('a b#.txt')")
    entry = game_bundle(scene(), folder)["data"]["a b#.txt"]
    digest = hashlib.sha256(b"x").hexdigest()
    assert entry == {"sha256": digest, "url": f"/assets/a%20b%23.txt?sha256={digest}"}


def test_a_game_on_the_host_reads_the_folder_itself(folder: Path) -> None:
    """Its replay has to know every file it may have read."""
    told = game_bundle(scene().runtime(where="host"), folder)["data"]
    assert sorted(told) == [
        "levels/deep/three.npy", "levels/one.txt", "levels/two.json", "notes/plan.md", "people.csv", "words.txt",
    ]  # fmt: skip

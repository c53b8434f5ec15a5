"""A folder becomes an experiment, or one message with file, line, the wrong value and what is allowed."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import ModuleType

import pytest

from igym import (
    EndScene,
    Experiment,
    ExperimentError,
    GymScene,
    MultipleChoice,
    Ranking,
    Stager,
    load_experiment,
)
from igym.experiment.bundle import game_bundle
from igym.experiment.check_files import with_profile
from igym.experiment.load_errors import shortened
from igym.in_browsers import library_files

EXPERIMENT = """\
from igym import Choice, EndScene, Experiment, GymScene, Human, MultipleChoice, Python, Stager, StartScene, WebScene
from texts import TITLE

experiment = Experiment(
    id="duel",
    title=TITLE,
    stager=Stager([
        StartScene("welcome").display(header="Welcome", body_file="pages/welcome.html"),
        MultipleChoice("pick").display(choices=[Choice("a", image="assets/ball.png"), "b"]),
        GymScene("match")
            .environment(file="env.py", config={"win_score": 5})
            .policies({"left": Human, "right": Python("bots.py:act")})
            .rendering(fps=30, hud_text="hud")
            .assets(images={"ball": "assets/ball.png"})
            .content(in_game_body_file="pages/keys.html"),
        WebScene("task").display(path="pages/keys.html"),
        EndScene("thanks"),
    ]),
)
"""
ENV = """\
import numpy
import gymnasium as gym
import missing_here

def hud(env, scores, frame):
    return ""

def make_env(win_score=3, size=1):
    return None
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "experiment.py": EXPERIMENT,
        "env.py": ENV,
        "bots.py": "def act(observation, agent, rng, memory):\n    return 0\n",
        "texts.py": "TITLE = 'Duel'\n",
        "pages/welcome.html": '<p>Hi</p>\n<img src="../assets/ball.png"><a href="https://example.org">x</a>',
        "pages/keys.html": "<p>keys</p><img src='assets/ball.png'>",
        "assets/ball.png": "png",
        "data/old.py": "print(1)",
        "profiles/x.toml": "",
        ".hidden/y.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def failure(folder: Path) -> ExperimentError:
    with pytest.raises(ExperimentError) as caught:
        load_experiment(folder)
    return caught.value


def test_pages_are_read_and_their_links_found(folder: Path) -> None:
    experiment = load_experiment(folder)
    assert experiment.title == "Duel"
    assert experiment.folder == folder.resolve()
    body = experiment.scene("welcome").client_spec("/assets/")["body"]
    assert body == '<p>Hi</p>\n<img src="/assets/assets/ball.png"><a href="https://example.org">x</a>'
    match = experiment.scene("match").client_spec("/a/")
    assert match["content"]["in_game_body"] == "<p>keys</p><img src='/a/assets/ball.png'>"
    assert experiment.scene("task").client_spec("/a/")["src"] == "/a/pages/keys.html"


def test_the_env_is_not_imported(folder: Path) -> None:
    load_experiment(folder)
    assert "missing_here" not in sys.modules


def test_nothing_is_written_into_the_folder(folder: Path) -> None:
    before = sorted(folder.rglob("*"))
    load_experiment(folder)
    assert sorted(folder.rglob("*")) == before


def test_changed_files_are_read_again(folder: Path) -> None:
    load_experiment(folder)
    (folder / "texts.py").write_text("TITLE = 'Doom'\n")
    assert load_experiment(folder).title == "Doom"


def test_two_folders_do_not_share_modules(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    for file in folder.rglob("*"):
        if file.is_file():
            (other / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (other / file.relative_to(folder)).write_bytes(file.read_bytes())
    (other / "texts.py").write_text("TITLE = 'Other'\n")
    assert [load_experiment(f).title for f in (folder, other, folder)] == ["Duel", "Other", "Duel"]


MISTAKES: list[tuple[str, str, str, str, int | None, str]] = [
    ("experiment.py", "fps=30", "fps=300", "experiment.py", 13, "fps=300 is not allowed (Frame rate)"),
    ("experiment.py", "fps=30", "fpps=30", "experiment.py", 13, 'no option "fpps". Did you mean "fps"?'),
    ("experiment.py", "Stager([", "Stager([(", "experiment.py", None, "not valid Python"),
    (
        "experiment.py",
        "import Choice",
        "import Choise, Choice",
        "experiment.py",
        1,
        'no "Choise". Did you mean "Choice"?',
    ),
    (
        "experiment.py",
        ".rendering(",
        ".renderin(",
        "experiment.py",
        13,
        "no attribute 'renderin'. Did you mean \"rendering\"?",
    ),
    ("experiment.py", "from texts", "import torchx\nfrom texts", "experiment.py", 2, 'needs the package "torchx"'),
    ("experiment.py", "from texts", "1/0\nfrom texts", "experiment.py", 2, "ZeroDivisionError: division by zero"),
    ("experiment.py", "from texts", "exit()\nfrom texts", "experiment.py", 2, "ended Python"),
    ("texts.py", "TITLE", "TITEL", "experiment.py", 2, "cannot import name 'TITLE'"),
    ("texts.py", "TITLE = 'Duel'", "TITLE = 'Duel\n", "texts.py", 1, "not valid Python"),
    ("texts.py", "TITLE", "x = []\nx[1]\nTITLE", "texts.py", 2, "IndexError"),
    ("experiment.py", "welcome.html", "welcom.html", "experiment.py", 8, "'pages/welcom.html' does not exist"),
    ("experiment.py", 'image="assets/ball', 'image="assets/bal', "experiment.py", 9, "'assets/bal.png' does not exist"),
    ("experiment.py", '"ball": "assets/', '"ball": "', "experiment.py", 14, 'Did you mean "assets/ball.png"?'),
    ("experiment.py", '"ball": "', '"ball": "../', "experiment.py", 14, "not a path inside the experiment folder"),
    ("experiment.py", 'file="env.py"', 'file="enw.py"', "experiment.py", 11, "the env file 'enw.py' does not exist"),
    ("experiment.py", 'file="env.py", ', "", "experiment.py", 11, "has no env. Add .environment"),
    (
        "experiment.py",
        "win_score",
        "win_scor",
        "experiment.py",
        11,
        'no parameter "win_scor". Did you mean "win_score"?',
    ),
    ("experiment.py", "bots.py:act", "bots.py:akt", "experiment.py", 12, 'no function akt. Did you mean "act"?'),
    ("experiment.py", "bots.py:act", "bot.py:act", "experiment.py", 12, "the bot file 'bot.py' does not exist"),
    ("experiment.py", 'hud_text="hud"', 'hud_text="hut"', "experiment.py", 13, 'no function hut. Did you mean "hud"?'),
    (
        "experiment.py",
        '"thanks"',
        '"match"',
        "experiment.py",
        7,
        'two scenes have the id "match" (line 10 and line 17)',
    ),
    ("experiment.py", "experiment = E", "study = E", "experiment.py", None, "Rename study to experiment."),
    ("experiment.py", "experiment = E", "study = repr(E", "experiment.py", None, "not valid Python"),
    ("env.py", "def make_env", "def make_environment", "experiment.py", 11, "defines neither env nor make_env"),
    ("env.py", "def make_env(win_score=3, size=1):", "def make_env(:", "env.py", 8, "not valid Python"),
    ("env.py", "return None", "return None\nimport x; y = (", "env.py", 10, "not valid Python"),
    ("pages/welcome.html", "../assets", "../asets", "pages/welcome.html", 2, "links to '../asets/ball.png'"),
]


@pytest.mark.parametrize(("name", "old", "new", "file", "line", "text"), MISTAKES, ids=[m[-1][:40] for m in MISTAKES])
def test_mistakes_name_file_and_line(
    folder: Path, name: str, old: str, new: str, file: str, line: int | None, text: str
) -> None:
    change(folder, name, old, new)
    error = failure(folder)
    assert text in error.text
    assert error.file == file
    assert line is None or error.line == line
    assert str(folder) not in str(error)


QUESTIONS = """\
from igym import *

experiment = Experiment(
    id="asking",
    stager=Stager([
        StartScene("welcome"),
        {scene}
            .display(header="Please answer", {options}),
        EndScene("thanks"),
    ]),
)
"""


@pytest.mark.parametrize(
    ("scene", "options", "text"),
    [
        ('MultipleChoice("ask")', 'question="Which?"', "choices is empty, so there is nothing to choose from."),
        ('OptionBoxes("ask")', 'options_question="Which?"', "options is empty, so there is nothing to choose from."),
        ('Scales("ask")', 'scale_labels=["no", "yes"]', "scales is empty, so there is nothing to rate."),
        ('Ranking("ask")', 'question="Which first?"', "items is empty, so there is nothing to put in order."),
        (
            'OptionBoxesWithScalesAndTextBox("ask")',
            'options_question="Which?", scales=["Good?"]',
            "options is empty, so there is nothing to choose from.",
        ),
        (
            'MultipleChoice("ask")',
            'choices=["a", "b"], multiple=True, min_choices=3',
            '"choice": min_choices=3 is more than can be chosen (2).',
        ),
        (
            'Form("ask")',
            'questions=[ChoiceField("best", choices=["a", "b"], multiple=True, min_choices=2, max_choices=1)]',
            '"best": min_choices=2 is more than can be chosen (1).',
        ),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_where_a_study_is_loaded(
    tmp_path: Path, scene: str, options: str, text: str
) -> None:
    (tmp_path / "experiment.py").write_text(QUESTIONS.format(scene=scene, options=options), "utf-8")
    error = failure(tmp_path)
    assert error.text == f"{scene}: {text}"
    assert (error.file, error.line) == ("experiment.py", 8)


def test_a_part_of_a_page_that_nobody_asked_for_may_be_left_out(tmp_path: Path) -> None:
    scene, options = 'OptionBoxesWithScalesAndTextBox("ask")', 'question="Anything?", required=True'
    (tmp_path / "experiment.py").write_text(QUESTIONS.format(scene=scene, options=options), "utf-8")
    assert [item.name for item in load_experiment(tmp_path).scene("ask").fields()] == ["text"]


def test_a_stored_session_whose_question_is_empty_is_read_as_it_began() -> None:
    made = Experiment("asking", stager=Stager([MultipleChoice("ask"), Ranking("first"), EndScene("thanks")]))
    assert Experiment.from_json(made.to_json()).scene("ask").fields() == ()


def test_a_config_needs_a_factory(folder: Path) -> None:
    (folder / "env.py").write_text("env = None\ndef hud(): pass\n")
    assert "env.py defines env and no make_env(**config) that could take it" in failure(folder).text


def test_code_is_checked_like_a_file(folder: Path) -> None:
    change(folder, "experiment.py", 'file="env.py", config={"win_score": 5}', 'code="env = ("')
    assert 'GymScene("match").environment: code, line 1: this is not valid Python' in failure(folder).text


def test_a_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "pages/welcome.html").write_bytes(b"ok\n\xff\xfe")
    error = failure(folder)
    assert (error.file, error.line) == ("pages/welcome.html", 2)
    assert "not UTF-8" in error.text


@pytest.mark.parametrize("missing", [True, False])
def test_a_folder_without_an_experiment(tmp_path: Path, missing: bool) -> None:
    (tmp_path / "study.py").write_text("")
    text = failure(tmp_path / "nowhere" if missing else tmp_path).text
    assert ("there is no folder" if missing else "has no experiment.py and no study.toml. It holds study.py.") in text


def test_a_file_without_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "experiment.py").write_text("x = 1\n")
    assert "needs a line experiment = Experiment(…)" in failure(tmp_path).text
    (tmp_path / "experiment.py").write_text("experiment = 1\n")
    assert "experiment is 1, not an Experiment" in failure(tmp_path).text


def test_a_host_env_is_imported(folder: Path) -> None:
    change(folder, "experiment.py", ".rendering(", '.runtime(where="host").rendering(')
    error = failure(folder)
    assert (error.file, error.line) == ("env.py", 3)
    assert 'needs the package "missing_here"' in error.text


def test_packages_beside_the_experiment_are_found(folder: Path) -> None:
    (folder / "site-packages").mkdir()
    (folder / "site-packages" / "beside_it.py").write_text("NAME = 'Beside'\n")
    change(folder, "experiment.py", "from texts import TITLE", "from beside_it import NAME as TITLE")
    assert load_experiment(folder).title == "Beside"
    del sys.modules["beside_it"]


def test_the_bundle_holds_what_the_browser_needs(folder: Path) -> None:
    match = load_experiment(folder).scene("match")
    assert isinstance(match, GymScene)
    bundle = json.loads(json.dumps(game_bundle(match, folder)))
    assert set(bundle["files"]) == {"bots.py", "env.py", "texts.py"}
    assert bundle["assets"] == {"ball": "/assets/assets/ball.png"}
    assert bundle["vendor_packages"] == ["gymnasium", "numpy"]
    assert bundle["imports"] == ["gymnasium", "missing_here", "numpy"]
    assert bundle["spec"]["environment"] == {
        "file": "env.py",
        "code": None,
        "entry_point": None,
        "config": {"win_score": 5},
        "files": None,
        "seed": None,
    }


def test_the_library_for_the_browser_needs_the_standard_library_only() -> None:
    files = library_files()
    assert {"igym/__init__.py", "igym/rendering/__init__.py", "igym/rendering/surface.py"} <= set(files)
    for path, text in files.items():
        for node in ast.walk(ast.parse(text, path)):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in sys.stdlib_module_names | {"igym"}


def test_profiles_read_their_own_pages(folder: Path) -> None:
    experiment = load_experiment(folder)
    changed = with_profile(experiment, {"scenes": {"match": {"content": {"body_file": "pages/keys.html"}}}})
    match = changed.scene("match")
    assert isinstance(match, GymScene)
    assert match.content_options.body.startswith("<p>keys</p>")
    assert changed.folder == experiment.folder
    with pytest.raises(ExperimentError, match="does not exist"):
        with_profile(experiment, {"scenes": {"match": {"environment": {"file": "other.py"}}}})


def test_a_text_in_a_profile_replaces_the_file(folder: Path) -> None:
    changed = with_profile(load_experiment(folder), {"scenes": {"welcome": {"scene": {"body": "<b>New</b>"}}}})
    assert changed.scene("welcome").client_spec()["body"] == "<b>New</b>"


def test_paths_of_windows_are_shortened_in_messages() -> None:
    folder = PureWindowsPath(r"C:\Users\Jürgen Groß\beans")
    assert shortened(r"no file C:\Users\Jürgen Groß\beans\words.txt", folder) == "no file words.txt"
    error = FileNotFoundError(2, "No such file or directory", str(folder / "words.txt"))
    assert shortened(str(error), folder) == "[Errno 2] No such file or directory: 'words.txt'"
    assert shortened("/lab/beans/words.txt", PurePosixPath("/lab/beans")) == "words.txt"


def test_a_module_whose_file_has_no_folder_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A frozen app loads a few standard modules before anything else, and could not load them again."""
    (tmp_path / "experiment.py").write_text(
        'from igym import EndScene, Experiment\nexperiment = Experiment("x", stager=[EndScene("end")])\n'
    )
    first = ModuleType("loaded_first")
    first.__file__ = "loaded_first.py"
    monkeypatch.setitem(sys.modules, "loaded_first", first)
    monkeypatch.chdir(tmp_path)
    load_experiment(tmp_path)
    assert sys.modules["loaded_first"] is first

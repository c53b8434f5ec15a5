"""A study as data: `study.toml` loads as what it says, names what is wrong with its line, and converts both ways."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from igym import (
    Axis,
    Chat,
    ChatScene,
    ChoiceField,
    ConsentField,
    EndScene,
    Experiment,
    ExperimentError,
    Form,
    GymScene,
    Human,
    LeaderboardScene,
    Pointer,
    Random,
    Responder,
    load_experiment,
)
from igym.experiment.form import describe_experiment
from igym.experiment.study_layout import write_document
from igym.experiment.study_lines import Lines
from igym.experiment.study_python import to_python
from igym.experiment.study_read import from_document, from_text
from igym.experiment.study_text import STUDY_FILE, read_document
from igym.experiment.study_write import to_document
from igym.host.programs.convert_main import converted

EXAMPLES = sorted(file.parent for file in (Path(__file__).parents[2] / "examples").glob("*/experiment.py"))
AS_DATA = [folder for folder in EXAMPLES if folder.name != "survey_tour"]
"""The tour's branch asks a function."""

STUDY = """\
format = 1
id = "duel"
title = "A duel"
languages = ["en", "de"]
order = ["welcome", "either", "thanks"]

[screening]
device = "desktop"
min_screen = [1024, 700]

[participant_ids]
mode = "list"
allowed = ["P1", "P2"]

[scenes.welcome]
kind = "form"
questions = [
    {type = "consent", name = "agree", label = "I agree"},
    {type = "scale", name = "mood", label = "How are you?", points = 5},
]

[scenes.either]
kind = "randomize_order"
scenes = ["twice", "game"]
balanced = true

[scenes.twice]
kind = "repeat"
n = 2
scenes = ["rest"]

# What everybody reads between two rounds.
[scenes.rest]
kind = "static"
body = '''
<p>Rest.</p>
<p>Then go on.</p>'''

[scenes.game]
kind = "gym"

[scenes.game.environment]
file = "env.py"
config = {size = 3}

[scenes.game.rendering]
fps = 20

[scenes.game.policies]
mapping = [{agent = "a", policy = "human"}, {agent = "b", policy = {kind = "random", seed = 4}}]

[scenes.game.gameplay]
action_mapping = [
    {keys = ["ArrowLeft"], action = 1},
    {keys = ["ArrowLeft", "ArrowUp"], action = 2},
]
max_steps = "(none)"

[scenes.game.matchmaking]
matchmaker = {kind = "latency", max_p2p_rtt_ms = 80}

[scenes.game.multiplayer.reconnection]
timeout_s = 9

[scenes.thanks]
kind = "end"
"""


def line_of(text: str, part: str) -> int:
    return text.count("\n", 0, text.index(part)) + 1


def without_code(folder: Path, target: Path) -> Path:
    copy = target / folder.name
    shutil.copytree(folder, copy)
    return copy


@pytest.mark.parametrize("folder", AS_DATA, ids=lambda folder: folder.name)
def test_every_example_is_the_same_as_data_and_as_code_again(folder: Path, tmp_path: Path) -> None:
    study = without_code(folder, tmp_path)
    before = describe_experiment(load_experiment(study))
    new, old = converted(study)
    assert (new.name, old.name) == (STUDY_FILE, "experiment.py.old")
    assert describe_experiment(load_experiment(study)) == before
    new, old = converted(study)
    assert (new.name, old.name) == ("experiment.py", "study.toml.old")
    assert describe_experiment(load_experiment(study)) == before
    converted(study)
    assert (study / "experiment.py.old1").is_file(), "nothing that was kept is overwritten"
    assert (study / STUDY_FILE).read_text("utf-8") == old.read_text("utf-8"), "the same study is written the same way"


def test_what_asks_a_function_stays_python(root: Path, tmp_path: Path) -> None:
    study = without_code(root / "examples" / "survey_tour", tmp_path)
    with pytest.raises(ExperimentError, match=r"branches\.branch_1"):
        converted(study)
    assert (study / "experiment.py").is_file()
    assert not (study / STUDY_FILE).exists()


def test_everything_written_arrives() -> None:
    experiment = from_text(STUDY)
    assert (experiment.id, experiment.title, experiment.languages) == ("duel", "A duel", ("en", "de"))
    assert experiment.screening.device == "desktop"
    assert experiment.screening.min_screen == (1024, 700)
    assert experiment.participant_ids.allowed == ("P1", "P2")
    assert [scene.id for scene in experiment.scenes] == ["welcome", "rest", "game", "thanks"]
    game = experiment.scene("game")
    assert isinstance(game, GymScene)
    assert game.policies_options.humans == ("a",)
    assert getattr(game.policies_options.mapping["b"], "seed", None) == 4
    assert game.gameplay_options.action_mapping[1].keys == ("ArrowLeft", "ArrowUp")
    assert game.gameplay_options.max_steps is None
    assert game.matchmaking_options.matchmaker.p2p_limit_ms == 80
    assert game.multiplayer_options.reconnection.timeout_s == 9
    assert {step.id for step in experiment.stager.draw(random.Random(1)).scenes()} >= {"rest_r1", "rest_r2"}


def test_a_study_is_the_same_after_writing_it() -> None:
    document = to_document(from_text(STUDY))
    assert to_document(from_text(write_document(document))) == document
    assert describe_experiment(from_document(document)) == describe_experiment(from_text(STUDY))


def test_comments_stay_where_their_entries_stay() -> None:
    document = read_document(STUDY)
    document["scenes"]["game"]["rendering"]["fps"] = 25
    document["scenes"]["more"] = {"kind": "static", "header": "More"}
    document["order"].append("more")
    text = write_document(document, STUDY)
    assert read_document(text) == document
    assert "# What everybody reads between two rounds." in text
    changed = set(text.splitlines()) - set(STUDY.splitlines())
    assert changed == {
        'order = ["welcome", "either", "thanks", "more"]', "fps = 25", "[scenes.more]", 'header = "More"',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('title = "A duel"', 'titel = "A duel"', 'there is no option "titel". Did you mean "title"?'),
        ("balanced = true", "balance = true", '[scenes.either] has no option "balance". Did you mean "balanced"?'),
        ("fps = 20", "fsp = 20", '[scenes.game.rendering] has no option "fsp". Did you mean "fps"?'),
        ("timeout_s = 9", "timeout = 9", 'there is no option "timeout"'),
        ('device = "desktop"', 'devise = "desktop"', 'no option "devise"'),
        ("points = 5", "pints = 5", "pints"),
        ("fps = 20", "fps = 500", "from 1 to 120"),
        ("n = 2", "n = 0", "from 1 to 1000"),
        ('kind = "repeat"', 'kind = "repeet"', 'Did you mean "repeat"?'),
        ('scenes = ["rest"]', 'scenes = ["restt"]', 'Did you mean "rest"?'),
        ('order = ["welcome", ', "order = [", '"welcome" is in no order'),
        ('"thanks"]', '"thanks", "twice"]', '"twice" is named twice'),
        ("format = 1", "format = 2", "reads format 1"),
        ('id = "duel"', 'id = "a duel"', "cannot be a folder name"),
        ('keys = ["ArrowLeft"]', 'keys = ["Arow"]', "is not the name of a key"),
        ("fps = 20", "fps = ", "not valid TOML"),
        ('kind = "latency"', 'kind = "fastest"', "fastest"),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, words: str) -> None:
    assert old in STUDY
    text = STUDY.replace(old, new, 1)
    with pytest.raises(ExperimentError) as told:
        from_text(text)
    line = line_of(text, "[scenes.welcome]" if "in no order" in words else new)
    assert words in told.value.text
    assert (told.value.file, told.value.line) == (STUDY_FILE, line)


def test_a_missing_file_is_told_where_the_study_names_it(tmp_path: Path) -> None:
    (tmp_path / STUDY_FILE).write_text(STUDY, encoding="utf-8")
    with pytest.raises(ExperimentError) as told:
        load_experiment(tmp_path)
    assert (told.value.file, told.value.line) == (STUDY_FILE, line_of(STUDY, "[scenes.game.environment]"))
    assert "'env.py' does not exist" in told.value.text


def test_a_folder_has_one_of_the_two_files(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match=r"no experiment\.py and no study\.toml"):
        load_experiment(tmp_path)
    for name in ("experiment.py", STUDY_FILE):
        (tmp_path / name).write_text("", encoding="utf-8")
    with pytest.raises(ExperimentError, match="has both"):
        load_experiment(tmp_path)


def test_an_entry_in_a_list_of_tables_has_a_line() -> None:
    start = "a = 1\n\n[[x.y]]\nb = 2\n[[x.y]]\n# no\nb = [\n  1,\n  {c = 2},\n]\n"
    lines = Lines(f'{start}[x.y.z]\nd = """\n[e]\n"""\nf=1\n')
    assert lines.line(("a",)) == 1
    assert lines.line(("x", "y", 0, "b")) == 4
    assert lines.line(("x", "y", 1, "b")) == 7
    assert lines.line(("x", "y", 1, "b", 1, "c")) == 9
    assert lines.line(("x", "y", 1, "z", "f")) == 15
    assert lines.line(("nothing",)) is None


AWKWARD: list[Any] = [
    'a "quoted" text', "it's\nseveral lines\n", "\nfirst line empty", "tab\tand \\ and \"\"\" and '''", "ünïcode ✓", "",
    {"deep": {"list": [1, 2.5, True, None, ["x", {"y": "z"}]]}, "key with spaces": 1},
]  # fmt: skip


@pytest.mark.parametrize("value", AWKWARD, ids=range(len(AWKWARD)))
def test_whatever_can_be_written_comes_back(value: Any) -> None:
    metadata = value if isinstance(value, dict) else {"text": value}
    document = {
        "format": 1, "id": "x", "title": str(value)[:50], "order": ["a"],
        "scenes": {"a": {"kind": "static", "body": str(value), "metadata": metadata}},
    }  # fmt: skip
    assert read_document(write_document(document)) == document
    experiment = from_document(document)
    assert to_document(from_text(write_document(to_document(experiment)))) == to_document(experiment)
    space: dict[str, Any] = {}
    exec(compile(to_python(experiment), "experiment.py", "exec"), space)
    assert isinstance(space["experiment"], Experiment)
    assert describe_experiment(space["experiment"]) == describe_experiment(experiment)


def test_what_is_stored_in_a_form_of_its_own_comes_back() -> None:
    """Agents may be numbers, and an agent's default action that was written differs from one that was not."""
    controls = {1: {"action_mapping": {"w": 1, ("w", "s"): [2, 0.5]}, "default_action": 0}, 0: {"default_action": 3}}
    game = GymScene("play").environment(file="env.py").policies({0: Human, 1: Human}).gameplay(per_agent=controls)
    experiment = Experiment("x", stager=[game])
    assert from_text(write_document(to_document(experiment))).to_json() == experiment.to_json()
    space: dict[str, Any] = {}
    exec(compile(to_python(experiment), "experiment.py", "exec"), space)
    assert space["experiment"].to_json() == experiment.to_json()


def test_analogue_inputs_convert_both_ways() -> None:
    analog = {"steer": Axis(("mouse_x", "touch_x"), low=-2, high=2), "aim": Pointer(part=("body", 0), levels=64)}
    game = GymScene("game").environment(file="env.py").policies({"a": Human, "b": Human})
    scene = game.gameplay(analog=analog, per_agent={"b": {"analog": {"aim": Pointer(high=(1, 1))}}})
    study = Experiment(id="x", stager=[scene])
    told = study.games[0].client_spec()["gameplay"]
    again = from_text(write_document(to_document(study)))
    assert again.games[0].client_spec()["gameplay"] == told
    space: dict[str, Any] = {}
    exec(to_python(study), space)
    assert space["experiment"].games[0].client_spec()["gameplay"] == told


def test_what_a_study_asks_of_its_people_converts_both_ways() -> None:
    robo = Responder("bots.py:reply", name="Robo", every=2)
    play = (
        GymScene("play")
        .environment(code="env = 1")
        .policies({"left": Human, "right": Random()})
        .waitroom(acted_wait_s=(5, 20), debriefing="<p>It was a program.</p>")
        .content(chat=Chat(show="during", responder=robo))
        .runtime(record=("actions", "input"))
    )
    both = (
        GymScene("both")
        .environment(code="env = 1")
        .policies({"left": Human, "right": Human})
        .matchmaking(seat_by="answers.consent.role", seats={"leader": "left"})
    )
    consent = Form(
        "consent", questions=[ConsentField("agree", version="2", receipt=True), ChoiceField("role", choices=["leader"])]
    )
    board = LeaderboardScene("results").display(game="play", among="condition", best="lowest", most=3)
    talk = ChatScene("talk").display(responder=Responder(url="http://10.0.0.5/v1", model="m", temperature=0.5))
    study = Experiment("asks", stager=[consent, play, both, board, talk, EndScene("end")])
    again = from_document(read_document(write_document(to_document(study))))
    assert describe_experiment(again) == describe_experiment(study)
    names: dict[str, Any] = {}
    exec(to_python(study), names)
    assert describe_experiment(names["experiment"]) == describe_experiment(study)

"""Every block of code in the documentation is what it seems to be: Python runs, commands have these options."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.experiment.loader import load_experiment
from igym.experiment.words import read_in
from tests.host.export.store_builder import StoreBuilder
from tests.host.export.test_exporter import export, rows

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
# R is run by tests/host/export/test_analysis.py, with what it finds.
LANGUAGES = {"", "text", "sh", "toml", "js", "python", "r"}

# Its blocks need games that were really played: tests/host/export/test_people_page.py runs them.
PLAYED = ROOT / "docs" / "manual" / "people-to-agents.md"

# What a page's text has named before its code begins.
GIVEN = """
from igym import *
stager = Stager([StartScene("hello"), EndScene("bye")])
trial, bonus, task = StaticScene("trial"), StaticScene("bonus"), StaticScene("task")
game_a, game_b = (
    GymScene(name).environment(file="env.py").policies({"left": Human, "right": Human}) for name in ("game_a", "game_b")
)
game, duel, duel_with_bot = game_a, game_a, game_b
def wants_more(context):
    return "done"
kind, depth, persistent, tween_ms, props, name = "rect", 0, 0, 0, {}, "hit"
"""


def blocks(language: str) -> list[Any]:
    """(page, its blocks in this language), by name."""
    found = [
        (page, [code for kind, code in BLOCK.findall(page.read_text("utf-8")) if kind == language])
        for page in PAGES
        if (language, page) != ("python", PLAYED)
    ]
    return [pytest.param(page, codes, id=page.relative_to(ROOT).as_posix()) for page, codes in found if codes]


@pytest.mark.parametrize(("page", "codes"), blocks("python"))
def test_python_runs(page: Path, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the page's order and one namespace, beside a recorded session that its reader would have."""
    monkeypatch.chdir(tmp_path)
    recorded(tmp_path / "data" / "slime_duel")
    names: dict[str, Any] = {"__name__": page.stem}
    exec(GIVEN, names)
    for number, code in enumerate(codes, 1):
        # A block that begins with a dot shows methods of a game's scene.
        whole = f"shown = (GymScene('game').environment(file='env.py')\n{code})" if code.startswith(".") else code
        exec(compile(whole, f"{page.name}, block {number}", "exec"), names)


def recorded(folder: Path) -> None:
    folder.mkdir(parents=True)
    builder = StoreBuilder(folder).session("s1").record("joined", "P07", label="P07")
    builder.record("attributes", "P07", values={"condition": "red"}, condition=True)
    builder.record("scene_entered", "P07", scene="questionnaire", visit=1, scene_id="questionnaire")
    builder.record("answers", "P07", scene="questionnaire", visit=1, values={"mood": 5}, timing={})
    local = {"input_event_ms": 1.0, "timestamp_ms": 2.0, "shown_ms": 3.0}
    builder.record("scene_left", "P07", scene="questionnaire", visit=1, submitted=True)
    builder.play("P07", "m1", "duel", [(shared, {**own, **local}) for shared, own in rows(3)])
    builder.record("match_formed", None, "m1", "duel", players=[{"player": 0, "agent": "a", "participant": "P07"}])
    builder.record("episode_ended", "P07", "m1", "duel", episode=0, frames=3, scores={"a": 1.0}, reason="terminated")
    builder.record("earnings", "P07", amount=4.5, currency="EUR", reasons=["play"])
    export(builder)


TRANSLATED = """
from igym import *
experiment = Experiment("study", languages=("en", "de"), returns={"finished": {"message": "Thanks!"}}, stager=Stager([
    StaticScene("welcome").display(header="Welcome", body_file="pages/welcome.html"),
    Form("ask").display(questions=[ChoiceField("hand", "Which hand?", choices=["l", "r"])]),
    Scales("mood").display(scales=["How calm are you?"]),
    GymScene("duel").environment(code="env = None").policies({0: Human}),
]))
"""
"""The study that a file of texts in the docs belongs to."""


def test_a_file_of_texts_is_one(tmp_path: Path) -> None:
    code = BLOCK.search((ROOT / "docs" / "authoring" / "texts.md").read_text("utf-8").split("## Texts in files")[1])
    assert code is not None
    for name, text in (
        ("experiment.py", TRANSLATED),
        ("texts/de.toml", code[2]),
        ("pages/welcome.html", "Hello"),
        ("pages/welcome.de.html", "Hallo"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    german = read_in(load_experiment(tmp_path), "de")
    told = [german.scene("welcome").body, german.scene("mood").fields()[0].label, german.returns.finished.message]
    assert told == ["Hallo", "Wie ruhig sind Sie?", "Vielen Dank!"]


@pytest.mark.parametrize(("page", "codes"), blocks("toml"))
def test_a_study_as_data_is_a_study(page: Path, codes: list[str], tmp_path: Path) -> None:
    for number, code in enumerate(code for code in codes if "order" in tomllib.loads(code)):
        folder = tmp_path / str(number)
        (folder / "pages").mkdir(parents=True)
        (folder / "study.toml").write_text(code, "utf-8")
        (folder / "pages" / "welcome.html").write_text("<p>Hello</p>", "utf-8")
        shutil.copy(ROOT / "examples" / "slime_duel" / "env.py", folder / "env.py")
        for file in (ROOT / "examples" / "slime_duel").glob("*.py"):
            if file.name not in ("env.py", "experiment.py"):
                shutil.copy(file, folder / file.name)
        assert load_experiment(folder).id == tomllib.loads(code)["id"]


@pytest.mark.parametrize(("page", "codes"), blocks("js"))
def test_javascript_is_javascript(page: Path, codes: list[str], tmp_path: Path) -> None:
    for code in codes:
        (tmp_path / "block.mjs").write_text(code, "utf-8")
        done = subprocess.run(
            ["node", "--check", str(tmp_path / "block.mjs")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_there_with_their_options(page: Path) -> None:
    text = page.read_text("utf-8")
    assert {kind for kind, _ in BLOCK.findall(text)} <= LANGUAGES
    known = "\n".join(file.read_text("utf-8") for file in (ROOT / "server" / "igym" / "host").rglob("*.py"))
    for line in re.findall(r"^(?:\.venv/bin/)?igym (.+)$", text, re.M):
        name, *words = re.sub(r"#.*", "", line).split()
        assert name in cli.COMMANDS, f"{page.name}: igym {name}"
        for option in [word for word in words if word.startswith("--")]:
            assert f'"{option}"' in known, f"{page.name}: igym {name} {option}"


def test_the_developers_commands_are_there() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "build" / "dev.py"), "--help"], capture_output=True, text=True, check=True
    )
    for page in PAGES:
        for name in re.findall(r"python build/dev\.py (\w+)", page.read_text("utf-8")):
            assert re.search(rf"^    {name}\b", done.stdout, re.M), f"{page.name}: dev.py {name}"


def test_npm_scripts_are_there() -> None:
    scripts = json.loads((ROOT / "package.json").read_text("utf-8"))["scripts"]
    for page in PAGES:
        for name in re.findall(r"npm run (?:--silent )?(\w+)", page.read_text("utf-8")):
            assert name in scripts, f"{page.name}: npm run {name}"

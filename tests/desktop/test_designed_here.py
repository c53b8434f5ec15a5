"""A study with conditions, checks, practice, talk and codes: made by clicks alone, saved, walked through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QToolButton, QWidget

from igym import load_experiment
from igym.experiment.check_files import with_profile
from igym_desktop.app import App
from igym_desktop.flow import profiles
from igym_desktop.flow.paths import example_folders
from igym_desktop.launcher import child_command
from igym_desktop.pages.timeline import KEY
from igym_desktop.widgets.fields import FieldRow
from tests.waiting import until

from .test_main_window import answer, press, ready
from .test_study_made_here import (
    add,
    drag,
    fill,
    folder,
    open_page,
    part,
    press_icon,
    records,
    row,
    run,
    stored,
)

__all__ = ["folder", "open_page"]
CARRY = next(folder for folder in example_folders() if folder.name == "carry_together")
ENV = """
from gymnasium import Env, spaces
from igym import Surface

class Press(Env):
    action_space = spaces.Discrete(2)
    observation_space = spaces.Discrete(2)

    def __init__(self, size="small"):
        self.size = size

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.frame = 0
        return 0, {}

    def step(self, action):
        self.frame += 1
        return 0, float(action), self.frame >= 60, False, {}

    def render(self):
        return Surface(200, 100)

def make_env(**config):
    return Press(**config)

def reply(talk):
    return "I see."
"""


PAIR = """
from gymnasium import spaces
from igym import Surface

class Pair:
    possible_agents = agents = ["left", "right"]
    action_space = spaces.Dict({side: spaces.Discrete(2) for side in agents})
    observation_space = spaces.Dict({side: spaces.Discrete(2) for side in agents})

    def reset(self, *, seed=None, options=None):
        self.frame = 0
        return dict.fromkeys(self.agents, 0), dict.fromkeys(self.agents, {})

    def step(self, actions):
        self.frame += 1
        over = dict.fromkeys(self.agents, self.frame >= 60)
        never = dict.fromkeys(self.agents, False)
        rewards = {side: float(action) for side, action in actions.items()}
        return dict.fromkeys(self.agents, 0), rewards, over, never, dict.fromkeys(self.agents, {})

    def render(self):
        return Surface(200, 100)

def make_env():
    return Pair()

def steady(observation, agent, rng):
    return 1
"""


def choose(control: Any, *data: Any) -> None:
    """As a person picks from a list; by what it stands for, or by its words."""
    assert isinstance(control, QComboBox)
    found = next(at for at in range(control.count()) if control.itemData(at) in data or control.itemText(at) in data)
    control.setCurrentIndex(found)
    control.activated.emit(found)


def enter(table: Any, name: str, value: str) -> None:
    """A line of a table of names and values."""
    table.add.click()
    first, second, _ = table.pairs[-1]
    first.setText(name)
    first.textEdited.emit(name)
    second.setText(value)


def unfold(editor: Any) -> None:
    """Shows the advanced parts of a chosen entry."""
    record = getattr(editor, "record", editor)
    more = next(one for one in record.findChildren(QAbstractButton) if one.text().strip() == "Advanced options")
    more.click()


def fill_part(editor: Any, name: str, text: str) -> None:
    fill_inner(editor.record, name, text)


def fill_inner(record: Any, name: str, text: str) -> None:
    """A part of one thing that has parts."""
    control = next(one for one in record.findChildren(FieldRow) if one.field.path == (name,)).control
    line_of = getattr(control, "line", control)
    (line_of.setPlainText if hasattr(line_of, "setPlainText") else line_of.setText)(text)


async def quiz(page: Any) -> str:
    """A question that is asked until it is answered right, in at most four attempts."""
    made = await add(page, "form", "welcome")
    questions = records(page, "questions")
    questions.add(2)
    fill_part(questions, "label", "Is it clear?")
    unfold(questions)
    fill_part(questions, "correct", "yes")
    fill_part(questions, "explain", "Please read it again.")
    questions.add(2)
    fill_part(questions, "label", "Would you rather lead?")
    choose(row(page, "scene", "check").control, "until_right")
    fill(page, "4", "scene", "attempts")
    choose(row(page, "scene", "otherwise").control, "exclude")
    return made


async def practice(page: Any, after: str) -> tuple[str, str]:
    """A game, made with the level of a condition, that is played until it goes well."""
    editor = page.study.editor
    game = await add(page, "gym", after)
    config = row(page, "environment", "config").control
    enter(config, "size", "from size")
    enter(config, "wind", "each episode, shuffled: calm, gusts")
    keys = row(page, "gameplay", "action_mapping").control
    keys.add.click()
    keys.rows[-1][0].show_keys(["Space"])
    keys.rows[-1][1].setText("1")
    keys.rows[-1][1].textEdited.emit("1")
    fill(page, "2", "gameplay", "num_episodes")
    enough = row(page, "gameplay", "until").control
    choose(enough.kind, 0)
    fill_inner(enough, "score", "20")
    editor.timeline.wrap("repeat")
    rounds = editor.chosen
    rules = records(page, "rules")
    rules.add(0)
    choose(part(rules, "what"), "score")
    choose(part(rules, "name"), game)
    fill_part(rules, "value", "5")
    fill(page, "", "n")
    fill(page, "4", "at_most")
    choose(row(page, "scene", "otherwise").control, "exclude")
    return game, rounds


def agents(page: Any, right: str) -> Any:
    """Who plays the two ends: a person, and what is picked from the menu. Returns the editor."""
    fill(page, "pair.py", "environment", "file")
    policies = row(page, "policies", "mapping").control
    name(policies, "left")
    pick(policies, right)
    name(policies, "right")
    return policies


def name(entries: Any, text: str) -> None:
    """What the chosen entry is called in its list."""
    entries.key.setText(text)
    entries.key.textEdited.emit(text)


def pick(entries: Any, kind: str) -> None:
    """A new entry, from the menu of the button."""
    menu = entries.findChild(QAbstractButton, "add_entry").menu()
    next(one for one in menu.actions() if one.text() == kind).trigger()


async def machine(page: Any, after: str) -> str:
    """A game with one of two programs, drawn evenly, for whom one waits as for a person."""
    made = await add(page, "gym", after)
    policies = agents(page, "One of several bots, drawn for each match")
    pool = next(r for r in policies.record.findChildren(FieldRow) if r.field.path == ("policies",)).control
    pick(pool, "Bot: a Python function")
    fill_inner(pool.record, "function", "pair.py:steady")
    balanced = next(r for r in policies.record.findChildren(FieldRow) if r.field.path == ("balanced",)).control
    balanced.click()
    fill(page, "Your partner was a program.", "waitroom", "debriefing")
    fill(page, "2, 5", "waitroom", "acted_wait_s")
    return made


async def couple(page: Any, after: str, quizzed: str) -> str:
    """A game of two people who talk, and whose answer says where they sit."""
    made = await add(page, "gym", after)
    agents(page, "A participant")
    by = row(page, "matchmaking", "seat_by").control
    choose(by, f"answers.{quizzed}.choice_2")
    for said, side in (("yes", "right"), ("no", "left")):
        enter(row(page, "matchmaking", "seats").control, said, side)
    fill(page, "Well done\nOnce more", "content", "chat", "phrases")
    row(page, "content", "chat", "free_text").control.click()
    for place in ("waitroom", "during"):
        row(page, "content", "chat", "show").control.boxes[place].click()
    return made


def whole(page: Any, quizzed: str, game: str) -> None:
    """Conditions, quotas, codes."""
    page.study.editor.timeline.choose("experiment")
    factors = row(page, "design", "factors").control
    enter(factors, "size", "small, large")
    enter(row(page, "design", "weights").control, "size", "large: 2")
    fill(page, f"{quizzed}.choice_1", "design", "strata")
    assert "assign" in page.study.editor.problem.text.text(), "an answer is not known at the start"
    choose(row(page, "design", "assign").control, game)
    fill(page, "20", "design", "cell_limit")
    for outcome, code in (("finished", "DONE"), ("failed_check", "SORRY")):
        fill(page, code, "returns", outcome, "code")
    fill(page, "https://example.org/?cc={code}", "returns", "failed_check", "redirect_url")


def test_a_study_with_conditions_checks_practice_and_talk_is_made_by_clicks(
    loop: Any, open_page: Callable[[], Any], folder: Path
) -> None:
    async def check() -> None:
        page = await open_page()
        (folder / "env.py").write_text(ENV, "utf-8")
        (folder / "pair.py").write_text(PAIR, "utf-8")
        editor = page.study.editor
        quizzed = await quiz(page)
        game, rounds = await practice(page, quizzed)
        alone = await machine(page, rounds)
        await add(page, "chat", await couple(page, alone, quizzed))
        responder = row(page, "scene", "responder").control
        choose(responder.kind, 0)
        fill_inner(responder, "function", "env.py:reply")
        whole(page, quizzed, game)
        assert editor.draft.problem == "" and editor.draft.look.missing == ""
        page.save.click()
        assert stored(folder) == {**EXPECTED, "title": "Made here"}
        checked = await asyncio.to_thread(run, "check", str(folder), "--browser", "none", "--frames", "30", "--json")
        report = json.loads(checked.stdout)
        assert report["ok"] and report["study"]["findings"] == [], checked.stdout

    loop.run_until_complete(check())


EXPECTED: dict[str, Any] = {
    "format": 1,
    "id": "made_here",
    "order": ["welcome", "form", "rounds", "game_2", "game_3", "talk", "thanks"],
    "scenes": {
        "welcome": {"kind": "start", "header": "Hello"},
        "thanks": {"kind": "end"},
        "form": {
            "kind": "form",
            "header": "Questions",
            "questions": [
                {
                    "type": "choice",
                    "name": "choice_1",
                    "choices": [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}],
                    "label": "Is it clear?",
                    "correct": "yes",
                    "explain": "Please read it again.",
                },
                {
                    "type": "choice",
                    "name": "choice_2",
                    "choices": [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}],
                    "label": "Would you rather lead?",
                },
            ],
            "check": "until_right",
            "attempts": 4,
            "otherwise": "exclude",
        },
        "game": {
            "kind": "gym",
            "environment": {
                "file": "env.py",
                "config": {
                    "size": {"$value": "size"},
                    "wind": {"$per_episode": ["calm", "gusts"], "order": "random"},
                },
            },
            "gameplay": {
                "action_mapping": [{"keys": ["Space"], "action": 1}],
                "num_episodes": 2,
                "until": {"score": 20.0},
            },
        },
        "rounds": {
            "kind": "repeat",
            "scenes": ["game"],
            "rules": [{"what": "score", "name": "game", "value": 5}],
            "at_most": 4,
            "otherwise": "exclude",
        },
        "game_2": {
            "kind": "gym",
            "environment": {"file": "pair.py"},
            "policies": {
                "mapping": [
                    {"agent": "left", "policy": "human"},
                    {
                        "agent": "right",
                        "policy": {
                            "kind": "pool",
                            "policies": ["random", {"kind": "python", "function": "pair.py:steady"}],
                            "balanced": True,
                        },
                    },
                ]
            },
            "waitroom": {"debriefing": "Your partner was a program.", "acted_wait_s": [2.0, 5.0]},
        },
        "game_3": {
            "kind": "gym",
            "environment": {"file": "pair.py"},
            "policies": {"mapping": [{"agent": "left", "policy": "human"}, {"agent": "right", "policy": "human"}]},
            "matchmaking": {"seat_by": "answers.form.choice_2", "seats": {"yes": "right", "no": "left"}},
            "content": {
                "chat": {
                    "phrases": ["Well done", "Once more"],
                    "free_text": False,
                    "show": ["waitroom", "during"],
                }
            },
        },
        "talk": {"kind": "chat", "header": "Talk about the game", "responder": {"function": "env.py:reply"}},
    },
    "design": {
        "factors": {"size": ["small", "large"]},
        "weights": {"size": {"large": 2.0}},
        "strata": ["form.choice_1"],
        "assign": "game",
        "cell_limit": 20,
    },
    "returns": {
        "finished": {"code": "DONE"},
        "failed_check": {"code": "SORRY", "redirect_url": "https://example.org/?cc={code}"},
    },
}


def test_a_design_is_changed_by_a_profile_of_a_study_in_python(loop: Any, make_app: Callable[..., App]) -> None:
    async def check() -> None:
        app = make_app([CARRY], command_line=child_command)
        await ready(app)
        app.launcher.choose(CARRY, "configure")
        page = app.window.pages["configure"]
        await until(lambda: page.profiles.draft is not None, "the form")
        enter(option(page, "experiment", "design", "factors"), "load", "light, heavy")
        option(page, "experiment", "design", "cell_limit").setText("5")
        page.profiles.list.choose("practice")
        enter(option(page, "scenes", "practice", "environment", "config"), "every", "from load")
        take_out(option(page, "scenes", "practice", "environment", "config"), "ease")
        press(page, "save_profile")
        await answer("yes", "Heavy")
        said = profiles.load(app.launcher.profile_path(CARRY, "Heavy"))
        assert said == {
            "experiment": {"design": {"factors": {"load": ["light", "heavy"]}, "cell_limit": 5}},
            "scenes": {"practice": {"environment": {"config": {"every": {"$value": "load"}, "ease": "(left out)"}}}},
        }
        page.profiles.load("Heavy")
        shown = option(page, "experiment", "design", "factors").value()
        assert shown == {"ring": ["wide", "narrow"], "load": ["light", "heavy"]}, "the form shows the whole design"
        page.profiles.list.choose("practice")
        config = option(page, "scenes", "practice", "environment", "config").value()
        assert config == {"ring": {"$value": "ring"}, "rings": 10, "every": {"$value": "load"}}
        runs = with_profile(load_experiment(CARRY), said)
        assert list(runs.design.factors) == list(shown) and runs.design.cell_limit == 5

    loop.run_until_complete(check())


def option(page: Any, *path: str) -> Any:
    """The control of an option of a profile, its group unfolded."""
    page.profiles.list.choose(path[1] if path[0] == "scenes" else "experiment")
    for group in page.profiles.forms[path[1] if path[0] == "scenes" else "experiment"].groups:
        if any(field.path == path for field in group.group.fields):
            group.fold.setChecked(True)
            group.more.setChecked(True)
    control = page.findChild(QWidget, "control_" + "_".join(path))
    assert control is not None, path
    return control


def take_out(table: Any, name: str) -> None:
    """A line of a table, by its button."""
    holder = next(holder for first, _, holder in table.pairs if first.text() == name)
    holder.findChildren(QToolButton)[-1].click()


def test_one_scene_at_several_places_is_made_moved_and_taken_away_by_clicks(
    loop: Any, open_page: Callable[[], Any], folder: Path
) -> None:
    async def check() -> None:
        page = await open_page()
        editor, timeline = page.study.editor, page.study.editor.timeline
        rest = await add(page, "static", "welcome")
        task = await add(page, "scales", rest)
        timeline.choose(rest)
        page.findChild(QAction, "scene_again").trigger()
        assert [line.text(0)[-8:] for line in lines_of(timeline, rest)] == ["(1 of 2)", "(2 of 2)"]
        timeline.tree.setCurrentItem(lines_of(timeline, rest)[1])
        press_icon(page, "scene_down")
        page.save.click()
        assert stored(folder)["order"] == ["welcome", rest, task, rest, "thanks"]
        assert timeline.tree.currentItem() is lines_of(timeline, rest)[1], "the place that was moved stays chosen"
        timeline.choose(task)
        timeline.wrap("randomize_order")
        order = editor.chosen
        drag(timeline, rest, order, place=1)
        page.save.click()
        assert stored(folder)["scenes"][order]["scenes"] == [task, rest]
        assert stored(folder)["order"] == ["welcome", rest, order, "thanks"]
        timeline.tree.setCurrentItem(lines_of(timeline, rest)[1])
        press_icon(page, "remove_scene")
        page.save.click()
        assert stored(folder)["scenes"][order]["scenes"] == [task] and rest in stored(folder)["scenes"]
        timeline.choose(order)
        assert not timeline.once_more.isEnabled(), "only scenes stand at several places"

    loop.run_until_complete(check())


def lines_of(timeline: Any, id: str) -> list[Any]:
    return [item for item in timeline._items() if item.data(0, KEY) == id]

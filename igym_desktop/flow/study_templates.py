"""What a new study begins as: from nothing, or one of a few shapes that most studies have."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.host.base.held_files import move
from igym.host.checks import study_tools
from igym_desktop.flow.study_names import study_id
from igym_desktop.i18n import tr

Tables = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Template:
    """`scenes` gives the tables in order; `files` are copied from the built-in example `example`."""

    key: str
    title: str
    text: str
    icon: str
    scenes: Callable[[], Tables]
    example: str = ""
    files: tuple[str, ...] = ()


def templates() -> list[Template]:
    """In the order they are offered."""
    slime = ("env.py", "game.py", "assets")
    return [
        Template("nothing", tr("From nothing"), tr("A first and a last page; you add the rest."), "plus", _nothing),
        Template("one", tr("One person and a game"), tr("Consent, a game for one (a car and a hill), questions."),
                 "user", _one, "mountain_car", ("env.py", "assets")),
        Template("two", tr("Two people and a game"), tr("Consent, rules, a game for two over the network, questions "
                 "about each other."), "users", _two, "slime_duel", slime),
        Template("survey", tr("Questions only"), tr("Consent, a form, ratings in random order and a completion code."),
                 "edit", _survey),
        Template("partner", tr("A person with an AI"), tr("The game for two against a trained network, and questions "
                 "about it."), "bot", _partner, "slime_volleyball_ai", (*slime, "slime.onnx")),
        Template("design", tr("Before and after, two conditions"), tr("Ratings before and after a game; each person "
                 "gets one of two versions of it, balanced."), "columns", _design, "mountain_car",
                 ("env.py", "assets")),
        Template("practice", tr("Practice, then two people"), tr("Rounds with a program until they go well, then the "
                 "same game with another person."), "refresh", _practice, "carry_together", ("env.py",)),
    ]  # fmt: skip


def make_study(template: Template, studies: Path, name: str, examples: Path | None) -> Path:
    """A new study folder; raises `ValueError` with a text for a person."""
    identifier = study_id(name)
    folder = studies / identifier
    if folder.exists():
        raise ValueError(tr("There is already a folder {folder}. Choose another name.", folder=folder))
    scenes = template.scenes()
    inner = {id for table in scenes.values() for id in table.get("scenes", ())}
    document = {
        "format": 1, "id": identifier, "title": name.strip(),
        "order": [id for id in scenes if id not in inner], "scenes": scenes,
    }  # fmt: skip
    unfinished = studies / f".{identifier}.new"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        _copy(template, examples, unfinished)
        (unfinished / study_tools.STUDY_FILE).write_text(study_tools.study_text(document), encoding="utf-8")
        move(unfinished, folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ValueError(tr("The study could not be made: {why}", why=error)) from error
    return folder


def _copy(template: Template, examples: Path | None, target: Path) -> None:
    for name in template.files if examples is not None else ():
        assert examples is not None
        source = examples / template.example / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        elif source.is_file():
            shutil.copyfile(source, target / name)


def _welcome() -> Tables:
    return {"welcome": {"kind": "start", "header": tr("Welcome")}}


def _consent() -> Tables:
    agree = {"type": "consent", "name": "agree", "label": tr("I have read this and want to take part.")}
    body = tr("Say here what the study is about, how long it takes, what happens with the data, and whom to ask.")
    return {
        "consent": {"kind": "form", "header": tr("Before we begin"), "body": f"<p>{body}</p>", "questions": [agree]}
    }


def _thanks() -> Tables:
    return {"thanks": {"kind": "end", "header": tr("Thank you"), "body": f"<p>{tr('Your answers are saved.')}</p>"}}


def _ratings(id: str, header: str, *questions: str) -> Tables:
    labels = [tr("Disagree"), tr("Neither"), tr("Agree")]
    scales = [{"type": "scale", "name": f"{id}_{n}", "label": text} for n, text in enumerate(questions, start=1)]
    return {id: {"kind": "scales", "header": header, "scales": scales, "scale_labels": labels}}


def _nothing() -> Tables:
    return {**_welcome(), **_thanks()}


def _keys(bindings: Mapping[tuple[str, ...], int]) -> list[dict[str, Any]]:
    return [{"keys": list(keys), "action": action} for keys, action in bindings.items()]


def _car(**gameplay: Any) -> dict[str, Any]:
    keys = _keys({("ArrowLeft",): 0, ("a",): 0, ("ArrowRight",): 2, ("d",): 2})
    return {
        "kind": "gym",
        "environment": {"file": "env.py"},
        "rendering": {"width": 800, "height": 450, "background": "#eaf4f8", "hud": ["time", "episode"]},
        "policies": {"mapping": [{"agent": "driver", "policy": "human"}]},
        "gameplay": {"action_mapping": keys, "default_action": 1, "max_steps": 1200, **gameplay},
        "content": {"header": tr("Reach the flag"), "body": f"<p>{tr('Drive with the arrow keys.')}</p>"},
    }


def _slime(other: Any, start: str) -> dict[str, Any]:
    keys = _keys({
        ("ArrowLeft",): 1, ("ArrowRight",): 2, ("ArrowUp",): 3, ("ArrowLeft", "ArrowUp"): 4,
        ("ArrowRight", "ArrowUp"): 5,
    })  # fmt: skip
    return {
        "kind": "gym",
        "environment": {"file": "env.py", "config": {"win_score": 5}},
        "rendering": {"width": 800, "background": "#1b2a4a", "hud": ["time", "episode"]},
        "assets": {"sounds": {"hit": "assets/hit.wav", "point": "assets/point.wav"}},
        "policies": {"mapping": [{"agent": "left", "policy": "human"}, {"agent": "right", "policy": other}]},
        "gameplay": {"action_mapping": keys, "default_action": 0, "max_steps": 5400},
        "content": {
            "header": tr("First to five points"),
            "body": f"<p>{tr('Move and jump with the arrow keys.')}</p>",
            "start_label": start,
        },
    }


def _one() -> Tables:
    after = _ratings("after", tr("How was it?"), tr("It was fun."), tr("It was difficult."))
    return {**_welcome(), **_consent(), "game": _car(num_episodes=2), **after, **_thanks()}


def _two() -> Tables:
    body = f"<p>{tr('Two people play against each other. Whoever is quicker to five points wins.')}</p>"
    rules = {"rules": {"kind": "static", "header": tr("How it is played"), "body": body}}
    game = _slime("human", tr("Find my partner")) | {"rendering": {
        "width": 800, "background": "#1b2a4a", "hud": ["time", "episode"], "per_agent_view": True,
    }}  # fmt: skip
    after = _ratings("after", tr("About the other person"), tr("The other person played well."), tr("It was fair."))
    return {**_welcome(), **_consent(), **rules, "game": game, **after, **_thanks()}


def _survey() -> Tables:
    questions = [
        {"type": "number", "name": "age", "label": tr("How old are you?"), "min": 18, "max": 120, "whole": True},
        {"type": "text", "name": "comment", "label": tr("Anything to add?"), "required": False, "multiline": True},
    ]
    parts = {
        **_ratings("part_a", tr("Part A"), tr("I liked it."), tr("It was clear.")),
        **_ratings("part_b", tr("Part B"), tr("I liked it."), tr("It was clear.")),
    }
    order = {"parts": {"kind": "randomize_order", "scenes": list(parts), "balanced": True}}
    about = {"about_you": {"kind": "form", "header": tr("About you"), "questions": questions}}
    code = {"code": {"kind": "completion_code", "header": tr("Your completion code")}}
    return {**_welcome(), **_consent(), **about, **order, **parts, **code}


def _partner() -> Tables:
    bot = {"kind": "onnx", "path": "slime.onnx", "choose": "sample", "temperature": 1.5}
    after = _ratings(
        "after", tr("About your partner"), tr("My partner played well."), tr("I would play with it again.")
    )
    return {**_welcome(), **_consent(), "game": _slime(bot, tr("Start")), **after, **_thanks()}


def _design() -> Tables:
    questions = (tr("I feel relaxed."), tr("I am curious what comes next."))
    games = {"short": _car(num_episodes=1), "long": _car(num_episodes=3)}
    condition = {"condition": {"kind": "randomize_order", "scenes": list(games), "keep_n": 1, "balanced": True}}
    return {
        **_welcome(), **_consent(), **_ratings("before", tr("Before the game"), *questions), **condition, **games,
        **_ratings("after", tr("After the game"), *questions), **_thanks(),
    }  # fmt: skip


def _beam(other: Any, header: str, body: str, **config: Any) -> dict[str, Any]:
    return {
        "kind": "gym",
        "environment": {"file": "env.py", "config": config},
        "rendering": {"width": 720, "height": 420, "background": "#e7f1f5", "hud": ["episode"], "per_agent_view": True},
        "policies": {"mapping": [{"agent": "left", "policy": "human"}, {"agent": "right", "policy": other}]},
        "gameplay": {"action_mapping": _keys({("ArrowUp",): 1, ("Space",): 1}), "default_action": 0},
        "content": {"header": header, "body": f"<p>{body}</p>", "start_label": tr("Start")},
    }


def _practice() -> Tables:
    rules = tr(
        "Hold the arrow up or the space bar to lift your end of the beam. A ring that both ends meet is a point."
    )
    alone = tr("A program holds the other end. With three points in a round the practice is over.")
    program = {"kind": "python", "function": "env.py:steady"}
    enough = {"what": "score", "name": "practice", "test": "at_least", "value": 3}
    training = {"kind": "repeat", "scenes": ["practice"], "rules": [enough], "at_most": 3, "otherwise": "exclude"}
    return {
        **_welcome(), **_consent(),
        "rules": {"kind": "static", "header": tr("How it is played"), "body": f"<p>{rules}</p>"},
        "training": training,
        "practice": _beam(program, tr("Practise with a program"), alone, rings=10, ease=6),
        "game": _beam("human", tr("Now together"), tr("The other end is held by another person now.")),
        **_ratings("after", tr("About your partner"), tr("My partner played well."), tr("It was fair.")),
        **_thanks(),
    }  # fmt: skip

"""A study made from nothing in the real window, without a line of code: checked, served, played, exported."""

from __future__ import annotations

import asyncio
import csv
import json
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QToolButton

from igym_desktop.app import App
from igym_desktop.flow.paths import example_folders
from igym_desktop.flow.study_files import in_study
from igym_desktop.launcher import child_command
from igym_desktop.pages.timeline import KEY, SPOT
from igym_desktop.widgets.fields import FieldRow
from igym_desktop.widgets.rich_text import RichTextEditor
from tests.waiting import LIMIT_S, until

from .test_main_window import answer, press, ready

SLIME = next(folder for folder in example_folders() if folder.name == "slime_duel")
STUDY = """format = 1
id = "made_here"
title = "Made here"
order = ["welcome", "thanks"]

# What everybody reads first.
[scenes.welcome]
kind = "start"
header = "Hello"

[scenes.thanks]
kind = "end"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    study = tmp_path / "made_here"
    study.mkdir()
    (study / "study.toml").write_text(STUDY, encoding="utf-8")
    return study


@pytest.fixture
def open_page(make_app: Callable[..., App], folder: Path) -> Callable[[], Any]:
    async def opened() -> Any:
        app = make_app([SLIME], command_line=child_command)
        app.launcher.add_folder(folder)
        await ready(app)
        app.launcher.choose(folder, "configure")
        return app.window.pages["configure"]

    return opened


def stored(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "study.toml").read_text("utf-8"))


def row(page: Any, *path: str) -> Any:
    """The row of an option, its group unfolded."""
    form = page.study.editor.form
    for group in form.groups:
        if any(field.path[-len(path) :] == path for field in group.group.fields):
            group.fold.setChecked(True)
            group.more.setChecked(True)
    found = [r for r in form.findChildren(FieldRow) if r.field.path[-len(path) :] == path]
    assert len(found) == 1, (path, [r.field.path for r in found])
    return found[0]


def fill(page: Any, value: str, *path: str) -> None:
    control = row(page, *path).control
    line = control if isinstance(control, QLineEdit) else getattr(control, "line", control)
    if isinstance(control, RichTextEditor):
        control.text.setHtml(value)
    else:
        (line.setText if isinstance(line, QLineEdit) else line.setPlainText)(value)


def records(page: Any, *path: str) -> Any:
    return row(page, *path).control


def part(editor: Any, name: str) -> Any:
    return next(r for r in editor.record.findChildren(FieldRow) if r.field.path == (name,)).control


async def add(page: Any, kind: str, after: str) -> str:
    """By the button and the dialog, behind another scene."""
    page.study.editor.timeline.choose(after)
    press(page, "add_scene")
    page.study.editor.dialog.cards[kind].opened.emit()
    return str(page.study.editor.chosen)


def test_typing_undo_redo_and_saving(loop: Any, open_page: Callable[[], Any], folder: Path) -> None:
    async def check() -> None:
        page = await open_page()
        editor = page.study.editor
        assert not page.save.isEnabled()
        editor.timeline.choose("welcome")
        for text in ("Hello,", "Hello, you", "Hello, you there"):
            fill(page, text, "header")
        assert editor.stack.count() == 1, "typing into one field is one step"
        assert page.save.isEnabled()
        editor.undo.click()
        assert row(page, "header").control.text() == "Hello" and not page.save.isEnabled()
        editor.redo.click()
        assert row(page, "header").control.text() == "Hello, you there"
        fill(page, "-1", "min_display_s")
        assert not page.save.isEnabled(), "what is not allowed cannot be saved"
        fill(page, "2", "min_display_s")
        page.save.click()
        changed = STUDY.replace('"Hello"', '"Hello, you there"\nmin_display_s = 2.0')
        assert (folder / "study.toml").read_text("utf-8") == changed
        editor.undo.click()
        assert page.save.isEnabled(), "undone behind what is saved: there is something to save again"

    loop.run_until_complete(check())


def test_a_page_that_was_a_file_is_edited_in_the_window(loop: Any, open_page: Callable[[], Any], folder: Path) -> None:
    async def check() -> None:
        (folder / "pages").mkdir()
        (folder / "pages" / "dot.png").write_bytes(b"x")
        (folder / "pages" / "hello.html").write_text('<p>Grüße <img src="dot.png"></p>', encoding="utf-8")
        page = await open_page()
        editor = page.study.editor
        editor.timeline.choose("welcome")
        assert row(page, "body_file").page.isHidden(), "there is no file yet"
        fill(page, "pages/nowhere.html", "body_file")
        row(page, "body_file").page.click()
        assert (
            "nowhere.html" in row(page, "body_file").error.text() and "body" not in stored(folder)["scenes"]["welcome"]
        )
        fill(page, "pages/hello.html", "body_file")
        row(page, "body_file").page.click()
        await until(lambda: "Grüße" in row(page, "body").control.value(), "the form shows the page's text")
        assert row(page, "body_file").page.isHidden()
        fill(page, "<p>Hallo</p>", "body")
        editor.take_back()
        press(page, "save_profile")
        scene = stored(folder)["scenes"]["welcome"]
        assert scene["body"] == '<p>Grüße <img src="pages/dot.png"></p>' and "body_file" not in scene
        editor.take_back()
        assert row(page, "body_file").control.line.text() == "pages/hello.html", "one step back it is a file again"

    loop.run_until_complete(asyncio.wait_for(check(), LIMIT_S))


def test_a_file_from_elsewhere_goes_along_with_the_study(tmp_path: Path) -> None:
    study, elsewhere = tmp_path / "study", tmp_path / "desktop"
    for place in (study, elsewhere):
        place.mkdir()
    (elsewhere / "rules.html").write_text("new")
    assert in_study(elsewhere / "rules.html", study) == "assets/rules.html"
    assert in_study(study / "assets" / "rules.html", study) == "assets/rules.html"
    (elsewhere / "rules.html").write_text("newer")
    assert in_study(elsewhere / "rules.html", study) == "assets/rules_2.html"
    assert (study / "assets" / "rules.html").read_text() == "new"


def test_a_timeline_is_put_together_by_clicks(loop: Any, open_page: Callable[[], Any], folder: Path) -> None:
    async def check() -> None:
        page = await open_page()
        editor, timeline = page.study.editor, page.study.editor.timeline
        first = await add(page, "static", "welcome")
        second = await add(page, "static", first)
        timeline.choose(second)
        press_icon(page, "scene_up")
        assert list(editor.draft.document["order"]) == ["welcome", second, first, "thanks"]
        timeline.choose(first)
        timeline.wrap("randomize_order")
        order = editor.chosen
        drag(timeline, second, order)
        timeline.choose(order)
        fill(page, "1", "keep_n")
        row(page, "balanced").control.setChecked(True)
        timeline.choose(second)
        press_icon(page, "duplicate_scene")
        assert editor.draft.problem == ""
        page.save.click()
        scenes = stored(folder)["scenes"]
        assert scenes[order] == {
            "kind": "randomize_order", "scenes": [first, second, editor.chosen], "keep_n": 1, "balanced": True,
        }  # fmt: skip
        assert stored(folder)["order"] == ["welcome", order, "thanks"]
        for _ in range(editor.stack.count()):
            editor.undo.click()
        page.save.click()
        assert (folder / "study.toml").read_text("utf-8") == STUDY, "everything can be undone, comments included"

    loop.run_until_complete(check())


def press_icon(page: Any, name: str) -> None:
    found = page.study.findChild(QToolButton, name)
    assert found is not None and found.isEnabled(), name
    found.click()


def line(timeline: Any, id: str) -> Any:
    return next(item for item in timeline._items() if item.data(0, KEY) == id)


def drag(timeline: Any, id: str, onto: str, place: int = 0) -> None:
    """One of the places of a scene onto another line."""
    dragged = [item for item in timeline._items() if item.data(0, KEY) == id][place]
    where = QAbstractItemView.DropIndicatorPosition.OnItem
    timeline.tree.dropped.emit(id, dragged.data(0, SPOT), timeline.tree.spot_at(line(timeline, onto), where))


def test_a_study_that_does_not_read_is_told_and_keeps_what_was_typed(
    loop: Any, open_page: Callable[[], Any], folder: Path
) -> None:
    async def check() -> None:
        page = await open_page()
        editor = page.study.editor
        game = await add(page, "gym", "welcome")
        assert "env.py" in editor.problem.text.text(), "the file can come later"
        editor.timeline.choose(game)
        combo = row(page, "waitroom", "on_timeout").control
        combo.setCurrentIndex(combo.findData("scene"))
        assert "timeout_scene" in editor.problem.text.text() and not page.save.isEnabled()
        target = row(page, "waitroom", "timeout_scene").control
        assert "thanks" in [target.itemText(index) for index in range(target.count())], "scenes to choose from"
        target.setCurrentText("thanks")
        assert editor.draft.problem == "" and page.save.isEnabled()
        page.save.click()
        assert stored(folder)["scenes"][game]["waitroom"] == {"on_timeout": "scene", "timeout_scene": "thanks"}

    loop.run_until_complete(check())


async def made_whole(page: Any, folder: Path) -> None:
    """Consent, instructions, two conditions, a game for two, questions, a branch and a payment."""
    for name in ("env.py", "game.py"):
        shutil.copy(SLIME / name, folder / name)
    editor = page.study.editor
    consent = await add(page, "form", "welcome")
    questions = records(page, "questions")
    questions.add(6)
    part(questions, "label").setText("I have read this and want to take part.")
    await add(page, "static", consent)
    fill(page, "<p>Two people play. Use the arrow keys.</p>", "body")
    short = await add(page, "gym", editor.chosen)
    agents = records(page, "policies", "mapping")
    agents.remove()
    for name in ("left", "right"):
        agents.add(0)
        agents.key.textEdited.emit(name)
    keys = row(page, "gameplay", "action_mapping").control
    for key, action in (("ArrowLeft", "1"), ("ArrowRight", "2"), ("ArrowUp", "3")):
        keys.add.click()
        keys.rows[-1][0].show_keys([key])
        keys.rows[-1][1].setText(action)
        keys.rows[-1][1].textEdited.emit(action)
    fill(page, "90", "gameplay", "max_steps")
    press_icon(page, "duplicate_scene")
    long = editor.chosen
    fill(page, "120", "gameplay", "max_steps")
    editor.timeline.choose(short)
    editor.timeline.wrap("randomize_order")
    order = editor.chosen
    drag(editor.timeline, long, order)
    editor.timeline.choose(order)
    fill(page, "1", "keep_n")
    per = row(page, "per").control
    per.setCurrentIndex(per.findData("group"))
    row(page, "balanced").control.setChecked(True)
    choice = await add(page, "multiple_choice", order)
    more = await add(page, "text_box", choice)
    editor.timeline.wrap("branch")
    rules = records(page, "rules")
    rules.add(0)
    part(rules, "name").setCurrentText(f"{choice}.choice")
    part(rules, "value").setText("yes")
    editor.timeline.choose("experiment")
    fill(page, "EUR", "payment", "currency")
    fill(page, "2", "payment", "base")
    fill(page, "0.5", "payment", "per_round")
    assert editor.draft.problem == "" and editor.draft.look.missing == "", editor.problem.text.text()
    page.save.click()
    scenes = stored(folder)["scenes"]
    assert scenes[order]["scenes"] == [short, long]
    assert scenes[more]["kind"] == "text_box"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*child_command(command[0], list(command[1:]))], capture_output=True, text=True, timeout=200, check=False
    )


def test_a_study_from_nothing_runs_and_gives_data(
    loop: Any, open_page: Callable[[], Any], folder: Path, tmp_path: Path
) -> None:
    async def check() -> None:
        page = await open_page()
        await made_whole(page, folder)
        await until(lambda: page.launcher.chosen.status == "ready" and page.start.isEnabled(), "read again")
        checked = await asyncio.to_thread(run, "check", str(folder), "--browser", "none", "--frames", "30", "--json")
        assert json.loads(checked.stdout)["ok"], checked.stdout
        page.start.click()
        engine = page.launcher.engine
        await until(lambda: engine.mirror.session, "session")
        played = await asyncio.to_thread(run, "simulate", engine.local_url, "--number", "4", "--json", "--frames", "60")
        assert played.returncode == 0, played.stdout + played.stderr
        engine.stop(end_session=True)
        await until(lambda: not engine.alive, "stopped")
        data = page.launcher.data_root / "made_here"
        exported = await asyncio.to_thread(
            run, "export", str(data), "--include-simulated", "--to", str(tmp_path / "out")
        )
        assert exported.returncode == 0, exported.stdout + exported.stderr
        files = list((tmp_path / "out").rglob("payments.csv"))
        with files[0].open(encoding="utf-8-sig", newline="") as stream:
            paid = [(entry["currency"], float(entry["earnings"])) for entry in csv.DictReader(stream)]
        assert paid == [("EUR", 2.5)] * 4

    loop.run_until_complete(check())


def test_what_prolific_needs_is_put_into_the_study(loop: Any, open_page: Callable[[], Any], folder: Path) -> None:
    async def check() -> None:
        page = await open_page()
        press(page, "prolific")
        dialog = page.study.dialog
        assert not dialog.use.isEnabled()
        dialog.address.setText("https://lab.example.org")
        dialog.code.setText("C1A2B3")
        assert "PROLIFIC_PID" in dialog.link.text()
        dialog.use.click()
        page.save.click()
        assert stored(folder)["participant_ids"] == {"mode": "link"}
        assert stored(folder)["scenes"][page.study.editor.chosen]["code"] == "C1A2B3"
        page.study.editor.undo.click()
        page.save.click()
        assert (folder / "study.toml").read_text("utf-8") == STUDY

    loop.run_until_complete(check())


def test_a_study_made_here_goes_on_as_python(loop: Any, open_page: Callable[[], Any], folder: Path) -> None:
    async def check() -> None:
        page = await open_page()
        await until(page.study.python.isEnabled, "whole")
        press(page, "to_python")
        await answer("yes")
        await until((folder / "experiment.py").is_file, "written")
        assert (folder / "study.toml.old").read_text("utf-8") == STUDY
        await until(lambda: page._stack.currentWidget() is not page.study and page.profiles.draft is not None, "read")
        assert not page.makes_study

    loop.run_until_complete(check())

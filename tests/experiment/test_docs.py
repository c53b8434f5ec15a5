"""The reference pages say what the models say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import docs_options
import pytest

from igym.experiment.keys import KEY_NAMES
from igym.experiment.matchmakers import Fifo, GroupReunion, LatencyMatchmaker
from igym.experiment.options import PoliciesOptions
from igym.experiment.participation import Callbacks
from igym.experiment.policies import AnyPolicy
from igym.experiment.scenes import SCENE_CLASSES
from igym.experiment.scenes.fields import FIELD_CLASSES
from igym.experiment.scenes.gym_spec import GYM_GROUPS

PAGES = sorted(docs_options.PAGES.glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_option_tables_are_current(page: Path) -> None:
    text = page.read_text("utf-8")
    assert docs_options.page_with_tables(text) == text, "run python build/docs_options.py"


def test_a_stale_table_is_noticed() -> None:
    text = "<!-- options: RenderingOptions -->\nold\n<!-- end -->"
    current = docs_options.page_with_tables(text)
    assert "`fps`" in current
    assert "a whole number from 1 to 120 (frames per second)" in current


def everything() -> str:
    return "\n".join(page.read_text("utf-8") for page in PAGES)


def test_every_model_has_its_table() -> None:
    tables = set(re.findall(r"<!-- options: (\w+) -->", everything()))
    untold = set(docs_options.MODELS) - tables
    assert untold == {"GymScene", "OptionBoxField"}, "write <!-- options: NAME --> below its heading in docs/authoring"


def test_every_scene_field_hook_and_method_is_documented() -> None:
    text = everything()
    headings = set(re.findall(r"^#+ (\w+)$", text, re.M))
    wanted = {cls.__name__ for cls in (*SCENE_CLASSES, *FIELD_CLASSES, LatencyMatchmaker, GroupReunion)} | set(
        GYM_GROUPS
    )
    assert wanted - headings == set(), "each has a heading of its name in docs/authoring"
    assert all(f"`{hook}`" in text for hook in Callbacks.model_fields)
    assert PoliciesOptions.__doc__


def test_every_kind_of_question_bot_and_matchmaker_is_named_as_a_table() -> None:
    page = (docs_options.PAGES / "study_toml.md").read_text("utf-8")
    (told,) = re.findall(r"^Questions, bots and matchmakers are .*?\n\n", page, re.M | re.S)
    questions = {cls.model_fields["type"].default for cls in FIELD_CLASSES}
    others = {cls.model_fields["kind"].default for cls in (*get_args(AnyPolicy), Fifo, LatencyMatchmaker, GroupReunion)}
    assert questions | others <= set(re.findall(r"`(\w+)`", told))


def test_every_mouse_and_gamepad_button_is_documented() -> None:
    text = everything()
    assert all(f"`{name}`" in text for name in KEY_NAMES if name.startswith(("Mouse", "Gamepad")))

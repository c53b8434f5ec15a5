"""Answers are checked on the server by the same fields the browser's form is built from."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym import (
    Choice,
    ChoiceField,
    ConsentField,
    DateField,
    Form,
    MultipleChoice,
    NumberField,
    OptionBoxes,
    OptionBoxesWithScalesAndTextBox,
    OptionBoxField,
    RankingField,
    ScaleField,
    Scales,
    ScalesAndTextBox,
    StartScene,
    TextBox,
    TextField,
)
from igym.experiment.scenes import AnyField
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import FIELD_CLASSES

MISSING = "Please answer this question."
DAY = datetime.date

CASES: list[tuple[AnyField, Any, Any, str | None]] = [
    (TextField("a"), " hi\r\nyou ", "hi\nyou", None),
    (TextField("a"), "", None, MISSING),
    (TextField("a"), "   ", None, MISSING),
    (TextField("a"), None, None, MISSING),
    (TextField("a", required=False), "  ", None, None),
    (TextField("a"), 7, None, "Please write text."),
    (TextField("a", min_length=3), "ab", None, "Please write at least 3 characters."),
    (TextField("a", max_length=3), "abcd", None, "Please write at most 3 characters."),
    (TextField("a", pattern="[A-Z]{2}"), "AB", "AB", None),
    (TextField("a", pattern="[A-Z]{2}"), "ABC", None, "Please check the form of this answer."),
    (NumberField("a"), "3.5", 3.5, None),
    (NumberField("a"), 0, 0, None),
    (NumberField("a", whole=True), "3", 3, None),
    (NumberField("a", whole=True), 3.5, None, "Please write a whole number."),
    (NumberField("a"), "three", None, "Please write a number."),
    (NumberField("a"), True, None, "Please write a number."),
    (NumberField("a"), float("nan"), None, "Please write a number."),
    (NumberField("a", min=18, max=99), 17, None, "Please choose a value of at least 18."),
    (NumberField("a", min=18, max=99), 100, None, "Please choose a value of at most 99."),
    (NumberField("a", min=18, max=99), 18, 18, None),
    (ChoiceField("a", choices=["x", "y"]), "x", "x", None),
    (ChoiceField("a", choices=["x", "y"]), "z", None, "Please choose from the list."),
    (ChoiceField("a", choices=["x", "y"]), ["x", "y"], None, "Please choose from the list."),
    (ChoiceField("a", choices=["x", "y"]), {"x": 1}, None, "Please choose from the list."),
    (ChoiceField("a", choices=["x", "y", "z"], multiple=True), ["z", "x", "z"], ["x", "z"], None),
    (ChoiceField("a", choices=["x", "y"], multiple=True), [], None, MISSING),
    (ChoiceField("a", choices=["x", "y", "z"], multiple=True, min_choices=2), ["x"], None, "Please choose at least 2."),
    (
        ChoiceField("a", choices=["x", "y"], multiple=True, max_choices=1),
        ["x", "y"],
        None,
        "Please choose at most one.",
    ),
    (OptionBoxField("a", choices={"x": "Left"}), "x", "x", None),
    (ScaleField("a", points=5), "5", 5, None),
    (ScaleField("a", points=5), 6, None, "Please choose a value of at most 5."),
    (ScaleField("a", points=5), 0, None, "Please choose a value of at least 1."),
    (ScaleField("a", points=5), 2.5, None, "Please choose a point on the scale."),
    (ScaleField("a", style="slider", step=0.5, max=10), 2.5, 2.5, None),
    (ScaleField("a", style="slider", step=0.1, max=1), 0.3, 0.3, None),
    (ScaleField("a", style="slider", step=0.5, max=10), 2.6, None, "Please choose a point on the scale."),
    (RankingField("a", items=["x", "y", "z"]), ["z", "x", "y"], ["z", "x", "y"], None),
    (RankingField("a", items=["x", "y", "z"]), ["z", "x"], None, "Please put every item of the list in its place."),
    (RankingField("a", items=["x", "y", "z"]), None, None, MISSING),
    (RankingField("a", items=["x", "y", "z"], required=False), None, None, None),
    (DateField("a"), "2024-02-29", "2024-02-29", None),
    (DateField("a"), "2023-02-29", None, "Please choose a day."),
    (DateField("a"), 20230101, None, "Please choose a day."),
    (DateField("a", min=DAY(2024, 1, 1)), "2023-12-31", None, "Please choose a day from 2024-01-01 on."),
    (DateField("a", max=DAY(2024, 1, 1)), "2024-01-02", None, "Please choose a day up to 2024-01-01."),
    (ConsentField("a"), True, True, None),
    (ConsentField("a"), False, None, "Please tick this box to go on."),
    (ConsentField("a"), None, None, "Please tick this box to go on."),
    (ConsentField("a", required=False), None, False, None),
    (ConsentField("a"), "yes", None, "Please tick the box, or leave it."),
]


@pytest.mark.parametrize(("field", "given_value", "value", "error"), CASES)
def test_each_kind_of_field(field: AnyField, given_value: Any, value: Any, error: str | None) -> None:
    assert field.check(given_value) == (value, error)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
EXAMPLES: dict[str, dict[str, Any]] = {
    "choice": {"choices": ["x", "y"]},
    "option_boxes": {"choices": ["x"]},
    "ranking": {"items": ["x", "y", "z"]},
}


@given(anything, st.sampled_from(FIELD_CLASSES), st.booleans())
def test_no_answer_a_browser_sends_raises(value: Any, cls: type[Any], required: bool) -> None:
    tag = cls.model_fields["type"].default
    cleaned, error = cls("a", required=required, **EXAMPLES.get(tag, {})).check(value)
    assert error is None or cleaned is None


PAGES: list[tuple[Scene, dict[str, str]]] = [
    (TextBox("s", question="Why?"), {"text": "textarea"}),
    (TextBox("s", multiline=False), {"text": "text"}),
    (MultipleChoice("s", choices=["a", "b"]), {"choice": "choice"}),
    (MultipleChoice("s", choices=["a", "b"], multiple=True), {"choice": "multi_choice"}),
    (Scales("s", scales=["One", "Two"]), {"scale_1": "scale", "scale_2": "scale"}),
    (Scales("s", scales={"fun": "Fun?"}, scale_style="slider"), {"fun": "slider"}),
    (OptionBoxes("s", options=["a", "b"]), {"option": "option_boxes"}),
    (ScalesAndTextBox("s", scales=["One"]), {"scale_1": "scale", "text": "textarea"}),
    (
        OptionBoxesWithScalesAndTextBox("s", options=["a"], scales=["One"]),
        {"option": "option_boxes", "scale_1": "scale", "text": "textarea"},
    ),
    (Form("s", questions=[NumberField("age"), ConsentField("ok")]), {"age": "number", "ok": "consent"}),
]


@pytest.mark.parametrize(("scene", "types"), PAGES)
def test_every_static_kind_comes_down_to_fields(scene: Scene, types: dict[str, str]) -> None:
    spec = scene.client_spec()
    assert {field["name"]: field["type"] for field in spec["fields"]} == types
    assert all({"label", "help", "required"} <= set(field) for field in spec["fields"])


def test_scale_fields_take_from_the_scene_what_they_do_not_say() -> None:
    scene = Scales("s", scale_points=5, scale_labels=["no", "yes"]).display(
        scales=["One", ScaleField("two", "Two", points=3)]
    )
    first, second = scene.client_spec()["fields"]
    assert (first["max"], first["labels"]) == (5, ["no", "yes"])
    assert (second["name"], second["max"], second["labels"]) == ("two", 3, ["no", "yes"])


def test_choices_carry_values_labels_and_images() -> None:
    scene = MultipleChoice("s", choices=[Choice("l", "Left", image="assets/l.png"), "r"])
    assert scene.client_spec("/a/")["fields"][0]["choices"] == [
        {"value": "l", "label": "Left", "image": "/a/assets/l.png"},
        {"value": "r", "label": "r", "image": None},
    ]


def test_good_answers_come_back_cleaned_with_every_field() -> None:
    scene = ScalesAndTextBox("s", scales=["One"])
    check = scene.validate_answers({"scale_1": "4"})
    assert check.ok
    assert check.values == {"scale_1": 4, "text": None}


def test_bad_answers_store_nothing_and_name_every_field() -> None:
    scene = ScalesAndTextBox("s", scales=["One", "Two"], required=True)
    check = scene.validate_answers({"scale_1": 4, "scale_2": 9, "evil": 1})
    assert check.values == {}
    assert set(check.errors) == {"scale_2", "text", "evil"}


def test_a_page_without_questions_takes_no_answers() -> None:
    assert StartScene("s").validate_answers({}).ok
    assert not StartScene("s").validate_answers({"x": 1}).ok

"""What counts as the right answer, and which are refused when the form is written."""

from __future__ import annotations

from typing import Any

import pytest

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.scenes import (
    ChoiceField,
    ConsentField,
    EndScene,
    Form,
    NumberField,
    OptionBoxField,
    RankingField,
    ScaleField,
    Scales,
    TextField,
)


@pytest.mark.parametrize(
    ("field", "value", "right"),
    [
        (TextField("a", correct="Red Ball"), " red   ball", True),
        (TextField("a", correct=["one", "1"]), "1", True),
        (TextField("a", correct="one"), "two", False),
        (TextField("a", correct="one"), None, False),
        (TextField("a"), "two", None),
        (NumberField("a", correct=0.3), 0.1 + 0.2, True),
        (NumberField("a", correct=[3, 4]), 4, True),
        (NumberField("a", correct=3), 5, False),
        (ChoiceField("a", choices=["x", "y"], correct="x"), "x", True),
        (ChoiceField("a", choices=["x", "y", "z"], multiple=True, correct=["x", "z"]), ["z", "x"], True),
        (ChoiceField("a", choices=["x", "y", "z"], multiple=True, correct=["x", "z"]), ["x"], False),
        (OptionBoxField("a", choices=["x", "y"], correct="y"), "x", False),
        (ScaleField("a", points=5, correct=5), 5, True),
        (RankingField("a", items=["x", "y", "z"], correct=["z", "x", "y"]), ["z", "x", "y"], True),
        (RankingField("a", items=["x", "y", "z"], correct=["z", "x", "y"]), ["x", "y", "z"], False),
        (RankingField("a", items=["x", "y", "z"], correct=["z", "x", "y"]), None, False),
        (RankingField("a", items=["x", "y", "z"]), ["x", "y", "z"], None),
        (ConsentField("a", required=False, correct=True), True, True),
    ],
)
def test_an_answer_is_right_or_wrong(field: Any, value: Any, right: bool | None) -> None:
    assert field.is_right(value) is right


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Form("f", questions=[NumberField("a", max=5, correct=9)], check="once"), "is no answer to it"),
        (
            lambda: Form("f", questions=[ChoiceField("a", choices=["x"], correct="y")], check="once"),
            "is no answer to it",
        ),
        (
            lambda: Form("f", questions=[RankingField("a", items=["x", "y", "z"], correct=["x"])], check="once"),
            "is no answer to it",
        ),
        (
            lambda: Form("f", questions=[RankingField("a", items=["x", "y", "z"], correct="xyz")], check="once"),
            "is no answer to it",
        ),
        (lambda: Scales("s", scales=[ScaleField("a", correct=1)]), "belongs into a Form"),
    ],
)
def test_a_right_answer_that_cannot_be_is_refused(make: Any, text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        make()


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Form("f", questions=[NumberField("a", correct=1)]), r'Form\("f"\): correct=… changes nothing without check'),
        (Form("f", questions=[NumberField("a")], check="once"), 'check="once" needs a question with correct'),
        (Form("f", check="until_right"), 'check="until_right" needs a question with correct'),
    ],
)
def test_a_check_without_a_right_answer_and_the_reverse_are_refused(form: Form, text: str) -> None:
    with pytest.raises(ExperimentError, match=text):
        Experiment("x", stager=[form, EndScene("end")])


def test_the_check_and_the_questions_may_be_given_in_either_order() -> None:
    questions = [NumberField("a", correct=1)]
    first = Form("f", check="once").display(questions=questions)
    then = Form("f").display(questions=questions).display(check="once")
    assert first.check == then.check == "once"
    assert first.right_answers() == then.right_answers() == {"a": 1}


def test_the_scene_that_follows_exists() -> None:
    form = Form("f", questions=[NumberField("a", correct=1)], check="once", otherwise="nowhere")
    with pytest.raises(ExperimentError, match='otherwise="nowhere" is not a scene'):
        Experiment("x", stager=[form, EndScene("end")])


def test_right_answers_are_stored_with_the_study_and_hidden_from_pages() -> None:
    form = Form("f", questions=[NumberField("a", correct=1, explain="One.")], check="until_right")
    again = Experiment.from_json(Experiment("x", stager=[form, EndScene("end")]).to_json()).scene("f")
    assert isinstance(again, Form) and again.right_answers() == {"a": 1}
    assert {"correct", "explain"}.isdisjoint(again.client_spec()["fields"][0])


def test_the_right_answer_to_a_ranking_is_the_whole_order() -> None:
    ranking = RankingField("a", items=["x", "y", "z"], correct=["z", "x", "y"], explain="By size.")
    form = Form("f", questions=[ranking], check="until_right")
    again = Experiment.from_json(Experiment("x", stager=[form, EndScene("end")]).to_json()).scene("f")
    assert isinstance(again, Form) and list(again.right_answers()["a"]) == ["z", "x", "y"]
    assert again.wrong({"a": ["x", "y", "z"]}) == {"a": "By size."} and again.wrong({"a": ["z", "x", "y"]}) == {}

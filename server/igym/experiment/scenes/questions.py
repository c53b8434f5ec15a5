"""Scenes with questions. All of them come down to the fields of `scenes.fields`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, field_serializer, model_validator

from igym.experiment.base import UNSET, given, option, tag
from igym.experiment.errors import ExperimentError, owned, shown
from igym.experiment.failing import failed_message_option, otherwise_option
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import (
    AnyField,
    ChoiceField,
    Choices,
    OptionBoxField,
    RankingField,
    ScaleField,
    TextField,
)
from igym.experiment.words import Text, as_given, stored
from igym.protocol.told import Told

Questions = tuple[Text | ScaleField, ...]


def _as_questions(value: Any) -> Any:
    """A dict of name → question is a way to name the columns; a stored field comes as a dict of its own."""
    if isinstance(value, Mapping):
        return tuple(ScaleField(str(name), as_given(label)) for name, label in value.items())
    return (value,) if isinstance(value, str) else value


def _stored(scale: ScaleField) -> dict[str, Any]:
    return scale.model_dump(mode="json", exclude_unset=True) | {"type": scale.type}


def _nothing_to_choose(scene: Scene, name: str) -> str:
    text = Told("{option} is empty, so there is nothing to choose from.", option=name)
    return owned(scene.named, text)


class _TextPart(Scene):
    question: Text = option("", title="Question", description="The question above the text box.")
    required: bool = option(True, title="Required", description="The page cannot be left without text.")
    multiline: bool = option(True, title="Several lines", description="A large box instead of one line.")
    max_length: int = option(5000, title="Longest", description="Greatest length.", unit="characters", ge=1, le=100_000)
    placeholder: Text = option("", title="Placeholder", description="Grey text in the empty box.")

    def _text_field(self) -> TextField:
        return TextField(
            "text",
            self.question,
            required=self.required,
            multiline=self.multiline,
            max_length=self.max_length,
            placeholder=self.placeholder,
        )


class _ScalePart(Scene):
    scales: Annotated[Questions, BeforeValidator(_as_questions)] = option(
        (),
        title="Scale questions",
        description="What is asked. In the data the columns are called scale_1, scale_2, … unless a question has a "
        "name of its own.",
        in_code="A dict of name → question, or ScaleField(name, …), names them.",
    )
    scale_style: Literal["likert", "slider"] = option(
        "likert", title="Scale style", description="Buttons, or sliders from 0 to 100."
    )
    scale_points: int = option(
        7, title="Scale points", description="Number of buttons of each scale.", unit="points", ge=2, le=21
    )
    scale_labels: tuple[Text, ...] = option(
        (),
        title="Scale labels",
        description="Texts under every scale, from left to right: two for the ends, or one for each point.",
    )
    scale_required: bool = option(
        True, title="Scales required", description="The page cannot be left without an answer on every scale."
    )

    @field_serializer("scales")
    def _as_written(self, scales: Questions) -> list[Any]:
        """A stored scale must not seem to say what it takes from the scene."""
        return [stored(item) if isinstance(item, str) else _stored(item) for item in scales]

    @model_validator(mode="after")
    def _labels_fit(self) -> Self:
        if any(isinstance(item, ScaleField) and item.correct is not None for item in self.scales):
            raise ExperimentError(Told('correct=… belongs into a Form with check="once" or check="until_right".'))
        if self.scale_style == "likert" and len(self.scale_labels) > self.scale_points:
            raise ExperimentError(
                Told(
                    "there are {labels} scale_labels for scale_points={points}.",
                    labels=len(self.scale_labels),
                    points=self.scale_points,
                )
            )
        return self

    def _scale_fields(self) -> tuple[ScaleField, ...]:
        return tuple(self._scale_field(index, item) for index, item in enumerate(self.scales, start=1))

    def _scale_field(self, index: int, item: str | ScaleField) -> ScaleField:
        """What a ScaleField does not say itself comes from the scene."""
        shared = {
            "style": self.scale_style,
            "points": self.scale_points,
            "labels": self.scale_labels,
            "required": self.scale_required,
        }
        if isinstance(item, str):
            return ScaleField(f"scale_{index}", item, **shared)
        own = {name: getattr(item, name) for name in item.model_fields_set}
        return ScaleField(**(shared | own))


class _BoxPart(Scene):
    options: Choices = option(
        (),
        title="Options",
        description="What can be chosen: a text each, with a value of its own for the data and a picture where you "
        "like.",
        in_code="Texts, a dict of value → label, or Choice(value, label, image=…).",
    )
    options_question: Text = option("", title="Options question", description="The question above the boxes.")
    options_multiple: bool = option(False, title="Several options", description="More than one box may be chosen.")
    options_required: bool = option(
        True, title="Options required", description="The page cannot be left without choosing a box."
    )

    def _box_fields(self) -> tuple[OptionBoxField, ...]:
        if not self.options:
            return ()
        return (
            OptionBoxField(
                "option",
                self.options_question,
                choices=self.options,
                multiple=self.options_multiple,
                required=self.options_required,
            ),
        )


class TextBox(_TextPart):
    """One question with a text box; column `text`."""

    kind: Literal["text_box"] = tag("text_box")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def fields(self) -> tuple[AnyField, ...]:
        return (self._text_field(),)


class MultipleChoice(Scene):
    """One question with a list of answers, with pictures or without; column `choice`."""

    kind: Literal["multiple_choice"] = tag("multiple_choice")
    question: Text = option("", title="Question", description="The question above the list.")
    choices: Choices = option(
        (),
        title="Choices",
        description="What can be chosen: a text each, with a value of its own for the data and a picture where you "
        "like.",
        in_code="Texts, a dict of value → label, or Choice(value, label, image=…).",
    )
    multiple: bool = option(False, title="Several", description="More than one choice may be ticked.")
    min_choices: int = option(
        1, title="Fewest", description="With several: least number.", unit="choices", ge=0, le=1000
    )
    max_choices: int | None = option(
        None, title="Most", description="With several: greatest number. Empty: all.", unit="choices", ge=1, le=1000
    )
    required: bool = option(True, title="Required", description="The page cannot be left without an answer.")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def lacks(self) -> str:
        return "" if self.choices else _nothing_to_choose(self, "choices")

    def fields(self) -> tuple[AnyField, ...]:
        if not self.choices:
            return ()
        shared = {
            name: getattr(self, name) for name in ("choices", "multiple", "min_choices", "max_choices", "required")
        }
        return (ChoiceField("choice", self.question, **shared),)


class Ranking(Scene):
    """A list to be put in order, shown to each participant in an order of their own; column `ranking`."""

    kind: Literal["ranking"] = tag("ranking")
    question: Text = option("", title="Question", description="The question above the list.")
    items: Choices = option(
        (),
        title="Items",
        description="What is put in order, 3 to 12 of them: a text each, with a value of its own for the data and a "
        "picture where you like.",
        in_code="Texts, a dict of value → label, or Choice(value, label, image=…).",
    )
    required: bool = option(True, title="Required", description="The page cannot be left without an answer.")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def lacks(self) -> str:
        return "" if self.items else owned(self.named, Told("items is empty, so there is nothing to put in order."))

    def fields(self) -> tuple[AnyField, ...]:
        if not self.items:
            return ()
        return (RankingField("ranking", self.question, items=self.items, required=self.required),)


class Scales(_ScalePart):
    """Ratings, one below the other."""

    kind: Literal["scales"] = tag("scales")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def lacks(self) -> str:
        return "" if self.scales else owned(self.named, Told("scales is empty, so there is nothing to rate."))

    def fields(self) -> tuple[AnyField, ...]:
        return self._scale_fields()


class OptionBoxes(_BoxPart):
    """Large boxes to choose from; column `option`."""

    kind: Literal["option_boxes"] = tag("option_boxes")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def lacks(self) -> str:
        return "" if self.options else _nothing_to_choose(self, "options")

    def fields(self) -> tuple[AnyField, ...]:
        return self._box_fields()


class ScalesAndTextBox(_ScalePart, _TextPart):
    """Ratings, and a text box below; columns of the scales and `text`."""

    kind: Literal["scales_and_text_box"] = tag("scales_and_text_box")
    required: bool = option(False, title="Required", description="The page cannot be left without text.")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def fields(self) -> tuple[AnyField, ...]:
        return (*self._scale_fields(), self._text_field())


class OptionBoxesWithScalesAndTextBox(_BoxPart, _ScalePart, _TextPart):
    """Boxes, ratings and a text box; columns `option`, those of the scales, and `text`."""

    kind: Literal["option_boxes_with_scales_and_text_box"] = tag("option_boxes_with_scales_and_text_box")
    required: bool = option(False, title="Required", description="The page cannot be left without text.")

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    def lacks(self) -> str:
        # Its parts may be left out, but a question about boxes would never be shown.
        return _nothing_to_choose(self, "options") if self.options_question and not self.options else ""

    def fields(self) -> tuple[AnyField, ...]:
        return (*self._box_fields(), *self._scale_fields(), self._text_field())


def as_fields(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        raise ExperimentError(Told("expected a list of fields, got {got}.", got=shown(value)))
    return value


def check_names(questions: Iterable[AnyField]) -> None:
    """Raises `ExperimentError` for two questions of the same name."""
    names = [item.name for item in questions]
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise ExperimentError(
            Told('two questions are named "{name}"; every column needs a name of its own.', name=doubles[0])
        )


def _one_right(item: AnyField) -> Any:
    return item.correct if item.is_list or not isinstance(item.correct, list | tuple) else item.correct[0]


def _check_correct(item: AnyField) -> None:
    """The right answer is one that can be given."""
    if item.correct is None:
        return
    given = [item.correct] if item.is_list or not isinstance(item.correct, list | tuple) else item.correct
    for value in given:
        value = list(value) if isinstance(value, tuple) else value
        error = item.check(value)[1]
        if error:
            raise ExperimentError(
                Told(
                    '"{name}": correct={correct} is no answer to it. {why}',
                    name=item.name,
                    correct=shown(item.correct),
                    why=error,
                )
            )


class Form(Scene):
    """Several typed questions on one page; one column each."""

    kind: Literal["form"] = tag("form")
    questions: Annotated[tuple[AnyField, ...], BeforeValidator(as_fields)] = option(
        (),
        title="Questions",
        description="What is asked, in this order.",
        in_code="TextField, NumberField, ChoiceField, OptionBoxField, ScaleField, RankingField, DateField and "
        "ConsentField.",
    )
    check: Literal["no", "once", "until_right"] = option(
        "no",
        title="Right answers",
        description="Judged without a word when the page is left; or wrong answers are explained and the page "
        "stays, until all are right or the attempts are used up.",
        in_code='"once"; "until_right".',
    )
    attempts: int = option(
        3,
        title="Attempts",
        description="How often, where wrong answers are explained.",
        in_code='With check="until_right".',
        unit="attempts",
        ge=1,
        le=100,
    )
    otherwise: str = otherwise_option()
    failed_message: Text = failed_message_option()

    def __init__(self, id: str = UNSET, **options: Any) -> None:
        super().__init__(**given({"id": id}), **options)

    @model_validator(mode="after")
    def _different_names(self) -> Self:
        check_names(self.questions)
        for item in self.questions:
            _check_correct(item)
        return self

    def right_answers(self) -> dict[str, Any]:
        """One right answer to each question that has one."""
        judged = (item for item in self.questions if item.correct is not None)
        return {item.name: _one_right(item) for item in judged}

    def wrong(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Questions answered wrongly → their explanation."""
        return {item.name: item.explain for item in self.questions if item.is_right(values.get(item.name)) is False}

    def fields(self) -> tuple[AnyField, ...]:
        return self.questions

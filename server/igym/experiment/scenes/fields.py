"""The kinds of question: one description for the browser's form and for the check on the server."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from igym.experiment.base import UNSET, Authored, given, option, tag
from igym.experiment.errors import ExperimentError, shown
from igym.experiment.scenes.base import address
from igym.experiment.words import Text, Written, as_given
from igym.protocol.told import Told, counted

Checked = tuple[Any, str | None]
"""The cleaned value (None = not answered) and what is wrong with it, in the participant's words."""

MISSING = Told("Please answer this question.")
FEWEST_ITEMS, MOST_ITEMS = 3, 12
"""Of a ranking."""


class Choice(Authored):
    """One of several answers."""

    value: str = option(title="Value", description="What is written to the data.", max_length=200)
    label: Text = option("", title="Label", description="What the participant reads; the value when empty.")
    image: str | None = option(
        None, title="Image", description="Path of an image in the experiment folder, shown with the label.", form="file"
    )

    def __init__(self, value: str, label: Written = "", **options: Any) -> None:
        super().__init__(value=value, label=label or value, **options)


def _as_choices(value: Any) -> Any:
    if isinstance(value, Mapping):
        return tuple(Choice(str(name), as_given(label)) for name, label in value.items())
    if not isinstance(value, list | tuple):
        return value
    return tuple(Choice(str(item)) if isinstance(item, str | int | float) else item for item in value)


Choices = Annotated[tuple[Choice, ...], BeforeValidator(_as_choices)]


_KEPT_HERE = ("correct", "explain")
"""What no browser is told before the answer is in."""


def _listed(correct: Any) -> list[Any]:
    return list(correct) if isinstance(correct, list | tuple) else [correct]


def _comparable(value: Any) -> str:
    """Texts without regard to case and spaces; numbers as numbers, whatever they were written as."""
    if isinstance(value, str):
        return " ".join(value.split()).casefold()
    return repr(round(float(value), 9)) if isinstance(value, int | float) else repr(value)


class Question(Authored):
    """What all kinds of question share."""

    name: str = option(
        title="Name",
        description="Column of the answer in the data.",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,59}$",
    )
    label: Text = option("", title="Label", description="The question as the participant reads it.")
    help: Text = option("", title="Help", description="A hint below the question.")
    required: bool = option(True, title="Required", description="The page cannot be left without an answer.")
    correct: Any = option(
        None,
        title="Right answer",
        description="On pages that check answers: the right one, or several any of which is right; where several "
        "choices can be made, those that belong to it; of a ranking, the whole order. Never sent to the browser. "
        "Empty: not judged.",
        in_code="For a Form that checks; several are a list.",
        advanced=True,
    )
    explain: Text = option(
        "",
        title="Explanation",
        description="What stands at the question after a wrong answer. Empty: that it is not right.",
        advanced=True,
    )

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(**given({"name": name}), label=label, **options)

    def check(self, value: Any) -> Checked:
        """Clean one answer: (value, None) or (None, what is wrong)."""
        if value is None or value == "" or value == []:
            return None, MISSING if self.required else None
        return self._check_given(value)

    def _check_given(self, value: Any) -> Checked:
        raise NotImplementedError

    @property
    def is_list(self) -> bool:
        """Whether an answer is a list."""
        return False

    def lacks(self) -> str:
        """Why no answer would do, as a sentence; empty when one can be given."""
        return ""

    def is_right(self, value: Any) -> bool | None:
        """Whether a cleaned answer is the right one; None when the question has no right answer."""
        if self.correct is None:
            return None
        if isinstance(value, list):
            return sorted(map(_comparable, value)) == sorted(map(_comparable, _listed(self.correct)))
        return _comparable(value) in map(_comparable, _listed(self.correct))

    def client_spec(self, base: str) -> dict[str, Any]:
        """The field as the browser's form reads it; None stands for "does not apply"."""
        return self.model_dump(mode="json", exclude=set(_KEPT_HERE))


class TextField(Question):
    """Free text."""

    type: Literal["text"] = tag("text")
    multiline: bool = option(False, title="Several lines", description="A large box instead of one line.")
    min_length: int = option(0, title="Shortest", description="Least length.", unit="characters", ge=0, le=100_000)
    max_length: int = option(5000, title="Longest", description="Greatest length.", unit="characters", ge=1, le=100_000)
    pattern: str | None = option(
        None,
        title="Pattern",
        description="Regular expression the whole text must match.",
        in_code="Understood by Python and JavaScript alike.",
        advanced=True,
    )
    placeholder: Text = option("", title="Placeholder", description="Grey text in the empty box.")

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        if value is not None:
            _pattern(value)
        return value

    def _check_given(self, value: Any) -> Checked:
        if not isinstance(value, str):
            return None, Told("Please write text.")
        text = value.replace("\r\n", "\n").strip()
        if not text:
            return None, MISSING if self.required else None
        if len(text) < self.min_length:
            return None, counted(
                self.min_length, "Please write at least one character.", "Please write at least {n} characters."
            )
        if len(text) > self.max_length:
            return None, counted(
                self.max_length, "Please write at most one character.", "Please write at most {n} characters."
            )
        if self.pattern and not _pattern(self.pattern).fullmatch(text):
            return None, Told("Please check the form of this answer.")
        return text, None

    def client_spec(self, base: str) -> dict[str, Any]:
        spec = self.model_dump(mode="json", exclude={"multiline", *_KEPT_HERE})
        return spec | {"type": "textarea" if self.multiline else "text"}


class NumberField(Question):
    """A number."""

    type: Literal["number"] = tag("number")
    min: float | None = option(None, title="Smallest", description="Least value.", unit="none", ge=-1e15, le=1e15)
    max: float | None = option(None, title="Largest", description="Greatest value.", unit="none", ge=-1e15, le=1e15)
    whole: bool = option(False, title="Whole numbers", description="No decimals.")
    unit: Text = option("", title="Unit", description="Shown after the box.")

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    def _check_given(self, value: Any) -> Checked:
        number = _number(value)
        if number is None:
            return None, Told("Please write a number.")
        if self.whole and number != int(number):
            return None, Told("Please write a whole number.")
        return _within(int(number) if self.whole else number, self.min, self.max)

    def client_spec(self, base: str) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude={"whole", *_KEPT_HERE}) | {"step": 1 if self.whole else None}


class ChoiceField(Question):
    """One or several of a list."""

    type: Literal["choice"] = tag("choice")
    choices: Choices = option(
        title="Choices",
        description="What can be chosen: a text each, with a value of its own for the data and a "
        "picture where you like.",
        in_code="Texts, a dict of value → label, or Choice(value, label, image=…).",
        min_length=1,
    )
    multiple: bool = option(False, title="Several", description="More than one choice may be ticked.")
    min_choices: int = option(
        1, title="Fewest", description="With several: least number.", unit="choices", ge=0, le=1000
    )
    max_choices: int | None = option(
        None, title="Most", description="With several: greatest number. Empty: all.", unit="choices", ge=1, le=1000
    )

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    @model_validator(mode="after")
    def _different(self) -> Self:
        _check_different(self.choices)
        return self

    def _check_given(self, value: Any) -> Checked:
        given = value if isinstance(value, list) else [value]
        known = [choice.value for choice in self.choices]
        if any(item not in known for item in given) or (not self.multiple and len(given) != 1):
            return None, Told("Please choose from the list.")
        if not self.multiple:
            return given[0], None
        return self._check_several([item for item in known if item in given])

    @property
    def is_list(self) -> bool:
        return self.multiple

    def lacks(self) -> str:
        most = min(self.max_choices or len(self.choices), len(self.choices))
        if not self.multiple or self.min_choices <= most:
            return ""
        return Told(
            '"{name}": min_choices={fewest} is more than can be chosen ({most}).',
            name=self.name,
            fewest=self.min_choices,
            most=most,
        )

    def _check_several(self, chosen: list[str]) -> Checked:
        most = self.max_choices or len(self.choices)
        if len(chosen) < self.min_choices:
            return None, counted(self.min_choices, "Please choose at least one.", "Please choose at least {n}.")
        if len(chosen) > most:
            return None, counted(most, "Please choose at most one.", "Please choose at most {n}.")
        return chosen, None

    def client_spec(self, base: str) -> dict[str, Any]:
        spec = self.model_dump(mode="json", exclude={"multiple", "choices", *_KEPT_HERE})
        return spec | {
            "type": "multi_choice" if self.multiple else "choice",
            "choices": _choices_spec(self.choices, base),
        }


class OptionBoxField(ChoiceField):
    """A list as large boxes side by side."""

    type: Literal["option_boxes"] = tag("option_boxes")  # type: ignore[assignment]

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    def client_spec(self, base: str) -> dict[str, Any]:
        return super().client_spec(base) | {"type": "option_boxes", "multiple": self.multiple}


class ScaleField(Question):
    """A rating: buttons from 1 to `points`, or a slider from `min` to `max`."""

    type: Literal["scale"] = tag("scale")
    style: Literal["likert", "slider"] = option("likert", title="Style", description="Buttons, or a slider.")
    points: int = option(7, title="Points", description="Number of buttons.", unit="points", ge=2, le=21)
    min: float = option(0, title="Left end", description="Slider: value at the left end.", ge=-1e9, le=1e9)
    max: float = option(100, title="Right end", description="Slider: value at the right end.", ge=-1e9, le=1e9)
    step: float = option(1, title="Step", description="Slider: distance of two values.", gt=0, le=1e9)
    labels: tuple[Text, ...] = option(
        (),
        title="Labels",
        description="Texts under the scale, spread evenly from left to right: two for the ends, or one for each point.",
    )

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.min >= self.max:
            raise ExperimentError(
                Told("min={low} must be smaller than max={high}.", low=f"{self.min:g}", high=f"{self.max:g}")
            )
        if self.style == "likert" and len(self.labels) > self.points:
            raise ExperimentError(
                Told("there are {labels} labels for {points} points.", labels=len(self.labels), points=self.points)
            )
        return self

    @property
    def _range(self) -> tuple[float, float, float]:
        return (1, self.points, 1) if self.style == "likert" else (self.min, self.max, self.step)

    def _check_given(self, value: Any) -> Checked:
        number = _number(value)
        low, high, step = self._range
        if number is None:
            return None, Told("Please choose a point on the scale.")
        steps = (number - low) / step
        if abs(steps - round(steps)) > 1e-6:
            return None, Told("Please choose a point on the scale.")
        return _within(int(number) if number == int(number) else number, low, high)

    def client_spec(self, base: str) -> dict[str, Any]:
        low, high, step = self._range
        spec = self.model_dump(mode="json", include={"name", "label", "help", "required", "labels"})
        return spec | {"type": "scale" if self.style == "likert" else "slider", "min": low, "max": high, "step": step}


class DateField(Question):
    """A calendar day, as YYYY-MM-DD."""

    type: Literal["date"] = tag("date")
    min: datetime.date | None = option(None, title="First day", description="Earliest day.")
    max: datetime.date | None = option(None, title="Last day", description="Latest day.")

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    def _check_given(self, value: Any) -> Checked:
        try:
            day = datetime.date.fromisoformat(value)
        except (TypeError, ValueError):
            return None, Told("Please choose a day.")
        if self.min and day < self.min:
            return None, Told("Please choose a day from {day} on.", day=self.min)
        if self.max and day > self.max:
            return None, Told("Please choose a day up to {day}.", day=self.max)
        return day.isoformat(), None


class ConsentField(Question):
    """A box that must be ticked to go on (or may be, with required=False)."""

    type: Literal["consent"] = tag("consent")
    version: str = option(
        "",
        title="Version",
        description="Version of the text as your ethics board knows it; it stands in consent.csv and on the receipt.",
        max_length=100,
    )
    receipt: bool = option(
        False,
        title="Receipt",
        description="A button below the questions prints the page with version, hash, box and time, for the "
        "participant to keep.",
    )

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    def check(self, value: Any) -> Checked:
        if value not in (None, True, False):
            return None, Told("Please tick the box, or leave it.")
        if self.required and not value:
            return None, Told("Please tick this box to go on.")
        return bool(value), None


class RankingField(Question):
    """A list to be put in order, shown to each participant in an order of their own.

    The answer is every value, the first place first.
    """

    type: Literal["ranking"] = tag("ranking")
    items: Choices = option(
        title="Items",
        description="What is put in order, 3 to 12 of them: a text each, with a value of its own for the data and a "
        "picture where you like.",
        in_code="Texts, a dict of value → label, or Choice(value, label, image=…).",
    )

    def __init__(self, name: str = UNSET, label: Written = "", **options: Any) -> None:
        super().__init__(name, label, **options)

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if not FEWEST_ITEMS <= len(self.items) <= MOST_ITEMS:
            raise ExperimentError(
                Told(
                    "a ranking has {fewest} to {most} items; there are {items}.",
                    fewest=FEWEST_ITEMS,
                    most=MOST_ITEMS,
                    items=len(self.items),
                )
            )
        _check_different(self.items)
        return self

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The items, as all kinds of question with a list have them."""
        return self.items

    @property
    def is_list(self) -> bool:
        return True

    def is_right(self, value: Any) -> bool | None:
        if self.correct is None:
            return None
        return isinstance(value, list) and list(map(_comparable, value)) == list(map(_comparable, self.correct))

    def _check_given(self, value: Any) -> Checked:
        known = [item.value for item in self.items]
        if not isinstance(value, list) or len(value) != len(known) or any(item not in value for item in known):
            return None, Told("Please put every item of the list in its place.")
        return list(value), None

    def client_spec(self, base: str) -> dict[str, Any]:
        spec = self.model_dump(mode="json", exclude={"items", *_KEPT_HERE})
        return spec | {"choices": _choices_spec(self.items, base)}


AnyField = Annotated[
    TextField | NumberField | ChoiceField | OptionBoxField | ScaleField | RankingField | DateField | ConsentField,
    Field(discriminator="type"),
]
FIELD_CLASSES: tuple[type[Question], ...] = (
    TextField,
    NumberField,
    ChoiceField,
    OptionBoxField,
    ScaleField,
    RankingField,
    DateField,
    ConsentField,
)


def _check_different(choices: Sequence[Choice]) -> None:
    values = [choice.value for choice in choices]
    doubles = sorted({value for value in values if values.count(value) > 1})
    if doubles:
        raise ExperimentError(Told("the choice {choice} is there twice.", choice=shown(doubles[0])))


def _choices_spec(choices: Sequence[Choice], base: str) -> list[dict[str, str | None]]:
    return [
        {"value": c.value, "label": c.label, "image": address(c.image, base) if c.image is not None else None}
        for c in choices
    ]


def _pattern(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ExperimentError(
            Told("pattern={pattern} is not a regular expression: {error}.", pattern=shown(pattern), error=error)
        ) from None


def _number(value: Any) -> float | None:
    """A finite number, also when the browser sends it as text."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _within(number: float, low: float | None, high: float | None) -> Checked:
    if low is not None and number < low:
        return None, Told("Please choose a value of at least {number}.", number=f"{low:g}")
    if high is not None and number > high:
        return None, Told("Please choose a value of at most {number}.", number=f"{high:g}")
    return number, None

"""What a session's questions said, from its stored definition: the labels of answers and of their values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import ChoiceField, ConsentField, DateField, Question, RankingField, ScaleField
from igym.experiment.stager import nodes_in
from igym.host.store.store_reader import SessionRow

_MARKUP = re.compile(r"<[^>]*>|\s+")
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,8})")


@dataclass(frozen=True)
class Asked:
    """One question. `codes`: value in the data → number, for choices; `labels`: number → what was read there."""

    text: str
    codes: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[float, str] = field(default_factory=dict)
    is_day: bool = False
    several: tuple[str, ...] = ()
    """The values of a list of which several may be ticked."""
    ranked: tuple[str, ...] = ()
    """The values of a list that was put in order."""


def questions_of(row: SessionRow) -> dict[tuple[str, str], Asked]:
    """(scene as in the experiment, field) → the question; nothing where another version wrote the definition."""
    try:
        experiment = Experiment.from_json(row.experiment["definition"])
    except (ExperimentError, KeyError, TypeError, ValueError):
        return {}
    return {(scene.known_id, asked.name): _asked(asked) for scene in _scenes(experiment) for asked in scene.fields()}


def levels_of(row: SessionRow) -> dict[str, list[str]]:
    """Column of a condition → its levels in the order of the design."""
    design = (row.experiment.get("experiment") or {}).get("design") or {}
    return {f"condition.{name}": list(map(str, levels)) for name, levels in (design.get("factors") or {}).items()}


def _scenes(experiment: Experiment) -> Iterator[Scene]:
    nodes = (node for item in experiment.stager.scenes for node in nodes_in(item))
    return (node for node in nodes if isinstance(node, Scene))


def _asked(question: Question) -> Asked:
    text = plain_text(question.label) or question.name
    if isinstance(question, ChoiceField):
        values = tuple(choice.value for choice in question.choices)
        if question.multiple:
            return Asked(text, several=values)
        codes = codes_of(values)
        return Asked(text, codes, {codes[choice.value]: plain_text(choice.label) for choice in question.choices})
    if isinstance(question, RankingField):
        return Asked(text, ranked=tuple(choice.value for choice in question.choices))
    if isinstance(question, ScaleField):
        return Asked(text, labels=_points(question))
    return Asked(
        text, labels=YES_NO if isinstance(question, ConsentField) else {}, is_day=isinstance(question, DateField)
    )


YES_NO: Mapping[float, str] = {0: "no", 1: "yes"}


def codes_of(values: tuple[str, ...]) -> dict[str, int]:
    """A number for each value, in order; values that are whole numbers themselves keep theirs."""
    if all(_WHOLE.fullmatch(value) for value in values):
        return {value: int(value) for value in values}
    return {value: number for number, value in enumerate(values, start=1)}


def _points(scale: ScaleField) -> dict[float, str]:
    """The texts below a scale stand evenly from its left end to its right; those between two points are left out."""
    low, high = (1.0, float(scale.points)) if scale.style == "likert" else (scale.min, scale.max)
    last = len(scale.labels) - 1
    places = [(low + (high - low) * number / last, text) for number, text in enumerate(scale.labels) if last > 0]
    return {place: plain_text(text) for place, text in places if place.is_integer()}


def plain_text(text: Any) -> str:
    """One line without tags; of a text in several languages the first."""
    if isinstance(text, Mapping):
        text = text.get("en") or next(iter(text.values()), "")
    return _MARKUP.sub(" ", str(text or "")).strip().replace("  ", " ")

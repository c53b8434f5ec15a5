"""Rules as data: what is known about a participant decides over branches and rounds, without a function."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from igym.experiment.base import UNSET, Authored, given, option

Value = bool | int | float | str


@dataclass(frozen=True)
class Facts:
    """What rules may look at: answers by scene and question, globals, conditions, and scores by game scene.

    Ids of scenes are those of the plan: rounds end in _r1, _r2, ….
    """

    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    globals: Mapping[str, Any] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    draws: Mapping[str, str] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)


class When(Authored):
    """One rule of a Branch: the first that holds names the option. A rule about something not known does not hold."""

    then: str = option(title="Then", description="The option entered when the rule holds.", max_length=60)
    what: Literal["answer", "score", "condition", "global"] = option(
        title="What",
        description="An answer, the participant's own score of a game, a condition, or a shared value.",
    )
    name: str = option(
        title="Name",
        description="Of an answer: scene and question with a dot between them, as in survey.age. Of a score: the "
        "game's scene, its episodes together. Of a condition: its name, or the id of a random order for what came "
        "first in it. Else the name of the shared value. Of a repeated scene the last round counts, of a game "
        "every round.",
        min_length=1,
        max_length=130,
    )
    test: Literal["is", "is_not", "contains", "at_least", "at_most", "more_than", "less_than"] = option(
        "is",
        title="Test",
        description="How it is compared with the value; contains: one of several ticked choices, or part of a text.",
    )
    value: Value = option(title="Value", description="A text, a number, true or false.", form="plain")

    def __init__(
        self, then: str = UNSET, what: Any = UNSET, name: str = UNSET, test: Any = UNSET, value: Any = UNSET
    ) -> None:
        super().__init__(**given({"then": then, "what": what, "name": name, "test": test, "value": value}))

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        found = _found(self, facts)
        return found is not None and _TESTS[self.test](found, self.value)


class Until(Authored):
    """One condition of a Repeat: rounds go on until it holds. One about something not known does not hold."""

    what: Literal["answer", "score", "condition", "global"] = option(
        title="What",
        description="An answer, the participant's own score of a game, a condition, or a shared value.",
    )
    name: str = option(
        title="Name",
        description="Of an answer: scene and question with a dot between them, as in survey.age. Of a score: the "
        "game's scene, its episodes together. Else the name of the condition or of the shared value. Of scenes "
        "that are repeated here the round just played counts alone.",
        min_length=1,
        max_length=130,
    )
    test: Literal["is", "is_not", "contains", "at_least", "at_most", "more_than", "less_than"] = option(
        "at_least",
        title="Test",
        description="How it is compared with the value; contains: one of several ticked choices, or part of a text.",
    )
    value: Value = option(title="Value", description="A text, a number, true or false.", form="plain")

    def __init__(self, what: Any = UNSET, name: str = UNSET, test: Any = UNSET, value: Any = UNSET) -> None:
        super().__init__(**given({"what": what, "name": name, "test": test, "value": value}))

    def holds(self, facts: Facts) -> bool:
        """Whether it is so."""
        found = _found(self, facts)
        return found is not None and _TESTS[self.test](found, self.value)


def first_that_holds(rules: Sequence[When], facts: Facts) -> str | None:
    """The option of the first rule that holds."""
    return next((rule.then for rule in rules if rule.holds(facts)), None)


def _found(rule: When | Until, facts: Facts) -> Any:
    if rule.what == "answer":
        scene, _, question = rule.name.rpartition(".")
        return last_round(facts.answers, scene, question)
    if rule.what == "score":
        return over_rounds(facts.scores, rule.name)
    if rule.what == "condition":
        drawn = facts.draws.get(rule.name)
        return facts.conditions.get(rule.name, None if drawn is None else drawn.split(">")[0])
    return facts.globals.get(rule.name)


def of_round(facts: Facts, scenes: Iterable[str], suffix: str) -> Facts:
    """Without what other rounds brought: of these scenes only those whose ids in the plan end in `suffix` count."""
    inside = tuple(scenes)

    def counts(id: str) -> bool:
        here = (name for name in inside if _is_round(id, name))
        return all(_is_round(id, name + suffix) for name in here)

    return replace(
        facts,
        answers={id: values for id, values in facts.answers.items() if counts(id)},
        scores={id: score for id, score in facts.scores.items() if counts(id)},
    )


def _is_round(scene: str, name: str) -> bool:
    return re.fullmatch(rf"{re.escape(name)}(_r\d+)*", scene) is not None


def over_rounds(scores: Mapping[str, float], name: str) -> float | None:
    """The score of a game, its rounds together."""
    found = [score for scene, score in scores.items() if _is_round(scene, name)]
    return sum(found) if found else None


def last_round(answers: Mapping[str, Mapping[str, Any]], scene: str, question: str) -> Any:
    """The newest answer; they stand in the order they were given."""
    given_ones = [values.get(question) for id, values in answers.items() if _is_round(id, scene)]
    return given_ones[-1] if given_ones else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _same(found: Any, value: Value) -> bool:
    """A number typed into a text box is the number; a single choice ticked of several is that choice."""
    if isinstance(found, list):
        return len(found) == 1 and _same(found[0], value)
    if isinstance(found, bool) or isinstance(value, bool):
        return found is value or str(found).casefold() == str(value).casefold()
    a, b = _number(found), _number(value)
    return a == b if a is not None and b is not None else str(found) == str(value)


def _contains(found: Any, value: Value) -> bool:
    if isinstance(found, list):
        return any(_same(item, value) for item in found)
    return str(value).casefold() in str(found).casefold()


def _ordered(found: Any, value: Value) -> float | None:
    """How much more was found than the rule says; None when one of them is no number."""
    a, b = _number(found), _number(value)
    return None if a is None or b is None else a - b


_TESTS: dict[str, Callable[[Any, Value], bool]] = {
    "is": _same,
    "is_not": lambda found, value: not _same(found, value),
    "contains": _contains,
    "at_least": lambda found, value: (more := _ordered(found, value)) is not None and more >= 0,
    "at_most": lambda found, value: (more := _ordered(found, value)) is not None and more <= 0,
    "more_than": lambda found, value: (more := _ordered(found, value)) is not None and more > 0,
    "less_than": lambda found, value: (more := _ordered(found, value)) is not None and more < 0,
}

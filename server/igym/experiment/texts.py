"""Where an experiment's texts stand, and that each is there in all its languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from igym.experiment.errors import ExperimentError, suggestion
from igym.experiment.fill_in import FILLED, SHOWN_AS_HTML, check
from igym.experiment.scenes.base import Scene
from igym.experiment.stager import AnyNode, Node
from igym.experiment.words import Words, each, is_text
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.experiment.experiment import Experiment

_NAMES = ("name", "value")
"""What tells the entries of a list apart: questions by their name, choices by their value."""


@dataclass(frozen=True)
class Found:
    """A text with the way to it: names of options, of entries by their name, or positions counted from 1."""

    way: tuple[str, ...]
    option: str
    text: str


def texts_in(model: BaseModel, way: tuple[str, ...] = ()) -> Iterator[Found]:
    """Every text of a model; those of other scenes inside a node are theirs."""
    for name, field in type(model).model_fields.items():
        if isinstance(model, Node) and name in ("scenes", "options"):
            continue
        value, here = getattr(model, name), (*way, name.removesuffix("_options"))
        if is_text(field):
            yield from _texts(value, here, name)
        elif isinstance(value, BaseModel) and name != "stager":
            yield from texts_in(value, here)
        elif isinstance(value, tuple):
            yield from (found for entry, step in entries(value) for found in texts_in(entry, (*here, step)))


def _texts(value: Any, here: tuple[str, ...], option: str) -> Iterator[Found]:
    if isinstance(value, str):
        yield Found(here, option, value)
    elif isinstance(value, dict):
        yield from (Found((*here, str(key)), option, text) for key, text in value.items())
    elif isinstance(value, tuple):
        for number, item in enumerate(value, start=1):
            if isinstance(item, BaseModel):
                yield from texts_in(item, (*here, name_of(item, number)))
            else:
                yield Found((*here, str(number)), option, item)


def entries(values: tuple[Any, ...]) -> Iterator[tuple[BaseModel, str]]:
    """The models of a list with what they are called."""
    for number, item in enumerate(values, start=1):
        if isinstance(item, BaseModel):
            yield item, name_of(item, number)


def name_of(entry: Any, number: int) -> str:
    """What an entry of a list is called: by its name, or by its position, counted from 1."""
    return next((str(getattr(entry, name)) for name in _NAMES if hasattr(entry, name)), str(number))


def check_texts(experiment: Experiment) -> None:
    """Raises ExperimentError for the first text that lacks a language, has an unknown one, or asks for what is not
    there."""
    known = _known(experiment)
    for owner, found in all_texts(experiment):
        named = _named(owner, found)
        try:
            _check_languages(found, named, experiment.languages)
            if found.option in FILLED:
                for text in each(found.text):
                    check(text, named, known, html=found.option in SHOWN_AS_HTML)
        except ExperimentError as error:
            raise error.at(*_site(owner, found)) from None


def all_texts(experiment: Experiment) -> Iterator[tuple[AnyNode | None, Found]]:
    """(the scene or node, or None for the experiment itself; the text)."""
    for found in texts_in(experiment):
        yield None, found
    for node in experiment.stager.nodes():
        yield from ((node, found) for found in texts_in(node))


def _known(experiment: Experiment) -> dict[str, list[str]]:
    known = {
        "answers": [f"{other.id}.{item.name}" for other in experiment.scenes for item in other.fields()],
        "scores": [other.id for other in experiment.games],
    }
    if experiment.design.factors and not experiment.callbacks.given():
        known["condition"] = list(experiment.design.factors)
    return known


def _check_languages(found: Found, named: str, languages: tuple[str, ...]) -> None:
    if not isinstance(found.text, Words):
        return
    given = list(found.text.texts)
    for tag in given:
        if tag not in languages:
            listed = ", ".join(f'"{one}"' for one in languages)
            raise ExperimentError(
                Told(
                    '{named} has a text in "{tag}", which is not among languages=({languages}) of the '
                    "experiment.{hint}",
                    named=named,
                    tag=tag,
                    languages=listed,
                    hint=suggestion(tag, languages),
                ),
                value=tag,
                allowed=", ".join(languages),
            )
    missing = [tag for tag in languages if tag not in given]
    if missing:
        names = " and ".join(f'"{tag}"' for tag in missing)
        there = ", ".join(f'"{tag}"' for tag in given)
        raise ExperimentError(
            Told("{named} has no text in {languages}, only in {there}.", named=named, languages=names, there=there),
            allowed=", ".join(languages),
        )


def _named(owner: AnyNode | None, found: Found) -> str:
    name = " → ".join(found.way)
    if owner is None:
        return name
    called = owner.named if isinstance(owner, Scene) else f'{type(owner).__name__}("{owner.known_id}")'
    return f"{called}: {name}"


def _site(owner: AnyNode | None, found: Found) -> tuple[str | None, int | None]:
    if owner is None:
        return None, None
    if not isinstance(owner, Scene):
        return owner.site()
    is_own = found.way[0] in type(owner).model_fields
    return owner.site("display" if is_own and len(found.way) == 1 else found.way[0])

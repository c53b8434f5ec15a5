"""`texts/<language>.toml` beside a study: its texts in one language, by scene and option.

A file has the shape of `study.toml`: `[scene]` with the scene's options, `[scene.content]` with those of a builder
method, and `[experiment]` for the experiment's own. Entries of lists are named: questions by their name, choices and
scales by theirs (a text alone is then the label), texts of a plain list by their position (`"1"`, `"2"`, …).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from igym.experiment.base import Authored, explain
from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.experiment import Experiment
from igym.experiment.files import read_text
from igym.experiment.overrides import mapped
from igym.experiment.scenes.fields import Choice, Question
from igym.experiment.stager import AnyNode, Node, Stager
from igym.experiment.study_lines import Lines, Place
from igym.experiment.study_text import toml_error
from igym.experiment.texts import name_of, texts_in
from igym.experiment.words import Words, is_text
from igym.protocol.told import Told

FOLDER = "texts"
OWN = "experiment"
"""The table with the experiment's own texts; no scene can have this id."""
Given = dict[Place, dict[str, tuple[str, int | None]]]
"""Where each text stands: its place → language → (file, line)."""
Builtin = tuple[str, str]
"""A text that nobody wrote, and its language."""
NOTHING: Builtin = ("", "en")
E_ = TypeVar("E_", bound=Experiment)
M = TypeVar("M", bound=BaseModel)


def with_texts(experiment: E_, folder: Path) -> E_:
    """The experiment with the texts of these files, or an ExperimentError with file and line."""
    files = sorted((folder / FOLDER).glob("*.toml"))
    if not files:
        return experiment
    given: Given = {}
    merged = experiment
    for file in files:
        merged = _Reading(file, folder, merged, given).merged()
    _check_complete(given, merged)
    return merged.changed(FOLDER, FOLDER, {})


class _Reading:
    """One file, read into an experiment."""

    def __init__(self, file: Path, folder: Path, experiment: Experiment, given: Given) -> None:
        self.language, self.name = file.stem, f"{FOLDER}/{file.name}"
        self.experiment, self.given = experiment, given
        if self.language not in experiment.languages:
            raise ExperimentError(
                Told(
                    '"{tag}" is not among languages={languages} of the experiment.{hint}',
                    tag=self.language,
                    languages=experiment.languages,
                    hint=suggestion(self.language, experiment.languages),
                ),
                file=self.name,
                value=self.language,
            )
        text = read_text(file, folder)
        try:
            self.document: Mapping[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise toml_error(error, text, self.name) from None
        self.lines = Lines(text)

    def merged(self) -> Any:
        nodes = {node.known_id: node for node in self.experiment.stager.nodes()}
        for id in self.document:
            if id != OWN and id not in nodes:
                text = Told(
                    'there is no scene "{id}".{hint} The scenes are: {known}.',
                    id=id,
                    hint=suggestion(id, nodes),
                    known=", ".join(nodes),
                )
                raise self._error(text, (id,))
        stager = Stager(mapped(self.experiment.stager.scenes, self._node))
        own = self._changes(self.experiment, self.document.get(OWN, {}), (OWN,))
        # What lacks a language yet may get it from the next file, so the whole is checked in the end.
        return self.experiment.model_copy(update={"stager": stager, **own})

    def _node(self, node: AnyNode) -> AnyNode:
        place = (node.known_id,)
        if node.known_id not in self.document:
            return node
        changes = self._changes(node, self.document[node.known_id], place)
        changed: AnyNode = self._at(place, lambda: node.changed(self.name, FOLDER, changes))
        return changed

    def _changes(self, model: BaseModel, table: Any, place: Place) -> dict[str, Any]:
        """Option → its value with the texts of the table."""
        if not isinstance(table, Mapping):
            raise self._error(Told("{name} must be a table of texts.", name=place[-1]), place)
        fields = {name.removesuffix("_options"): name for name in _with_texts(model)}
        changes: dict[str, Any] = {}
        for name, told in table.items():
            if name not in fields:
                listed = Told(" The options with texts are: {names}.", names=", ".join(fields)) if fields else ""
                text = Told(
                    'there is no text option "{name}".{hint}{there}',
                    name=name,
                    hint=suggestion(name, fields),
                    there=listed,
                )
                raise self._error(text, (*place, name))
            own = fields[name]
            changes[own] = self._value(getattr(model, own), told, (*place, name), self._builtin(model, own))
        return changes

    def _builtin(self, model: BaseModel, name: str) -> Builtin:
        """What stands there when nobody wrote anything."""
        if isinstance(model, Choice):
            return model.value, self.experiment.languages[0]
        default = type(model).model_fields[name].default
        return (default if isinstance(default, str) else ""), "en"

    def _value(self, value: Any, told: Any, place: Place, builtin: Builtin) -> Any:
        if isinstance(value, BaseModel):
            return self._model(value, told, place)
        if isinstance(value, str) or value is None:
            return self._text(value or "", told, place, builtin)
        if not isinstance(told, Mapping):
            raise self._error(Told("{name} must be a table of texts.", name=place[-1]), place)
        if isinstance(value, dict):
            texts = {key: self._text(value.get(key, ""), one, (*place, key), NOTHING) for key, one in told.items()}
            return {**value, **texts}
        names = [name_of(item, number) for number, item in enumerate(value, start=1)]
        for name in told:
            if name not in names:
                text = Told(
                    'there is no "{name}".{hint} There are: {known}.',
                    name=name,
                    hint=suggestion(name, names),
                    known=", ".join(names),
                )
                raise self._error(text, (*place, name))
        pairs = zip(names, value, strict=True)
        return tuple(
            self._value(item, told[name], (*place, name), NOTHING) if name in told else item for name, item in pairs
        )

    def _model(self, model: BaseModel, told: Any, place: Place) -> BaseModel:
        if isinstance(told, str) and isinstance(model, Choice | Question):
            told = {"label": told}
        changes = self._changes(model, told, place)
        made: BaseModel = self._at(place, lambda: _remade(model, changes, self.name))
        return made

    def _text(self, value: str, told: Any, place: Place, builtin: Builtin) -> str:
        if not isinstance(told, str):
            raise self._error(Told("{name}={value} is not a text.", name=place[-1], value=shown(told)), place)
        self.given.setdefault(place, {})[self.language] = (self.name, self.lines.line(place))
        before = _by_language(value, builtin, self.experiment.languages)
        if before.get(self.language, told) not in (told, builtin[0]):
            raise self._error(
                Told(
                    '{name} has another text in "{language}" already, {text}. Keep one of them.',
                    name=".".join(map(str, place)),
                    language=self.language,
                    text=shown(before[self.language]),
                ),
                place,
            )
        return Words({**before, self.language: told})

    def _at(self, place: Place, make: Any) -> Any:
        try:
            return make()
        except ExperimentError as error:
            if error.file is None or not error.file.startswith(FOLDER):
                error.file, error.line = self.name, self.lines.line(place)
            raise error from None

    def _error(self, text: str, place: Place) -> ExperimentError:
        return ExperimentError(text, file=self.name, line=self.lines.line(place), value=str(place[-1]))


def _by_language(value: str, builtin: Builtin, languages: tuple[str, ...]) -> dict[str, str]:
    """What is written in the study itself is in its first language; a built-in sentence is English."""
    if isinstance(value, Words):
        return value.texts
    if not value:
        return {}
    language = builtin[1] if value == builtin[0] else languages[0]
    return {language: value} if language in languages else {}


def _with_texts(model: BaseModel) -> list[str]:
    """The options of a model that hold texts, or parts that do."""
    return [name for name, field in type(model).model_fields.items() if is_text(field) or _holds(model, name)]


def _holds(model: BaseModel, name: str) -> bool:
    value = getattr(model, name)
    if (isinstance(model, Node) and name in ("scenes", "options")) or name == "stager":
        return False
    parts = value if isinstance(value, tuple) else (value,)
    return any(isinstance(part, BaseModel) and next(texts_in(part), None) is not None for part in parts)


def _remade(model: M, changes: Mapping[str, Any], where: str) -> M:
    """A copy with the changes checked, that knows of itself only what was said."""
    data = {name: getattr(model, name) for name in model.model_fields_set} | dict(changes)
    try:
        return type(model)(**data) if isinstance(model, Authored) else type(model).model_validate(data)
    except ValidationError as error:
        raise explain(error, type(model), where, changes) from None


def _check_complete(given: Mapping[Place, Mapping[str, tuple[str, int | None]]], experiment: Experiment) -> None:
    """A text that one file has is there in every language: in the other files, or in the study itself."""
    for place, files in given.items():
        text = _at_place(experiment, place)
        missing = [tag for tag in experiment.languages if not isinstance(text, Words) or tag not in text.texts]
        if missing:
            name, line = next(iter(files.values()))
            what = ".".join(map(str, place))
            raise ExperimentError(
                Told(
                    '{what} has no text in "{tag}": {folder}/{language}.toml does not give it.',
                    what=what,
                    tag=missing[0],
                    folder=FOLDER,
                    language=missing[0],
                ),
                file=name,
                line=line,
                value=missing[0],
            )


def _at_place(experiment: Experiment, place: Place) -> Any:
    """The text as it came out."""
    found: Any = experiment
    if place[0] != OWN:
        found = next(node for node in experiment.stager.nodes() if node.known_id == place[0])
    for step in place[1:]:
        found = _inside(found, str(step))
    return found.label if isinstance(found, Choice | Question) else found


def _inside(found: Any, step: str) -> Any:
    if isinstance(found, BaseModel):
        return getattr(found, step, None) if step in type(found).model_fields else getattr(found, f"{step}_options")
    if isinstance(found, dict):
        return found[step]
    return next(item for at, item in enumerate(found, start=1) if step == name_of(item, at))

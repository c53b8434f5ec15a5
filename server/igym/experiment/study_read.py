"""A study's document → Experiment, or one error that names the entry with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from igym.experiment.base import Authored, _Sites, filled, option_names
from igym.experiment.errors import ExperimentError, shown, suggestion
from igym.experiment.experiment import Experiment
from igym.experiment.participation import as_participant_ids
from igym.experiment.scenes import SCENE_CLASSES
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Block, Branch, Node, RandomizeOrder, Repeat, Stager
from igym.experiment.study_lines import Lines, Place
from igym.experiment.study_text import STUDY_FILE, Document, read_document
from igym.experiment.study_write import FORMAT
from igym.protocol.told import Told

NODE_CLASSES: tuple[type[Node], ...] = (RandomizeOrder, Repeat, Block, Branch)
_KNOWN: tuple[type[Scene] | type[Node], ...] = (*SCENE_CLASSES, *NODE_CLASSES)
KINDS = {str(model.model_fields["kind"].default): model for model in _KNOWN}
GROUPS = ("screening", "participant_ids", "payment")
"""The experiment's own groups of options, each a table."""
T = TypeVar("T")


def from_text(text: str) -> Experiment:
    """The experiment a `study.toml` describes; raises ExperimentError with the line."""
    return from_document(read_document(text), Lines(text))


def from_document(document: Mapping[str, Any], lines: Lines | None = None) -> Experiment:
    """The same from a document that was not necessarily read from a text."""
    return _Reading(document, lines).experiment()


class _Reading:
    def __init__(self, document: Mapping[str, Any], lines: Lines | None) -> None:
        self.document, self.lines = document, lines
        self.used: set[str] = set()
        self.made: dict[str, AnyNode] = {}
        """A scene that is named at several places is one scene."""
        scenes = document.get("scenes", {})
        self.scenes: Mapping[str, Any] = scenes if isinstance(scenes, Mapping) else {}

    def experiment(self) -> Experiment:
        self._check_top()
        nodes = self._nodes(self.document.get("order", ()), ("order",))
        unused = [id for id in self.scenes if id not in self.used]
        if unused:
            raise self._error(
                Told('"{id}" is in no order; add it to order or remove it.', id=unused[0]), ("scenes", unused[0])
            )
        options = {name: self.document[name] for name in self.document if name not in ("format", "order", "scenes")}
        return self._at((), options, lambda: self._built(options, nodes))

    def _built(self, options: Mapping[str, Any], nodes: Sequence[AnyNode]) -> Experiment:
        plain = {name: value for name, value in options.items() if name not in ("id", *GROUPS)}
        if "screening" in options:
            default = Experiment.model_fields["screening"].default
            plain["entry_screening"] = filled(default, options["screening"], "screening")
        if "payment" in options:
            plain["payment"] = filled(Experiment.model_fields["payment"].default, options["payment"], "payment")
        if "participant_ids" in options:
            plain["participant_ids"] = as_participant_ids(options["participant_ids"])
        made: Experiment = self._placed(Experiment(options.get("id", ""), stager=Stager(list(nodes)), **plain), ())
        return made

    def _check_top(self) -> None:
        known = ["format", *own_names(Experiment), "order", "scenes"]
        self._known(self.document, known, (), "option")
        if self.document.get("format", FORMAT) != FORMAT:
            text = Told(
                "this study has the format {format}; this version reads format {known}.",
                format=shown(self.document["format"]),
                known=FORMAT,
            )
            raise self._error(text, ("format",))
        if not isinstance(self.document.get("scenes", {}), Mapping):
            raise self._error(Told("scenes must be tables, such as [scenes.welcome]."), ("scenes",))
        if not self.document.get("order"):
            raise self._error(
                Told('the study shows nothing. Write order = ["…"] with the ids of its scenes.'), ("order",)
            )

    def _nodes(self, ids: Any, place: Place) -> list[AnyNode]:
        if not isinstance(ids, list | tuple) or not all(isinstance(id, str) for id in ids):
            raise self._error(Told("{name} must be a list of ids of scenes.", name=place[-1]), place)
        return [self._node(id, place) for id in ids]

    def _node(self, id: str, place: Place) -> AnyNode:
        if id not in self.scenes:
            text = Told(
                '{where} names "{name}", but there is no [scenes.{id}].{hint}',
                where=place[-1],
                name=id,
                id=id,
                hint=suggestion(id, self.scenes),
            )
            raise self._error(text, place)
        if id in self.made and isinstance(self.made[id], Scene):
            return self.made[id]
        if id in self.used:
            text = Told('"{name}" is named twice; to show a scene several times, use a repeat.', name=id)
            raise self._error(text, place)
        self.used.add(id)
        table, here = self.scenes[id], ("scenes", id)
        if not isinstance(table, Mapping) or table.get("kind") not in KINDS:
            kind = table.get("kind") if isinstance(table, Mapping) else table
            text = Told("{kind} is no kind of scene.{hint}", kind=shown(kind), hint=suggestion(str(kind), KINDS))
            raise self._error(
                Told("{text} The kinds are: {kinds}.", text=text, kinds=", ".join(KINDS)), (*here, "kind")
            )
        model = KINDS[table["kind"]]
        inner = self._inner(model, table, here)
        self.made[id] = self._at(here, table, partial(self._made, model, id, table, inner))
        return self.made[id]

    def _inner(self, model: type[Any], table: Mapping[str, Any], here: Place) -> dict[str, Any]:
        """What a node holds, built already."""
        if issubclass(model, Branch):
            return self._branch(table.get("options", {}), (*here, "options"))
        return {"scenes": self._nodes(table.get("scenes", ()), (*here, "scenes"))} if issubclass(model, Node) else {}

    def _branch(self, options: Any, place: Place) -> dict[str, Any]:
        if not isinstance(options, Mapping):
            raise self._error(Told("options must be a table of name → id of a scene."), place)
        given = {name: [target] if isinstance(target, str) else target for name, target in options.items()}
        built = {name: self._nodes(ids, (*place, name)) for name, ids in given.items()}
        empty = tuple(name for name, nodes in built.items() if not nodes)
        full = {name: nodes[0] if len(nodes) == 1 else nodes for name, nodes in built.items() if nodes}
        return {"options": full, "empty_options": empty}

    def _made(self, model: type[Any], id: str, table: Mapping[str, Any], inner: Mapping[str, Any]) -> AnyNode:
        here = ("scenes", id)
        groups = GYM_GROUPS if issubclass(model, GymScene) else ()
        own = {name: value for name, value in table.items() if name not in ("kind", *groups, *inner)}
        self._known(own, [name for name in option_names(model) if name != "id"] + list(groups), here, "option")
        made = self._placed(model(id=id, **inner, **own), here)
        for group in (name for name in table if name in groups):
            changes = self._group(table[group], (*here, group), type(getattr(made, f"{group}_options")))
            where = Told('scene "{scene}": {group}', scene=id, group=group)
            made = self._at((*here, group), changes, partial(made.with_group, group, changes, where))
            made._sites[group] = (STUDY_FILE, self._line((*here, group)))
        return made  # type: ignore[no-any-return]

    def _group(self, table: Any, place: Place, model: type[Any]) -> Document:
        if not isinstance(table, Mapping):
            raise self._error(
                Told("{name} must be a table, such as [{example}].", name=place[-1], example=".".join(map(str, place))),
                place,
            )
        self._known(table, option_names(model), place, "option")
        changes = dict(table)
        if "mapping" in changes:
            changes["mapping"] = as_agents(changes["mapping"])
        return {name: as_bot(value) if name == "timeout_bot" else _with_bots(value) for name, value in changes.items()}

    def _placed(self, made: Any, here: Place) -> Any:
        """Later findings, such as a file that is not there, are told at its line."""
        site = (STUDY_FILE, self._line(here) or 1)
        made._sites = _Sites({"constructor": site, "display": site})
        return made

    def _known(self, table: Mapping[str, Any], known: Sequence[str], place: Place, what: str) -> None:
        for name in table:
            if name not in known:
                facts = {"what": what, "name": name, "hint": suggestion(name, known), "known": ", ".join(known)}
                text = (
                    Told(
                        '[{place}] has no {what} "{name}".{hint} The {what}s are: {known}.',
                        place=".".join(map(str, place)),
                        **facts,
                    )
                    if place
                    else Told('there is no {what} "{name}".{hint} The {what}s are: {known}.', **facts)
                )
                raise self._error(text, (*place, name), value=name, allowed=", ".join(known))

    def _at(self, place: Place, table: Mapping[str, Any], make: Callable[[], T]) -> T:
        try:
            return make()
        except ExperimentError as error:
            if error.file != STUDY_FILE:
                error.file, error.line = STUDY_FILE, self._line(_named(table, place, error.text))
            raise error from None

    def _error(self, text: str, place: Place, **facts: str) -> ExperimentError:
        return ExperimentError(text, file=STUDY_FILE, line=self._line(place), **facts)

    def _line(self, place: Place) -> int | None:
        return self.lines.line(place) if self.lines else None


def own_names(model: type[Authored]) -> list[str]:
    """The experiment's own options a `study.toml` may give; functions are Python."""
    return [name for name in option_names(model) if name != "callbacks"]


def as_agents(value: Any) -> Any:
    """`[{agent, policy}]` with a policy's kind alone where it has no options."""
    if not isinstance(value, list) or not all(isinstance(pair, Mapping) and "agent" in pair for pair in value):
        raise ExperimentError(Told('mapping must be a list such as [{agent = "left", policy = "human"}].'))
    return {pair["agent"]: as_bot(pair.get("policy")) for pair in value}


def as_bot(value: Any) -> Any:
    """A kind alone stands for a policy without options."""
    return {"kind": value} if isinstance(value, str) else value


def _with_bots(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: as_bot(item) if name == "bot" else item for name, item in value.items()}
    return value


def _named(table: Mapping[str, Any], place: Place, text: str) -> Place:
    """The entry a message is about: the deepest whose name or text its first sentence holds, the first of several."""
    sentence = re.split(r"\.\s", text)[0]
    found = [inner for inner in _entries(table, place) if _told(inner[-1], sentence)]
    return max(found, key=len, default=place)


def _entries(value: Any, place: Place) -> Iterator[Place]:
    """Every name, and every text inside lists, with the way there."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield (*place, str(name))
            yield from _entries(inner, (*place, str(name)))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _entries(inner, (*place, index))
            if isinstance(inner, str):
                yield (*place, index, inner)


def _told(name: str | int, sentence: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(str(name))}(?![\w-])", sentence) is not None

"""Changing a loaded experiment from outside, as the launcher's profiles do.

A profile is `{"experiment": {field: value}, "scenes": {scene or node id: {group: {field: value}}},
"disabled_scenes": [ids], "order": [ids of the Stager's own items]}`. `group` is the name of a builder method, or
"scene" for the scene's own fields. Nested groups are dicts. TOML has no null: the text "(none)" stands for None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from igym.experiment.base import OptionGroup, filled, option_names
from igym.experiment.errors import ExperimentError, suggestion
from igym.experiment.experiment import Experiment
from igym.experiment.participation import as_participant_ids
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Branch, RandomizeOrder, Stager, nodes_in
from igym.protocol.told import Told

NONE = "(none)"
_KEYS = ("experiment", "scenes", "disabled_scenes", "order")
E_ = TypeVar("E_", bound=Experiment)
Change = Callable[[AnyNode], AnyNode | None]


def own_fields(model: type[BaseModel]) -> list[str]:
    """The fields of a scene, node or experiment itself that a profile may change."""
    return [name for name in option_names(model) if name not in ("id", "body_file")]


def apply_overrides(experiment: E_, overrides: Mapping[str, Any], where: str) -> E_:
    """The experiment with the profile applied, or an ExperimentError that names the profile's entry."""
    _known(overrides, _KEYS, where, "entry")
    plain = _without_none_text(overrides)
    changed = _change_scenes(experiment, plain.get("scenes", {}), where)
    changed = _reorder(changed, plain.get("order", ()), where)
    changed = _disable(changed, plain.get("disabled_scenes", ()), where)
    return _change_experiment(changed, plain.get("experiment", {}), where)


def _without_none_text(value: Any) -> Any:
    if value == NONE:
        return None
    if isinstance(value, Mapping):
        return {key: _without_none_text(item) for key, item in value.items()}
    return [_without_none_text(item) for item in value] if isinstance(value, list) else value


def _known(entries: Mapping[str, Any], known: Any, where: str, what: str) -> None:
    for name in entries:
        if name not in known:
            raise ExperimentError(
                Told(
                    '{where}: there is no {what} "{name}".{hint}',
                    where=where,
                    what=what,
                    name=name,
                    hint=suggestion(name, known),
                ),
                value=name,
                allowed=", ".join(known),
            )


def _change_experiment(experiment: E_, changes: Mapping[str, Any], where: str) -> E_:
    if not changes:
        return experiment
    data = dict(changes)
    _known(data, own_fields(Experiment), f"{where}: experiment", "option")
    if "participant_ids" in data:
        data["participant_ids"] = as_participant_ids(data["participant_ids"])
    for name, value in data.items():
        current = getattr(experiment, name, None)
        if isinstance(current, OptionGroup) and isinstance(value, Mapping):
            data[name] = filled(current, value, f"{where}: {name}")
    return experiment.changed(where, "profile", data)


def _with_nodes(experiment: E_, nodes: tuple[AnyNode, ...], where: str) -> E_:
    return experiment.changed(where, "profile", {"stager": Stager(nodes)})


def _change_scenes(experiment: E_, changes: Mapping[str, Any], where: str) -> E_:
    if not changes:
        return experiment
    _known(changes, [node.known_id for node in experiment.stager.nodes()], where, "scene")

    def change(node: AnyNode) -> AnyNode | None:
        return _changed(node, changes.get(node.known_id, {}), where)

    return _with_nodes(experiment, mapped(experiment.stager.scenes, change), where)


def with_scenes(experiment: E_, change: Callable[[Scene], Scene]) -> E_:
    """The experiment with every scene passed through `change`."""
    nodes = mapped(experiment.stager.scenes, lambda node: change(node) if isinstance(node, Scene) else node)  # type: ignore[return-value, arg-type]
    return _with_nodes(experiment, nodes, "experiment")


def _changed(node: AnyNode, groups: Mapping[str, Mapping[str, Any]], where: str) -> AnyNode:
    known = ("scene", *GYM_GROUPS) if isinstance(node, GymScene) else ("scene",)
    _known(groups, known, Told('{where}: scene "{scene}"', where=where, scene=node.known_id), "group")
    for group, changes in groups.items():
        inside = Told('{where}: scene "{scene}": {group}', where=where, scene=node.known_id, group=group)
        if group == "scene":
            _known(changes, own_fields(type(node)), inside, "option")
            node = node.changed(inside, "profile", _text_wins(changes, type(node).model_fields))
        elif isinstance(node, GymScene):
            known_fields = type(getattr(node, f"{group}_options")).model_fields
            node = node.with_group(group, _text_wins(changes, known_fields), inside)
    return node


def _text_wins(changes: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A text given in a profile replaces the file it used to come from."""
    files = {f"{name}_file": None for name in changes if f"{name}_file" in known}
    return {**files, **changes}


def mapped(nodes: tuple[AnyNode, ...], change: Change) -> tuple[AnyNode, ...]:
    """The tree with every node changed; None takes a node out, and a node left empty goes too."""
    changed = (_mapped_node(node, change) for node in nodes)
    return tuple(node for node in changed if node is not None)


def _mapped_node(node: AnyNode, change: Change) -> AnyNode | None:
    changed = change(node)
    if isinstance(changed, Branch):
        return _mapped_branch(changed, change)
    if changed is None or isinstance(changed, Scene):
        return changed
    kept = mapped(changed.scenes, change)
    if isinstance(changed, RandomizeOrder) and changed.keep_n is not None and changed.keep_n > len(kept):
        changed = changed.model_copy(update={"keep_n": None})
    return changed.with_children(kept) if kept else None


def _mapped_branch(branch: Branch, change: Change) -> Branch:
    """An option taken out stays as a way that leads to nothing, because the function may still choose it."""
    options = [(name, _mapped_node(node, change)) for name, node in branch.options]
    kept = tuple((name, node) for name, node in options if node is not None)
    gone = (*branch.empty_options, *(name for name, node in options if node is None))
    return branch.model_copy(update={"options": kept, "empty_options": gone})


def _disable(experiment: E_, ids: Any, where: str) -> E_:
    if not ids:
        return experiment
    _known(dict.fromkeys(ids), [node.known_id for node in experiment.stager.nodes()], where, "scene")
    nodes = mapped(experiment.stager.scenes, lambda node: None if node.known_id in ids else node)
    if not any(isinstance(inner, Scene) for node in nodes for inner in nodes_in(node)):
        raise ExperimentError(Told("{where}: every scene is disabled; at least one must stay.", where=where))
    return _with_nodes(experiment, nodes, where)


def _reorder(experiment: E_, order: Any, where: str) -> E_:
    if not order:
        return experiment
    items = {node.known_id: node for node in experiment.stager.scenes}
    _known(dict.fromkeys(order), items, f"{where}: order", "scene")
    ordered = dict.fromkeys([*order, *items])
    return _with_nodes(experiment, tuple(items[id] for id in ordered), where)

"""Changing a loaded experiment from outside, as the launcher's profiles do.

A profile is `{"experiment": {field: value}, "scenes": {scene or node id: {group: {field: value}}},
"disabled_scenes": [ids], "order": [ids of the Stager's own items]}`. `group` is the name of a builder method, or
"scene" for the scene's own fields. Nested groups are dicts. TOML has no null: the text "(none)" stands for None.

What is named is changed and everything else stays: options in nested groups, names in tables (config, policies by
agent, actions by key, texts by language …), where "(left out)" takes a name away. A list, and an option that is one
thing with parts (a bot, a matchmaker, when a scene has reached enough), is replaced as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel

from igym.experiment.base import option_names
from igym.experiment.errors import ExperimentError, known_names
from igym.experiment.experiment import Experiment
from igym.experiment.participation import as_participant_ids
from igym.experiment.profile_values import with_groups, with_the_rest
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Branch, RandomizeOrder, Stager, nodes_in
from igym.protocol.told import Told

NONE = "(none)"
_KEYS = ("experiment", "scenes", "disabled_scenes", "order")
E_ = TypeVar("E_", bound=Experiment)
Nodes = tuple[AnyNode, ...]
Change = Callable[[AnyNode], AnyNode | None]


def own_fields(model: type[BaseModel]) -> list[str]:
    """The fields of a scene, node or experiment itself that a profile may change."""
    return [name for name in option_names(model) if name not in ("id", "body_file")]


def apply_overrides(experiment: E_, overrides: Mapping[str, Any], where: str) -> E_:
    """The experiment with the profile applied, or an ExperimentError that names the profile's entry."""
    known_names(overrides, _KEYS, where, "entry")
    plain = _without_none_text(overrides)
    nodes = _change_scenes(experiment.stager.scenes, plain.get("scenes", {}), experiment.languages[0], where)
    nodes = _reorder(nodes, plain.get("order", ()), where)
    nodes = _disable(nodes, plain.get("disabled_scenes", ()), where)
    options = _experiment_options(experiment, plain.get("experiment", {}), where)
    # Validated once, as a whole: a scene may name what only this profile's design has.
    return experiment.changed(where, "profile", {**options, "stager": Stager(nodes)})


def _without_none_text(value: Any) -> Any:
    if value == NONE:
        return None
    if isinstance(value, Mapping):
        return {key: _without_none_text(item) for key, item in value.items()}
    return [_without_none_text(item) for item in value] if isinstance(value, list) else value


def _experiment_options(experiment: Experiment, changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    inside = f"{where}: experiment"
    known_names(changes, own_fields(Experiment), inside, "option")
    data = dict(changes)
    if "participant_ids" in data:
        data["participant_ids"] = as_participant_ids(data["participant_ids"])
    whole = with_the_rest(experiment, data, experiment.languages[0], inside)
    return with_groups(experiment, whole, inside)


def _change_scenes(nodes: Nodes, changes: Mapping[str, Any], language: str, where: str) -> Nodes:
    known_names(changes, _ids(nodes), where, "scene")

    def change(node: AnyNode) -> AnyNode | None:
        return _changed(node, changes.get(node.known_id, {}), language, where)

    return mapped(nodes, change) if changes else nodes


def _ids(nodes: Nodes) -> list[str]:
    return [inner.known_id for node in nodes for inner in nodes_in(node)]


def with_scenes(experiment: E_, change: Callable[[Scene], Scene]) -> E_:
    """The experiment with every scene passed through `change`."""
    nodes = mapped(experiment.stager.scenes, lambda node: change(node) if isinstance(node, Scene) else node)  # type: ignore[return-value, arg-type]
    return experiment.changed("experiment", "profile", {"stager": Stager(nodes)})


def _changed(node: AnyNode, groups: Mapping[str, Mapping[str, Any]], language: str, where: str) -> AnyNode:
    known = ("scene", *GYM_GROUPS) if isinstance(node, GymScene) else ("scene",)
    known_names(groups, known, Told('{where}: scene "{scene}"', where=where, scene=node.known_id), "group")
    for group, changes in groups.items():
        inside = Told('{where}: scene "{scene}": {group}', where=where, scene=node.known_id, group=group)
        if group == "scene":
            known_names(changes, own_fields(type(node)), inside, "option")
            whole = with_the_rest(node, changes, language, inside)
            whole = with_groups(node, whole, inside)
            node = node.changed(inside, "profile", _text_wins(whole, type(node).model_fields))
        elif isinstance(node, GymScene):
            options = getattr(node, f"{group}_options")
            whole = with_the_rest(options, changes, language, inside)
            node = node.with_group(group, _text_wins(whole, type(options).model_fields), inside)
    return node


def _text_wins(changes: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """A text given in a profile replaces the file it used to come from."""
    files = {f"{name}_file": None for name in changes if f"{name}_file" in known}
    return {**files, **changes}


def mapped(nodes: Nodes, change: Change) -> Nodes:
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


def _disable(nodes: Nodes, ids: Any, where: str) -> Nodes:
    known_names(ids, _ids(nodes), where, "scene")
    kept = mapped(nodes, lambda node: None if node.known_id in ids else node) if ids else nodes
    if not any(isinstance(inner, Scene) for node in kept for inner in nodes_in(node)):
        raise ExperimentError(Told("{where}: every scene is disabled; at least one must stay.", where=where))
    return kept


def _reorder(nodes: Nodes, order: Any, where: str) -> Nodes:
    items = {node.known_id: node for node in nodes}
    known_names(order, items, f"{where}: order", "scene")
    return tuple(items[id] for id in dict.fromkeys([*order, *items]))

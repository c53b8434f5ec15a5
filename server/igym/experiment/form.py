"""Every option of an experiment as data: for the launcher's form, and for the record in the export."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from igym.experiment.base import option_names
from igym.experiment.describe import describe_field, extra_of, group_of
from igym.experiment.experiment import Experiment
from igym.experiment.overrides import own_fields
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Node, RandomizeOrder, Repeat, nodes_in

_FIXED = {"function"}
"""Field types a form shows but cannot edit."""


def form_schema(experiment: Experiment) -> dict[str, Any]:
    """`{id, title, …, fields, items, scenes: [{id, kind, title, groups: [{name, title, fields}]}]}`.

    A field is `{name, title, description, unit, type, nullable, min, max, above, below, choices, special, default,
    value, advanced, editable}`, and a nested group has `type: "group"` and `fields` of its own.
    """
    return {
        "id": experiment.id,
        "title": experiment.title,
        "fields": _fields(experiment, own_fields(type(experiment))),
        "items": [_item(node) for node in experiment.stager.scenes],
        "scenes": [_scene_form(node) for node in experiment.stager.nodes()],
    }


def _item(node: AnyNode) -> dict[str, Any]:
    """One of the Stager's own items, which a profile may reorder or disable, with everything inside."""
    return {
        "id": node.known_id,
        "kind": node.kind,
        "title": _title(node),
        "items": [_item(child) for child in node.children()] if isinstance(node, Node) else [],
    }


def _title(node: AnyNode) -> str:
    if isinstance(node, RandomizeOrder):
        return "In random order" if node.keep_n is None else f"{node.keep_n} of these, in random order"
    if isinstance(node, Repeat):
        return f"{node.n} times"
    if isinstance(node, Node):
        return "One of these ways" if node.kind == "branch" else "Together"
    return node.header or node.id


def _scene_form(node: AnyNode) -> dict[str, Any]:
    groups = [{"name": "scene", "title": "Scene", "description": "", "fields": _fields(node, own_fields(type(node)))}]
    if isinstance(node, GymScene):
        groups += [_group_form(node, name) for name in GYM_GROUPS]
    return {"id": node.known_id, "kind": node.kind, "title": _title(node), "groups": groups}


def _group_form(scene: GymScene, name: str) -> dict[str, Any]:
    group = getattr(scene, f"{name}_options")
    builder = getattr(GymScene, name)
    return {
        "name": name,
        "title": name.capitalize(),
        "description": (builder.__doc__ or "").strip(),
        "fields": _fields(group, option_names(type(group))),
    }


def _fields(model: BaseModel, names: list[str]) -> list[dict[str, Any]]:
    stored = model.model_dump(mode="json")
    return [field_form(type(model), name, getattr(model, name), stored[name]) for name in names]


def field_form(model: type[BaseModel], name: str, value: Any, stored: Any) -> dict[str, Any]:
    """One field as data; `value` is the live value and `stored` the same as JSON."""
    field = model.model_fields[name]
    facts: dict[str, Any] = {"name": name, "title": field.title, "description": field.description}
    facts |= {"unit": extra_of(field, "unit"), "advanced": bool(extra_of(field, "advanced"))}
    nested = group_of(field)
    if nested is not None and isinstance(value, BaseModel):
        return facts | {"type": "group", "editable": True, "fields": _fields(value, option_names(nested))}
    shape = {"nullable": False} | describe_field(field)
    return facts | shape | {"default": _default(model, name), "value": stored, "editable": shape["type"] not in _FIXED}


def _default(model: type[BaseModel], name: str) -> Any:
    """The default as JSON, None for fields without one."""
    default = model.model_fields[name].get_default(call_default_factory=True, validated_data={})
    if default is PydanticUndefined:
        return None
    dumped = model.model_construct(**{name: default}).model_dump(mode="json", include={name}, warnings=False)
    return dumped.get(name)


def describe_experiment(experiment: Experiment) -> dict[str, Any]:
    """Everything resolved, defaults included: `{experiment: {...}, scenes: {id: {...}}, order: [...]}`."""
    dumped = experiment.model_dump(mode="json", exclude={"stager"})
    nodes = {node.known_id: _described(node) for item in experiment.stager.scenes for node in nodes_in(item)}
    order = [_item(node) for node in experiment.stager.scenes]
    return {"experiment": dumped | {"players": experiment.players}, "scenes": nodes, "order": order}


def _described(node: AnyNode) -> dict[str, Any]:
    dumped = node.model_dump(mode="json", exclude={"scenes", "options"} if isinstance(node, Node) else None)
    return {name.removesuffix("_options"): value for name, value in dumped.items()}

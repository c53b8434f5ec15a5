"""Every option of an experiment as data: for the launcher's form, and for the record in the export."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from igym.experiment.base import option_names
from igym.experiment.describe import describe_field, extra_of, group_of, models_of
from igym.experiment.experiment import Experiment
from igym.experiment.matchmakers import Fifo, GroupReunion, LatencyMatchmaker, Matchmaker
from igym.experiment.overrides import own_fields
from igym.experiment.scenes.fields import Choice, ScaleField
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Branch, Node, RandomizeOrder, Repeat, nodes_in
from igym.experiment.words import is_text

_FIXED = {"function"}
"""Field types a form shows but cannot edit."""
_WITH_ENTRIES = {"record", "records", "named_records", "policies", "agent_records"}
_SHORT: dict[type[BaseModel], str] = {Choice: "value", ScaleField: "label"}
BUILT_IN_MATCHMAKERS = (Fifo, LatencyMatchmaker, GroupReunion)


def form_schema(experiment: Experiment, *, whole: bool = False) -> dict[str, Any]:
    """`{id, title, …, fields, items, scenes: [{id, kind, title, groups: [{name, title, fields}]}]}`.

    A scene also has the names of its `questions`, a branch those of its `ways`.

    A field is `{name, title, description, unit, type, nullable, min, max, above, below, choices, special, default,
    value, advanced, editable}`, with `needed` where there is no default and `by_language` (the codes) where a text may
    be given for each, and a nested group has `type: "group"` and `fields` of its own. With `whole` the files pages are
    read from are among them, which a profile cannot change.
    """
    schema = {
        "id": experiment.id,
        "title": experiment.title,
        "fields": _fields(experiment, own_fields(type(experiment))),
        "items": [_item(node) for node in experiment.stager.scenes],
        "scenes": [_scene_form(node, whole=whole) for node in experiment.stager.nodes()],
    }
    _name_languages(schema, list(experiment.languages))
    return schema


def _name_languages(facts: Any, languages: list[str]) -> None:
    """Every field with texts is told in which languages they may be."""
    if isinstance(facts, dict):
        if "by_language" in facts:
            facts["by_language"] = languages
        for name in ("fields", "scenes", "groups", "variants"):
            _name_languages(facts.get(name), languages)
    elif isinstance(facts, list):
        for item in facts:
            _name_languages(item, languages)


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
        return f"Until it is reached, at most {node.at_most} times" if node.is_conditional else f"{node.n} times"
    if isinstance(node, Node):
        return "One of these ways" if node.kind == "branch" else "Together"
    return node.header or node.id


def _scene_form(node: AnyNode, *, whole: bool) -> dict[str, Any]:
    names = [name for name in option_names(type(node)) if name != "id"] if whole else own_fields(type(node))
    groups = [{"name": "scene", "title": "Scene", "description": "", "fields": _fields(node, names)}]
    if isinstance(node, GymScene):
        groups += [_group_form(node, name) for name in GYM_GROUPS]
    form = {"id": node.known_id, "kind": node.kind, "title": _title(node), "groups": groups}
    if isinstance(node, Branch):
        return form | {"ways": [name for name, _ in node.options] + list(node.empty_options)}
    return form | ({} if isinstance(node, Node) else {"questions": [item.name for item in node.fields()]})


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
    if is_text(field):
        facts["by_language"] = []
    facts |= shape | {"default": _default(model, name), "value": stored, "editable": shape["type"] not in _FIXED}
    needed = {"needed": True} if field.is_required() else {}
    return facts | needed | _variants(model, field, shape["type"])


def _variants(model: type[BaseModel], field: FieldInfo, kind: str) -> dict[str, Any]:
    """For entries with parts: `variants: [{tag, kind, fields}]`, and `short`, the part a plain text stands for."""
    if kind not in _WITH_ENTRIES:
        return {}
    models = [deeper for found in models_of(field) for deeper in _kinds_of(found) if deeper is not model]
    short = next((_SHORT[found] for found in models if found in _SHORT), None)
    return {"variants": [variant(found) for found in models]} | ({"short": short} if short else {})


def variant(model: type[BaseModel]) -> dict[str, Any]:
    """One kind of entry: `tag` tells it from the others in what is stored, `fields` are its options as they begin."""
    tag = {name: model.model_fields[name].default for name in ("kind", "type") if name in model.model_fields}
    names = option_names(model)
    fields = [field_form(model, name, None, _default(model, name)) for name in names]
    return {"tag": tag, "kind": model.__name__, "fields": fields}


def _kinds_of(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    return BUILT_IN_MATCHMAKERS if model is Matchmaker else (model,)


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

"""An experiment as the document of a `study.toml`: what was written, without what is the default anyway."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from igym.experiment.base import OptionGroup
from igym.experiment.errors import ExperimentError
from igym.experiment.experiment import Experiment
from igym.experiment.functions import FunctionRef
from igym.experiment.matchmakers import Matchmaker, is_custom
from igym.experiment.options import PoliciesOptions
from igym.experiment.policies import Bot, Human
from igym.experiment.scenes.base import ASSET_LINK
from igym.experiment.scenes.fields import Choice, ScaleField
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Branch, Node
from igym.experiment.study_text import Document
from igym.experiment.words import Words, changed, stored
from igym.protocol.told import Told

FORMAT = 1


def to_document(experiment: Experiment) -> Document:
    """Raises ExperimentError naming every function: those are Python, which no data can hold."""
    functions = sorted(experiment.functions())
    if functions:
        raise ExperimentError(
            Told(
                "a study.toml cannot hold Python functions, and this experiment has {functions}. It stays an "
                "experiment.py.",
                functions=", ".join(functions),
            ),
            value=", ".join(functions),
        )
    own = {
        name: value
        for name, value in written(experiment).items()
        if name != "stager" and not isinstance(value, Mapping)
    }
    groups = {name: value for name, value in written(experiment).items() if isinstance(value, Mapping)}
    scenes = {node.known_id: node_table(node) for node in experiment.stager.nodes()}
    order = [node.known_id for node in experiment.stager.scenes]
    return {"format": FORMAT, **own, "order": order, **groups, "scenes": scenes}


def node_table(node: AnyNode) -> Document:
    """One table of `[scenes]`: kind, own options, and for a game one table for each builder method."""
    table: Document = {"kind": node.kind}
    if isinstance(node, Branch):
        options = {name: inner.known_id for name, inner in node.options}
        table["options"] = {**options, **{name: [] for name in node.empty_options}}
    elif isinstance(node, Node):
        table["scenes"] = [child.known_id for child in node.children()]
    skipped = {"id", "kind", "scenes", "empty_options", *(("options",) if isinstance(node, Branch) else ())}
    skipped |= {f"{name}_options" for name in GYM_GROUPS} if isinstance(node, GymScene) else set()
    table |= {name: value for name, value in written(node).items() if name not in skipped}
    if isinstance(node, GymScene):
        groups = {name: written(getattr(node, f"{name}_options")) for name in GYM_GROUPS}
        table |= {name: group for name, group in groups.items() if group}
    return table


def written(model: BaseModel) -> Document:
    """Name → value of each option that is not the default; a page read from a file is the file's name alone."""
    found: Document = {}
    for name, value in given_options(model):
        if isinstance(value, OptionGroup):
            if group := written(value):
                found[name] = group
        elif name == "mapping" and isinstance(model, PoliciesOptions):
            found[name] = [{"agent": agent, "policy": as_data(policy)} for agent, policy in value.items()]
        elif name in _stored_fields(type(model)):
            found[name] = as_data(model.model_dump(mode="json", include={name})[name])
        elif name == "stager" or (name == "scenes" and isinstance(model, Node)):
            continue
        elif name in ("body", "in_game_body"):
            found[name] = stored(changed(value, plain_links))
        else:
            found[name] = as_data(value)
    return found


def plain_links(html: str) -> str:
    """Links to files of the folder as a researcher writes them."""
    return html.replace(f'="{ASSET_LINK}', '="').replace(f"='{ASSET_LINK}", "='")


def _stored_fields(model: type[BaseModel]) -> set[str]:
    """Fields a model stores in a form of its own, because their entries differ from what a plain dump says."""
    serializers = model.__pydantic_decorators__.field_serializers.values()
    return {name for serializer in serializers for name in serializer.info.fields} - {"scales"}


def given_options(model: BaseModel) -> Iterator[tuple[str, Any]]:
    """(name, value) of each option that is not the default, in the order of the model."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        default = field.get_default(call_default_factory=True, validated_data={})
        from_file = getattr(model, f"{name}_file", None) is not None
        if not from_file and (default is PydanticUndefined or value != default):
            yield name, value


def as_data(value: Any) -> Any:
    """One value as TOML can hold it, models as tables with their kind."""
    if isinstance(value, Words):
        return stored(value)
    if isinstance(value, Choice):
        table = written(value)
        return value.value if value.label == value.value and value.image is None else table
    if isinstance(value, Matchmaker):
        assert not is_custom(value)
    if isinstance(value, FunctionRef):
        raise ExperimentError(
            Told("a study.toml cannot hold the function {function}.", function=value.name), value=value.name
        )
    if isinstance(value, BaseModel):
        return _table(value)
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(item) for item in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def _table(model: BaseModel) -> Any:
    tag = {name: getattr(model, name) for name in ("kind", "type") if name in type(model).model_fields}
    own = written(model)
    if isinstance(model, ScaleField):
        # What a scale does not say itself comes from its scene, so what was said counts even where it is the default.
        own |= {name: as_data(getattr(model, name)) for name in model.model_fields_set if name != "type"}
    if isinstance(model, Human | Bot) and not own:
        return tag["kind"]
    return tag | own

"""An experiment without functions of its own as the `experiment.py` that defines it, to go on by code."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from igym.experiment.base import OptionGroup
from igym.experiment.experiment import Experiment
from igym.experiment.options import ActionBinding, PoliciesOptions
from igym.experiment.options.controls import AgentControls
from igym.experiment.policies import Human
from igym.experiment.scenes.base import Scene
from igym.experiment.scenes.fields import Choice, ScaleField
from igym.experiment.scenes.gym import GymScene
from igym.experiment.scenes.gym_spec import GYM_GROUPS
from igym.experiment.stager import AnyNode, Branch, Node
from igym.experiment.study_write import given_options, plain_links, to_document
from igym.experiment.words import changed, stored

WIDTH = 100


@dataclass(frozen=True)
class _List:
    """Something in brackets, over several lines when it does not fit on one."""

    start: str
    items: tuple[_Code, ...]
    end: str


@dataclass(frozen=True)
class _Chain:
    """A call followed by calls of its methods, one on each line."""

    head: _Code
    calls: tuple[_Code, ...]


@dataclass(frozen=True)
class _Named:
    """`name=…` or `key: …`."""

    start: str
    value: _Code


_Code = str | _List | _Chain | _Named


def to_python(experiment: Experiment) -> str:
    """The source text; raises ExperimentError when the experiment has functions already."""
    to_document(experiment)
    names: set[str] = {"Experiment", "Stager"}
    options = [
        _Named(f"{'entry_screening' if name == 'screening' else name}=", _value(value, names))
        for name, value in given_options(experiment)
        if name != "stager"
    ]
    scenes = _List("[", tuple(_node(node, names) for node in experiment.stager.scenes), "]")
    stager = _Named("stager=", _List("Stager(", (scenes,), ")"))
    whole = _Named("experiment = ", _List("Experiment(", (*options, stager), ")"))
    title = (experiment.title or experiment.id).replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
    return f'"""{title}."""\n\nfrom igym import {_imports(names)}\n\n{_text(whole, 0)}\n'


def _imports(names: set[str]) -> str:
    line = ", ".join(sorted(names))
    return line if len(line) < WIDTH else "(\n    " + ",\n    ".join(sorted(names)) + ",\n)"


def _node(node: AnyNode, names: set[str]) -> _Code:
    names.add(type(node).__name__)
    if isinstance(node, Node):
        return _List(f"{type(node).__name__}(", (*_held(node, names), *_keywords(node, names)), ")")
    head = f"{type(node).__name__}({_quoted(node.id)})"
    calls: list[_Code] = [_List(".display(", _keywords(node, names), ")")] if _keywords(node, names) else []
    if isinstance(node, GymScene):
        calls += [call for name in GYM_GROUPS if (call := _builder(node, name, names)) is not None]
    return _Chain(head, tuple(calls)) if calls else head


def _held(node: Node, names: set[str]) -> tuple[_Code, ...]:
    if not isinstance(node, Branch):
        return (_List("[", tuple(_node(child, names) for child in node.children()), "]"),)
    options: tuple[_Code, ...] = tuple(
        _Named(f"{_quoted(name)}: ", _node(inner, names)) for name, inner in node.options
    )
    return (_Named("options=", _List("{", options, "}")),)


def _keywords(model: BaseModel, names: set[str]) -> tuple[_Code, ...]:
    """What was given, as keyword arguments."""
    skipped = {"kind", "type", *({"scenes"} if isinstance(model, Node) else ())}
    skipped |= {"options"} if isinstance(model, Branch) else set()
    skipped |= {"id", *(f"{name}_options" for name in GYM_GROUPS)} if isinstance(model, Scene) else set()
    return tuple(
        _Named(f"{name}=", _body(value) if name in ("body", "in_game_body") else _value(value, names))
        for name, value in _shown(model)
        if name not in skipped
    )


def _shown(model: BaseModel) -> list[tuple[str, Any]]:
    if isinstance(model, ScaleField | AgentControls):
        return [(name, getattr(model, name)) for name in type(model).model_fields if name in model.model_fields_set]
    return list(given_options(model))


def _option(name: str, value: Any, names: set[str]) -> _Code:
    return _keys(value) if name == "action_mapping" else _value(value, names)


def _body(html: str) -> _Code:
    return _value(changed(html, plain_links), set())


def _builder(scene: GymScene, name: str, names: set[str]) -> _Code | None:
    group = getattr(scene, f"{name}_options")
    given = dict(given_options(group))
    first: tuple[_Code, ...] = ()
    if name == "gameplay" and "action_mapping" in given:
        first = (_Named("action_mapping=", _keys(given.pop("action_mapping"))),)
    if isinstance(group, PoliciesOptions) and "mapping" in given:
        agents = given.pop("mapping")
        policies = tuple(_Named(f"{_plain(agent)}: ", _value(p, names)) for agent, p in agents.items())
        first = (_List("{", policies, "}"),)
    keywords = tuple(
        _Named(f"{key}=", _body(value) if key in ("body", "in_game_body") else _value(value, names))
        for key, value in given.items()
    )
    return _List(f".{name}(", (*first, *keywords), ")") if first or keywords else None


def _keys(bindings: tuple[ActionBinding, ...]) -> _Code:
    def key(binding: ActionBinding) -> str:
        keys = ", ".join(map(_quoted, binding.keys))
        return keys if len(binding.keys) == 1 else f"({keys})"

    return _List("{", tuple(_Named(f"{key(item)}: ", _value(item.action, set())) for item in bindings), "}")


def _value(value: Any, names: set[str]) -> _Code:
    value = stored(value) if isinstance(value, str) else value
    if isinstance(value, OptionGroup):
        items = [_Named(f"{_quoted(name)}: ", _option(name, inner, names)) for name, inner in _shown(value)]
        return _List("{", tuple(items), "}")
    if isinstance(value, BaseModel):
        return _model(value, names)
    if isinstance(value, Mapping):
        return _List("{", tuple(_Named(f"{_plain(k)}: ", _value(v, names)) for k, v in value.items()), "}")
    if isinstance(value, list | tuple):
        return _List("[", tuple(_value(item, names) for item in value), "]")
    return _plain(value)


def _model(value: BaseModel, names: set[str]) -> _Code:
    keywords = _keywords(value, names)
    if isinstance(value, Choice) and value.label == value.value and value.image is None:
        return _quoted(value.value)
    names.add(type(value).__name__)
    if isinstance(value, Human):
        return "Human"
    return _List(f"{type(value).__name__}(", keywords, ")")


def _plain(value: Any) -> str:
    if isinstance(value, datetime.date):
        return _quoted(value.isoformat())
    return _quoted(value) if isinstance(value, str) else repr(value)


def _quoted(text: str) -> str:
    """A literal in double quotes, as the rest of the file has them, unless that needs more escapes."""
    written = repr(text)
    return f'"{written[1:-1]}"' if written.startswith("'") and '"' not in written else written


def _text(code: _Code, depth: int, taken: int = 0) -> str:
    """`taken` characters of the line are used already, by what stands before."""
    flat = _flat(code)
    if flat is not None and 4 * depth + taken + len(flat) < WIDTH:
        return flat
    inside = "    " * (depth + 1)
    if isinstance(code, str):
        return code
    if isinstance(code, _Named):
        return code.start + _text(code.value, depth, taken + len(code.start))
    if isinstance(code, _Chain):
        calls = [f"{'    ' * depth}{_text(call, depth)}" for call in code.calls]
        return "\n".join([_text(code.head, depth, taken), *calls])
    if len(code.items) == 1 and isinstance(code.items[0], _List):
        return f"{code.start}{_text(code.items[0], depth, taken)}{code.end}"
    items = [f"{inside}{_text(item, depth + 1)},\n" for item in code.items]
    return f"{code.start}\n{''.join(items)}{'    ' * depth}{code.end}"


def _flat(code: _Code) -> str | None:
    """On one line, or None when it holds something that always takes several."""
    if isinstance(code, str):
        return code
    if isinstance(code, _Named):
        inner = _flat(code.value)
        return None if inner is None else code.start + inner
    if isinstance(code, _Chain):
        parts = [_flat(part) for part in (code.head, *code.calls)]
        return None if None in parts or len(code.calls) > 1 else "".join(map(str, parts))
    parts = [_flat(item) for item in code.items]
    return None if None in parts else code.start + ", ".join(map(str, parts)) + code.end

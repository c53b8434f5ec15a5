"""What a model field accepts, read from the model: for error texts, the launcher's form and the reference pages."""

from __future__ import annotations

import datetime
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from igym.protocol.told import Told, together

STRUCTURED = frozenset(
    {"json", "plain", "date", "numbers", "table", "files", "keys"}
    | {"record", "records", "named_records", "policies", "agent_records"}
)
"""Types whose values have parts. plain: any one value; record: one of several models; the rest are lists of such."""
_SCALARS = {bool: "boolean", int: "integer", float: "number", str: "text"}


def describe_field(field: FieldInfo) -> dict[str, Any]:
    """`{type, nullable, min, max, choices, special, item}` as far as they apply.

    `type` is one of integer, number, boolean, text, choice, multi_choice, text_list, group, function, or of
    `STRUCTURED`; json stands for what has no form of its own.
    """
    shape = _shape(field.annotation)
    _add_bounds(shape, field.metadata)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    if isinstance(extra.get("type"), str):
        shape["type"] = extra["type"]
    if "when_true" in extra:
        shape["when_true"] = extra["when_true"]
    return shape


def is_structured(field: FieldInfo) -> bool:
    """Whether its description says better than a rule what may be written."""
    shape = describe_field(field)
    return shape["type"] in STRUCTURED or "when_true" in shape


def extra_of(field: FieldInfo, name: str) -> Any:
    """One of the facts kept beside a field: unit, advanced, type, in_code."""
    return field.json_schema_extra.get(name) if isinstance(field.json_schema_extra, dict) else None


def legal_text(field: FieldInfo) -> str:
    """What may be written, as the end of a sentence: 'a whole number from 1 to 120 (frames per second), or None'."""
    shape = describe_field(field)
    unit = extra_of(field, "unit")
    counts = unit and unit != "none" and shape["type"] in ("integer", "number")
    special = (Told(' or "{word}"', word=word) for word in shape.get("special", ()))
    none = Told(", or None") if shape.get("nullable") else ""
    parts = (_kind_text(shape), *_range_text(shape), f" ({unit})" if counts else "", *special, none)
    return together(*parts, between="")


def models_of(field: FieldInfo) -> list[type[BaseModel]]:
    """The models a structured field's entries may be, those of a union in their order."""
    return [part for part in _parts_deep(field.annotation) if _is_model(part)]


def _parts_deep(annotation: Any) -> list[Any]:
    found: list[Any] = []
    for part in _parts(annotation):
        inner = typing.get_args(part) if typing.get_origin(part) in (tuple, dict) else ()
        found += [deeper for arg in inner for deeper in _parts_deep(arg)] if inner else [part]
    return found


def group_of(field: FieldInfo) -> type[BaseModel] | None:
    """The nested option group a field holds, if it does."""
    for part in _parts(field.annotation):
        if isinstance(part, type) and issubclass(part, BaseModel) and getattr(part, "is_option_group", False):
            return part
    return None


def _parts(annotation: Any) -> list[Any]:
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return [part for arg in typing.get_args(annotation) for part in _parts(arg)]
    if typing.get_origin(annotation) is typing.Annotated:
        return _parts(typing.get_args(annotation)[0])
    return [annotation]


def _shape(annotation: Any) -> dict[str, Any]:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *metadata = typing.get_args(annotation)
        shape = _shape(inner)
        _add_bounds(shape, metadata)
        return shape
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return _union_shape(typing.get_args(annotation))
    if typing.get_origin(annotation) is Literal:
        return {"type": "choice", "choices": list(typing.get_args(annotation))}
    if typing.get_origin(annotation) is tuple:
        return _tuple_shape(typing.get_args(annotation))
    if typing.get_origin(annotation) is dict:
        return _dict_shape(typing.get_args(annotation))
    return _class_shape(annotation)


def _class_shape(annotation: Any) -> dict[str, Any]:
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if getattr(annotation, "is_option_group", False):
        return {"type": "group"}
    if getattr(annotation, "is_function_reference", False):
        return {"type": "function"}
    if annotation is Any:
        return {"type": "plain"}
    if annotation is datetime.date:
        return {"type": "date"}
    return {"type": "record" if _is_model(annotation) else "json"}


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _dict_shape(args: tuple[Any, ...]) -> dict[str, Any]:
    """`entry` is the type of the values, `keys` the names there can be when they are fixed."""
    names, values = args
    entry = "text" if values is str else _entry(values)
    if any(_is_model(part) for part in _parts(values)):
        return {"type": "named_records"}
    keys = list(typing.get_args(names)) if typing.get_origin(names) is Literal else []
    return {"type": "table", "entry": entry} | ({"keys": keys} if keys else {})


def _entry(values: Any) -> str:
    """What stands beside each name: one value, a list of them, or names with numbers."""
    for part in _parts(values):
        if typing.get_origin(part) is tuple:
            return "list"
        if typing.get_origin(part) is dict:
            return "weights"
    return "plain"


def _tuple_shape(args: tuple[Any, ...]) -> dict[str, Any]:
    item = _shape(args[0]) if args else {"type": "json"}
    if item["type"] == "choice":
        return {"type": "multi_choice", "choices": item["choices"]}
    if item["type"] == "text" and args[-1] is Ellipsis:
        return {"type": "text_list"}
    if item["type"] in ("integer", "number"):
        length = {} if args[-1] is Ellipsis else {"length": len(args)}
        return {"type": "numbers", "decimals": item["type"] == "number"} | length
    if any(_is_model(part) for part in _parts(args[0])):
        return {"type": "records"}
    return {"type": "json"}


def _union_shape(args: tuple[Any, ...]) -> dict[str, Any]:
    shapes = [_shape(arg) for arg in args if arg is not type(None)]
    main = next((shape for shape in shapes if shape["type"] != "choice"), shapes[0])
    kinds = {shape["type"] for shape in shapes if shape["type"] != "choice"}
    if len(kinds) > 1:
        main = _mixed(kinds, shapes)
    specials = [
        word for shape in shapes if shape["type"] == "choice" and shape is not main for word in shape["choices"]
    ]
    merged = {**main, "nullable": type(None) in args}
    return {**merged, "special": specials} if specials else merged


def _mixed(kinds: set[str], shapes: list[dict[str, Any]]) -> dict[str, Any]:
    if kinds == {"boolean", "multi_choice"}:
        return next(shape for shape in shapes if shape["type"] == "multi_choice")
    return {"type": "plain" if kinds <= {*_SCALARS.values()} else "json"}


def _add_bounds(shape: dict[str, Any], metadata: typing.Iterable[Any]) -> None:
    for item in metadata:
        for attribute, name in (("ge", "min"), ("gt", "above"), ("le", "max"), ("lt", "below")):
            value = getattr(item, attribute, None)
            if value is not None:
                shape[name] = value
        if isinstance(item, FieldInfo):
            _add_bounds(shape, item.metadata)
        if isinstance(item, annotated_types.MaxLen):
            shape["max_length"] = item.max_length


_KINDS = {
    "integer": Told("a whole number"),
    "number": Told("a number"),
    "boolean": Told("True or False"),
    "text": Told("a text"),
    "text_list": Told("a list of texts"),
    "function": Told("a function"),
    "group": Told("a group of options (a dict)"),
    "colour": Told("a colour (an RGB tuple, #rgb, #rrggbb or a CSS name)"),
    "file": Told("the path of a file in the experiment folder"),
    "multiline": Told("a text"),
    "html": Told("a text"),
    "date": Told("a day"),
}


def _kind_text(shape: Mapping[str, Any]) -> str:
    if shape["type"] in ("choice", "multi_choice"):
        words = ", ".join(f'"{choice}"' if isinstance(choice, str) else repr(choice) for choice in shape["choices"])
        return Told("one of {words}", words=words) if shape["type"] == "choice" else Told("any of {words}", words=words)
    return _KINDS.get(shape["type"], Told("a value of the documented form"))


_LIMITS: dict[str, Callable[[Any], str]] = {
    "above": lambda number: Told(" above {number}", number=number),
    "below": lambda number: Told(" below {number}", number=number),
    "min": lambda number: Told(" of at least {number}", number=number),
    "max": lambda number: Told(" of at most {number}", number=number),
}


def _range_text(shape: Mapping[str, Any]) -> list[str]:
    low, high = shape.get("min"), shape.get("max")
    if low is not None and high is not None:
        return [Told(" from {low} to {high}", low=low, high=high)]
    found = [limit(shape[name]) for name, limit in _LIMITS.items() if shape.get(name) is not None]
    return [part for limit in found for part in (Told(" and"), limit)][1:]

"""The frozen model every part of an experiment is made of, and how its mistakes are worded."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from igym.experiment.describe import extra_of, group_of, is_structured, legal_text
from igym.experiment.errors import ExperimentError, owned, shown, suggestion
from igym.protocol.told import Told, together

_PACKAGE = str(Path(__file__).resolve().parent)


class _Unset:
    def __repr__(self) -> str:
        return "not given"


UNSET: Any = _Unset()
"""Default of every builder parameter: tells "not given" from None."""


def option(
    default: Any = ...,
    *,
    title: str,
    description: str,
    in_code: str = "",
    unit: str = "none",
    advanced: bool = False,
    form: str | None = None,
    hidden: bool = False,
    when_true: tuple[str, ...] = (),
    **rules: Any,
) -> Any:
    """A documented model field. `unit` is "none" or a plain word; `form` names the editor if the type does not.

    `description` is for whoever sets it in the window, `in_code` what the reference adds for whoever writes Python.
    `when_true` says which choices True stands for.
    """
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    if in_code:
        extra["in_code"] = in_code
    if form is not None:
        extra["type"] = form
    if hidden:
        extra["hidden"] = True
    if when_true:
        extra["when_true"] = list(when_true)
    return Field(default, title=title, description=description, json_schema_extra=extra, **rules)


def tag(value: str, name: str = "Kind") -> Any:
    """A field that tells kinds apart in stored experiments; nobody writes it."""
    facts: dict[str, Any] = {"unit": "none", "advanced": True, "hidden": True}
    text = f"Always {value}; tells this kind from the others in a stored experiment."
    return Field(value, title=name, description=text, json_schema_extra=facts)


class Spec(BaseModel):
    """Frozen and strict about names: what was built stays as it was built."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False, defer_build=True)

    is_option_group: ClassVar[bool] = False


class OptionGroup(Spec):
    """The options one builder method fills, or a nested group of them."""

    is_option_group: ClassVar[bool] = True


class _Sites(dict[str, tuple[str, int]]):
    """Where each part was written. Never makes two equal things differ."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sites)

    __hash__ = None


class Authored(Spec):
    """A thing a researcher constructs by name; its constructor explains mistakes in plain words."""

    _sites: _Sites = PrivateAttr(default_factory=_Sites)

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            raise explain(error, type(self), self.called(data), data) from None
        self._sites["constructor"] = calling_site()

    @classmethod
    def called(cls, data: Mapping[str, Any]) -> str:
        """How messages name this thing: `GymScene("match")`, or the class alone."""
        return f'{cls.__name__}("{data["id"]}")' if data.get("id") else cls.__name__

    def site(self, part: str = "constructor") -> tuple[str | None, int | None]:
        """File and line where `part` (a builder method's name) was last called."""
        return self._sites.get(part) or self._sites.get("constructor") or (None, None)

    def changed(self, where: str, part: str, changes: Mapping[str, Any]) -> Self:
        """A copy with `changes` validated as if written in the constructor."""
        data = {name: getattr(self, name) for name in type(self).model_fields} | dict(changes)
        try:
            copy = type(self).__pydantic_validator__.validate_python(data, self_instance=type(self).__new__(type(self)))
        except ValidationError as error:
            raise explain(error, type(self), where, changes) from None
        copy._sites = _Sites({**self._sites, part: calling_site()})
        result: Self = copy
        return result


Group = TypeVar("Group", bound=OptionGroup)


def given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a builder method that were really given, misspelt ones included."""
    named = {
        name: value for name, value in parameters.items() if name not in ("self", "misspelt") and value is not UNSET
    }
    return {**named, **parameters.get("misspelt", {})}


def filled(group: Group, changes: Mapping[str, Any], where: str) -> Group:
    """`group` with `changes` on top; nested groups are merged option by option."""
    model = type(group)
    data = {name: getattr(group, name) for name in model.model_fields}
    for name, value in changes.items():
        nested = data.get(name)
        if isinstance(nested, OptionGroup) and isinstance(value, Mapping):
            value = filled(nested, value, f"{where}({name}=…)")
        data[name] = value
    return build(model, data, where, changes)


def build(
    model: type[Group], data: Mapping[str, Any], where: str, given_by_author: Mapping[str, Any] | None = None
) -> Group:
    """Validate, or raise an ExperimentError naming `where`, the option, the value and what is allowed."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise explain(error, model, where, given_by_author or data) from None


def explain(
    error: ValidationError, model: type[BaseModel], where: str, given_by_author: Mapping[str, Any]
) -> ExperimentError:
    """pydantic's findings in the words of the person who wrote the experiment; one sentence per option."""
    findings: dict[str, ErrorDetails] = {}
    for details in error.errors(include_url=False):
        findings.setdefault(".".join(str(step) for step in _field_path(model, details["loc"])), details)
    sentences = [_sentence(details, model, given_by_author) for details in findings.values()]
    first = sentences[0]
    text = together(*(owned(where, problem) for problem, _, _ in sentences))
    told = ExperimentError(text, value=first[1], allowed=first[2])
    # Where a part of the whole was written says more than where the whole is put together.
    causes = (details.get("ctx", {}).get("error") for details in findings.values())
    placed = next((cause for cause in causes if isinstance(cause, ExperimentError) and cause.file is not None), None)
    return told.at(placed.file, placed.line) if placed else told


def _sentence(
    details: ErrorDetails, model: type[BaseModel], given_by_author: Mapping[str, Any]
) -> tuple[str, str | None, str | None]:
    """What is wrong, the value, and what would have been right."""
    if details["type"] == "extra_forbidden":
        return _unknown_name(details, model)
    cause = details.get("ctx", {}).get("error")
    if isinstance(cause, ExperimentError) and not details["loc"]:
        return cause.text, cause.value, cause.allowed
    path = _field_path(model, details["loc"])
    name = ".".join(path)
    field = _field_at(model, path)
    if details["type"] == "missing":
        allowed = legal_text(field) if field else Told("needed")
        return Told("{name} is missing. It is {allowed}.", name=name, allowed=allowed), None, None
    if cause is not None:
        return _cause_sentence(cause, name, details["input"])
    value = shown(given_by_author.get(name, details["input"]) if len(path) == 1 else details["input"])
    if field is None:
        return Told("{name}={value} is not allowed. {why}.", name=name, value=value, why=details["msg"]), value, None
    text = Told(
        "{name}={value} is not allowed ({title}). {rule}",
        name=name,
        value=value,
        title=str(field.title),
        rule=_rule(details, field),
    )
    return text, value, legal_text(field)


def _cause_sentence(cause: object, name: str, given_value: object) -> tuple[str, str | None, str | None]:
    if not isinstance(cause, ExperimentError):
        return owned(name, str(cause)), shown(given_value), None
    must = cause.allowed and cause.allowed not in cause.text
    rule = Told("It must be {allowed}.", allowed=cause.allowed) if must else ""
    return together(owned(name, cause.text), rule), cause.value, cause.allowed


def _rule(details: ErrorDetails, field: FieldInfo) -> str:
    if details["type"] == "string_pattern_mismatch":
        rule = Told("It must have the form {form}.", form=details["ctx"]["pattern"])
        return together(str(field.description), rule)
    if is_structured(field):
        return str(field.description)
    return Told("It must be {allowed}.", allowed=legal_text(field))


def _unknown_name(details: ErrorDetails, model: type[BaseModel]) -> tuple[str, str | None, str | None]:
    *path, name = (str(step) for step in details["loc"])
    field = _field_at(model, path) if path else None
    owner = (group_of(field) if field else None) or model
    known = option_names(owner)
    facts = {"name": name, "hint": suggestion(name, known), "known": (allowed := ", ".join(known))}
    text = (
        Told('{place} has no option "{name}".{hint} The options are: {known}.', place=".".join(path), **facts)
        if path
        else Told('there is no option "{name}".{hint} The options are: {known}.', **facts)
    )
    return text, name, allowed


def option_names(model: type[BaseModel]) -> list[str]:
    """The names a researcher may write: all but the tag of a kind and the groups builder methods fill."""
    return [name for name, field in model.model_fields.items() if extra_of(field, "hidden") is None]


def _field_path(model: type[BaseModel] | None, loc: Iterable[str | int]) -> list[str]:
    """The part of pydantic's location that names fields; branches of unions and positions are left out."""
    path: list[str] = []
    for step in loc:
        if model is None or not isinstance(step, str) or step not in model.model_fields:
            break
        path.append(step)
        model = group_of(model.model_fields[step])
    return path


def _field_at(model: type[BaseModel], path: Iterable[str]) -> FieldInfo | None:
    field: FieldInfo | None = None
    current: type[BaseModel] | None = model
    for step in path:
        field = current.model_fields.get(step) if current else None
        current = group_of(field) if field else None
    return field


def calling_site() -> tuple[str, int]:
    """File and line of the nearest caller outside this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        name = frame.f_code.co_filename
        if not name.startswith(_PACKAGE) and "pydantic" not in name:
            break
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno

"""An experiment's options as a form: fields from its schema, what a profile changes, and what may be written."""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from igym_desktop.flow.values import read_numbers, read_value, write_numbers, write_value
from igym_desktop.i18n import plural, tr

Path_ = tuple[str, ...]
"""("experiment", field, …) or ("scenes", scene, group, field, …)."""


class FormError(ValueError):
    """What was typed is not allowed; the text says what is."""


@dataclass(frozen=True)
class Field:
    """One option. `value` is what the experiment's author wrote, or the default; `facts` is the schema's entry."""

    path: Path_
    facts: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The option's name in code."""
        return self.path[-1]

    @property
    def title(self) -> str:
        """For people."""
        return str(self.facts.get("title") or self.name.replace("_", " ").capitalize())

    @property
    def description(self) -> str:
        """One sentence of help."""
        return str(self.facts.get("description") or "").replace("`", "")

    @property
    def unit(self) -> str:
        """ "" when there is none."""
        unit = self.facts.get("unit")
        return "" if not unit or unit == "none" else str(unit)

    @property
    def kind(self) -> str:
        """integer, number, boolean, text, multiline, choice, multi_choice, text_list, colour, file, function, date,
        plain, numbers, table, files, keys, record, records, named_records, policies, agent_records; json for none."""
        return str(self.facts.get("type", "json"))

    @property
    def value(self) -> Any:
        """What holds without a profile."""
        return self.facts.get("value")

    @property
    def nullable(self) -> bool:
        """Whether "none" is allowed."""
        return bool(self.facts.get("nullable"))

    @property
    def specials(self) -> list[str]:
        """Words allowed beside a number, such as "auto"."""
        return [str(word) for word in self.facts.get("special") or ()]

    @property
    def choices(self) -> list[Any]:
        """Everything allowed, for the kinds that choose."""
        return list(self.facts.get("choices") or ())

    @property
    def advanced(self) -> bool:
        """Folded away at first."""
        return bool(self.facts.get("advanced"))

    @property
    def editable(self) -> bool:
        """Functions are written in code only."""
        return bool(self.facts.get("editable", True)) and self.kind != "function"


@dataclass(frozen=True)
class Group:
    """Fields under one heading."""

    title: str
    description: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Section:
    """What one entry of the list on the left shows."""

    key: str
    title: str
    kind: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Item:
    """One of the Stager's own items; `depth` 0 can be moved, all can be switched off."""

    id: str
    title: str
    kind: str
    depth: int


def sections(schema: Mapping[str, Any]) -> list[Section]:
    """The experiment itself first, then its scenes."""
    own = tuple(_groups("", "", schema.get("fields", ()), ("experiment",)))
    found = [Section("experiment", tr("Whole experiment"), "experiment", own)]
    for scene in schema.get("scenes", ()):
        groups = [
            group
            for part in scene.get("groups", ())
            for group in _groups(
                part["title"], part.get("description", ""), part["fields"], ("scenes", scene["id"], part["name"])
            )
        ]
        found.append(
            Section(str(scene["id"]), str(scene.get("title") or scene["id"]), str(scene.get("kind", "")), tuple(groups))
        )
    return found


def _groups(title: str, description: str, fields: Sequence[Mapping[str, Any]], path: Path_) -> Iterator[Group]:
    """Nested groups become groups of their own, after their parent."""
    plain = tuple(Field((*path, str(facts["name"])), facts) for facts in fields if facts.get("type") != "group")
    if plain:
        yield Group(title or tr("General"), description.replace("`", ""), plain)
    for facts in fields:
        if facts.get("type") == "group":
            name = str(facts.get("title") or facts["name"])
            inner = f"{title}: {name}" if title else name
            yield from _groups(inner, str(facts.get("description") or ""), facts["fields"], (*path, str(facts["name"])))


def items(schema: Mapping[str, Any]) -> list[Item]:
    """The scene list, nested items after the one that holds them."""
    return list(_items(schema.get("items", ()), 0))


def _items(found: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Item]:
    for item in found:
        yield Item(str(item["id"]), str(item.get("title") or item["id"]), str(item.get("kind", "")), depth)
        yield from _items(item.get("items", ()), depth + 1)


class FieldDraft(Protocol):
    """What the row of one option needs of whatever it changes."""

    marks_changes: bool
    """Whether what differs is marked: in a profile it is the point, in a study of one's own it is everything."""
    errors: dict[Path_, str]

    def value(self, path: Path_) -> Any: ...
    def back_to(self, path: Path_) -> Any: ...
    def is_changed(self, path: Path_) -> bool: ...
    def type(self, path: Path_, typed: Any) -> None: ...
    def reset(self, path: Path_) -> None: ...


class Draft:
    """A profile being edited: only what differs from the experiment is kept."""

    marks_changes = True

    def __init__(self, schema: Mapping[str, Any], overrides: Mapping[str, Any] | None = None) -> None:
        self._fields = {
            field.path: field for section in sections(schema) for group in section.groups for field in group.fields
        }
        self._original_order = [item.id for item in items(schema) if item.depth == 0]
        given = copy.deepcopy(dict(overrides or {}))
        self.disabled: set[str] = set(given.get("disabled_scenes", ()))
        known = [id for id in given.get("order", ()) if id in self._original_order]
        self.order: list[str] = [*known, *(id for id in self._original_order if id not in known)]
        self.values: dict[Path_, Any] = {}
        self.errors: dict[Path_, str] = {}
        self.foreign: list[str] = []
        for path, value in _leaves(given, set(self._fields)):
            if path in self._fields:
                self.values[path] = value
            else:
                self.foreign.append(".".join(path))

    def value(self, path: Path_) -> Any:
        """What would be used now."""
        return self.values[path] if path in self.values else self._fields[path].value

    def is_changed(self, path: Path_) -> bool:
        """Whether the profile differs from the experiment here."""
        return path in self.values

    def changed_count(self) -> int:
        """How many options and scenes differ."""
        return len(self.values) + len(self.disabled) + (self.order != self._original_order)

    def title_of(self, dotted: str) -> str:
        """An option's name for people, with its scene, from its path in a profile."""
        field = next((field for path, field in self._fields.items() if ".".join(path) == dotted), None)
        if field is None:
            return dotted
        return field.title if field.path[0] == "experiment" else f"{field.path[1]}: {field.title}"

    def type(self, path: Path_, typed: Any) -> None:
        """Takes what was typed or clicked; raises `FormError`, and remembers it, when that is not allowed."""
        try:
            value = parse(self._fields[path], typed)
        except FormError as error:
            self.errors[path] = str(error)
            raise
        self.errors.pop(path, None)
        if value == self._fields[path].value and isinstance(value, bool) == isinstance(self._fields[path].value, bool):
            self.values.pop(path, None)
        else:
            self.values[path] = value

    def back_to(self, path: Path_) -> Any:
        """What a reset gives."""
        return self._fields[path].value

    def reset(self, path: Path_) -> None:
        """Back to what the experiment says."""
        self.values.pop(path, None)
        self.errors.pop(path, None)

    def move(self, item: str, by: int) -> bool:
        """Moves one of the Stager's items up or down; False at the end."""
        index = self.order.index(item)
        target = index + by
        if not 0 <= target < len(self.order):
            return False
        self.order[index], self.order[target] = self.order[target], self.order[index]
        return True

    def enable(self, item: str, on: bool) -> None:
        """Leaves a scene out, or takes it in again."""
        (self.disabled.discard if on else self.disabled.add)(item)

    def overrides(self) -> dict[str, Any]:
        """The profile as data; empty when nothing differs."""
        result: dict[str, Any] = {}
        for path, value in self.values.items():
            place = result
            for name in path[:-1]:
                place = place.setdefault(name, {})
            place[path[-1]] = value
        if self.disabled:
            result["disabled_scenes"] = sorted(self.disabled)
        if self.order != self._original_order:
            result["order"] = list(self.order)
        return result


def _leaves(value: Mapping[str, Any], known: set[Path_], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    for name, inner in value.items():
        here = (*path, str(name))
        if here in (("disabled_scenes",), ("order",)):
            continue
        if here not in known and isinstance(inner, Mapping) and any(item[: len(here)] == here for item in known):
            yield from _leaves(inner, known, here)
        else:
            yield here, inner


def parse(field: Field, typed: Any) -> Any:
    """The value of what was typed; raises `FormError` in the words of a person."""
    if isinstance(typed, str) and field.kind not in ("text", "multiline"):
        typed = typed.strip()
    if field.nullable and typed in ("", None):
        return None
    if isinstance(typed, str) and typed in field.specials:
        return typed
    parsers = {
        "integer": _number, "number": _number, "json": _json, "text_list": _text_list, "colour": _colour,
        "plain": _plain, "numbers": _numbers, "date": _date,
    }  # fmt: skip
    value = parsers[field.kind](field, typed) if field.kind in parsers else typed
    limit = field.facts.get("max_length")
    if limit and isinstance(value, str) and len(value) > limit:
        raise FormError(tr("At most {limit} characters.", limit=limit))
    return value


def _number(field: Field, typed: Any) -> int | float:
    try:
        value = int(str(typed)) if field.kind == "integer" else float(str(typed).replace(",", "."))
    except ValueError:
        raise FormError(range_text(field)) from None
    facts = field.facts
    low, high, above, below = (facts.get(name) for name in ("min", "max", "above", "below"))
    fits = (low is None or value >= low) and (high is None or value <= high)
    fits = fits and (above is None or value > above) and (below is None or value < below)
    if not fits or value != value or value in (float("inf"), float("-inf")):
        raise FormError(range_text(field))
    return value


def range_text(field: Field) -> str:
    """ "A whole number from 1 to 120, or auto." """
    facts = field.facts
    what = tr("A whole number") if field.kind == "integer" else tr("A number")
    low, high = facts.get("min"), facts.get("max")
    if low is not None and high is not None:
        what += tr(" from {low} to {high}", low=low, high=high)
    else:
        words = (
            ("min", " of at least {value}"),
            ("max", " of at most {value}"),
            ("above", " above {value}"),
            ("below", " below {value}"),
        )
        what += "".join(tr(text, value=facts[name]) for name, text in words if facts.get(name) is not None)
    for word in field.specials:
        what += tr(", or {word}", word=word)
    if field.nullable:
        what += tr(", or empty for none")
    return what + "."


def _json(field: Field, typed: Any) -> Any:
    try:
        return json.loads(typed) if isinstance(typed, str) else typed
    except ValueError as error:
        raise FormError(tr("This is not valid JSON: {why}.", why=error)) from None


def _plain(field: Field, typed: Any) -> Any:
    if typed == "" and field.facts.get("default") is None and not field.facts.get("needed"):
        return None
    return read_value(typed) if isinstance(typed, str) else typed


def _numbers(field: Field, typed: Any) -> list[Any]:
    length, decimals = field.facts.get("length"), bool(field.facts.get("decimals"))
    try:
        found = read_numbers(typed, decimals=decimals) if isinstance(typed, str) else list(typed)
    except ValueError:
        found = [-1] * (length or 1) if not decimals else []
    wrong = bool(length) and len(found) != length
    if wrong or (not decimals and any(number < 0 for number in found)):
        raise FormError(_numbers_text(length, decimals) + (tr(", or empty for none") if field.nullable else "") + ".")
    return found


def _numbers_text(length: int | None, decimals: bool) -> str:
    if decimals:
        return plural(length or 0, "{count} number", "{count} numbers") if length else tr("Numbers")
    return plural(length or 0, "{count} whole number", "{count} whole numbers") if length else tr("Whole numbers")


def _date(field: Field, typed: Any) -> str:
    try:
        return datetime.date.fromisoformat(str(typed)).isoformat()
    except ValueError:
        raise FormError(tr("A day such as 2030-01-31, or empty for none.")) from None


def _text_list(field: Field, typed: Any) -> list[str]:
    return [line.strip() for line in typed.splitlines() if line.strip()] if isinstance(typed, str) else list(typed)


def _colour(field: Field, typed: Any) -> Any:
    text = str(typed)
    if not re.fullmatch(r"#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?|[a-zA-Z]+", text):
        raise FormError(tr("A colour such as #3366cc, or a name such as white."))
    return text


def as_text(field: Field, value: Any) -> str:
    """A value as it stands in a text box."""
    if value is None:
        return ""
    if field.kind == "text_list":
        return "\n".join(map(str, value))
    if field.kind == "plain":
        return write_value(value)
    if field.kind == "numbers":
        return write_numbers(value)
    if field.kind == "json":
        return json.dumps(value, ensure_ascii=False, indent=None if len(json.dumps(value)) < 60 else 1)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def plain_text(value: Any) -> str:
    """A value of whatever kind, on one line."""
    if value is None:
        return tr("none")
    if isinstance(value, bool):
        return tr("on") if value else tr("off")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else str(value).replace("\n", " ")


def value_text(field: Field, value: Any) -> str:
    """A value in a sentence."""
    if value is None or isinstance(value, bool):
        return plain_text(value)
    text = as_text(field, value).replace("\n", " ")
    text = text if len(text) <= 40 else text[:37] + "…"
    return text or tr("empty")

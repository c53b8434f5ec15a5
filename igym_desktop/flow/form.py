"""An experiment's options as a form: its sections, groups and fields, read from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from igym_desktop.i18n import said, tr

Path_ = tuple[str, ...]
"""("experiment", field, …) or ("scenes", scene, group, field, …)."""


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
        return said(str(self.facts.get("title") or self.name.replace("_", " ").capitalize()))

    @property
    def description(self) -> str:
        """One sentence of help."""
        return said(str(self.facts.get("description") or "")).replace("`", "")

    @property
    def unit(self) -> str:
        """ "" when there is none."""
        unit = self.facts.get("unit")
        return "" if not unit or unit == "none" else said(str(unit))

    @property
    def kind(self) -> str:
        """integer, number, boolean, text, multiline, html, choice, multi_choice, text_list, colour, file, function,
        date, plain, numbers, table, files, keys, record, records, named_records, policies, agent_records;
        json for none."""
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
        yield Group(said(title) or tr("General"), said(description).replace("`", ""), plain)
    for facts in fields:
        if facts.get("type") == "group":
            name = said(str(facts.get("title") or facts["name"]))
            inner = f"{said(title)}: {name}" if title else name
            yield from _groups(inner, str(facts.get("description") or ""), facts["fields"], (*path, str(facts["name"])))


def items(schema: Mapping[str, Any]) -> list[Item]:
    """The scene list, nested items after the one that holds them."""
    return list(_items(schema.get("items", ()), 0))


def _items(found: Sequence[Mapping[str, Any]], depth: int) -> Iterator[Item]:
    for item in found:
        yield Item(str(item["id"]), str(item.get("title") or item["id"]), str(item.get("kind", "")), depth)
        yield from _items(item.get("items", ()), depth + 1)

"""A profile while it is edited: what differs from the experiment, and what was typed that is not allowed."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

from igym_desktop.flow import profile_tables
from igym_desktop.flow.field_text import FormError, parse
from igym_desktop.flow.form import Field, Path_, items, sections
from igym_desktop.flow.value_words import part_title, part_words, plain_text, value_words
from igym_desktop.i18n import tr


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


@runtime_checkable
class PageDraft(Protocol):
    """Of a draft that can make a page's file a part of the study."""

    def holds_page(self, path: Path_) -> bool: ...
    def take_page_in(self, path: Path_) -> None: ...


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
                self.values[path] = profile_tables.whole(self._fields[path], value)
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
        words = {"order": tr("order of the scenes"), "disabled_scenes": tr("scenes that are left out")}
        field, inside = self._found(dotted)
        if field is None:
            return words.get(dotted, dotted)
        place = part_title(field, inside)
        title = f"{field.title} ({place})" if place else field.title
        return title if field.path[0] == "experiment" else f"{field.path[1]}: {title}"

    def words_of(self, dotted: str, value: Any) -> str:
        """What a profile says there, as the form calls it."""
        field, inside = self._found(dotted)
        if field is None:
            return plain_text(value)
        return part_words(field, inside, value) if inside else value_words(field, value)

    def _found(self, dotted: str) -> tuple[Field | None, str]:
        """The option, and where within it."""
        found = ((".".join(path), field) for path, field in self._fields.items())
        name, field = next(((name, one) for name, one in found if f"{dotted}.".startswith(f"{name}.")), ("", None))
        return field, dotted[len(name) + 1 :] if field is not None else ""

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
            place[path[-1]] = profile_tables.said(self._fields[path], value)
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

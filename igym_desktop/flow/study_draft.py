"""A study being made: its document, how it reads, and its options as the rows of a form change them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from igym.host.base.held_files import move as move_file
from igym.host.checks import study_tools
from igym_desktop.flow import study_edit as edit
from igym_desktop.flow.field_text import FormError, parse
from igym_desktop.flow.form import Field, Path_, Section, sections
from igym_desktop.flow.study_hints import with_hints
from igym_desktop.i18n import said, tr

PAGES = {"body_file": "body", "in_game_body_file": "in_game_body"}
"""Options that name a page's file, and those that hold its text instead."""
Apply = Callable[[edit.Document, str, str], None]
"""Takes a changed document, what was done (for Undo), and a key: steps with the same key are one step."""


class StudyDraft:
    """`apply` is asked to make each change a step that can be undone; it calls `take` with the document."""

    marks_changes = False

    def __init__(self, folder: Path, apply: Apply) -> None:
        """Raises ValueError with a text for a person when the study cannot be read."""
        self.folder, self._apply = folder, apply
        self.document, self.saved_text = study_tools.read_study(folder)
        self.look = study_tools.look_at(self.document, folder)
        self._form: Mapping[str, Any] = with_hints(self.look.form)
        self.errors: dict[Path_, str] = {}
        self._fields: dict[Path_, Field] = {}
        self._index()

    @property
    def problem(self) -> str:
        """Why it cannot be saved; empty when it can."""
        return self.look.error

    def take(self, document: edit.Document) -> None:
        """The document is this one now."""
        self.document = copy.deepcopy(document)
        self.look = study_tools.look_at(self.document, self.folder)
        if self.look.form:
            self._form = with_hints(self.look.form)
            self._index()

    @property
    def text(self) -> str:
        """What would be written now."""
        return study_tools.study_text(self.document, self.saved_text)

    @property
    def is_outdated(self) -> bool:
        """Whether the file says something else than when it was read or saved."""
        try:
            return study_tools.read_study(self.folder)[1] != self.saved_text
        except ValueError:
            return True

    def is_scene(self, id: str) -> bool:
        """Whether something is a page or a game, not a holder of some."""
        kind = edit.found(self.document, ("scenes", id, "kind"))
        return kind is not None and kind not in edit.HOLDERS

    def save(self) -> None:
        """Writes `study.toml`, whole or not at all; raises ValueError with a text for a person."""
        text = self.text
        file = self.folder / study_tools.STUDY_FILE
        temporary = file.with_suffix(".new")
        try:
            temporary.write_text(text, encoding="utf-8")
            move_file(temporary, file)
        except OSError as error:
            text = tr("The study could not be written to {folder}: {why}", folder=self.folder, why=error.strerror)
            raise ValueError(text) from error
        self.saved_text = text

    def section(self, key: str) -> Section | None:
        """The form of the experiment or of one scene, as it last read."""
        return next((_data_only(section) for section in sections(self._form) if section.key == key), None)

    def _index(self) -> None:
        self._fields = {
            field.path: field for section in sections(self._form) for group in section.groups for field in group.fields
        }

    # What a row of the form asks for

    def value(self, path: Path_) -> Any:
        """What would be used now."""
        place = place_of(path)
        if self.look.error:
            return edit.found(self.document, place, self._fields[path].value)
        return self._fields[path].value

    def back_to(self, path: Path_) -> Any:
        """What a reset gives: the default."""
        return self._fields[path].facts.get("default")

    def is_changed(self, path: Path_) -> bool:
        """Whether the study says something here itself."""
        return edit.found(self.document, place_of(path), _NOTHING) is not _NOTHING

    def type(self, path: Path_, typed: Any) -> None:
        """Takes what was typed; raises `FormError`, and remembers it, when that is not allowed."""
        field = self._fields[path]
        try:
            value = parse(field, typed)
        except FormError as error:
            self.errors[path] = str(error)
            raise
        self.errors.pop(path, None)
        place = place_of(path)
        changed = edit.set_value(self.document, place, value)
        self._apply(self._written(changed, place), tr("Change {what}", what=field.title), ".".join(path))

    def _written(self, changed: edit.Document, place: Sequence[str]) -> edit.Document:
        """With the value as it would be written anew: defaults not at all, lists in their shortest form."""
        look = study_tools.look_at(changed)
        if look.error:
            return changed
        value = edit.found(look.document, place, _NOTHING)
        return edit.without(changed, place) if value is _NOTHING else edit.set_value(changed, place, value)

    def holds_page(self, path: Path_) -> bool:
        """Whether the option names a page's file, whose text can become part of the study."""
        return path[-1] in PAGES and bool(self.value(path))

    def take_page_in(self, path: Path_) -> None:
        """The page's text is edited here from now on; its file stays as it is. Raises `FormError`."""
        named = self.value(path)
        try:
            read = partial(study_tools.page_text, self.folder)
            text = {code: read(file) for code, file in named.items()} if isinstance(named, dict) else read(named)
        except (OSError, ValueError) as error:
            raise FormError(said(str(getattr(error, "text", error)))) from error
        *place, name = place_of(path)
        changed = edit.set_value(edit.without(self.document, (*place, name)), (*place, PAGES[name]), text)
        self._apply(changed, tr("Edit the page here"), "")

    def reset(self, path: Path_) -> None:
        """Back to the default."""
        self.errors.pop(path, None)
        title = self._fields[path].title
        self._apply(edit.without(self.document, place_of(path)), tr("Reset {what}", what=title), "")


_NOTHING = object()


def _data_only(section: Section) -> Section:
    """Without what only Python can say."""
    groups = [replace(group, fields=tuple(f for f in group.fields if f.editable)) for group in section.groups]
    return replace(section, groups=tuple(group for group in groups if group.fields))


def place_of(path: Path_) -> tuple[str, ...]:
    """Where an option of the form stands in the document."""
    if path[0] == "experiment":
        return path[1:]
    _, scene, group, *rest = path
    return ("scenes", scene, *(() if group == "scene" else (group,)), *rest)

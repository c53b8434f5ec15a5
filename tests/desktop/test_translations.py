"""A text of a study for each of its languages: shown, changed and stored in the launcher."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from igym import Experiment, Stager, StaticScene
from igym.experiment.check_files import with_profile
from igym.experiment.form import form_schema
from igym.experiment.scenes import ChatScene, Scales
from igym_desktop.flow.entries import summary, unpacked
from igym_desktop.flow.field_text import FormError
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.flow.translations import first, joined, split
from igym_desktop.widgets.fields import FieldRow
from igym_desktop.widgets.translations import TranslationsEditor

HELLO = {"en": "Hello", "de": "Hallo"}


def study() -> Experiment:
    return Experiment(
        "e",
        languages=("en", "de"),
        stager=Stager(
            [
                StaticScene("page", header=HELLO, body="<p>Hi</p>"),
                ChatScene("talk", header="Talk", phrases=["Yes", "No"]),
                Scales("mood", scales=[HELLO]),
            ]
        ),
    )


def editor(path: tuple[str, ...], qtbot: Any, folder: Path) -> tuple[Draft, TranslationsEditor]:
    draft = Draft(form_schema(study()))
    shown = FieldRow(draft._fields[path], draft, folder)
    qtbot.addWidget(shown)
    assert isinstance(shown.control, TranslationsEditor)
    return draft, shown.control


def typed(control: Any) -> Any:
    assert isinstance(control, QLineEdit | QPlainTextEdit)
    return control


def test_each_language_has_a_line_and_reaches_the_study(qtbot: Any, tmp_path: Path) -> None:
    path = ("scenes", "page", "scene", "header")
    draft, control = editor(path, qtbot, tmp_path)
    assert [typed(line).text() for line in control.controls.values()] == ["Hello", "Hallo"]
    assert not draft.is_changed(path)
    typed(control.controls["de"]).setText("Guten Tag")
    assert draft.value(path) == {"en": "Hello", "de": "Guten Tag"}
    assert with_profile(study(), draft.overrides()).scene("page").header.read_in("de") == "Guten Tag"  # type: ignore[attr-defined]


def test_a_plain_text_can_be_given_for_each_language_and_back(qtbot: Any, tmp_path: Path) -> None:
    path = ("scenes", "talk", "scene", "header")
    draft, control = editor(path, qtbot, tmp_path)
    control.several.setChecked(True)
    typed(control.controls["de"]).setText("Gespräch")
    assert draft.value(path) == {"en": "Talk", "de": "Gespräch"}
    control.several.setChecked(False)
    assert draft.value(path) == "Talk" and not draft.is_changed(path)


def test_a_list_of_texts_is_translated_line_by_line(qtbot: Any, tmp_path: Path) -> None:
    path = ("scenes", "talk", "scene", "phrases")
    draft, control = editor(path, qtbot, tmp_path)
    control.several.setChecked(True)
    typed(control.controls["de"]).setPlainText("Ja\nNein")
    assert draft.value(path) == [{"en": "Yes", "de": "Ja"}, {"en": "No", "de": "Nein"}]
    assert with_profile(study(), draft.overrides()).scene("talk").phrases[1].read_in("de") == "Nein"  # type: ignore[attr-defined]


def test_too_long_a_text_is_told_in_whichever_language(qtbot: Any, tmp_path: Path) -> None:
    path = ("scenes", "page", "scene", "button_label")
    draft = Draft(form_schema(study()))
    with pytest.raises(FormError, match="60"):
        draft.type(path, {"en": "Go", "de": "x" * 61})


def test_entries_show_one_of_their_texts() -> None:
    scales = Draft(form_schema(study()))._fields["scenes", "mood", "scene", "scales"]
    (entry,) = unpacked(scales.facts, scales.value)
    assert entry["label"] == HELLO
    assert summary(scales.facts, entry) == "Hello"


def test_splitting_and_joining_lose_nothing() -> None:
    for value in (HELLO, [HELLO, {"en": "Bye", "de": ""}]):
        assert joined(split(value, ["en", "de"])) == value
    assert split("Hello", ["en", "de"]) == {"en": "Hello", "de": ""}
    assert (first(HELLO), first("x"), first(None)) == ("Hello", "x", "")

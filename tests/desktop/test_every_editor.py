"""Every option a person can change has an editor that fits it: no raw JSON anywhere, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from igym.experiment.base import Spec, option_names
from igym.experiment.describe import describe_field
from igym.experiment.form import field_form, form_schema
from igym.experiment.functions import FunctionRef
from igym.experiment.loader import load_experiment
from igym.experiment.matchmakers import CustomMatchmaker
from igym.experiment.options import ActionBinding
from igym.experiment.stager import Branch, RandomizeOrder, Repeat, Stager
from igym.host.checks.study_tools import look_at
from igym_desktop.flow.choice_words import choice_words
from igym_desktop.flow.config_values import read_config, write_config
from igym_desktop.flow.entries import KEY, PartsDraft, blank, packed, unpacked
from igym_desktop.flow.form import Field
from igym_desktop.flow.keyboard import COLUMNS, LETTERS, keyboard
from igym_desktop.flow.paths import example_folders
from igym_desktop.flow.profile_draft import Draft
from igym_desktop.i18n import use_language
from igym_desktop.widgets.fields import FieldRow
from igym_desktop.widgets.keys import KeyCatcher, KeysEditor
from igym_desktop.widgets.records import RecordEditor, RecordsEditor
from igym_desktop.widgets.structured import Structured, TableEditor
from tests.experiment.test_option_models import NAMED, subclasses

KNOWN = {
    "integer", "number", "boolean", "text", "multiline", "html", "choice", "multi_choice", "text_list", "colour",
    "file", "date", "plain", "numbers", "table", "files", "keys", "record", "records", "named_records", "policies",
    "agent_records",
}  # fmt: skip
NOT_WRITTEN = {FunctionRef, CustomMatchmaker, ActionBinding, Stager}
"""How functions are stored; bindings are edited as a whole, and the order of scenes in the timeline."""


def fields() -> Iterator[Any]:
    for model in sorted((set(NAMED) | set(subclasses(Spec))) - NOT_WRITTEN, key=lambda model: model.__qualname__):
        for name in option_names(model):
            field = model.model_fields[name]
            if field.title is None or describe_field(field)["type"] in ("group", "function"):
                continue
            if model is Branch and name == "options":
                continue  # the timeline shows them
            yield pytest.param(model, name, id=f"{model.__qualname__}.{name}")


def boxes(widget: QWidget) -> list[QWidget]:
    """Boxes with the look of code: that is how raw data were shown."""
    return [child for child in (widget, *widget.findChildren(QWidget)) if "Mono" in child.styleSheet()]


@pytest.mark.parametrize(("model", "name"), list(fields()))
def test_every_option_has_a_fitting_editor(model: Any, name: str, qtbot: Any, tmp_path: Path) -> None:
    facts = field_form(model, name, None, None)
    facts["value"] = facts["default"]
    assert facts["type"] in KNOWN, f"{facts['type']} has no editor; give the option's type one in widgets/fields.py"
    changed: list[Any] = []
    entry: dict[str, Any] = {}
    draft = PartsDraft({"fields": [facts]}, entry, lambda: changed.append(1))
    shown = FieldRow(Field((name,), facts), draft, tmp_path)
    qtbot.addWidget(shown)
    assert boxes(shown) == []
    assert changed == [] and entry == {}, "looking at an option does not change it"
    assert shown.control.accessibleName() == model.model_fields[name].title


@pytest.mark.parametrize("folder", example_folders(), ids=lambda folder: folder.name)
def test_what_the_examples_say_is_shown_and_given_back(folder: Path, qtbot: Any) -> None:
    schema = form_schema(load_experiment(folder), whole=True)
    draft = Draft(schema)
    for path, field in draft._fields.items():
        if not field.editable:
            continue
        row = FieldRow(field, draft, folder)
        qtbot.addWidget(row)
        assert boxes(row) == [], path
        assert draft.values == {}, path
        if isinstance(row.control, Structured):
            assert row.control.value() == field.value, path


def records(facts: dict[str, Any], value: Any, qtbot: Any, tmp_path: Path) -> tuple[RecordsEditor, list[Any]]:
    editor = RecordsEditor(facts, tmp_path, FieldRow)
    qtbot.addWidget(editor)
    editor.show_value(value)
    told: list[Any] = []
    editor.edited.connect(told.append)
    return editor, told


def form_questions() -> dict[str, Any]:
    from igym.experiment.scenes import Form

    return field_form(Form, "questions", None, [])


def test_questions_are_added_changed_copied_dragged_and_removed(qtbot: Any, tmp_path: Path) -> None:
    facts = form_questions()
    editor, told = records(facts, [], qtbot, tmp_path)
    for variant in range(len(facts["variants"])):
        editor.add(variant)
    assert [entry["type"] for entry in told[-1]] == [
        "text", "number", "choice", "option_boxes", "scale", "ranking", "date", "consent",
    ]  # fmt: skip
    assert len({entry["name"] for entry in told[-1]}) == 8
    document = {"format": 1, "id": "x", "order": ["q"], "scenes": {"q": {"kind": "form", "questions": told[-1]}}}
    assert look_at(document).error == "", "each new question is complete"
    editor.list.setCurrentRow(2)
    label: Any = next(row for row in editor.record.findChildren(FieldRow) if row.field.name == "label")
    label.control.setText("Which one?")
    assert told[-1][2]["label"] == "Which one?" and "Which one?" in editor.list.item(2).text()
    editor.duplicate()
    assert told[-1][3]["label"] == "Which one?" and told[-1][3]["name"] != told[-1][2]["name"]
    model: Any = editor.list.model()
    names = [entry["name"] for entry in told[-1]]
    model.moveRow(editor.list.rootIndex(), 0, editor.list.rootIndex(), 9)
    assert [entry["name"] for entry in told[-1]] == [*names[1:], names[0]]
    editor.list.setCurrentRow(0)
    editor.remove()
    assert [entry["name"] for entry in told[-1]] == [*names[2:], names[0]]


def test_another_kind_keeps_what_it_can(qtbot: Any, tmp_path: Path) -> None:
    editor, told = records(form_questions(), [{"type": "text", "name": "why", "label": "Why?"}], qtbot, tmp_path)
    kind = editor.record.kind
    kind.setCurrentIndex(kind.findData(4))
    kind.activated.emit(kind.currentIndex())
    assert told[-1] == [{"type": "scale", "name": "why", "label": "Why?"}]


def test_answers_are_edited_inside_their_question(qtbot: Any, tmp_path: Path) -> None:
    question = {"type": "choice", "name": "more", "choices": ["yes", {"value": "no", "label": "Not now"}]}
    editor, told = records(form_questions(), [question], qtbot, tmp_path)
    inner = editor.record.findChild(RecordsEditor)
    assert isinstance(inner, RecordsEditor)
    assert inner.list.count() == 2 and inner.list.item(1).text() == "Not now"
    inner.add(0)
    assert told[-1][0]["choices"] == ["yes", "choice_1", {"value": "no", "label": "Not now"}]


def test_who_plays_is_chosen_per_agent(qtbot: Any, tmp_path: Path) -> None:
    from igym.experiment.options import PoliciesOptions

    facts = field_form(PoliciesOptions, "mapping", None, [])
    editor, told = records(facts, [{"agent": "left", "policy": "human"}], qtbot, tmp_path)
    editor.add([kind["kind"] for kind in facts["variants"]].index("Onnx"))
    assert told[-1][1]["policy"]["kind"] == "onnx"
    editor.key.textEdited.emit("right")
    path: Any = next(row for row in editor.record.findChildren(FieldRow) if row.field.name == "path")
    path.control.line.setText("assets/bot.onnx")
    assert told[-1] == [
        {"agent": "left", "policy": {"kind": "human"}},
        {"agent": "right", "policy": {"kind": "onnx", "path": "assets/bot.onnx"}},
    ]


def test_keys_are_pressed(qtbot: Any) -> None:
    editor = KeysEditor()
    qtbot.addWidget(editor)
    editor.show_value([{"keys": ["ArrowLeft"], "action": 1}])
    told: list[Any] = []
    editor.edited.connect(told.append)
    editor.add.click()
    catcher = editor.rows[1][0]
    assert isinstance(catcher, KeyCatcher) and catcher.isChecked()
    QTest.keyPress(catcher, Qt.Key.Key_Up)
    QTest.keyPress(catcher, Qt.Key.Key_Space)
    QTest.keyRelease(catcher, Qt.Key.Key_Space)
    assert told == [], "only what was down together, once all are up"
    QTest.keyRelease(catcher, Qt.Key.Key_Up)
    assert told[-1] == [{"keys": ["ArrowLeft"], "action": 1}, {"keys": ["ArrowUp", "Space"], "action": 2}]
    assert "↑ + Space" in catcher.text() and not catcher.isChecked()
    editor.rows[1][1].setText("[0, 1]")
    editor.rows[1][1].textEdited.emit("[0, 1]")
    assert told[-1][1]["action"] == [0, 1]
    catcher.click()
    QTest.keyClick(catcher, Qt.Key.Key_Tab)
    assert told[-1][1]["keys"] == ["Tab"], "Tab too is a key while keys are caught"
    editor.add.click()
    QTest.keyClick(editor.rows[2][0], Qt.Key.Key_W)
    assert told[-1][2] == {"keys": ["w"], "action": 2}


def test_keys_are_chosen_on_the_picture_of_a_keyboard(qtbot: Any) -> None:
    editor = KeysEditor()
    qtbot.addWidget(editor)
    editor.resize(700, 500)
    editor.show()
    editor.show_value([{"keys": ["ArrowLeft"], "action": 1}])
    told: list[Any] = []
    editor.edited.connect(told.append)

    def click(name: str) -> None:
        key = next(key for key in keyboard("en") if key.name == name)
        QTest.mouseClick(editor.picture, Qt.MouseButton.LeftButton, pos=editor.picture.area_of(key).center().toPoint())

    click("ArrowLeft")
    assert told == [], "it has an action already: that is shown"
    click("Space")
    assert told[-1] == [{"keys": ["ArrowLeft"], "action": 1}, {"keys": ["Space"], "action": 2}]
    editor.rows[1][0].setChecked(True)
    click("w")
    assert told[-1][1] == {"keys": ["Space", "w"], "action": 2}, "while keys are awaited it is held with the others"


@pytest.mark.parametrize("language", LETTERS)
def test_no_two_keys_of_the_picture_lie_on_each_other(language: str) -> None:
    keys = keyboard(language)
    assert len({key.name for key in keys}) == len(keys)
    for key in keys:
        assert key.x + key.width <= COLUMNS, key
        beside = [
            other
            for other in keys
            if other.y == key.y and other.x < key.x + key.width - 1e-6 and key.x < other.x + other.width - 1e-6
        ]
        assert beside == [key]


def test_a_table_keeps_the_kinds_of_its_values(qtbot: Any, tmp_path: Path) -> None:
    editor = TableEditor({"type": "table", "entry": "plain"}, tmp_path)
    qtbot.addWidget(editor)
    value = {"win_score": 5, "size": 2.5, "name": "5", "on": True, "grid": [[1, 2], [3]], "nothing": None}
    editor.show_value(value)
    assert editor.value() == value
    fixed = TableEditor({"type": "table", "entry": "text", "keys": ["device", "ping"]}, tmp_path)
    qtbot.addWidget(fixed)
    fixed.show_value({"ping": "5"})
    assert fixed.value() == {"ping": "5"} and len(fixed.pairs) == 2


def test_one_of_several_models_may_be_none(qtbot: Any, tmp_path: Path) -> None:
    from igym.experiment.matchmakers import GroupReunion

    facts = field_form(GroupReunion, "fallback", None, None)
    editor = RecordEditor(facts, tmp_path, FieldRow)
    qtbot.addWidget(editor)
    editor.show_value(None)
    assert editor.value() is None
    editor.show_value({"kind": "latency", "max_p2p_rtt_ms": 80})
    assert editor.value() == {"kind": "latency", "max_p2p_rtt_ms": 80}


@pytest.mark.parametrize("kind", ["named_records", "policies", "agent_records", "records"])
def test_entries_come_back_as_they_were(kind: str) -> None:
    values: dict[str, Any] = {
        "named_records": {"hero": {"path": "a.png"}},
        "policies": [{"agent": 0, "policy": {"kind": "random", "seed": 3}}],
        "agent_records": [{"agent": "a", "default_action": 0}],
        "records": [{"type": "text", "name": "x"}],
    }
    facts = {"type": kind, "variants": [{"tag": {}, "kind": "X", "fields": []}]}
    assert packed(facts, unpacked(facts, values[kind])) == values[kind]
    assert (KEY in blank(facts, 0, [])) is (kind != "records")


def test_a_scale_that_was_a_text_keeps_its_column_when_it_says_more(qtbot: Any, tmp_path: Path) -> None:
    from igym.experiment.scenes import Scales

    editor, told = records(field_form(Scales, "scales", None, []), ["Good?", "Fast?"], qtbot, tmp_path)
    editor.list.setCurrentRow(1)
    points: Any = next(row for row in editor.record.findChildren(FieldRow) if row.field.name == "points")
    points.control.setText("5")
    assert told[-1] == ["Good?", {"name": "scale_2", "type": "scale", "label": "Fast?", "points": 5}]


def test_conditions_come_from_a_table(qtbot: Any, tmp_path: Path) -> None:
    from igym.experiment.design import Design

    editor = TableEditor(field_form(Design, "factors", None, {}), tmp_path)
    qtbot.addWidget(editor)
    table = tmp_path / "conditions.csv"
    table.write_bytes("Partner;größe\nhuman;1\nai;2\nai;1\n".encode("cp1252"))
    editor.read_table(table)
    assert editor.value() == {"Partner": ["human", "ai"], "größe": [1, 2]}
    document = {"format": 1, "id": "x", "order": ["q"], "scenes": {"q": {"kind": "static"}}}
    assert look_at({**document, "design": {"factors": editor.value()}}).error == ""
    weights = TableEditor(field_form(Design, "weights", None, {}), tmp_path)
    qtbot.addWidget(weights)
    weights.show_value({"Partner": {"human": 2.0, "ai": 1.0}})
    assert weights.value() == {"Partner": {"human": 2, "ai": 1}}


def test_questions_come_from_a_table(qtbot: Any, tmp_path: Path) -> None:
    editor, told = records(form_questions(), [{"type": "text", "name": "why"}], qtbot, tmp_path)
    table = tmp_path / "items.csv"
    table.write_text(
        "type;name;question;choices;labels;points;required\n"
        "scale;trust_1;I trusted my partner.;;not at all|very much;5;no\n"
        ";;Who led?;me=I did|other=They did;;;\n"
        "text;;Anything else?;;;;no\n",
        "utf-8",
    )
    editor.read_table(table)
    first, trust, led, other = told[-1]
    assert first == {"type": "text", "name": "why"}, "what was there stays"
    assert trust == {"type": "scale", "name": "trust_1", "label": "I trusted my partner.",
                     "labels": ["not at all", "very much"], "points": 5, "required": False}  # fmt: skip
    assert led["type"] == "choice" and led["choices"][1] == {"value": "other", "label": "They did"}
    assert other["label"] == "Anything else?" and other["required"] is False
    document = {"format": 1, "id": "x", "order": ["q"], "scenes": {"q": {"kind": "form", "questions": told[-1]}}}
    assert look_at(document).error == ""
    (tmp_path / "plain.txt").write_text("I felt calm.\nI felt tense.\n", "utf-8")
    editor.read_table(tmp_path / "plain.txt")
    assert [entry["label"] for entry in told[-1][-2:]] == ["I felt calm.", "I felt tense."]
    assert {entry["type"] for entry in told[-1][-2:]} == {"scale"}


def test_trials_come_from_a_table(qtbot: Any, tmp_path: Path) -> None:
    from igym.experiment.options import EnvironmentOptions

    facts = field_form(EnvironmentOptions, "config", None, {})
    draft = PartsDraft({"fields": [facts]}, {}, lambda: None)
    shown = FieldRow(Field(("config",), {**facts, "value": {}}), draft, tmp_path)
    qtbot.addWidget(shown)
    editor: Any = shown.control
    editor.show_value({"speed": 2, "layout": {"$value": "layout", "default": "open"}})
    table = tmp_path / "trials.csv"
    table.write_text("goal,wind\nleft,0.5\nright,-1\nleft,0\n", "utf-8")
    editor.read_table(table)
    assert editor.value() == {
        "speed": 2,
        "layout": {"$value": "layout", "default": "open"},
        "goal": {"$per_episode": ["left", "right", "left"], "order": "listed"},
        "wind": {"$per_episode": [0.5, -1, 0], "order": "listed"},
    }
    assert [line.text() for _, line, _ in editor.pairs][1:3] == [
        "from layout, else open", "each episode: left, right, left",
    ]  # fmt: skip
    assert "3 trials" in editor.told.text()


@pytest.mark.parametrize("value", [
    5, "open", "from here", "each episode: 1", [1, 2], {"a": 1}, None, True, {"$value": "x"},
    {"$value": "answers.q.a", "default": 3}, {"$per_episode": [1, "b, c", [2]], "order": "random"},
    {"$per_episode": ["a"], "order": "listed"},
])  # fmt: skip
def test_a_line_of_a_config_reads_back(value: Any) -> None:
    assert read_config(write_config(value)) == value


@pytest.mark.parametrize(("model", "name"), list(fields()))
def test_every_choice_is_called_something_a_person_would_say(model: Any, name: str) -> None:
    for field in with_parts(field_form(model, name, None, None)):
        words = choice_words(field["name"], field.get("choices") or ())
        if field["type"] in ("choice", "multi_choice") and field["name"] != "test":
            assert all(word[:1].isupper() for word in words.values()), (field["name"], words)
            assert len(set(words.values())) == len(words)


def with_parts(field: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield field
    for inner in (*field.get("fields", ()), *(part for one in field.get("variants", ()) for part in one["fields"])):
        yield from with_parts(inner)


def test_a_choice_is_shown_in_words_and_stored_as_the_option_s_own(qtbot: Any, tmp_path: Path) -> None:
    use_language("de")
    try:
        facts = field_form(RandomizeOrder, "per", None, "participant")
        entry: dict[str, Any] = {}
        shown = FieldRow(Field(("per",), facts), PartsDraft({"fields": [facts]}, entry, lambda: None), tmp_path)
        qtbot.addWidget(shown)
        texts = [shown.control.itemText(at) for at in range(shown.control.count())]
        assert texts == ["Jede Person für sich", "Die Personen einer Partie gemeinsam"]
        shown.control.setCurrentIndex(1)
        assert entry["per"] == "group"
    finally:
        use_language("en")


def test_a_word_beside_names_of_scenes_is_shown_in_words(qtbot: Any, tmp_path: Path) -> None:
    facts = {**field_form(Repeat, "otherwise", None, "go_on"), "special": ["go_on", "exclude", "thanks"]}
    entry: dict[str, Any] = {"otherwise": "exclude"}
    shown = FieldRow(Field(("otherwise",), facts), PartsDraft({"fields": [facts]}, entry, lambda: None), tmp_path)
    qtbot.addWidget(shown)
    assert shown.control.currentText() == "Exclude the person"
    shown.control.setCurrentIndex(0)
    assert (shown.control.currentText(), entry["otherwise"]) == ("Go on", "go_on")
    shown.control.setCurrentText("thanks")
    assert entry["otherwise"] == "thanks"

"""A new study from a template: a folder like any other, that loads, under a name that is valid everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from igym.experiment.errors import ExperimentError
from igym.experiment.loader import load_experiment
from igym.host.checks.study_tools import look_at, read_study
from igym.host.programs.check_main import as_text, run_checks
from igym.host.programs.convert_main import converted
from igym_desktop.app import App
from igym_desktop.flow.library import Entry, duplicate
from igym_desktop.flow.paths import example_folders, examples_folder
from igym_desktop.flow.study_templates import make_study, templates
from igym_desktop.i18n import use_language
from igym_desktop.launcher import child_command
from igym_desktop.pictures import Pictures
from igym_desktop.widgets.pictured_list import KEY, PICTURE
from igym_desktop.windows.new_study import NewStudyDialog
from tests.waiting import until

from .test_main_window import press, ready

CAR = next(folder for folder in example_folders() if folder.name == "mountain_car")
PLAYERS = {"nothing": 1, "one": 1, "two": 2, "survey": 1, "partner": 1, "design": 1, "practice": 2}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("template", templates(), ids=lambda template: template.key)
def test_every_template_makes_a_study_that_loads(template: Any, language: str, tmp_path: Path) -> None:
    use_language(language)
    try:
        chosen = next(found for found in templates() if found.key == template.key)
        folder = make_study(chosen, tmp_path, "Übung 1", examples_folder())
        experiment = load_experiment(folder)
    finally:
        use_language("en")
    assert (folder.name, experiment.id, experiment.title) == ("uebung_1", "uebung_1", "Übung 1")
    assert experiment.players == PLAYERS[template.key]
    with pytest.raises(ValueError, match=r"already a folder"):
        make_study(chosen, tmp_path, "Übung 1", examples_folder())
    assert [path.name for path in tmp_path.iterdir()] == ["uebung_1"]


def in_german(example: Path) -> str:
    """What a German launcher says of an example, also of a copy; a study of one's own speaks for itself."""
    told = load_experiment(example).description
    use_language("de")
    try:
        entries = [Entry(example, source, "ready", {"description": told}) for source in ("example", "own")]
        description, kept = (entry.for_a_copy for entry in entries)
    finally:
        use_language("en")
    assert description not in ("", told) and kept == ""
    return description


@pytest.mark.parametrize("example", example_folders(), ids=lambda folder: folder.name)
def test_a_study_from_every_example_passes_its_check(example: Path, tmp_path: Path) -> None:
    """As the dialog makes it: named, described in its maker's language, and data where that loses nothing."""
    described = in_german(example)
    folder = duplicate(example, tmp_path, "Übung 1", description=described)
    try:
        assert converted(folder)[0] == folder / "study.toml"
    except ExperimentError as error:
        assert example.name == "survey_tour" and "cannot hold Python functions" in str(error)
    experiment = load_experiment(folder)
    assert (experiment.id, experiment.title, experiment.description) == ("uebung_1", "Übung 1", described)
    report = run_checks(folder, None, 20, 1, None)
    told = "\n".join(str(problem["text"]) for scene in report["scenes"] for problem in scene["problems"])
    if example.name == "overcooked_pair":
        # This computer has not fetched what the kitchen is made of.
        assert "cogrid==0.3.2: it is not on this computer. Press “Download now” under Preflight" in told
    else:
        assert report["ok"] and told == "", as_text(report)


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_example_is_offered_with_its_picture_in_the_language_of_the_window(
    language: str, qtbot: Any, tmp_path: Path
) -> None:
    pictures = Pictures(tmp_path / "pictures", child_command)
    entries = [
        Entry(folder, "example", "ready", {"id": folder.name, "description": load_experiment(folder).description})
        for folder in example_folders()
    ]
    use_language(language)
    try:
        dialog = NewStudyDialog(None, tmp_path, entries, pictures, lambda *_: None)
    finally:
        use_language("en")
    qtbot.addWidget(dialog)
    offered = {dialog.list.item(row).data(KEY): dialog.list.item(row) for row in range(dialog.list.count())}
    assert list(offered) == [*PLAYERS, *(str(folder) for folder in example_folders())]
    said_in_english = {entry.info["description"] for entry in entries}
    assert not any(item.text().partition("\n")[2] in said_in_english | {""} for item in offered.values())
    # One that is drawn while the dialog is open comes into it.
    image = QImage(80, 45, QImage.Format.Format_RGB32)
    image.fill(QColor("#123456"))
    pictures.file_of(CAR).parent.mkdir()
    assert image.save(str(pictures.file_of(CAR)))
    pictures.drawn.emit(CAR)
    tile = offered[str(CAR)].data(PICTURE).toImage()
    assert tile.pixelColor(tile.width() // 2, tile.height() // 2) == QColor("#123456")


def test_a_study_is_made_in_the_window(loop: Any, make_app: Callable[..., App]) -> None:
    async def check() -> None:
        app = make_app([CAR], command_line=child_command)
        await ready(app)
        press(app.window, "new_study")
        dialog: Any = app.window.pages["experiments"].new_study
        for name, allowed in (("", False), ("実験", False), ("con", False), ("Größe & Mut", True)):
            dialog.name.setText(name)
            assert dialog.make.isEnabled() is allowed, name
        assert "groesse_mut" in dialog.place.text()
        dialog.list.setCurrentRow(3)
        dialog.make.click()
        folder = (app.launcher.paths.studies / "groesse_mut").resolve()
        await until(lambda: app.launcher.library.entries[folder].status == "ready", "read")
        assert app.window.pages["configure"].study.editor.draft.document["title"] == "Größe & Mut"

    loop.run_until_complete(check())


def test_a_study_from_an_example_can_be_put_together_here(loop: Any, make_app: Callable[..., App]) -> None:
    async def check() -> None:
        app = make_app([CAR], command_line=child_command)
        await ready(app)
        page: Any = app.window.pages["experiments"]
        page.ask_for_new_study()
        dialog = page.new_study
        dialog.name.setText("My car")
        dialog.list.setCurrentRow(dialog.list.count() - 1)
        dialog.make.click()
        folder = (app.launcher.paths.studies / "my_car").resolve()
        await until(lambda: app.launcher.chosen is not None and app.launcher.chosen.folder == folder, "made")
        assert (folder / "study.toml").is_file() and not (folder / "experiment.py").exists()
        draft = app.window.pages["configure"].study.editor.draft
        assert (draft.document["id"], draft.document["title"], draft.problem) == ("my_car", "My car", "")
        await until(lambda: app.launcher.library.entries[folder].status == "ready", "read")
        assert QApplication.activeModalWidget() is None

    loop.run_until_complete(check())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"observation_input": "obs"}, 'has no input "obs". It has: observation.'),
        ({"observation_input": "observations"}, 'Did you mean "observation"?'),
        ({"logit_output": "action"}, 'has no output "action"'),
        ({"state_inputs": ["h"], "state_outputs": ["h"], "state_shape": [1, 4]}, 'has no input "h"'),
    ],
)
def test_a_network_is_held_to_what_is_said_about_it(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    template = next(found for found in templates() if found.key == "partner")
    folder = make_study(template, tmp_path, "With an AI", examples_folder())
    document, _ = read_study(folder)
    bot = document["scenes"]["game"]["policies"]["mapping"][1]["policy"]
    bot.update(changes)
    look = look_at(document, folder)
    assert look.error == ""
    assert words in look.missing if words else look.missing == ""
    (folder / "slime.onnx").write_bytes(b"nothing of the kind")
    assert "is not a network" in look_at(document, folder).missing

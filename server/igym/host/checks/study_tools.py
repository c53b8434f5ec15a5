"""What the launcher's editor needs of the models: a document read, checked and shown, without running code of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from igym.experiment.check_files import checked
from igym.experiment.errors import ExperimentError, without_owner
from igym.experiment.files import read_page, read_text
from igym.experiment.form import form_schema
from igym.experiment.scenes.base import ASSET_LINK
from igym.experiment.study_layout import write_document
from igym.experiment.study_read import KINDS, from_document
from igym.experiment.study_text import STUDY_FILE, read_document
from igym.experiment.study_write import to_document
from igym.host.checks.onnx_names import network_problem

__all__ = ["KINDS", "STUDY_FILE", "Look", "look_at", "read_study", "study_text", "table_of"]


@dataclass(frozen=True)
class Look:
    """How a document reads. `form` and `document` (as it would be written anew) are empty when `error` is set."""

    form: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    missing: str = ""
    """What is still missing in the folder, such as an env file; the study can be saved and finished later."""


def read_study(folder: Path) -> tuple[dict[str, Any], str]:
    """(document, text) of a folder's `study.toml`; raises ValueError with a text for a person."""
    try:
        text = read_text(folder / STUDY_FILE, folder)
        return read_document(text), text
    except OSError as error:
        raise ValueError(f"{STUDY_FILE}: {error.strerror}") from error


def page_text(folder: Path, path: str) -> str:
    """A page's HTML as it would stand in the study itself: its links start at the study's folder.

    Raises `ExperimentError` when the page, or a file it links to, is not there.
    """
    return read_page(folder, path).replace(ASSET_LINK, "")


def study_text(document: Mapping[str, Any], before: str = "") -> str:
    """What is written into `study.toml`."""
    return write_document(document, before)


def look_at(document: Mapping[str, Any], folder: Path | None = None) -> Look:
    """Reads a document; with a folder, the files it names are looked for."""
    try:
        experiment = from_document(document)
    except ExperimentError as error:
        return Look(error=without_owner(error.text, "Experiment("))
    missing = ""
    if folder is not None:
        try:
            checked(experiment, folder)
            missing = network_problem(experiment, folder)
        except ExperimentError as error:
            missing = error.text
    return Look(form_schema(experiment, whole=True), to_document(experiment), "", missing)


def table_of(kind: str, **options: Any) -> dict[str, Any]:
    """A scene's table as it begins."""
    assert kind in KINDS
    return {"kind": kind, **options}

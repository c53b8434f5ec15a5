"""The window has its looks wherever the app lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from igym_desktop import theme


@pytest.mark.parametrize("name", ["Größe & Maß, zwei Wörter", "it's (new)", 'so "called"'])
def test_the_style_sheet_is_understood_in_any_folder(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / name / "resources"
    shutil.copytree(theme._RESOURCES, folder)
    monkeypatch.setattr(theme, "_RESOURCES", folder)
    widget = QWidget()
    # Qt warns of a sheet it cannot read, and every warning of Qt fails its test.
    widget.setStyleSheet(theme.style_sheet(theme.LIGHT))
    widget.ensurePolished()
    widget.deleteLater()

"""Every page, tab, window, dialog and editor of the launcher keeps its words whole, in every language and theme."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from igym_desktop.i18n import available_languages

from .own_screen import told_by

SCRIPT = Path(__file__).with_name("every_window.py")


@pytest.mark.parametrize("language", sorted(available_languages()))
def test_nothing_is_cut_on_a_small_and_a_large_screen(tmp_path: Path, language: str) -> None:
    theme = "dark" if language == "de" else "light"
    told = told_by(SCRIPT, language, tmp_path, (1920, 1080), limit_s=300, IGYM_TEST_THEME=theme)
    assert told.pop("looked at") >= 130
    assert told == {}, json.dumps(told, ensure_ascii=False, indent=1)

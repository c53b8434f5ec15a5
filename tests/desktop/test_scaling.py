"""On a screen at 200 % every page and dialog keeps its words whole and its controls within reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from igym_desktop.i18n import available_languages

from .own_screen import told_by
from .test_main_window import study
from .test_pages import SCHEMA

__all__ = ["study"]
SCRIPT = Path(__file__).with_name("scaled_window.py")


@pytest.mark.parametrize("language", sorted(available_languages()))
def test_nothing_is_cut_or_out_of_reach_at_twice_the_size(study: Any, tmp_path: Path, language: str) -> None:
    folder = study("mountain_car", title="Mountain Car", form=SCHEMA, scenes=[{"id": "welcome", "kind": "start"}])
    ten = json.dumps({"participants": 10})
    told = told_by(
        SCRIPT, language, tmp_path, (2560, 1440), str(folder), limit_s=180, QT_SCALE_FACTOR="2", IGYM_FAKE=ten
    )
    assert told.pop("looked at") >= 33
    assert told == {}, json.dumps(told, ensure_ascii=False, indent=1)

"""The app says which it is and where a newer one is to be had, without asking the internet."""

from __future__ import annotations

from email.message import Message
from typing import Any

import pytest

from igym_desktop.flow import about


def test_the_version_names_python_and_system() -> None:
    assert about.version_text("1.2.3").startswith("Interactive Gym Desktop 1.2.3 · Python 3.")


PAGE = "https://lab.example/igym"


@pytest.mark.parametrize(("entry", "told"), [(f"Releases, {PAGE}", PAGE), ("", "your IT")])
def test_where_new_versions_are(monkeypatch: pytest.MonkeyPatch, entry: str, told: str) -> None:
    facts: Any = Message()
    if entry:
        facts["Project-URL"] = entry
    monkeypatch.setattr(about.metadata, "metadata", lambda name: facts)
    assert told in about.updates_text()
    assert "never asks the internet" in about.updates_text()

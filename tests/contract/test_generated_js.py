"""The browser's types are made from the server's: a stale file fails here."""

from __future__ import annotations

from pathlib import Path

import pytest

from igym.protocol import generate
from igym.protocol.codec import CLIENT_MESSAGES, SERVER_MESSAGES


@pytest.mark.parametrize("name", sorted(generate.files()))
def test_generated_files_are_current(name: str) -> None:
    written = (generate.FOLDER / name).read_text(encoding="utf-8")
    assert written == generate.files()[name], "run: python -m igym.protocol.generate"


def test_nothing_else_lies_in_the_generated_folder() -> None:
    assert {path.name for path in generate.FOLDER.iterdir()} == set(generate.files())


def test_every_message_and_every_field_has_a_type() -> None:
    for file, messages in (("client_messages.js", CLIENT_MESSAGES), ("server_messages.js", SERVER_MESSAGES)):
        text = generate.files()[file]
        for name, kind in messages.items():
            assert f"}} {name}\n" in text
            assert f"}} {kind.__name__}\n" in text


def test_the_generator_writes_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path / "protocol")
    assert generate.main() == 0
    assert {
        path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "protocol").iterdir()
    } == generate.files()

"""Families of envs that come with the app: what docs/environments.md says of each is so, and its table is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.envs.families import FAMILIES, Family, tried

PAGE = Path(__file__).resolve().parents[2] / "docs" / "environments.md"
BEGIN, END = "<!-- families -->\n", "<!-- end -->"


def test_the_table_is_what_the_tests_run() -> None:
    table = PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    assert table.splitlines()[2:] == [family.row() for family in FAMILIES]


@pytest.mark.parametrize("family", [one for one in FAMILIES if one.comes_with_the_app], ids=lambda one: one.name)
def test_a_family_is_played_as_its_row_says(family: Family, tmp_path: Path) -> None:
    found = tried(family, tmp_path, tmp_path / "store")
    assert not found.complaints()

"""Families of envs whose packages come from the package index: what docs/environments.md says of each is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.envs.families import FAMILIES, Family, tried


@pytest.mark.timeout(1200)  # Hundreds of megabytes are fetched for some.
@pytest.mark.parametrize("family", [one for one in FAMILIES if not one.comes_with_the_app], ids=lambda one: one.name)
def test_a_family_is_played_with_the_lines_of_its_row(family: Family, tmp_path: Path) -> None:
    found = tried(family, tmp_path, tmp_path / "store")
    assert not found.complaints(), (found.complaints(), found.prepared)

"""The manual is built whole, asks no other server, and has every page and heading that the launcher's help opens."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import docs_site
import pytest

import igym
from igym_desktop.flow.form import Group, sections
from igym_desktop.flow.manual import DIALOGS, OF_ORDER, OF_SCENES, PAGES, START, page_of_group

SCHEMA = Path(__file__).parents[1] / "desktop" / "form_schema.json"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    docs_site.build(folder)
    return folder


def is_there(site: Path, page: str) -> bool:
    name, _, heading = page.partition("#")
    file = site / name
    return file.is_file() and (not heading or f'id="{heading}"' in file.read_text("utf-8"))


def test_every_page_the_help_opens_is_there(site: Path) -> None:
    wanted = [START, *PAGES.values(), *DIALOGS.values()]
    wanted += [page_of_group(("scenes", "s", "scene", "x"), kind) for kind in (*OF_SCENES, *OF_ORDER, "unknown")]
    assert [page for page in wanted if not is_there(site, page)] == []


def test_every_group_of_options_has_a_page(site: Path) -> None:
    groups: list[tuple[str, Group]] = [
        (section.kind, group) for section in sections(json.loads(SCHEMA.read_text("utf-8"))) for group in section.groups
    ]
    assert len(groups) > 15
    missing = {
        (kind, group.title): page_of_group(group.fields[0].path, kind)
        for kind, group in groups
        if not is_there(site, page_of_group(group.fields[0].path, kind))
    }
    assert missing == {}


def test_every_name_a_study_may_import_is_in_the_reference(site: Path) -> None:
    text = (site / "reference" / "python.html").read_text("utf-8")
    missing = [name for name in igym.__all__ if not re.search(rf'id="[\w.]*\.{name}"', text)]
    assert missing == []
    assert "A copy with these options; what is not given stays as it was." in text, "with their docstrings"


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        fetched = re.findall(r'<(?:script|img|link)[^>]*(?:src|href)="(https?://[^"]+)"', text)
        assert fetched == [], page.name


def test_every_picture_that_a_page_shows_is_there_and_no_other(site: Path) -> None:
    text = "".join(page.read_text("utf-8") for page in site.rglob("*.html"))
    shown = set(re.findall(r"screenshots/([\w-]+\.\w+)", text))
    assert len(shown) > 60
    assert shown == {file.name for file in (site / "screenshots").iterdir()}


def test_the_dialogs_named_are_those_of_the_app() -> None:
    from igym_desktop import windows
    from igym_desktop.pages import data_session_care

    sources = [*Path(windows.__file__).parent.glob("*.py"), Path(data_session_care.__file__)]
    classes: Any = set(re.findall(r"^class (\w+)\(", "\n".join(file.read_text("utf-8") for file in sources), re.M))
    assert set(DIALOGS) - classes == set()

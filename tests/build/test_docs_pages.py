"""The pages of the documentation lead where they say, name what is there, and their code runs."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import docs_tables
import pytest

from igym.core.commands import COMMANDS
from igym.host.engine.commands import HostCommands
from igym.host.files.export_formats import FORMATS

ROOT = docs_tables.ROOT
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
ABOUT_THE_PRODUCT = [page for page in PAGES if "docs" in page.parts or page.parent == ROOT]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
# What starts an address in the docs' short form, as the files of the product stand to each other.
STARTS = ("", "server/igym/", "igym_desktop/", "web_client/", "web_client/game/", "tests/", "docs/", "tests/web/")


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def without_code(text: str) -> str:
    return FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    heads = re.findall(r"^#+ (.+)$", without_code(page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"`[^`\n]*`", "", without_code(page.read_text("utf-8")))
    yield from re.findall(r"\]\(([^)\s]+)\)", text)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{name_of(page)} links to {target}, which is not there"
        if anchor:
            assert anchor in anchors(path), f"{name_of(page)} links to #{anchor} of {path.name}, which it has not"


LONGEST_LINE = 170


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_prose_is_wrapped_so_that_a_change_of_a_word_shows_as_one(page: Path) -> None:
    # What cannot be wrapped: rows of tables, pictures, and what is indented as code.
    prose = [
        line for line in without_code(page.read_text("utf-8")).splitlines() if not line.startswith(("|", "![", "    "))
    ]
    assert [line for line in prose if len(line) > LONGEST_LINE and " " in line[LONGEST_LINE:]] == []


def test_a_change_is_told_once() -> None:
    """However each telling of it is wrapped."""
    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)
    told = Counter(
        (version.split("\n")[0], " ".join(entry.split()))
        for version in versions
        for entry in re.findall(r"^- (.+(?:\n  .+)*)", version, re.M)
    )
    assert [entry for (_, entry), times in told.items() if times > 1] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=name_of)
def test_tables_and_lists_begin_after_an_empty_line(page: Path) -> None:
    """In the manual's site they would be words of the paragraph before."""
    lines = FENCE.sub("```", page.read_text("utf-8")).splitlines()
    kinds = ["table" if line.startswith("|") else "list" if re.match(r"(- |\d+\. )", line) else "" for line in lines]
    begins = [at for at, kind in enumerate(kinds) if at and kind and kinds[at - 1] != kind]
    words = [at for at in begins if lines[at - 1].strip() and not lines[at - 1].startswith(("#", "<!--", "  "))]
    assert [f"{lines[at - 1]} / {lines[at]}" for at in words] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=name_of)
def test_tables_and_lists_of_files_are_made_of_the_sources(page: Path) -> None:
    text = page.read_text("utf-8")
    assert docs_tables.page_with_tables(text) == text, "run python build/docs_tables.py"


def test_a_stale_table_is_noticed() -> None:
    made = docs_tables.page_with_tables("<!-- table: store -->\nold\n<!-- end -->")
    assert "| `batches` |" in made and "old" not in made
    listed = docs_tables.page_with_tables("<!-- files: export_format -->\n<!-- end -->")
    assert "export_formats.py" in listed


def test_every_table_and_every_example_has_its_place() -> None:
    text = "\n".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(docs_tables.TABLES)
    assert set(re.findall(r"<!-- files: (\w+) -->", text)) == set(docs_tables.EXAMPLES)


@pytest.mark.parametrize("name", docs_tables.EXAMPLES)
def test_an_example_is_known_where_it_is_declared_and_where_it_acts(name: str) -> None:
    """A renamed example must not leave a guide with an empty list."""
    assert docs_tables.files(docs_tables.EXAMPLES[name]).count("\n") > 4


def dotted(page: Path) -> set[str]:
    """Names of our packages; `igym.globals` and its like are what a researcher's page finds in the browser."""
    of_pages = (ROOT / "web_client" / "app" / "page_api.js").read_text("utf-8")
    found = set(re.findall(r"`(igym(?:_desktop)?(?:\.\w+)+)`", page.read_text("utf-8")))
    return {name for name in found if not re.search(rf"\b{name.split('.')[1]}\b", of_pages)}


@pytest.mark.parametrize("page", [page for page in ABOUT_THE_PRODUCT if dotted(page)], ids=name_of)
def test_every_module_and_name_in_it_is_there(page: Path) -> None:
    for name in dotted(page):
        assert is_there(name), f"{name_of(page)} names {name}, which is not there"


def is_there(name: str) -> bool:
    """A module, or something in one."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("page", [page for page in ABOUT_THE_PRODUCT if page.name != "CHANGELOG.md"], ids=name_of)
def test_every_source_file_it_names_is_there(page: Path) -> None:
    text = without_code(page.read_text("utf-8"))
    for path in re.findall(r"`([\w\-./]+/[\w\-.]+\.(?:py|js|toml|lock|yml|sh))`", text):
        beside_a_study = path.startswith(("assets/", "pages/", "profiles/", "texts/"))
        assert beside_a_study or any((ROOT / start / path).is_file() for start in STARTS), f"{name_of(page)}: {path}"


def first_column(page: str, heading: str) -> set[str]:
    text = (ROOT / "docs" / page).read_text("utf-8").split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return {name for cell in re.findall(r"^\| (`.*?) \|", text, re.M) for name in re.findall(r"`(\w+)`", cell)}


def test_every_command_is_told_and_no_other(tmp_path: Path) -> None:
    host = HostCommands(cast(Any, SimpleNamespace(folder=tmp_path, journal=None, runner=None)))
    known = {*COMMANDS, *host.performers, *host.reads, *host.own, "monitor"}
    assert first_column("internals/control.md", "Commands") == known


def test_every_format_is_told_where_files_are_described() -> None:
    text = (ROOT / "docs" / "data.md").read_text("utf-8")
    assert not [name for name in FORMATS if f"`{name}`" not in text and f"--format {name}" not in text]


def test_every_picture_of_the_launcher_is_shown() -> None:
    """Those of very small windows are for developers alone."""
    taken = {file.stem for file in (ROOT / "docs" / "screenshots").glob("launcher-*.png")}
    by_day = {name for name in taken if not name.endswith(("-dark", "-200-percent"))}
    pages = "".join(page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md"))
    assert sorted(name for name in by_day if f"screenshots/{name}.png" not in pages) == []


def test_the_changelog_has_each_heading_once_and_says_nothing_twice() -> None:
    newest = re.split(r"^## .*$", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.M)[1]
    lines = [line for line in newest.splitlines() if line.startswith(("###", "- "))]
    assert [line for line, count in Counter(lines).items() if count > 1] == []

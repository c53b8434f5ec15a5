"""The table of the slowest tests in docs/tests.md, from what the last whole run wrote down."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dev_runs import RECORDS
from dev_setup import ROOT, SetupError

PAGE = ROOT / "docs" / "tests.md"
BEGIN, END = "<!-- slowest: begin -->", "<!-- slowest: end -->"
HOW_MANY = 40
SENTENCE_WORDS = 4


@dataclass(frozen=True)
class Timed:
    """A test and how long it took with its set-up and its end, in seconds."""

    file: str
    name: str
    seconds: float


def timed_tests(records: Iterable[Path], root: Path = ROOT) -> list[Timed]:
    """All tests of these JUnit files, the slowest first. Cases of one parametrized test are taken together."""
    total: dict[tuple[str, str], float] = {}
    for record in records:
        for case in ET.parse(record).iter("testcase"):
            key = (file_of(case.get("classname", ""), root), case.get("name", "").partition("[")[0])
            total[key] = total.get(key, 0.0) + float(case.get("time", "0"))
    tests = [Timed(file, name, seconds) for (file, name), seconds in total.items()]
    return sorted(tests, key=lambda test: (-test.seconds, test.file, test.name))


def file_of(classname: str, root: Path) -> str:
    """`tests.host.test_web.TestX` → `tests/host/test_web.py`."""
    parts = classname.split(".")
    lengths = range(len(parts), 0, -1)
    return next((file for n in lengths if (root / (file := "/".join(parts[:n]) + ".py")).is_file()), classname)


def claim(test: Timed, root: Path = ROOT) -> str:
    """What a test proves: the beginning of its docstring, or else its name as a sentence.

    A name that is no sentence follows what its module says of all its tests.
    """
    path = root / test.file
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    own = next((first_paragraph(node) for node in functions if node.name == test.name), "")
    name = test.name.removeprefix("test_").replace("_", " ")
    of_all = first_paragraph(tree) if len(name.split()) < SENTENCE_WORDS else ""
    sentence = own or (f"{of_all}: {name}" if of_all else name)
    return sentence[:1].upper() + sentence[1:]


def first_paragraph(node: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The beginning of a docstring in one line."""
    return " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split()).rstrip(".")


def table(tests: list[Timed], root: Path = ROOT) -> str:
    """Markdown: the slowest tests, and how much of all the time they are."""
    slow = tests[:HOW_MANY]
    whole, part = (sum(test.seconds for test in some) / 60 for some in (tests, slow))
    return "\n".join([
        f"The slowest {len(slow)} of {len(tests)} tests take {part:.1f} of {whole:.1f} minutes, one after the other.",
        "",
        "| s | what it proves | where |",
        "|---:|---|---|",
        *(row(test, root) for test in slow),
    ])  # fmt: skip


def row(test: Timed, root: Path) -> str:
    proves = claim(test, root).replace("|", "\\|")
    return f"| {test.seconds:.1f} | {proves} | `{test.file.removeprefix('tests/')}` |"


def put_into(page: str, text: str) -> str:
    """The page with `text` between its two marks."""
    head, _, rest = page.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def write(records: Path = RECORDS, page: Path = PAGE, root: Path = ROOT) -> int:
    """Brings the page up to date. Raises SetupError when no run has written its times down."""
    files = sorted(records.glob("*.xml"))
    if not files:
        raise SetupError("No run has written down its times yet: run `python build/dev.py test` first.")
    page.write_text(put_into(page.read_text(encoding="utf-8"), table(timed_tests(files, root), root)), encoding="utf-8")
    print(f"Written to {page}")
    return 0

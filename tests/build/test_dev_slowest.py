"""The table of the slowest tests says what each proves, from the times of the last run."""

from __future__ import annotations

from pathlib import Path

import dev_slowest
import pytest
from dev_setup import SetupError

SOURCE = '''"""The built-in examples, to the last page."""
def test_a_pipe_is_told():
    """A broken `a | b` is told,
    and nothing is lost.

    More about it.
    """


class TestGroup:
    async def test_nobody_waits_for_it_twice(self): ...


def test_slime_duel(): ...
'''
RECORD = """<testsuites><testsuite>
<testcase classname="tests.host.test_x" name="test_a_pipe_is_told[one]" time="1.5"/>
<testcase classname="tests.host.test_x" name="test_a_pipe_is_told[two]" time="2.0"/>
<testcase classname="tests.host.test_x.TestGroup" name="test_nobody_waits_for_it_twice" time="60.04"/>
<testcase classname="tests.host.test_x" name="test_slime_duel" time="1.0"/>
<testcase classname="tests.gone.test_y" name="test_no_longer_there" time="0.5"/>
</testsuite></testsuites>"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {"tests/host/test_x.py": SOURCE, "records/a.xml": RECORD, "tests.md": "Before\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "tests.md").write_text(f"Before\n{dev_slowest.BEGIN}\nold\n{dev_slowest.END}\nAfter\n")
    return tmp_path


def test_the_slowest_come_first_with_what_they_prove(checkout: Path) -> None:
    for _ in range(2):
        assert dev_slowest.write(checkout / "records", checkout / "tests.md", checkout) == 0
    lines = (checkout / "tests.md").read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == ("Before", dev_slowest.BEGIN, dev_slowest.END, "After")
    assert "slowest 4 of 4 tests take 1.1 of 1.1 minutes" in lines[2]
    assert lines[-6:-2] == [
        "| 60.0 | Nobody waits for it twice | `host/test_x.py` |",
        "| 3.5 | A broken `a \\| b` is told, and nothing is lost | `host/test_x.py` |",
        "| 1.0 | The built-in examples, to the last page: slime duel | `host/test_x.py` |",
        "| 0.5 | No longer there | `tests.gone.test_y` |",
    ]


def test_only_so_many_are_listed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_slowest, "HOW_MANY", 1)
    dev_slowest.write(checkout / "records", checkout / "tests.md", checkout)
    text = (checkout / "tests.md").read_text(encoding="utf-8")
    assert "slowest 1 of 4 tests take 1.0 of 1.1 minutes" in text and "A broken" not in text


def test_without_a_run_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"run `python build/dev.py test` first"):
        dev_slowest.write(tmp_path)


def test_the_page_of_this_checkout_can_take_the_table(root: Path) -> None:
    page = (root / "docs" / "tests.md").read_text(encoding="utf-8")
    assert dev_slowest.put_into(page, "| a row |").count("| a row |") == 1
    assert page.index(dev_slowest.BEGIN) < page.index(dev_slowest.END)

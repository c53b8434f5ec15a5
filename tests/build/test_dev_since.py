"""`dev.py test --since` chooses what a change can have touched, and rather too much than too little."""

from __future__ import annotations

import subprocess
from pathlib import Path

import dev_since
import pytest
from dev_since import Checkout, choose


@pytest.fixture(scope="module")
def checkout(root: Path) -> Checkout:
    return Checkout(root)


def folders(tests: set[str]) -> set[str]:
    return {test.split("/")[1] for test in tests}


def test_a_changed_test_runs_itself_alone(checkout: Checkout) -> None:
    choice = choose(["tests/host/test_web.py"], checkout)
    assert (choice.tests, choice.everything, choice.checks) == ({"tests/host/test_web.py"}, False, {"lint"})


def test_what_tests_share_runs_those_that_use_it(checkout: Checkout) -> None:
    for shared, user, other in (
        ("tests/core/world.py", "tests/core/test_states.py", "tests/core/test_lab.py"),
        ("tests/env/conftest.py", "tests/env/test_rows.py", "tests/host/test_web.py"),
        ("tests/contract/golden_messages.json", "tests/core/test_states.py", "tests/core/test_lab.py"),
        ("tests/browser/studies/solo/env.py", "tests/browser/test_one_person.py", "tests/chaos/test_torn_writes.py"),
    ):
        chosen = choose([shared], checkout).tests
        assert user in chosen and other not in chosen, shared


def test_a_module_runs_what_imports_it_however_indirectly(checkout: Checkout) -> None:
    chosen = choose(["server/igym/core/match.py"], checkout).tests
    assert {"tests/core/test_match_start.py", "tests/host/test_web.py"} <= chosen
    assert not folders(chosen) & {"protocol", "rendering", "experiment"}


def test_a_module_named_for_a_child_process_counts_as_imported(checkout: Checkout) -> None:
    chosen = choose(["server/igym/core/match.py"], checkout).tests
    assert "tests/browser/test_links.py" in chosen, "the engine is started as `python -m igym.cli engine`"
    assert "tests/host/export/test_exporter.py" in choose(["server/igym/host/files/export_child.py"], checkout).tests


def test_a_window_touches_no_engine(checkout: Checkout) -> None:
    chosen = folders(choose(["igym_desktop/app.py", "igym_desktop/resources/texts_de.json"], checkout).tests)
    assert "desktop" in chosen
    assert not chosen & {"core", "host", "env", "experiment"}


def test_the_web_client_runs_nodes_tests_and_every_browser(checkout: Checkout) -> None:
    choice = choose(["web_client/core/rollback.js"], checkout)
    assert choice.checks == {"lint", "web"}
    assert checkout.below("tests/browser") | {"tests/chaos/test_networks.py"} <= choice.tests
    assert "core" not in folders(choice.tests)
    assert choose(["tests/web/core/rollback.test.js"], checkout).checks == {"lint", "web"}
    assert choose(["tests/web/core/rollback.test.js"], checkout).tests == set()


def test_the_python_of_the_games_worker_runs_the_env_level_too(checkout: Checkout) -> None:
    assert checkout.below("tests/env") <= choose(["web_client/game/igym_bridge/rows.py"], checkout).tests


def test_what_is_gone_runs_what_used_its_package(checkout: Checkout) -> None:
    gone = choose(["server/igym/core/no_longer_there.py"], checkout).tests
    assert choose(["server/igym/core/match.py"], checkout).tests <= gone
    assert choose(["server/igym/core/__init__.py"], checkout).tests == gone


def test_whatever_goes_into_the_app_is_packaged_again(checkout: Checkout) -> None:
    for path in ("server/igym/core/match.py", "web_client/main.js", "igym_desktop/app.py", "build/hatch_hook.py"):
        assert checkout.below("tests/package") <= choose([path], checkout).tests, path


def test_prose_runs_what_reads_prose(checkout: Checkout) -> None:
    choice = choose(["docs/data.md"], checkout)
    assert "tests/experiment/test_docs.py" in choice.tests
    assert not choice.checks and not folders(choice.tests) & {"browser", "chaos", "core", "desktop"}


def test_what_nobody_can_tell_runs_everything(checkout: Checkout) -> None:
    for path in ("pyproject.toml", "build/requirements.lock", "tests/conftest.py", f"a-new-{'thing'}.xyz"):
        assert choose([path], checkout).everything, path
    nothing = choose(["LICENSE"], checkout)
    assert (nothing.everything, nothing.tests, nothing.checks) == (False, set(), set())


def test_changes_are_those_since_the_commit_with_what_git_does_not_know_yet(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def write(**texts: str) -> None:
        for name, text in texts.items():
            (tmp_path / name).write_text(text)

    git("init")
    write(same="1", changed="1", removed="1", moved="a text long enough to be found again after its move")
    git("add", ".")
    git("commit", "-m", "first")
    write(changed="2", committed="1")
    git("mv", "moved", "elsewhere")
    git("add", "committed")
    git("commit", "-am", "second")
    (tmp_path / "removed").unlink()
    write(ünknown="1")
    changed = dev_since.changed_files("HEAD~1", tmp_path)
    assert changed == sorted(["changed", "committed", "elsewhere", "moved", "removed", "ünknown"])
    with pytest.raises(SystemExit, match="nonsense"):
        dev_since.changed_files("nonsense", tmp_path)

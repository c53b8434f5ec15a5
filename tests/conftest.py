"""What every test starts from: no screen, no inherited settings, a data folder of its own."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests import warm_starts

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHONHASHSEED"] = "0"

# A busy computer takes its time over an example that it makes in no time at the second try.
hypothesis.settings.register_profile("any computer", deadline=None)
hypothesis.settings.load_profile("any computer")

warm_starts.install()

ROOT = Path(__file__).resolve().parent.parent
TESTS_OF_CORE = ROOT / "tests" / "core"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lines of the session core are counted where it is tested: other tests would take twice as long for nothing."""
    for item in items:
        if not item.path.is_relative_to(TESTS_OF_CORE):
            item.add_marker("no_cover")


def pytest_collection_finish() -> None:
    """Sets aside what lives as long as the run: collections of garbage would go through every test each time."""
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """The last collection, which pytest makes, finds what tests left open, wherever it was."""
    gc.unfreeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Lets a test that is about starting programs start them really.

    Frees the windows of the test before, which pytest held until now, when this one has none.

    Its own threads may collect garbage, and a widget that is freed outside the thread of the windows takes the
    process down. The tests with windows see to it themselves: nothing is collected behind their back.
    """
    global _had_windows
    warm_starts.start_really(item.get_closest_marker("real_starts") is not None)
    has_windows = "qapp" in getattr(item, "fixturenames", ())
    if _had_windows and not has_windows:
        gc.unfreeze()
        gc.collect()
        gc.freeze()  # what Qt still holds: no later collection, in whatever thread, looks at it
    _had_windows = has_windows


_had_windows = False


_homes = itertools.count()


@pytest.fixture(autouse=True)
def own_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Points the per-user folders (settings, data, caches) at a temporary home: no test touches the real ones."""
    home = tmp_path_factory.mktemp(f"home-{next(_homes)}", numbered=False)  # to find a number is to list all folders
    for name, folder in {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache"}.items():
        monkeypatch.setenv(name, str(home / folder))
    yield home


@pytest.fixture(autouse=True)
def own_studies() -> Iterator[None]:
    """Whose study decided what an import finds is over with its test: the next may put modules on the path itself."""
    yield
    if (loaded := sys.modules.get("igym.experiment.own_imports")) is not None:
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder is not loaded.OWN_IMPORTS]


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def chromium() -> str:
    """The Chromium that browser tests drive. Its absence is a failure, not a reason to skip."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("IGYM_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("No Chromium: run `python build/dev.py test`, which installs one, or name one in IGYM_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def quick_chromium(chromium: str) -> str:
    """The same Chromium without the parts for windows, where it lies beside it: for whoever only looks at pages.

    In it no tab hides another.
    """
    beside = Path(chromium).with_name("chromium-headless-shell")
    return str(beside) if beside.is_file() else chromium


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver of a module's browsers: two cannot live in one thread, and none beside an asyncio test."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        yield driver


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A temporary folder with a short path, for sockets and browsers that dislike long ones."""
    with tempfile.TemporaryDirectory(prefix="ig-") as folder:
        yield Path(folder)

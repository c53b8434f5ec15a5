"""Pure-Python wheels of the wheel store, for this computer's own Python: checks and pictures import what browsers will
import."""

from __future__ import annotations

import importlib
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from igym.experiment.experiment import Experiment
from igym.host.http.web_files import web_client_folder
from igym.host.packages.packages import resolve
from igym.host.packages.scene_packages import runtime_of_browsers, wanted, wheel_store


def lacking_packages(experiment: Experiment, folder: Path) -> list[str]:
    """What scenes name and this computer has not, each with what to do about it."""
    browser = runtime_of_browsers(web_client_folder() / "vendor" / "pyodide")
    wheels = wheel_store(folder).wheels()
    found = (resolve(requirements, browser, wheels) for requirements in wanted(experiment, folder, browser))
    return list(dict.fromkeys(missing.text for resolution in found for missing in resolution.missing))


@contextmanager
def scenes_packages(experiment: Experiment, folder: Path) -> Iterator[None]:
    """Within, packages that scenes name can be imported, in the versions browsers get. Missing ones stay missing."""
    browser = runtime_of_browsers(web_client_folder() / "vendor" / "pyodide")
    wheels = wheel_store(folder).wheels()
    needed = {
        wheel.path: None
        for requirements in wanted(experiment, folder, browser)
        for wheel in resolve(requirements, browser, wheels).wheels
        if wheel.file_name.endswith("-none-any.whl")
    }
    with tempfile.TemporaryDirectory(prefix="igym-wheels-", ignore_cleanup_errors=True) as place:
        for path in needed:
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(place)
        sys.path.insert(0, place)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            sys.path.remove(place)

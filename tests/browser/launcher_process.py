"""The test's side of `launcher_driver.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.browser.engine_process import EngineProcess
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class LauncherProcess:
    """A launcher whose settings and data lie below `home`."""

    def __init__(self, home: Path, *examples: Path) -> None:
        argv = [sys.executable, "-m", "tests.browser.launcher_driver", str(free_port()), str(home), *map(str, examples)]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        self.home = home
        self._process = subprocess.Popen(
            argv, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, do: str, **order: Any) -> dict[str, Any]:
        """Give one order and return what the researcher sees then. Raises `RuntimeError` when it could not be done."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **order}) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer)
        return answer

    def click(self, name: str) -> dict[str, Any]:
        """Click the button with this object name as soon as it can be clicked."""
        return self.tell("click", name=name)

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        self._process.kill()
        self._process.communicate()

    def close(self) -> None:
        """End of stdin: the driver leaves as the window would."""
        if self._process.poll() is None:
            self._process.communicate(timeout=120)

    def engine(self, study: Path, session: str, url: str) -> EngineProcess:
        """The engine this launcher owns, for reading its files."""
        found = EngineProcess(study, self.home / "documents" / "data")
        found.session, found.url = session, url
        found.folder = next(path for path in found.data_root.iterdir() if path.is_dir())
        return found

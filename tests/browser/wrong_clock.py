"""Clocks that are wrong: a browser's, for page and game worker alike, and the host's, which may jump at any moment."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import BrowserContext

# What a page calls the time is timeOrigin + now(); a worker has its own, so it is told before its program is loaded.
SHIFT = """
(() => {
  const shift = (origin) => `Object.defineProperty(performance, "timeOrigin", { value: ${origin} });`;
  const shifted = performance.timeOrigin + SKEW;
  Object.defineProperty(performance, "timeOrigin", { value: shifted });
  const Own = window.Worker;
  window.Worker = class extends Own {
    constructor(address, options) {
      const script = (text) => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
      const first = script(shift("performance.timeOrigin + SKEW"));
      const whole = new URL(address, location.href).href;
      const both = script(`import ${JSON.stringify(first)}; import ${JSON.stringify(whole)};`);
      super(both, { ...options, type: "module" });
    }
  };
})();
"""


def shift_clock(context: BrowserContext, skew_ms: float) -> None:
    """From the next page on, this browser's clock goes `skew_ms` ahead."""
    context.add_init_script(SHIFT.replace("SKEW", str(skew_ms)))


STEPPED = """
import time
from pathlib import Path

own, ahead = time.time, Path(__file__).with_name("ahead_s")
time.time = lambda: own() + float(ahead.read_text())
"""


class HostClock:
    """The date of the host for whatever Python starts behind `prefix`; `jump` sets it while that runs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._ahead = folder / "ahead_s"
        self.jump(0)
        (folder / "sitecustomize.py").write_text(STEPPED)
        paths = [str(folder), os.environ.get("PYTHONPATH", "")]
        self.prefix = ["env", f"PYTHONPATH={os.pathsep.join(filter(None, paths))}"]

    def jump(self, ahead_s: float) -> None:
        """So far ahead of the true time from now on."""
        whole = self._ahead.with_suffix(".new")
        whole.write_text(str(ahead_s))
        whole.replace(self._ahead)

"""A browser whose computer's clock is wrong: page and game worker alike."""

from __future__ import annotations

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

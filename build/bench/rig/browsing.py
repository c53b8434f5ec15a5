"""A Chromium for a benchmark, and a page that presses the buttons by itself and writes down when what happened."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.browser.participant_page import ARGUMENTS

LIMIT_MS = 60_000

# Looks every 10 ms, in the page itself: a driver outside would add its own round trips to each figure.
AUTOPILOT = """
(labels => {
  window.bench = { pressed: {}, blocks: [], playing: null };
  const watch = new PerformanceObserver(list => {
    for (const { startTime, duration } of list.getEntries()) bench.blocks.push([startTime, duration]);
  });
  watch.observe({ type: "longtask", buffered: true });
  const waiting = [...labels];
  const done = new WeakSet();
  const free = button => !done.has(button) && !button.disabled && button.offsetParent !== null;
  const look = setInterval(() => {
    const buttons = [...document.querySelectorAll("button")];
    const button = buttons.find(one => one.textContent.trim() === waiting[0] && free(one));
    if (button) {
      bench.pressed[waiting.shift()] = performance.now();
      done.add(button);
      button.click();
    }
    const canvas = document.querySelector("canvas");
    if (!waiting.length && canvas && canvas.offsetParent !== null) {
      bench.playing = performance.now();
      clearInterval(look);
    }
  }, 10);
})(%s);
"""


def chromium() -> str:
    """The browser's path: `IGYM_CHROMIUM`, as the runner sets it, or the one found. Raises when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = os.environ.get("IGYM_CHROMIUM") or next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("No Chromium: run this with `python build/dev.py bench`, or name one in IGYM_CHROMIUM.")
    return found


def launch(playwright: Playwright, path: str | None = None) -> Browser:
    return playwright.chromium.launch(executable_path=path or chromium(), args=ARGUMENTS)


@contextmanager
def one_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def autopilot_page(context: BrowserContext, labels: Sequence[str]) -> Page:
    """A page that presses the buttons with these labels, in order, as soon as each may be pressed."""
    page = context.new_page()
    page.add_init_script(AUTOPILOT % json.dumps(list(labels)))
    return page


def until_playing(page: Page) -> dict[str, Any]:
    """`{pressed: {label: ms}, playing: ms, blocks: [[start ms, ms]]}`, all since the page was opened."""
    page.wait_for_function("window.bench && bench.playing !== null", timeout=LIMIT_MS)
    noted: dict[str, Any] = page.evaluate("bench")
    return noted


TRACED = ("toplevel", "disabled-by-default-devtools.timeline", "__metadata")


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[list[float]]:
    """In the list, once the block has ended: CPU ms of each task of the page's main thread in it."""
    costs: list[float] = []
    browser.start_tracing(page=page, categories=list(TRACED))
    try:
        yield costs
    finally:
        costs += main_thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])


def main_thread_tasks(events: Sequence[dict[str, Any]]) -> list[float]:
    """CPU ms of the tasks of the renderer's main thread that took the longest in sum: it is the page's."""
    names = {
        (one["pid"], one["tid"]) for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }  # fmt: skip
    tasks: dict[tuple[int, int], list[float]] = {}
    for one in events:
        if one.get("ph") == "X" and "RunTask" in one["name"] and (where := (one["pid"], one["tid"])) in names:
            tasks.setdefault(where, []).append(one.get("tdur", 0) / 1000)
    return max(tasks.values(), key=sum, default=[])

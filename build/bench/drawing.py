"""What the duel's pictures cost the processor, by a plain canvas and by WebGL that no graphics card runs."""

from __future__ import annotations

import json
import os
import random
import runpy
import statistics
import sys
import time
from typing import Any

import psutil
from figures import Figure, figure, report
from playwright.sync_api import Browser, Page
from rig import EXAMPLES
from rig.browsing import one_browser

from tests.browser.game.game_site import game_site

FPS = 30
SIZES = ((480, 360), (1280, 720))
ROUNDS = 3
SETTLE_S = 1
DRAWN_S = 5
# Shows the pictures in turn at the env's rate and counts those that were drawn; each drawing begins with a clean sheet.
PLAY = """([lists, fps]) => {
  window.drawn = 0;
  for (const [kind, name] of [[CanvasRenderingContext2D, "clearRect"], [WebGL2RenderingContext, "clear"]]) {
    const pen = kind.prototype, clear = pen[name];
    pen[name] = function (...how) {
      if (this.canvas.isConnected) drawn += 1;
      return clear.apply(this, how);
    };
  }
  let number = 0;
  setInterval(() => show(lists[number++ % lists.length].ops), 1000 / fps);
}"""


def duel_pictures(count: int) -> list[dict[str, Any]]:
    """Draw lists of the slime duel under keys pressed at random."""
    sys.path.insert(0, str(EXAMPLES / "slime_duel"))
    env = runpy.run_path(str(EXAMPLES / "slime_duel" / "env.py"))["SlimeVolleyball"]()
    env.reset(seed=3)
    keys = random.Random(1)
    actions: dict[str, int] = {}
    lists = [env.render("left")]
    for number in range(count):
        if number % 8 == 0:
            actions = {side: keys.randrange(6) for side in ("left", "right")}
            env.game.score.update(left=0, right=0)
        env.step(actions)
        lists.append(env.render("left"))
    ready: list[dict[str, Any]] = json.loads(json.dumps(lists))
    return ready


def begin(browser: Browser, site: str, size: tuple[int, int], *, card: bool) -> Page:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.goto(site + "drawing" + ("?card" if card else ""))
    page.wait_for_function("window.ready")
    page.evaluate("([w, h]) => Object.assign(stage.style, {width: w + 'px', height: h + 'px'})", list(size))
    rendering = {"fps": FPS, "width": 800, "height": 400, "background": "#1b2a4a", "smooth_motion": True}
    page.evaluate("spec => begin(spec)", {"rendering": rendering, "assets": {}})
    page.evaluate(PLAY, [duel_pictures(300), FPS])
    return page


def processor_s() -> float:
    """What all of the browser's processes have used so far, s."""
    used = 0.0
    for process in psutil.Process(os.getpid()).children(recursive=True):
        try:
            if "chrom" in process.name():
                times = process.cpu_times()
                used += times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return used


def measured(browser: Browser, site: str, size: tuple[int, int], *, card: bool) -> tuple[float, float]:
    """Share of a core, and pictures drawn a second."""
    page = begin(browser, site, size, card=card)
    page.wait_for_timeout(SETTLE_S * 1000)
    began, used, drawn = time.monotonic(), processor_s(), page.evaluate("drawn")
    page.wait_for_timeout(DRAWN_S * 1000)
    seconds = time.monotonic() - began
    cost, pictures = (processor_s() - used) / seconds, (page.evaluate("drawn") - drawn) / seconds
    page.close()
    return cost, pictures


def figures_of(browser: Browser, site: str, size: tuple[int, int]) -> list[Figure]:
    ways = {"WebGL": True, "plain canvas": False}
    found = {way: [measured(browser, site, size, card=card) for _ in range(ROUNDS)] for way, card in ways.items()}
    title = f"{size[0]} × {size[1]}"
    each = {way: [1000 * cost / max(1.0, pictures) for cost, pictures in runs] for way, runs in found.items()}
    listed = []
    for way, runs in found.items():
        listed.append(figure(f"{title}, {way}: processor", "% of a core", [100 * cost for cost, _ in runs]))
        listed.append(figure(f"{title}, {way}: pictures drawn", "1/s", [pictures for _, pictures in runs]))
        listed.append(figure(f"{title}, {way}: processor time of a picture", "ms", each[way]))
    ratio = statistics.median(each["WebGL"]) / statistics.median(each["plain canvas"])
    return [*listed, figure(f"{title}: a picture by WebGL over one by the canvas", "×", [ratio], "> 1")]


def main() -> None:
    with one_browser() as browser, game_site() as site:
        found = [one for size in SIZES for one in figures_of(browser, site, size)]
    notes = [
        f"The slime duel's pictures at {FPS} a second, motion drawn between them; all its processes together.",
        "WebGL is imitated by the processor here and passes for a graphics card's, as every page drew before.",
        "The plain canvas is what a page chooses by itself on such a computer.",
    ]
    report("Pictures without a graphics card", found, notes)


if __name__ == "__main__":
    main()

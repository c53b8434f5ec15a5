"""The renderer alone: the same picture with and without a graphics card, and nothing drawn that is shown already."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser.game.conftest import open_page

Op = list[Any]
PIXELS_SIZE = (8, 6)
# Some filled, some stroked, turned, see-through; each as far from the others as fits.
SHAPES: list[tuple[str, str, dict[str, Any]]] = [
    ("frame", "rect", {"x": 10, "y": 10, "w": 80, "h": 50, "radius": 12, "angle": 20, "fill": "#2a9d8f", "alpha": 0.7}),
    ("ball", "circle", {"x": 150, "y": 50, "r": 30, "fill": "#e76f51", "stroke": "#000000", "line_width": 3}),
    ("egg", "ellipse", {"x": 250, "y": 50, "rx": 50, "ry": 20, "angle": 30, "fill": "#f4a261"}),
    ("flag", "polygon", {"points": [320, 20, 380, 40, 350, 90], "fill": "#264653", "stroke": "#ff0000"}),
    ("bend", "line", {"points": [10, 100, 60, 140, 110, 100], "color": "#ff00ff", "width": 6}),
    ("cake", "arc", {"x": 160, "y": 130, "r": 30, "start": 0, "end": 250, "fill": "#ffcc00", "stroke": "#000000"}),
    ("bow", "arc", {"x": 230, "y": 130, "r": 30, "start": -90, "end": 90, "color": "#0000ff", "width": 5}),
    ("second", "image", {"x": 20, "y": 180, "name": "hero", "frame": 1}),
    ("mirrored", "image", {"x": 80, "y": 180, "w": 64, "h": 64, "name": "hero", "frame": 0, "flip": 1}),
    ("turned", "image", {"x": 160, "y": 180, "w": 64, "h": 32, "name": "hero", "angle": 45, "alpha": 0.5}),
    ("words", "text", {"x": 260, "y": 190, "text": "", "size": 24, "font": "sans-serif", "color": "#111111"}),
]
COUNT_STROKES = """() => {
  window.strokes = 0;
  const { fill } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fill = function (...how) { strokes += 1; return fill.apply(this, how); };
}"""


def ops_of(**moved: dict[str, Any]) -> list[Op]:
    return [["put", id, kind, 1, 1, 0, {**props, **moved.get(id, {})}] for id, kind, props in SHAPES]


def begin(browser: Browser, site: str, *, card: bool, smooth: bool) -> Page:
    page = open_page(browser, site + "drawing" + ("?card" if card else ""))
    rendering = {"fps": 30, "width": 400, "height": 300, "background": "#ffffff", "smooth_motion": smooth}
    sheets = {"hero": {"url": page.evaluate("sheet()"), "frame_width": 32, "frame_height": 32}}
    page.evaluate("spec => begin(spec)", {"rendering": rendering, "assets": {"sprite_sheets": sheets}})
    return page


def uses_canvas(page: Page) -> bool:
    """A canvas that draws through WebGL has no 2D context."""
    found: bool = page.evaluate("document.querySelector('#stage canvas').getContext('2d') !== null")
    return found


def squares(shift: int) -> list[int]:
    return [value for n in range(48) for value in ((n * 37 + shift) % 255, n * 91 % 255, 60, 255)]


def picture(page: Page) -> NDArray[np.int16]:
    shot = Image.open(io.BytesIO(page.locator("#stage").screenshot())).convert("RGB")
    return np.asarray(shot, dtype=np.int16)


def shown(browser: Browser, site: str, *, card: bool) -> NDArray[np.int16]:
    """Every kind of thing, drawn twice: what changed in between is drawn anew."""
    page = begin(browser, site, card=card, smooth=False)
    assert uses_canvas(page) is not card
    for shift, words in ((3, "Nobody"), (90, "Hello\nyou two")):
        page.evaluate("([values, size]) => showPixels(values, size)", [squares(shift), PIXELS_SIZE])
        page.evaluate("ops => show(ops)", ops_of(words={"text": words}))
        page.evaluate("refreshes(3)")
    seen = picture(page)
    page.close()
    return seen


def test_the_picture_is_the_same_with_and_without_a_graphics_card(browser: Browser, site: str) -> None:
    with_card, without = (shown(browser, site, card=card) for card in (True, False))
    assert with_card.shape == without.shape == (360, 480, 3)
    # Edges are smoothed a little differently; inside of the shapes and of the squares nothing is.
    apart = np.abs(with_card - without).max(axis=2)
    assert np.count_nonzero(apart > 40) < 0.005 * apart.size
    assert np.count_nonzero(apart > 8) < 0.03 * apart.size
    ball, sheet, square = (tuple(without[y, x].tolist()) for x, y in ((180, 60), (30, 240), (475, 355)))
    assert (ball, sheet) == ((0xE7, 0x6F, 0x51), (0, 0, 255))
    assert square == tuple(squares(90)[-4:-1])


def test_what_is_shown_already_is_not_drawn_again(browser: Browser, site: str) -> None:
    page = begin(browser, site, card=False, smooth=True)
    page.evaluate("ops => show(ops)", ops_of())
    page.evaluate("refreshes(20)")
    page.evaluate(COUNT_STROKES)
    for _ in range(3):
        page.evaluate("ops => show(ops)", ops_of())
        page.evaluate("refreshes(5)")
    assert page.evaluate("strokes") == 0
    still = picture(page)
    page.evaluate("ops => show(ops)", ops_of(ball={"x": 300, "y": 250}))
    page.wait_for_function("strokes > 0")
    page.evaluate("refreshes(20)")
    page.evaluate("strokes = 0")
    page.evaluate("refreshes(10)")
    assert page.evaluate("strokes") == 0, "the ball lies where it belongs"
    moved = picture(page)
    assert tuple(moved[300, 360].tolist()) == (0xE7, 0x6F, 0x51)
    assert tuple(still[300, 360].tolist()) == tuple(moved[60, 180].tolist()) == (255, 255, 255)
    page.close()

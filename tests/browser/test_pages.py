"""Every page of the participants' client, as the gallery shows it: fits its window, is named, obeys the keyboard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Page

from tests.browser.participant_page import LOADING_LIMIT_MS

SIZES = [(390, 844), (1280, 800), (2560, 1440)]
GALLERY = "/tests/web/ui/gallery/index.html"

NAMELESS = """() => [...document.querySelectorAll("button, a, input, select, textarea, iframe, [role=application]")]
    .filter((one) => one.checkVisibility() && !(
        one.getAttribute("aria-label") || one.title || one.textContent.trim() ||
        [...(one.labels ?? [])].some((label) => label.textContent.trim())))
    .map((one) => one.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll(
    "button, select, .option, .scale-point, input:not([type=radio], [type=checkbox])")]
    .filter((one) => one.checkVisibility())
    .map((one) => [one.className, one.getBoundingClientRect().width, one.getBoundingClientRect().height])
    .filter(([, width, height]) => width < 24 || height < 24)"""
"""Smaller than the least size of WCAG 2.2 for something to be hit by a finger."""


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript", ".mjs": "text/javascript"}

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the test says what is wrong."""


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[str]:
    """The checkout over http."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(LOADING_LIMIT_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def errors(page: Page) -> list[str]:
    """What broke on the page."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def show(page: Page, site: str, name: str, language: str = "en") -> None:
    page.goto(f"{site}{GALLERY}?show={name}&lang={language}")
    page.wait_for_selector("html[data-ready=yes]")


def all_pages(page: Page, site: str) -> list[str]:
    show(page, site, "start")
    names: list[str] = page.evaluate("SHOWN")
    assert len(names) > 30
    return names


def test_every_page_fits_its_window_and_everything_on_it_has_a_name(site: str, page: Page, errors: list[str]) -> None:
    """Every second one is opened on a telephone and its window grows, the others are opened large and shrink."""
    for number, name in enumerate(all_pages(page, site)):
        sizes = SIZES if number % 2 == 0 else SIZES[::-1]
        page.set_viewport_size({"width": sizes[0][0], "height": sizes[0][1]})
        show(page, site, name)
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"
            assert page.locator("h1").count() >= 1, (name, width)
            assert page.evaluate(NAMELESS) == [], (name, width)
            assert page.evaluate(SMALL) == [], (name, width)
            assert errors == [], (name, width)


def test_the_game_is_large_and_seen_whole_without_scrolling(site: str, page: Page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        show(page, site, "game")
        box = page.locator(".game-stage").bounding_box()
        assert box is not None
        assert box["y"] >= 0 and box["y"] + box["height"] <= height
        assert abs(box["width"] / box["height"] - 600 / 250) < 0.02
        assert box["width"] > 0.7 * min(width, 3 * 600)


def test_on_a_telephone_what_is_said_over_the_game_is_seen_whole(site: str, browser: Browser) -> None:
    for width, height in ((390, 844), (667, 375)):
        context = browser.new_context(
            viewport={"width": width, "height": height}, has_touch=True, is_mobile=True, reduced_motion="reduce"
        )
        page = context.new_page()
        for language in ("de", "fr", "ar"):
            for name in ("game_error", "game_no_memory", "game_paused", "game_focus"):
                show(page, site, name, language)
                hidden = page.locator(".game-overlay").evaluate("(box) => box.scrollHeight - box.clientHeight")
                assert hidden <= 1, (width, language, name)
        context.close()


def test_on_a_telephone_game_and_keys_are_in_view_however_it_is_held(site: str, browser: Browser) -> None:
    held = [(name, size) for name in ("game", "game_talk") for size in ((390, 844), (844, 390), (667, 375), (932, 360))]
    for name, (width, height) in held:
        context = browser.new_context(
            viewport={"width": width, "height": height}, has_touch=True, is_mobile=True, reduced_motion="reduce"
        )
        page = context.new_page()
        show(page, site, name, "ar" if width == 667 else "en")
        places = [place.bounding_box() for place in page.locator(".game-stage, .key-pad").all()]
        assert len(places) == 5
        for box in places:
            assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= height, (name, width, box)
        game, *pads = places
        assert game is not None and game["width"] > 0.5 * width, (name, width)
        sides = [_side(pad, game) for pad in pads if pad]
        across = ["left"] * 3 + ["right"]
        assert sides == (across if width > height else ["below"] * 4), "they cover nothing, and lie where the hands are"
        context.close()


def _side(pad: FloatRect, game: FloatRect) -> str:
    if pad["x"] + pad["width"] <= game["x"]:
        return "left"
    if pad["x"] >= game["x"] + game["width"]:
        return "right"
    return "below" if pad["y"] >= game["y"] + game["height"] else "over"


def test_german_pages_fit_too(site: str, page: Page, errors: list[str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for name in ("join_label", "waiting", "game_paused", "form_errors", "taken_over", "offline", "leave"):
        show(page, site, name, "de")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert errors == []


def test_a_form_is_filled_and_sent_with_the_keyboard_alone(site: str, page: Page) -> None:
    show(page, site, "form")
    page.keyboard.press("Tab")
    page.locator("[name=age]").focus()
    page.keyboard.type("27")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.locator("[name=consent]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Continue"
    page.keyboard.press("Enter")
    page.wait_for_function("socket.all('answers').length === 1")
    sent = page.evaluate("socket.all('answers')[0]")
    assert sent["values"] == {"age": 27, "hand": "right", "consent": True}
    assert set(sent["timing"]["first_change_ms"]) == {"age", "hand", "consent"}


def test_an_error_takes_the_focus_to_where_it_is_mended(site: str, page: Page) -> None:
    show(page, site, "scales")
    page.get_by_role("button", name="Continue").click()
    assert page.evaluate("document.activeElement.className") == "summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.type") == "radio"
    page.keyboard.press("Space")
    assert page.locator(".field-error:visible").count() == 2


def test_game_keys_do_not_scroll_the_page_and_other_keys_do(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 900, "height": 420})
    show(page, site, "game")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("worker.posted.filter((one) => one.type === 'input' && one.kind === 'keyup').length === 2")
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("End")
    page.wait_for_function("scrollY > 0")


def test_a_framed_task_starts_tells_and_ends(site: str, page: Page) -> None:
    show(page, site, "web")
    frame = page.frame_locator("iframe")
    frame.get_by_text("Participant p001-ab").wait_for()
    frame.get_by_role("button", name="Send data").click()
    frame.get_by_role("button", name="End the task").click()
    page.wait_for_function("socket.all('web_event').some((one) => one.name === 'end')")
    told = [(one["name"], one["data"]) for one in page.evaluate("socket.all('web_event')")]
    assert told == [("start", None), ("data", {"clicks": 1}), ("end", {"score": 3})]
    assert page.get_by_text("The task is complete.").is_visible()


def test_a_code_is_copied_without_a_secure_page(site: str, page: Page) -> None:
    show(page, site, "completion_code")
    page.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    page.evaluate(
        "() => { const field = document.createElement('textarea'); document.body.append(field); field.focus(); }"
    )
    page.keyboard.press("Control+V")
    assert page.evaluate("document.activeElement.value") == "K7QF2M9A"

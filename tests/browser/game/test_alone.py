"""One person: from loading to the last batch, with the picture that belongs to it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from igym import GymScene, Human
from tests.browser.game.conftest import episodes, match_of, open_page, wait_until
from tests.browser.game.sources import CAR, PIXELS

Bundle = Callable[[GymScene, str], dict[str, Any]]
BEGIN = "([bundle, match, options]) => begin(bundle, match, options)"


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Page:
    """All tests play in this page, one game after the other, as a participant does."""
    return open_page(browser, site)


def begin(page: Page, bundle: dict[str, Any], **options: Any) -> dict[str, Any]:
    outcome: dict[str, Any] = page.evaluate(BEGIN, [bundle, match_of("agent_0"), options])
    return outcome


def car(**gameplay: Any) -> GymScene:
    keys = {"ArrowLeft": 0, "ArrowRight": 2}
    options = {"num_episodes": 1, "max_steps": 45, "countdown_s": 0.2, "reset_freeze_s": 0.1, **gameplay}
    scene = GymScene("car").environment(file="env.py").policies({"agent_0": Human})
    return scene.rendering(fps=30, width=300, height=200).gameplay(action_mapping=keys, default_action=1, **options)


def messages(page: Page, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("kind => seen.messages.filter(({type}) => type === kind)", kind)
    return found


READ_PIXELS = """
async ([picture, points]) => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return points.map(([x, y]) => Array.from(context.getImageData(x, y, 1, 1).data.slice(0, 3)));
}
"""


def pixels(page: Page, *points: tuple[int, int]) -> list[tuple[int, ...]]:
    """The colours on the screen at these points of the stage."""
    picture = base64.b64encode(page.locator("#stage").screenshot()).decode()
    return [tuple(colour) for colour in page.evaluate(READ_PIXELS, [picture, points])]


def test_two_episodes_from_the_first_byte_to_the_last_row(page: Page, bundle_of: Bundle) -> None:
    assert begin(page, bundle_of(car(num_episodes=2), CAR))["type"] == "opened"
    page.evaluate("key('keydown', 'ArrowRight')")
    page.evaluate("until('gameOver')")
    assert messages(page, "error") == []
    played = episodes(page.evaluate("seen.batches"))
    assert [played[number].frames for number in (0, 1)] == [45, 45]
    ended = messages(page, "episodeEnded")
    assert [(one["frames"], one["reason"], one["chain"]) for one in ended] == [
        (45, "max_steps", played[0].chain),
        (45, "max_steps", played[1].chain),
    ]
    assert 2 in played[0].parity["actions.agent_0"]
    assert played[0].parity["observations.agent_0.0"][0] != played[1].parity["observations.agent_0.0"][0]
    assert all(stamp is not None for stamp in played[0].local["timestamp_ms"])
    phases = [one["phase"] for one in messages(page, "phase")]
    assert phases == ["countdown", "playing", "frozen", "countdown", "playing", "over"]


def test_loading_tells_true_bytes(page: Page) -> None:
    wait_until(lambda: page.evaluate("loading.some(({type}) => type === 'loaded')"))
    loaded = [one for one in page.evaluate("loading") if one.get("step") == "runtime"]
    assert [one["loaded"] for one in loaded] == sorted(one["loaded"] for one in loaded)
    assert loaded[-1]["loaded"] > 10_000_000


def test_the_picture_is_what_the_env_drew(page: Page, bundle_of: Bundle) -> None:
    begin(page, bundle_of(car(max_steps=1000), CAR))
    wait_until(lambda: page.evaluate("seen.draws") > 3)
    line = [(x, 100) for x in range(5, 300, 5)]
    wait_until(lambda: (255, 0, 0) in pixels(page, *line))
    assert pixels(page, (10, 10), (290, 190)) == [(0, 0, 255), (0, 0, 255)]


def test_pixels_are_shown_crisp_and_centred(page: Page, bundle_of: Bundle) -> None:
    scene = GymScene("field").environment(file="env.py").policies({"agent_0": Human}).rendering(width=300, height=260)
    begin(page, bundle_of(scene, PIXELS))
    wait_until(lambda: pixels(page, (100, 130)) == [(255, 0, 0)])
    assert pixels(page, (148, 130), (152, 130), (100, 20)) == [(255, 0, 0), (0, 255, 0), (255, 255, 255)]


def test_an_unmodified_env_that_draws_with_pygame_is_shown(page: Page, bundle_of: Bundle) -> None:
    source = 'import gymnasium\n\nenv = gymnasium.make("MountainCar-v0", render_mode="rgb_array")\n'
    outcome = begin(page, bundle_of(car(max_steps=1000), source))
    assert outcome["type"] == "opened", outcome
    wait_until(lambda: page.evaluate("seen.draws") > 3)
    hill = [(x, y) for x in range(20, 300, 20) for y in range(20, 200, 4)]
    wait_until(lambda: {(0, 0, 0), (255, 255, 255)} <= set(pixels(page, *hill)))
    assert messages(page, "error") == []


def test_who_comes_back_goes_on_where_the_host_has_it(page: Page, bundle_of: Bundle) -> None:
    bundle = bundle_of(car(), CAR)
    begin(page, bundle)
    page.evaluate("key('keydown', 'ArrowLeft')")
    page.evaluate("until('gameOver')")
    whole = episodes(page.evaluate("seen.batches"))[0]
    page.reload()
    page.wait_for_function("window.ready")
    stored = {"episode": 0, "inputs": {"0": whole.inputs["0"][:30]}, "stored": 30}
    begin(page, bundle, resume=stored)
    page.evaluate("key('keydown', 'ArrowLeft')")
    page.evaluate("until('gameOver')")
    batches = page.evaluate("seen.batches")
    assert batches[0]["key"]["first"] == 30
    assert sum(batch["key"]["count"] for batch in batches) == 15
    assert messages(page, "episodeEnded")[0]["frames"] == 45


@pytest.mark.parametrize(
    ("broken", "phase", "message", "line"),
    [
        ("super().__init__()", "open", "ZeroDivisionError: division by zero", 9),
        ("self.surface.circle(x, 100, 20", "play", "ZeroDivisionError: division by zero", 15),
    ],
)
def test_an_error_in_the_env_reaches_the_page_with_its_line(
    page: Page, bundle_of: Bundle, broken: str, phase: str, message: str, line: int
) -> None:
    begin(page, bundle_of(car(), CAR.replace(broken, f"1 / 0; {broken}")))
    page.evaluate("until('error')")
    error = messages(page, "error")[0]
    assert (error["phase"], error["message"], error["file"], error["line"]) == (phase, message, "env.py", line)
    assert error["fatal"] is True


def test_rows_confirmed_before_an_error_are_kept(page: Page, bundle_of: Bundle) -> None:
    step = """
    def step(self, action):
        self.steps = getattr(self, "steps", 0) + 1
        assert self.steps < 20
        return super().step(action)

"""
    source = CAR.replace("    def render", step + "    def render")
    begin(page, bundle_of(car(), source))
    page.evaluate("until('gameOver')")
    assert messages(page, "error")[0]["message"].startswith("AssertionError")
    assert episodes(page.evaluate("seen.batches"))[0].frames == 19
    assert messages(page, "gameOver")[0]["reason"] == "error"


def test_a_game_ended_from_outside_sends_what_was_confirmed(page: Page, bundle_of: Bundle) -> None:
    begin(page, bundle_of(car(max_steps=1000), CAR))
    wait_until(lambda: page.evaluate("seen.draws") > 10)
    page.evaluate("game.post({ type: 'close', reason: 'partner_lost' })")
    page.evaluate("until('gameOver')")
    ended = messages(page, "episodeEnded")[0]
    assert ended["reason"] == "partial"
    assert episodes(page.evaluate("seen.batches"))[0].frames == ended["frames"] > 5
    assert messages(page, "gameOver")[0]["reason"] == "partner_lost"


def test_a_pause_stops_the_frames_and_play_goes_on_after_it(page: Page, bundle_of: Bundle) -> None:
    begin(page, bundle_of(car(max_steps=60), CAR))
    wait_until(lambda: page.evaluate("seen.draws") > 10)
    page.evaluate("game.post({ type: 'pause', text: 'One moment' })")
    wait_until(lambda: any(one["phase"] == "paused" for one in messages(page, "phase")))
    drawn = page.evaluate("seen.draws")
    page.wait_for_timeout(400)
    assert page.evaluate("seen.draws") == drawn
    page.evaluate("game.post({ type: 'resume' })")
    page.evaluate("until('gameOver')")
    assert episodes(page.evaluate("seen.batches"))[0].frames == 60

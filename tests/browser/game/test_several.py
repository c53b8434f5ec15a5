"""Several players, each with a worker of their own, linked by a network that delays and loses."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from igym import Axis, GymScene, Human, Random
from tests.browser.game.conftest import Episode, episodes, match_of, open_page, wait_until
from tests.browser.game.sources import DUEL

Bundle = Callable[[GymScene, str], dict[str, Any]]


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Page:
    return open_page(browser, site + "two")


def duel(episodes_to_play: int = 1, **multiplayer: Any) -> GymScene:
    keys = {"ArrowLeft": 1, "ArrowRight": 2}
    scene = GymScene("duel").environment(file="env.py").policies({"left": Human, "right": Human})
    scene = scene.rendering(fps=30, width=300, height=200)
    scene = scene.gameplay(action_mapping=keys, num_episodes=episodes_to_play, countdown_s=0.3, reset_freeze_s=0.1)
    return scene.multiplayer(**multiplayer) if multiplayer else scene


def source(length: int) -> str:
    return DUEL.replace("LENGTH", str(length))


def network(page: Page, **conditions: Any) -> None:
    quiet = {"delayMs": 0, "jitterMs": 0, "loss": 0, "cut": False}
    page.evaluate("conditions => Object.assign(network, conditions)", {**quiet, **conditions})


def join(page: Page, bundle: dict[str, Any]) -> list[dict[str, Any]]:
    opened: list[dict[str, Any]] = page.evaluate(
        "([bundle, match]) => join(bundle, match)", [bundle, match_of("left", "right")]
    )
    return opened


def press_at_random(page: Page, until_over: Callable[[], bool], seed: int = 1) -> None:
    draws = random.Random(seed)
    deadline = time.monotonic() + 120
    while not until_over() and time.monotonic() < deadline:
        order = [draws.randrange(2), draws.choice(["keydown", "keyup"]), draws.choice(["ArrowLeft", "ArrowRight"])]
        page.evaluate("([me, kind, code]) => press(me, kind, code)", order)
        time.sleep(0.03)


KEYS_BY_FRAME = """() => players.forEach((player, me) => {
  const hear = player.hear.bind(player);
  const atFrame = (frame) => [null, "ArrowLeft", "ArrowRight"][(Math.floor(frame / 10) + me) % 3];
  let held = null;
  player.hear = (message) => {
    const wanted = message.type === "draw" ? atFrame(message.frame) : held;
    if (held !== null && held !== wanted) press(me, "keyup", held);
    if (wanted !== null && held !== wanted) press(me, "keydown", wanted);
    held = wanted;
    hear(message);
  };
})"""


def press_each_in_turn(page: Page) -> None:
    """Until all is over each player holds no key, then one, then the other, for ten of the game's frames each."""
    page.evaluate(KEYS_BY_FRAME)
    wait_until(lambda: all_over(page))
    page.evaluate("() => players.forEach((player) => delete player.hear)")


def seen(page: Page, me: int, kind: str) -> list[dict[str, Any]]:
    query = "([me, kind]) => players[me].seen.filter(({type}) => type === kind)"
    found: list[dict[str, Any]] = page.evaluate(query, [me, kind])
    return found


def all_over(page: Page) -> bool:
    return all(seen(page, me, "gameOver") for me in (0, 1))


def frames(page: Page, me: int) -> int:
    found: int = page.evaluate("me => players[me].draws.at(-1)?.[0] ?? -1", me)
    return found


def sent(page: Page, me: int) -> dict[int, Episode]:
    return episodes(page.evaluate("me => [...(players[me].earlier ?? []), ...players[me].batches]", me))


def assert_identical(page: Page, lengths: list[int]) -> tuple[dict[int, Episode], dict[int, Episode]]:
    for me in (0, 1):
        assert seen(page, me, "error") == []
    one, other = sent(page, 0), sent(page, 1)
    assert (
        [one[number].frames for number in sorted(one)] == [other[number].frames for number in sorted(other)] == lengths
    )
    for number in one:
        assert one[number].parity == other[number].parity
        assert one[number].inputs == other[number].inputs
        assert one[number].chain == other[number].chain
    return one, other


def desyncs(page: Page, me: int) -> list[dict[str, Any]]:
    events = [one["values"]["event"] for one in seen(page, me, "stats") if "event" in one["values"]]
    return [event for event in events if event["type"] == "desync"]


@pytest.mark.parametrize(
    ("conditions", "delay"),
    [
        ({}, 0),
        ({"delayMs": 50, "jitterMs": 30, "loss": 0.15}, 0),
        ({"delayMs": 100, "jitterMs": 75}, 3),
    ],
)
def test_both_record_the_same_rows_in_every_episode(
    page: Page, bundle_of: Bundle, conditions: dict[str, Any], delay: int
) -> None:
    network(page, **conditions)
    opened = join(page, bundle_of(duel(2, input_delay_frames=delay), source(90)))
    assert [one["report"]["strategy"] for one in opened] == ["copy", "copy"]
    page.evaluate("start(400)")
    press_at_random(page, lambda: all_over(page))
    one, other = assert_identical(page, [90, 90])
    assert any(number for number in one[0].inputs["0"]), "somebody must have played"
    assert any(number for number in one[0].inputs["1"])
    chains = [[ended["chain"] for ended in seen(page, me, "episodeEnded")] for me in (0, 1)]
    assert chains == [[one[0].chain, one[1].chain]] * 2
    assert desyncs(page, 0) == desyncs(page, 1) == []
    if conditions.get("delayMs") and not delay:
        assert any(depth for depth in one[0].local["rollback_frames"]), "with that delay guesses must have been wrong"
        assert any(other[0].local["predicted.0"])


def test_players_with_different_actions_have_keys_of_their_own(page: Page, bundle_of: Bundle) -> None:
    unequal = source(90).replace(
        'spaces.Dict({side: spaces.Discrete(3) for side in ("left", "right")})',
        'spaces.Dict({"left": spaces.Discrete(3), "right": spaces.Discrete(2)})',
    )
    own = {"right": {"action_mapping": {"ArrowRight": 1}}}
    network(page, delayMs=30)
    join(page, bundle_of(duel().gameplay(per_agent=own), unequal))
    page.evaluate("start(300)")
    press_each_in_turn(page)
    one, _ = assert_identical(page, [90])
    assert set(one[0].parity["actions.left"]) == {0, 1, 2}
    assert set(one[0].parity["actions.right"]) == {0, 1}
    assert desyncs(page, 0) == desyncs(page, 1) == []


def test_two_steer_with_the_mouse_and_record_the_same(page: Page, bundle_of: Bundle) -> None:
    steered = (
        source(90)
        .replace("spaces.Discrete(3)", "spaces.Box(-1, 1, (1,), np.float32)")
        .replace("(0, -4, 4)[action]", "4 * float(action[0])")
    )
    network(page, delayMs=60, jitterMs=20)
    scene = duel().gameplay(analog={"steer": Axis("mouse_x")}, action_mapping={})
    join(page, bundle_of(scene, steered))
    page.evaluate("start(300)")
    draws = random.Random(3)
    while not all_over(page):
        move = {"type": "input", "kind": "mouse", "x": draws.random() * 300, "y": 9, "pointer": "mouse", "buttons": []}
        place = "performance.timeOrigin + performance.now()"
        page.evaluate(
            f"([me, move]) => players[me].game.post({{ ...move, atMs: {place} }})", [draws.randrange(2), move]
        )
        time.sleep(0.05)
    one, _ = assert_identical(page, [90])
    for side, player in (("left", "0"), ("right", "1")):
        steps = one[0].parity[f"actions.{side}.0"]
        assert len(set(steps)) > 5 and all(-1 <= step <= 1 for step in steps)
        assert [step == 0 for step in steps] == [number == 0 for number in one[0].inputs[player]]
    assert desyncs(page, 0) == desyncs(page, 1) == []
    assert any(depth for depth in one[0].local["rollback_frames"]), "with that delay guesses must have been wrong"


def test_a_frame_comes_when_both_have_chosen(page: Page, bundle_of: Bundle) -> None:
    network(page, delayMs=30)
    scene = duel().gameplay(pace="on_input", move_limit_s=4)
    join(page, bundle_of(scene, source(6)))
    page.evaluate("start(300)")
    wait_until(lambda: frames(page, 0) == frames(page, 1) == -1)
    wait_until(lambda: all(seen(page, me, "episodeStarted") for me in (0, 1)))
    for number, (left, right) in enumerate([("Left", "Right"), ("Left", "Left"), ("Right", "Left")]):
        for me, side in ((0, left), (1, right)):
            assert frames(page, 0) == number - 1, "nothing happens before both have chosen"
            for kind in ("keydown", "keyup"):
                page.evaluate("([me, kind, code]) => press(me, kind, code)", [me, kind, f"Arrow{side}"])
        wait_until(lambda number=number: all(frames(page, me) == number for me in (0, 1)))
    wait_until(lambda: all_over(page))
    one, other = assert_identical(page, [6])
    assert one[0].inputs == {"0": [1, 1, 2, *[65_534] * 3], "1": [2, 1, 1, *[65_534] * 3]}
    for own in (one, other):
        assert all(ms is not None and ms >= 0 for ms in own[0].local["reaction_ms"][:3])
        assert own[0].local["reaction_ms"][3:] == [None] * 3
    assert desyncs(page, 0) == desyncs(page, 1) == []


def test_who_reloads_comes_back_into_the_running_episode(page: Page, bundle_of: Bundle) -> None:
    network(page, delayMs=20)
    bundle = bundle_of(duel(input_delay_frames=1), source(900))
    join(page, bundle)
    page.evaluate("start(200)")
    press_at_random(page, lambda: frames(page, 0) > 90)
    page.evaluate("me => players[me].game.post({ type: 'pause', text: 'away' })", 0)
    wait_until(lambda: sent(page, 1).get(0))
    page.evaluate("reload(1)")
    # What the page had handed on before it was gone: rows leave a game that stands still, too.
    stored = sent(page, 1)[0]
    inputs = stored.inputs
    resume = {"episode": 0, "inputs": inputs, "stored": stored.frames}
    match = match_of("left", "right")
    page.evaluate("([match, resume]) => comeBack(1, match, resume)", [match, resume])
    page.evaluate("players.forEach(({ game }) => game.post({ type: 'resume' }))")
    page.evaluate("players[1].game.post({ type: 'start', atMs: performance.timeOrigin + performance.now() })")
    wait_until(lambda: frames(page, 1) > stored.frames + 60, 90)
    press_at_random(page, lambda: min(frames(page, me) for me in (0, 1)) > stored.frames + 150, seed=2)
    page.evaluate("players.forEach(({ game }) => game.post({ type: 'close', reason: 'enough' }))")
    wait_until(lambda: all_over(page))
    one, other = sent(page, 0)[0], sent(page, 1)[0]
    common = min(one.frames, other.frames)
    assert common > stored.frames + 100
    for name in one.parity:
        assert one.parity[name][:common] == other.parity[name][:common]


def test_an_absent_player_is_played_by_the_stand_in_on_both_sides(page: Page, bundle_of: Bundle) -> None:
    network(page)
    reconnection = {"on_timeout": "bot", "bot": Random(seed=5)}
    join(page, bundle_of(duel(reconnection=reconnection), source(150)))
    page.evaluate("start(200)")
    wait_until(lambda: frames(page, 0) > 30)
    page.evaluate("players[1].game.terminate()")
    page.evaluate("players[0].game.post({ type: 'substitute', player: 1, by: 'bot', fromFrame: 0 })")
    wait_until(lambda: seen(page, 0, "gameOver"))
    alone = sent(page, 0)[0]
    assert alone.frames == 150
    assert set(alone.parity["actions.right"][:20]) == {0}
    assert len(set(alone.parity["actions.right"][100:])) > 1
    page.evaluate("reload(1)")


def test_a_game_that_depends_on_more_than_its_inputs_is_refused(page: Page, bundle_of: Bundle) -> None:
    unsteady = (
        source(90)
        .replace("import gymnasium", "import itertools\nimport gymnasium")
        .replace("    def __init__(self):", "    ticks = itertools.count()\n\n    def __init__(self):")
        .replace("        self.frames += 1\n", "        self.frames += 1\n        self.ball[0] += next(self.ticks)\n")
    )
    outcomes = join(page, bundle_of(duel(), unsteady))
    assert [one["type"] for one in outcomes] == ["error", "error"]
    assert "env.ball" in outcomes[0]["message"]


def test_games_that_drift_apart_are_caught_with_the_frame(page: Page, bundle_of: Bundle) -> None:
    drift = """
        if self.frames == 40:
            self.born = secrets.randbits(40)
            self.ball[0] += 1 + self.born / 2**40
"""
    counted = "        self.frames += 1\n"
    drifting = "import secrets\n" + source(90).replace(counted, counted + drift)
    network(page)
    join(page, bundle_of(duel(checksum_every_frames=10, on_desync="flag"), drifting))
    page.evaluate("start(300)")
    wait_until(lambda: all_over(page))
    found = desyncs(page, 0) or desyncs(page, 1)
    assert found
    assert 39 <= found[0]["frame"] < 50
    told = [one for me in (0, 1) for one in seen(page, me, "error")]
    assert told
    assert all(not one["fatal"] and "env.ball" in one["message"] and "env.born" in one["message"] for one in told)

"""Pictures, sounds and the researcher's display text, and errors told in the researcher's files."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from igym.rendering import Surface
from tests.env.conftest import CONFIRM, DRAW, LOAD, SAVE, STEP, Opened, mapping
from tests.env.envs import DRAWN, TURN_BASED

Open = Callable[..., Opened]

PIXELS = """
import gymnasium
import numpy as np
from gymnasium import spaces


class Field(gymnasium.Env):
    render_mode = "rgb_array"
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.n = 0
        return 0, {}

    def step(self, action):
        self.n += 1
        return 0, 0.0, False, False, {}

    def render(self):
        return np.full((4, 6, 3), self.n, np.uint8)


def make_env():
    return Field()
"""


def ids(picture: dict[str, list[list[object]]] | None) -> list[str]:
    assert picture is not None
    return [str(op[1]) if len(op) > 1 else str(op[0]) for op in picture["ops"]]


def test_the_first_picture_is_whole_and_later_ones_say_what_changed(opened: Open) -> None:
    game = opened(DRAWN, action_mapping=mapping(1))
    first = json.loads(game.bridge.reset(1, 0).partition("\n")[2])
    assert ids(first) == ["clear", "floor", "coin3", "coin6", "ball"]
    _, later = game.run(STEP, 0, 1, DRAW, 0)
    assert ids(later) == ["ball"]


def test_what_a_rolled_back_step_took_away_comes_back(opened: Open) -> None:
    game = opened(DRAWN, action_mapping=mapping(1))
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    for frame in range(3):
        _, picture = game.run(SAVE, frame, STEP, frame, 1, DRAW, 0)
    assert ids(picture) == ["coin3", "ball"]
    assert picture is not None and picture["ops"][0][0] == "del"
    _, picture = game.run(LOAD, 2, STEP, 2, 0, DRAW, 0)
    assert ids(picture) == ["coin3", "ball"]
    assert picture is not None and picture["ops"][0][0] == "put"


def test_a_sound_is_heard_once_when_its_frame_is_confirmed(opened: Open) -> None:
    game = opened(DRAWN, action_mapping=mapping(1))
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    heads = [game.run(SAVE, frame, STEP, frame, 1, DRAW, 0)[0] for frame in range(4)]
    assert not any("sounds" in head for head in heads)
    replay = [part for frame in range(1, 4) for part in (STEP, frame, 1)]
    assert "sounds" not in game.run(LOAD, 1, *replay, DRAW, 0)[0]
    assert game.run(CONFIRM, 2)[0]["sounds"] == ["coin"]
    assert "sounds" not in game.run(CONFIRM, 3)[0]


def test_a_sound_that_never_happened_is_not_heard(opened: Open) -> None:
    game = opened(DRAWN, action_mapping=mapping(1))
    game.bridge.prepare(True)
    game.bridge.reset(1, 0)
    for frame in range(3):
        game.run(SAVE, frame, STEP, frame, 1, DRAW, 0)
    game.run(LOAD, 2, STEP, 2, 0, DRAW, 0)
    assert "sounds" not in game.run(CONFIRM, 2)[0]


def test_pixels_come_with_their_size(opened: Open) -> None:
    game = opened(PIXELS)
    game.bridge.reset(1, 0)
    _, picture = game.run(STEP, 0, 0, DRAW, 0)
    assert picture == {"pixels": [6, 4]}
    pixels = game.bridge.pixels()
    assert pixels.shape == (6 * 4 * 4,)
    assert pixels[:8].tolist() == [1, 1, 1, 255, 1, 1, 1, 255]


def test_text_is_shown_as_text(opened: Open) -> None:
    game = opened(TURN_BASED, players=["cross", "nought"], action_mapping=mapping(*range(9)))
    picture = json.loads(game.bridge.reset(1, 0).partition("\n")[2])
    assert picture["ops"][1][2] == "text"
    assert picture["ops"][1][6]["text"] == "[0, 0, 0, 0, 0, 0, 0, 0, 0]"


def test_the_researcher_s_display_function_sees_confirmed_scores(opened: Open) -> None:
    game = opened(DRAWN, action_mapping=mapping(1), hud_text="hud")
    game.bridge.reset(1, 0)
    head, _ = game.run(STEP, 0, 1, CONFIRM, 0, DRAW, 0)
    assert head["hud"] == "coins left: 2 at 0"


@pytest.mark.parametrize(
    ("broken", "line", "text"),
    [
        ("        return self.x, int(action) / 0, False, False, {}", 30, "ZeroDivisionError: division by zero"),
        ("        return self.y, int(action), False, False, {}", 30, "'Ball' object has no attribute 'y'"),
    ],
)
def test_an_error_in_the_env_is_told_by_file_and_line_alone(opened: Open, broken: str, line: int, text: str) -> None:
    source = DRAWN.replace("        return self.x, int(action), False, False, {}", broken)
    game = opened(source, action_mapping=mapping(1))
    game.bridge.reset(1, 0)
    with pytest.raises((ZeroDivisionError, AttributeError)) as caught:
        game.run(STEP, 0, 1)
    told = json.loads(game.bridge.fault(caught.value))
    assert (told["file"], told["line"]) == ("env.py", line)
    assert text in told["message"]
    assert "igym_bridge" not in told["traceback"]
    assert told["traceback"].startswith('  File "env.py"')


def test_a_syntax_error_is_told_by_file_and_line(opened: Open, tmp_path: object) -> None:
    from igym_bridge import fault

    with pytest.raises(SyntaxError) as caught:
        opened("x = 1\nclass Env\n")
    folder = str(caught.value.filename).rsplit("/", 1)[0]
    told = json.loads(fault(caught.value, folder))
    assert (told["file"], told["line"]) == ("env.py", 2)


LIST = [
    ["put", "a", "rect", 0, 1, 0, {"x": -0.5, "text": "Ä\n", "w": None, "f": True, 3: 2**40, "n": -7, "z": -(2**33)}],
    ["clear"],
]


def test_a_packed_picture_holds_what_its_json_does() -> None:
    from igym_bridge.drawing import Painter

    painter = Painter(SimpleNamespace(render=lambda: {"ops": LIST}), None)
    packed = painter.draw(packed=True)
    assert isinstance(packed, bytes)
    assert marshal.loads(packed) == LIST
    assert json.loads(painter.draw()) == json.loads(json.dumps({"ops": LIST}))


def as_the_page_reads(last: list[Any], picture: str | bytes) -> list[Any]:
    """The whole list, as `web_client/render/draw_lists.js` makes it."""
    told = json.loads(picture)["ops"] if isinstance(picture, str) else marshal.loads(picture)
    if not told or not isinstance(told[0], int):
        return list(told)
    count, places, changes = told
    assert count == len(last)
    ops = list(last)
    for place, op in zip(places, changes, strict=True):
        ops[place] = op
    return ops


def test_differences_make_the_same_pictures_as_whole_lists() -> None:
    from igym_bridge.drawing import Painter

    sheets = [Surface(100, 100), Surface(100, 100)]
    rounds = iter(range(1000))

    def render(sheet: Surface) -> Any:
        number = next(rounds) // 2
        if number % 17 == 0:
            sheet.reset()
        sheet.rect(0, 0, 100, 100, id="ground", persistent=True)
        sheet.circle(np.float32(number // 3), 5, 2, depth=np.int64(number % 2), tween_ms=np.float64(number % 2))
        sheet.line([(0, 0), (number % 5, 1)])
        sheet.text(1, 1, f"{number // 4}", id=np.str_("score"))
        if number % 6 == 0:
            sheet.rect(1, 1, 2, number, stroke="red")
        if number % 11 == 0:
            sheet.sound("click")
        picture = sheet.commit()
        if number % 13 == 0:
            picture["ops"].append(BY_HAND)
        return picture

    painters = [Painter(SimpleNamespace(sheet=sheet, render=partial(render, sheet)), None) for sheet in sheets]
    shown: list[Any] = []
    differences = 0
    for number in range(200):
        BY_HAND[6]["x"] = number
        packed, whole = painters[0].draw(packed=True), painters[1].draw()
        differences += isinstance(packed, bytes) and marshal.loads(packed)[:1] == [len(shown)]
        shown = as_the_page_reads(shown, packed)
        assert json.loads(json.dumps(shown)) == json.loads(whole)["ops"]
        assert painters[0].take_sounds() == painters[1].take_sounds()
    assert 50 < differences < 200


BY_HAND: list[Any] = ["put", "hand", "rect", 0, 0, 0, {"x": 0}]
"""Used again with another content, as an env may do that makes its draw list itself."""


@pytest.mark.parametrize("number", [np.float64(1.5), np.float32(1.5), np.int8(2), np.array(2.5)])
def test_numbers_of_numpy_in_a_hand_made_draw_list_are_numbers(number: Any) -> None:
    from igym_bridge.drawing import Painter

    painter = Painter(SimpleNamespace(render=lambda: {"ops": [["put", "a", "rect", number, 0, 0, {"x": 1}]]}), None)
    picture = painter.draw(packed=True)
    assert isinstance(picture, str)
    assert json.loads(picture) == {
        "ops": [["put", "a", "rect", float(number[0] if number.shape else number), 0, 0, {"x": 1}]]
    }

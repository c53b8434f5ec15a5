"""Where there is no pygame, its stand-in draws text, sprites and pictures, and its vectors calculate as pygame's do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

LENT = Path(__file__).resolve().parents[2] / "web_client" / "game" / "igym_bridge" / "lent"


@pytest.fixture
def pygame(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    before = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "pygame"}
    for name in before:
        del sys.modules[name]
    monkeypatch.syspath_prepend(str(LENT))
    import pygame
    import pygame.freetype

    assert pygame.IS_LENT
    yield pygame
    for name in [name for name in sys.modules if name.split(".")[0] == "pygame"]:
        del sys.modules[name]
    sys.modules.update(before)


def test_text_of_any_size_is_drawn(pygame: Any) -> None:
    font = pygame.freetype.SysFont(pygame.font.get_default_font(), 12)
    small, large = font.get_rect("Score"), font.get_rect("Score", size=36)
    assert large.width > 2 * small.width and large.height > 2 * small.height
    sheet = pygame.Surface((200, 60))
    drawn = font.render_to(sheet, (5, 5), "Score", (255, 0, 0), size=36)
    assert drawn.topleft == (5, 5)
    red = np.asarray(sheet.image)[:, :, 0]
    assert red[5 : 5 + drawn.height, 5 : 5 + drawn.width].max() == 255 and red[:5].max() == 0
    picture, rect = font.render("Hi", (0, 255, 0))
    assert picture.get_size() == rect.size


def test_sprites_keep_their_order_and_leave_their_groups(pygame: Any) -> None:
    class Ball(pygame.sprite.Sprite):
        def __init__(self, x: int, colour: str) -> None:
            super().__init__()
            self.image = pygame.Surface((10, 10))
            self.image.fill(colour)
            self.rect = self.image.get_rect(topleft=(x, 0))

        def update(self, by: int) -> None:
            self.rect.x += by

    first, second = Ball(0, "red"), Ball(5, "blue")
    group = pygame.sprite.Group(first, second)
    group.update(10)
    sheet = pygame.Surface((40, 10))
    group.draw(sheet)
    assert [sheet.get_at((x, 5))[:3] for x in (5, 12, 20)] == [(0, 0, 0), (255, 0, 0), (0, 0, 255)]
    assert pygame.sprite.spritecollide(first, group, True) == [first, second]
    assert len(group) == 0 and not first.alive()


def test_vectors_calculate_as_pygames(pygame: Any) -> None:
    vector = pygame.Vector2
    a = vector(3, 4)
    assert (a.length(), a.length_squared(), a.dot((1, 2)), a.cross((1, 2)), a * vector(1, 1)) == (5, 25, 11, 2, 7)
    one = (1, 1)
    assert a + one == vector(4, 5) and (1, 1) - a == (-2, -3) and -a == (-3, -4) and 2 * a == (6, 8)
    assert a / 2 == (1.5, 2) and a.normalize() == (0.6, 0.8) and a.lerp((5, 8), 0.5) == (4, 6)
    assert (
        a.distance_to((0, 0)) == 5 and round(vector(1, 0).angle_to((0, 1))) == 90 and vector(1, 0).rotate(90) == (0, 1)
    )
    a.scale_to_length(10)
    a[0] += 1
    assert a == (7, 8) and a != "seven" and not vector()
    with pytest.raises(ValueError, match="length zero"):
        vector().normalize()


def test_rects_have_their_corners_and_middles(pygame: Any) -> None:
    rect = pygame.Rect(10, 20, 30, 40)
    assert (rect.topright, rect.bottomleft, rect.bottomright) == ((40, 20), (10, 60), (40, 60))
    assert (rect.midleft, rect.midright, rect.midtop, rect.midbottom) == ((10, 40), (40, 40), (25, 20), (25, 60))
    moved = rect.copy()
    moved.midright = (100, 100)
    assert tuple(moved) == (70, 80, 30, 40) and tuple(rect) == (10, 20, 30, 40)
    assert rect.contains((10, 20, 5, 5)) and not rect.contains((10, 20, 31, 5))
    assert rect.union((0, 0, 5, 5)) == (0, 0, 40, 60)
    assert rect == (10, 20, 30, 40) and rect != moved and rect != "rect"
    moved.move_ip(500, -500)
    assert moved.move((1, 2)) != moved and tuple(moved.move((1, 2))) == (571, -418, 30, 40)
    moved.clamp_ip((0, 0, 200, 100))
    assert tuple(moved) == (170, 0, 30, 40)


def test_keys_are_named_and_never_down(pygame: Any) -> None:
    assert pygame.K_a == ord("a") and pygame.K_LEFT != pygame.K_RIGHT
    assert not pygame.key.get_pressed()[pygame.K_SPACE]
    assert pygame.mouse.get_pressed() == (False, False, False)
    pygame.mixer.Sound("nothing.wav").play()

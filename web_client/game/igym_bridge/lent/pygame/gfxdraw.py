"""Shapes under the names of pygame.gfxdraw: the colour comes last."""

from typing import Any

from . import draw
from .surface import Surface


def filled_polygon(surface: Surface, points: Any, color: Any) -> None:
    draw.polygon(surface, color, points)


def polygon(surface: Surface, points: Any, color: Any) -> None:
    draw.polygon(surface, color, points, 1)


def filled_circle(surface: Surface, x: float, y: float, r: float, color: Any) -> None:
    draw.circle(surface, color, (x, y), r)


def circle(surface: Surface, x: float, y: float, r: float, color: Any) -> None:
    draw.circle(surface, color, (x, y), r, 1)


def filled_ellipse(surface: Surface, x: float, y: float, rx: float, ry: float, color: Any) -> None:
    draw.ellipse(surface, color, (x - rx, y - ry, 2 * rx, 2 * ry))


def box(surface: Surface, area: Any, color: Any) -> None:
    draw.rect(surface, color, area)


def rectangle(surface: Surface, area: Any, color: Any) -> None:
    draw.rect(surface, color, area, 1)


def line(surface: Surface, x1: float, y1: float, x2: float, y2: float, color: Any) -> None:
    draw.line(surface, color, (x1, y1), (x2, y2))


def hline(surface: Surface, x1: float, x2: float, y: float, color: Any) -> None:
    line(surface, x1, y, x2, y, color)


def vline(surface: Surface, x: float, y1: float, y2: float, color: Any) -> None:
    line(surface, x, y1, x, y2, color)


def pixel(surface: Surface, x: float, y: float, color: Any) -> None:
    surface.set_at((x, y), color)


aapolygon, aacircle = polygon, circle

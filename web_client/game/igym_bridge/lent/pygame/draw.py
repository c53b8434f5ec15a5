"""Shapes."""

from math import degrees
from typing import Any

from PIL import ImageDraw

from .geometry import Rect
from .surface import Surface, rgba


def _pen(surface: Surface) -> Any:
    return ImageDraw.Draw(surface.image)


def _points(points: Any) -> list[tuple[float, float]]:
    return [(float(point[0]), float(point[1])) for point in points]


def _bounds(points: Any) -> Rect:
    xs, ys = zip(*_points(points), strict=True)
    return Rect(min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1)


def _style(color: Any, width: int) -> dict[str, Any]:
    return {"fill": rgba(color)} if width == 0 else {"outline": rgba(color), "width": max(1, int(width))}


def rect(surface: Surface, color: Any, rect: Any, width: int = 0, border_radius: int = 0, **_: Any) -> Rect:
    box = Rect(rect)
    if box.w > 0 and box.h > 0:
        left, top, right, bottom = box.corners()
        edges = (left, top, right - 1, bottom - 1)
        _pen(surface).rounded_rectangle(edges, max(0, border_radius), **_style(color, width))
    return box


def polygon(surface: Surface, color: Any, points: Any, width: int = 0) -> Rect:
    _pen(surface).polygon(_points(points), **_style(color, width))
    return _bounds(points)


def circle(surface: Surface, color: Any, center: Any, radius: float, width: int = 0, **_: Any) -> Rect:
    x, y, r = float(center[0]), float(center[1]), max(0.0, float(radius))
    _pen(surface).ellipse((x - r, y - r, x + r, y + r), **_style(color, width))
    return Rect(x - r, y - r, 2 * r, 2 * r)


def ellipse(surface: Surface, color: Any, rect: Any, width: int = 0) -> Rect:
    box = Rect(rect)
    _pen(surface).ellipse((box.x, box.y, box.right - 1, box.bottom - 1), **_style(color, width))
    return box


def arc(surface: Surface, color: Any, rect: Any, start_angle: float, stop_angle: float, width: int = 1) -> Rect:
    box = Rect(rect)
    edges = (box.x, box.y, box.right, box.bottom)
    # pygame counts anticlockwise from the right, Pillow clockwise.
    _pen(surface).arc(edges, -degrees(stop_angle), -degrees(start_angle), rgba(color), max(1, width))
    return box


def line(surface: Surface, color: Any, start_pos: Any, end_pos: Any, width: int = 1) -> Rect:
    return lines(surface, color, False, [start_pos, end_pos], width)


def lines(surface: Surface, color: Any, closed: bool, points: Any, width: int = 1) -> Rect:
    path = _points(points)
    _pen(surface).line([*path, path[0]] if closed else path, rgba(color), max(1, int(width)), joint="curve")
    return _bounds(points)


def aaline(surface: Surface, color: Any, start_pos: Any, end_pos: Any, blend: int = 1) -> Rect:
    return line(surface, color, start_pos, end_pos)


def aalines(surface: Surface, color: Any = (0, 0, 0), closed: bool = False, points: Any = (), blend: int = 1) -> Rect:
    return lines(surface, color, closed, points)

"""Scaled, turned and mirrored copies."""

from typing import Any

from PIL import Image

from .surface import Surface


def scale(surface: Surface, size: Any, dest: Any = None) -> Surface:
    return _resized(surface, size, Image.Resampling.NEAREST)


def smoothscale(surface: Surface, size: Any, dest: Any = None) -> Surface:
    return _resized(surface, size, Image.Resampling.BILINEAR)


def _resized(surface: Surface, size: Any, how: Any) -> Surface:
    width, height = (max(1, int(part)) for part in size)
    return Surface.around(surface.image.resize((width, height), how))


def flip(surface: Surface, x: bool, y: bool) -> Surface:
    image = surface.image
    if x:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if y:
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return Surface.around(image)


def rotate(surface: Surface, angle: float) -> Surface:
    return Surface.around(surface.image.rotate(angle, Image.Resampling.BILINEAR, expand=True))


def rotozoom(surface: Surface, angle: float, factor: float) -> Surface:
    width, height = surface.get_size()
    return rotate(smoothscale(surface, (width * factor, height * factor)), angle)

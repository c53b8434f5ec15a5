"""Image files."""

from typing import Any

from PIL import Image

from .surface import Surface


def load(file: Any, name: str = "") -> Surface:
    with Image.open(file) as image:
        return Surface.around(image.convert("RGBA"))

"""Surfaces as arrays of shape (width, height, 3), and back."""

from typing import Any

import numpy as np
from PIL import Image

from .surface import Surface


def pixels3d(surface: Surface) -> np.ndarray[Any, Any]:
    """A copy, unlike pygame's: writing to it does not draw."""
    return np.transpose(np.asarray(surface.image)[:, :, :3], (1, 0, 2))


array3d = pixels3d


def make_surface(array: Any) -> Surface:
    return Surface.around(Image.fromarray(np.ascontiguousarray(np.transpose(np.asarray(array, np.uint8), (1, 0, 2)))))


def blit_array(surface: Surface, array: Any) -> None:
    surface.blit(make_surface(array), (0, 0))

"""Surfaces: Pillow images with pygame's names."""

from typing import Any

import numpy as np
from PIL import Image, ImageColor

from .geometry import Rect

Pixels = tuple[int, int, int, int]


def rgba(color: Any) -> Pixels:
    """Whatever pygame takes for a colour."""
    if isinstance(color, str):
        red, green, blue, *alpha = ImageColor.getrgb(color)
        return red, green, blue, alpha[0] if alpha else 255
    red, green, blue, *rest = (int(part) for part in color)
    return red, green, blue, rest[0] if rest else 255


class Surface:
    """`image` is RGBA; a surface without SRCALPHA starts opaque black."""

    def __init__(self, size: Any, flags: int = 0, depth: Any = 0, masks: Any = None) -> None:
        width, height = (max(0, int(part)) for part in size)
        background = (0, 0, 0, 0) if flags & 65536 else (0, 0, 0, 255)
        self.image = Image.new("RGBA", (width, height), background)
        self._alpha = 255

    @classmethod
    def around(cls, image: Any) -> "Surface":
        made = cls.__new__(cls)
        made.image = image if image.mode == "RGBA" else image.convert("RGBA")
        made._alpha = 255
        return made

    def fill(self, color: Any, rect: Any = None, special_flags: int = 0) -> Rect:
        box = Rect(0, 0, *self.image.size) if rect is None else Rect(rect)
        self.image.paste(rgba(color), box.corners())
        return box

    def blit(self, source: "Surface", dest: Any, area: Any = None, special_flags: int = 0) -> Rect:
        """Draws `source` with its transparency; `dest` is a corner or a rect."""
        image = source.image if area is None else source.image.crop(Rect(area).corners())
        if source._alpha < 255:
            image = image.copy()
            image.putalpha(image.getchannel("A").point(lambda value: value * source._alpha // 255))
        x, y = int(dest[0]), int(dest[1])
        left, top = max(0, -x), max(0, -y)
        if left < image.width and top < image.height:
            self.image.alpha_composite(image, (max(0, x), max(0, y)), (left, top))
        return Rect(x, y, *image.size)

    def blits(self, sequence: Any) -> list[Rect]:
        return [self.blit(*one) for one in sequence]

    def get_size(self) -> tuple[int, int]:
        return self.image.width, self.image.height

    def get_width(self) -> int:
        return int(self.image.width)

    def get_height(self) -> int:
        return int(self.image.height)

    def get_rect(self, **places: Any) -> Rect:
        rect = Rect(0, 0, *self.get_size())
        for name, value in places.items():
            setattr(rect, name, value)
        return rect

    def get_at(self, place: Any) -> Any:
        return self.image.getpixel((int(place[0]), int(place[1])))

    def set_at(self, place: Any, color: Any) -> None:
        self.image.putpixel((int(place[0]), int(place[1])), rgba(color))

    def set_alpha(self, value: int | None, flags: int = 0) -> None:
        self._alpha = 255 if value is None else int(value)

    def set_colorkey(self, color: Any, flags: int = 0) -> None:
        key = rgba(color)[:3]
        pixels = np.array(self.image)
        pixels[(pixels[:, :, :3] == key).all(axis=2), 3] = 0
        self.image = Image.fromarray(pixels)

    def get_alpha(self) -> int:
        return self._alpha

    def lock(self) -> None:
        pass

    unlock = lock

    def copy(self) -> "Surface":
        return Surface.around(self.image.copy())

    def subsurface(self, *area: Any) -> "Surface":
        return Surface.around(self.image.crop(Rect(*area).corners()))

    def convert(self, *_: Any) -> "Surface":
        return self.copy()

    convert_alpha = convert

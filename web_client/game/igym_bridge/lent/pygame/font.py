"""Text. Where a named font is missing, Pillow's own is used."""

from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from .surface import Surface, rgba


class Font:
    def __init__(self, file: Any = None, size: int = 20) -> None:
        found = file is not None and Path(str(file)).is_file()
        self._font: Any = ImageFont.truetype(str(file), size) if found else ImageFont.load_default(size)

    def size(self, text: str) -> tuple[int, int]:
        _, _, right, bottom = self._font.getbbox(text or " ")
        return int(right), int(bottom)

    def render(self, text: str, antialias: bool, color: Any, background: Any = None) -> Surface:
        width, height = self.size(text)
        image = Image.new(
            "RGBA", (max(1, width), max(1, height)), (0, 0, 0, 0) if background is None else rgba(background)
        )
        ImageDraw.Draw(image).text((0, 0), text, rgba(color), font=self._font)
        return Surface.around(image)

    def get_height(self) -> int:
        return self.size("Ag")[1]


def SysFont(name: Any, size: int, bold: bool = False, italic: bool = False) -> Font:  # noqa: N802 -- pygame's own name
    return Font(None, size)


def init() -> None:
    pass


def quit() -> None:
    pass


def get_default_font() -> None:
    return None


def get_init() -> bool:
    return True

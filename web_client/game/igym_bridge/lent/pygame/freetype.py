"""Text whose size is given when it is drawn."""

from typing import Any

from . import font as fonts
from .geometry import Rect
from .surface import Surface


class Font:
    def __init__(self, file: Any = None, size: int = 20, *_: Any, **__: Any) -> None:
        self._file, self.size = file, int(size or 20)
        self.fgcolor: Any = (0, 0, 0, 255)
        self.antialiased, self.pad, self.strong, self.oblique = True, False, False, False

    def _sized(self, size: Any) -> fonts.Font:
        return fonts.Font(self._file, int(size or self.size))

    def get_rect(self, text: str = "", style: int = 0, rotation: int = 0, size: Any = 0) -> Rect:
        return Rect(0, 0, *self._sized(size).size(text))

    def get_sized_height(self, size: Any = 0) -> int:
        return self._sized(size).get_height()

    def render(
        self, text: str, fgcolor: Any = None, bgcolor: Any = None, style: int = 0, rotation: int = 0, size: Any = 0
    ) -> tuple[Surface, Rect]:
        drawn = self._sized(size).render(text, True, self.fgcolor if fgcolor is None else fgcolor, bgcolor)
        return drawn, drawn.get_rect()

    def render_to(self, surface: Surface, dest: Any, text: str, *colors: Any, **more: Any) -> Rect:
        drawn, _ = self.render(text, *colors, **more)
        return surface.blit(drawn, (dest[0], dest[1]))


def SysFont(name: Any, size: int, bold: bool = False, italic: bool = False) -> Font:  # noqa: N802 -- pygame's own name
    return Font(None, size)


def init(*_: Any, **__: Any) -> None:
    pass


def quit() -> None:
    pass


def was_init() -> bool:
    return True


get_init = was_init


def get_default_font() -> None:
    return None

"""No window: `set_mode` gives a surface to draw on."""

from typing import Any

from .surface import Surface

_screen: list[Surface] = []


def set_mode(size: Any = (640, 480), *_: Any, **__: Any) -> Surface:
    _screen[:] = [Surface(size)]
    return _screen[0]


def get_surface() -> Surface | None:
    return _screen[0] if _screen else None


def init() -> None:
    pass


def quit() -> None:
    pass


def get_init() -> bool:
    return True


def set_caption(*_: Any) -> None:
    pass


def set_icon(*_: Any) -> None:
    pass


def flip() -> None:
    pass


def update(*_: Any) -> None:
    pass

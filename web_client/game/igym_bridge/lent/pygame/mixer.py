"""No sound: an env that wants to be heard asks its drawing surface."""

from typing import Any


class Sound:
    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def play(self, *_: Any, **__: Any) -> None:
        pass

    def stop(self) -> None:
        pass

    def set_volume(self, _: float) -> None:
        pass


def init(*_: Any, **__: Any) -> None:
    pass


pre_init = quit = init


def get_init() -> None:
    return None

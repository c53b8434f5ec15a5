"""No key is ever down: keys come as actions."""

from typing import Any


class _NoneDown:
    def __getitem__(self, _: int) -> bool:
        return False


def get_pressed() -> Any:
    return _NoneDown()


def set_repeat(*_: Any) -> None:
    pass


def get_mods() -> int:
    return 0

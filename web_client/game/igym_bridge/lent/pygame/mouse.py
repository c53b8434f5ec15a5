"""No mouse."""

from typing import Any


def get_pos() -> tuple[int, int]:
    return (0, 0)


def get_pressed(num_buttons: int = 3) -> tuple[bool, ...]:
    return (False,) * num_buttons


def set_visible(visible: Any) -> bool:
    return False

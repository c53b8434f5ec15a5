"""No keyboard and no mouse."""

from typing import Any


def pump() -> None:
    pass


def get(*_: Any, **__: Any) -> list[Any]:
    return []

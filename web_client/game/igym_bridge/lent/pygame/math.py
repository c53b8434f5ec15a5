"""Vectors in the plane."""

from math import cos, hypot, radians, sin
from typing import Any


class Vector2:
    def __init__(self, x: Any = 0, y: Any = None) -> None:
        if y is None and hasattr(x, "__getitem__"):
            x, y = x[0], x[1]
        self.x, self.y = float(x), float(x if y is None else y)

    def __iter__(self) -> Any:
        return iter((self.x, self.y))

    def __getitem__(self, index: int) -> float:
        return (self.x, self.y)[index]

    def __len__(self) -> int:
        return 2

    def __add__(self, other: Any) -> "Vector2":
        return Vector2(self.x + other[0], self.y + other[1])

    def __sub__(self, other: Any) -> "Vector2":
        return Vector2(self.x - other[0], self.y - other[1])

    def __mul__(self, factor: float) -> "Vector2":
        return Vector2(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def length(self) -> float:
        return hypot(self.x, self.y)

    def rotate_rad(self, angle: float) -> "Vector2":
        return Vector2(self.x * cos(angle) - self.y * sin(angle), self.x * sin(angle) + self.y * cos(angle))

    def rotate(self, angle: float) -> "Vector2":
        return self.rotate_rad(radians(angle))

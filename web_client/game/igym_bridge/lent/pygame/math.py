"""Vectors in the plane."""

from math import atan2, cos, degrees, hypot, radians, sin
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

    def __setitem__(self, index: int, value: float) -> None:
        setattr(self, "xy"[index], float(value))

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Vector2 | tuple | list) and len(other) == 2
        return same and self.distance_to(other) < 1e-6

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return bool(self.x or self.y)

    def __neg__(self) -> "Vector2":
        return Vector2(-self.x, -self.y)

    def __add__(self, other: Any) -> "Vector2":
        return Vector2(self.x + other[0], self.y + other[1])

    __radd__ = __add__

    def __sub__(self, other: Any) -> "Vector2":
        return Vector2(self.x - other[0], self.y - other[1])

    def __rsub__(self, other: Any) -> "Vector2":
        return Vector2(other[0] - self.x, other[1] - self.y)

    def __mul__(self, factor: Any) -> Any:
        """With a number a longer vector, with a vector the product of both."""
        return self.dot(factor) if hasattr(factor, "__getitem__") else Vector2(self.x * factor, self.y * factor)

    __rmul__ = __mul__

    def __truediv__(self, factor: float) -> "Vector2":
        return Vector2(self.x / factor, self.y / factor)

    def copy(self) -> "Vector2":
        return Vector2(self.x, self.y)

    def update(self, x: Any = 0, y: Any = None) -> None:
        self.x, self.y = Vector2(x, y)

    def dot(self, other: Any) -> float:
        return self.x * float(other[0]) + self.y * float(other[1])

    def cross(self, other: Any) -> float:
        return self.x * float(other[1]) - self.y * float(other[0])

    def length(self) -> float:
        return hypot(self.x, self.y)

    def length_squared(self) -> float:
        return self.x**2 + self.y**2

    magnitude, magnitude_squared = length, length_squared

    def normalize(self) -> "Vector2":
        if not self:
            raise ValueError("Can't normalize Vector of length zero")
        return self / self.length()

    def normalize_ip(self) -> None:
        self.update(self.normalize())

    def scale_to_length(self, length: float) -> None:
        self.update(self.normalize() * length)

    def distance_to(self, other: Any) -> float:
        return hypot(self.x - other[0], self.y - other[1])

    def distance_squared_to(self, other: Any) -> float:
        return float((self.x - other[0]) ** 2 + (self.y - other[1]) ** 2)

    def angle_to(self, other: Any) -> float:
        return degrees(atan2(other[1], other[0]) - atan2(self.y, self.x))

    def lerp(self, other: Any, share: float) -> "Vector2":
        return self + (Vector2(other) - self) * share

    def rotate_rad(self, angle: float) -> "Vector2":
        return Vector2(self.x * cos(angle) - self.y * sin(angle), self.x * sin(angle) + self.y * cos(angle))

    def rotate(self, angle: float) -> "Vector2":
        return self.rotate_rad(radians(angle))

    def rotate_ip(self, angle: float) -> None:
        self.update(self.rotate(angle))

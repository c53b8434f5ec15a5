"""Rectangles."""

from typing import Any


class Rect:
    """x, y, w, h in whole pixels, with pygame's names for the edges and corners."""

    def __init__(self, *parts: Any) -> None:
        numbers: tuple[Any, ...] = tuple(parts[0]) if len(parts) == 1 else parts
        if len(numbers) == 2:
            numbers = (*numbers[0], *numbers[1])
        self.x: int = int(numbers[0])
        self.y: int = int(numbers[1])
        self.w: int = int(numbers[2])
        self.h: int = int(numbers[3])

    def corners(self) -> tuple[int, int, int, int]:
        return self.x, self.y, self.x + self.w, self.y + self.h

    def __iter__(self) -> Any:
        return iter((self.x, self.y, self.w, self.h))

    def __getitem__(self, index: int) -> int:
        return (self.x, self.y, self.w, self.h)[index]

    def __len__(self) -> int:
        return 4

    width = property(lambda self: self.w)
    height = property(lambda self: self.h)
    size = property(lambda self: (self.w, self.h))
    left = property(lambda self: self.x, lambda self, value: setattr(self, "x", int(value)))
    top = property(lambda self: self.y, lambda self, value: setattr(self, "y", int(value)))
    right = property(lambda self: self.x + self.w, lambda self, value: setattr(self, "x", int(value) - self.w))
    bottom = property(lambda self: self.y + self.h, lambda self, value: setattr(self, "y", int(value) - self.h))
    centerx = property(
        lambda self: self.x + self.w // 2, lambda self, value: setattr(self, "x", int(value) - self.w // 2)
    )
    centery = property(
        lambda self: self.y + self.h // 2, lambda self, value: setattr(self, "y", int(value) - self.h // 2)
    )

    def _corner(across: str, down: str) -> Any:  # type: ignore[misc]  # noqa: N805 -- makes properties, below
        def found(self: Any) -> tuple[int, int]:
            return getattr(self, across), getattr(self, down)

        def put(self: Any, place: Any) -> None:
            setattr(self, across, place[0])
            setattr(self, down, place[1])

        return property(found, put)

    topright, bottomleft, bottomright = _corner("right", "top"), _corner("left", "bottom"), _corner("right", "bottom")
    midleft, midright = _corner("left", "centery"), _corner("right", "centery")
    midtop, midbottom = _corner("centerx", "top"), _corner("centerx", "bottom")

    def copy(self) -> "Rect":
        return Rect(self.x, self.y, self.w, self.h)

    def move_ip(self, x: Any, y: Any = None) -> None:
        self.x, self.y, *_ = self.move(x, y)

    def clamp_ip(self, other: Any) -> None:
        """Moves it into another rect."""
        room = Rect(other)
        self.x = max(room.left, min(self.x, room.right - self.w))
        self.y = max(room.top, min(self.y, room.bottom - self.h))

    @property
    def center(self) -> tuple[int, int]:
        return self.x + self.w // 2, self.y + self.h // 2

    @center.setter
    def center(self, place: Any) -> None:
        self.x, self.y = int(place[0]) - self.w // 2, int(place[1]) - self.h // 2

    @property
    def topleft(self) -> tuple[int, int]:
        return self.x, self.y

    @topleft.setter
    def topleft(self, place: Any) -> None:
        self.x, self.y = int(place[0]), int(place[1])

    def move(self, x: Any, y: Any = None) -> "Rect":
        dx, dy = x if y is None else (x, y)
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def inflate(self, x: float, y: float) -> "Rect":
        return Rect(self.x - x / 2, self.y - y / 2, self.w + x, self.h + y)

    def collidepoint(self, x: Any, y: Any = None) -> bool:
        px, py = (x, y) if y is not None else x
        return bool(self.x <= px < self.x + self.w and self.y <= py < self.y + self.h)

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, Rect | tuple | list) and len(other) == 4
        return same and tuple(self) == tuple(other)  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]

    def contains(self, other: Any) -> bool:
        inner = Rect(other)
        across = self.left <= inner.left and inner.right <= self.right
        return bool(across and self.top <= inner.top and inner.bottom <= self.bottom)

    def clamp(self, other: Any) -> "Rect":
        moved = self.copy()
        moved.clamp_ip(other)
        return moved

    def union(self, other: Any) -> "Rect":
        rect = Rect(other)
        left, top = min(self.left, rect.left), min(self.top, rect.top)
        return Rect(left, top, max(self.right, rect.right) - left, max(self.bottom, rect.bottom) - top)

    def colliderect(self, other: Any) -> bool:
        rect = Rect(other)
        across = rect.x - self.w < self.x < rect.x + rect.w
        return across and rect.y - self.h < self.y < rect.y + rect.h

"""A sheet an env draws on. What crosses to the browser is the difference to what is already there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any

from igym.rendering.colors import Color, parse_color

Op = list[Any]
"""["put", id, kind, depth, persistent, tween_ms, props], ["del", id], ["clear"] or ["sound", name]."""
DrawList = dict[str, list[Op]]
Point = Sequence[float]

_ALIGNMENTS = ("left", "center", "right")


class Committed(dict[str, list[Op]]):
    """The draw list of a commit. None of its ops is changed afterwards, and all they hold is plain."""

    __slots__ = ("count", "is_quiet")

    def __init__(self, ops: list[Op], is_quiet: bool) -> None:
        self["ops"] = ops
        self.count = len(ops)
        """How many ops there were when they were handed out."""
        self.is_quiet = is_quiet
        """No sound is among them."""


class Surface:
    """Draw with the primitives, then `return surface.commit()` from `render()`.

    Coordinates are pixels of `width` × `height`, or with `relative=True` shares of them (0 to 1); the origin is the top
    left corner. Transient objects (the default) live for one commit; objects with `persistent=True` stay until they are
    removed, and cross to the browser only when they change. Objects with a higher `depth` cover those with a lower one;
    with equal depth, later ones cover earlier ones. With `tween_ms` an object moves to its new form over that time.
    """

    render_only = True
    """Marks the object as no part of an env's state: it is neither saved nor restored."""

    def __init__(self, width: int, height: int) -> None:
        if not (width > 0 and height > 0):
            raise ValueError(f"a surface needs a positive width and height in px, not {width} × {height}")
        self.width = width
        self.height = height
        self._kept: dict[str, Op] = {}
        self._told_kept: dict[str, Op] | None = None
        """A copy of `_kept` that is handed out for as long as nothing in it changes."""
        self._told_of = self._kept
        """The very dict that it is a copy of: whoever takes this surface for several views lays others down."""
        self._sent: dict[str, Op] = {}
        self._frame: dict[str, Op] = {}
        self._shown: dict[str, Op] = {}
        self._sounds: list[Op] = []
        self._unnamed: dict[str, int] = {}
        self._cleared = True

    def __deepcopy__(self, memo: dict[int, Any]) -> Surface:
        """A copied env goes on drawing on the same sheet: what the browser shows is not rolled back."""
        return self

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        color: Color | None = "black",
        *,
        stroke: Color | None = None,
        line_width: float = 1,
        radius: float = 0,
        angle: float = 0,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """A rectangle with its top left corner at (x, y); `radius` rounds its corners.

        `angle` (degrees, clockwise) turns it about its centre.
        """
        sx, sy = self._scale(common)
        props = {"x": x * sx, "y": y * sy, "w": w * sx, "h": h * sy, "radius": radius * min(sx, sy), "angle": angle}
        self._put("rect", props | _paint(color, stroke, line_width, alpha), **common)

    def circle(
        self,
        x: float,
        y: float,
        r: float,
        color: Color | None = "black",
        *,
        stroke: Color | None = None,
        line_width: float = 1,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """A circle about (x, y). A relative radius is a share of the smaller side."""
        sx, sy = self._scale(common)
        self._put(
            "circle",
            {"x": x * sx, "y": y * sy, "r": r * min(sx, sy)} | _paint(color, stroke, line_width, alpha),
            **common,
        )

    def ellipse(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        color: Color | None = "black",
        *,
        stroke: Color | None = None,
        line_width: float = 1,
        angle: float = 0,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """An ellipse about (x, y) with the half axes rx and ry, turned by `angle` degrees."""
        sx, sy = self._scale(common)
        props = {"x": x * sx, "y": y * sy, "rx": rx * sx, "ry": ry * sy, "angle": angle}
        self._put("ellipse", props | _paint(color, stroke, line_width, alpha), **common)

    def line(
        self, points: Iterable[Point], color: Color = "black", *, width: float = 1, alpha: float = 1, **common: Any
    ) -> None:
        """An open line through two or more points."""
        props = {
            "points": self._points(points, 2, common),
            "color": parse_color(color),
            "width": width,
            "alpha": alpha,
        }
        self._put("line", props, **common)

    def polygon(
        self,
        points: Iterable[Point],
        color: Color | None = "black",
        *,
        stroke: Color | None = None,
        line_width: float = 1,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """A closed shape with three or more corners."""
        self._put(
            "polygon", {"points": self._points(points, 3, common)} | _paint(color, stroke, line_width, alpha), **common
        )

    def arc(
        self,
        x: float,
        y: float,
        r: float,
        start: float,
        end: float,
        color: Color = "black",
        *,
        fill: Color | None = None,
        line_width: float = 1,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """A part of a circle about (x, y), clockwise from `start` to `end` (degrees, 0 = right).

        `fill` paints the sector.
        """
        sx, sy = self._scale(common)
        props = {"x": x * sx, "y": y * sy, "r": r * min(sx, sy), "start": start, "end": end}
        self._put("arc", props | _paint(fill, color, line_width, alpha), **common)

    def text(
        self,
        x: float,
        y: float,
        text: object,
        color: Color = "black",
        *,
        size: float = 16,
        font: str = "sans-serif",
        align: str = "left",
        angle: float = 0,
        alpha: float = 1,
        **common: Any,
    ) -> None:
        """Text whose first line is centred vertically on y; `align` says which end is at x: left, center or right."""
        if align not in _ALIGNMENTS:
            raise ValueError(f"align={align!r} is not one of {', '.join(_ALIGNMENTS)}")
        sx, sy = self._scale(common)
        props = {
            "x": x * sx, "y": y * sy, "text": str(text), "size": size, "color": parse_color(color), "font": font,
            "align": align, "angle": angle, "alpha": alpha,
        }  # fmt: skip
        self._put("text", props, **common)

    def image(
        self,
        name: str,
        x: float,
        y: float,
        w: float | None = None,
        h: float | None = None,
        *,
        frame: int | str | None = None,
        angle: float = 0,
        alpha: float = 1,
        flip: bool = False,
        **common: Any,
    ) -> None:
        """An image of the scene's assets with its top left corner at (x, y); without w and h in its own size.

        `frame` picks a part of a sprite sheet (number) or an atlas (name); `flip` mirrors it left to right.
        """
        sx, sy = self._scale(common)
        size = {"w": None if w is None else w * sx, "h": None if h is None else h * sy}
        props = {
            "x": x * sx,
            "y": y * sy,
            **size,
            "name": name,
            "frame": frame,
            "angle": angle,
            "alpha": alpha,
            "flip": int(flip),
        }
        self._put("image", props, **common)

    def sound(self, name: str) -> None:
        """Play a sound of the scene's assets once, when the frame is confirmed."""
        self._sounds.append(["sound", name])

    def kept_state(self) -> dict[str, Op]:
        """The persistent objects, for `restore_kept`: what an env drew to stay belongs to the moment it drew it."""
        if self._told_kept is None or self._told_of is not self._kept:
            self._told_kept, self._told_of = dict(self._kept), self._kept
        return self._told_kept

    def restore_kept(self, state: dict[str, Op]) -> None:
        """Take persistent objects back to an earlier moment; the next commit brings the screen there."""
        if state is not self._told_kept or self._told_of is not self._kept:
            self._kept, self._told_kept = dict(state), state
            self._told_of = self._kept
        self._frame = {}

    def take_sounds(self) -> list[str]:
        """Names of the sounds asked for since the last commit, which are then forgotten."""
        names = [name for _, name in self._sounds]
        self._sounds = []
        return names

    def remove(self, id: str) -> None:
        """Take an object away, persistent or not; nothing happens if there is none of that id."""
        if self._kept.pop(id, None) is not None:
            self._told_kept = None
        self._frame.pop(id, None)

    def reset(self) -> None:
        """An empty sheet, as at the start of an episode."""
        self._kept.clear()
        self._told_kept = None
        self._frame.clear()
        self._sounds.clear()
        self._unnamed.clear()
        self._cleared = True

    def commit(self) -> DrawList:
        """End this picture: what has changed since the last commit, with all transient objects."""
        ops: list[Op] = []
        if self._cleared:
            ops.append(["clear"])
            self._sent.clear()
        ops += [["del", id] for id in self._sent if id not in self._kept and id not in self._frame]
        ops += [op for id, op in self._kept.items() if self._sent.get(id) != op]
        ops += self._frame.values()
        ops += self._sounds
        is_quiet = not self._sounds
        self._sent, self._shown = dict(self._kept), self._frame
        self._frame, self._sounds, self._unnamed, self._cleared = {}, [], {}, False
        return Committed(ops, is_quiet)

    def full(self) -> DrawList:
        """The last committed picture as a whole, for a screen that shows nothing yet."""
        return {"ops": [["clear"], *self._sent.values(), *self._shown.values()]}

    def _scale(self, common: dict[str, Any]) -> tuple[float, float]:
        return (self.width, self.height) if common.get("relative") else (1, 1)

    def _points(self, points: Iterable[Point], at_least: int, common: dict[str, Any]) -> list[float]:
        """Flat x, y, x, y, … as the browser draws them."""
        sx, sy = self._scale(common)
        flat = [float(part) for x, y in points for part in (x * sx, y * sy)]
        if len(flat) < 2 * at_least:
            raise ValueError(f"at least {at_least} points are needed, got {len(flat) // 2}")
        if not all(map(isfinite, flat)):
            raise ValueError(f"points {flat} hold a number that cannot be drawn")
        return flat

    def _put(
        self,
        kind: str,
        props: dict[str, Any],
        *,
        id: str | None = None,
        persistent: bool = False,
        relative: bool = False,
        depth: float = 0,
        tween_ms: float = 0,
    ) -> None:
        """`relative` has been applied by the caller and is accepted here as one of the common keywords."""
        if id is None:
            if persistent:
                raise ValueError(f'a persistent {kind} needs an id, for example {kind}(…, id="floor", persistent=True)')
            # Counting per kind lets an unnamed object keep its identity from picture to picture.
            number = self._unnamed[kind] = self._unnamed.get(kind, 0) + 1
            id = f"{kind}#{number}"
        elif id.__class__ is not str:
            id = str(id)
        if depth.__class__ not in _NUMBERS:
            depth = float(depth)
        if tween_ms.__class__ not in _NUMBERS:
            tween_ms = float(tween_ms)
        op: Op = ["put", id, kind, depth, int(persistent), tween_ms, _plain(kind, props)]
        if persistent:
            self._frame.pop(id, None)
            self._kept[id], self._told_kept = op, None
        else:
            if self._kept.pop(id, None) is not None:
                self._told_kept = None
            self._frame[id] = op


def _paint(fill: Color | None, stroke: Color | None, line_width: float, alpha: float) -> dict[str, Any]:
    return {
        "fill": None if fill is None else parse_color(fill),
        "stroke": None if stroke is None else parse_color(stroke),
        "line_width": line_width,
        "alpha": alpha,
    }


def _plain(kind: str, props: dict[str, Any]) -> dict[str, Any]:
    """numpy numbers become plain ones, so that a picture can be compared, encoded and sent."""
    for name, value in props.items():
        if value.__class__ is not float:
            if value.__class__ in _AS_THEY_ARE:
                continue
            value = props[name] = float(value)
        if not isfinite(value):
            raise ValueError(f"{kind}: {name} is {value}, which cannot be drawn")
    return props


_AS_THEY_ARE = {str, int, type(None), list}
_NUMBERS = {int, float}

"""From whatever `render()` returns to what the page draws: a draw list (as JSON or packed), or pixels."""

from __future__ import annotations

import inspect
import json
import marshal
import re
from collections.abc import Callable
from itertools import compress
from operator import ne
from typing import Any

import numpy as np

from .faults import EnvError
from .reach import layers_of

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=float).encode
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_FORM = 4
"""Version of marshal's format. In this one a text that comes again is a number."""
_WHOLE_EVERY = 64
"""So many pictures later a page that missed one is right again."""
_MOSTLY, _WHOLE_FOR = 0.9, 4
"""Where nine of ten ops differ, so many pictures later is soon enough to look again."""
_SHORT_BYTES = re.compile(rb"[s\xf3][\x00-\x40]\x00\x00\x00").search
"""marshal writes numpy's numbers as the bytes they lie in. A match by chance costs a little time only."""


class Painter:
    """Calls `render` and encodes the picture. `pixels` holds the last rgb_array as (height, width, 4) bytes."""

    def __init__(self, env: Any, view_of: Any, advice: Callable[[], Any] | None = None) -> None:
        """`view_of` is the agent whose view is drawn, or None where all see the same; `advice()` is what whoever looks
        is advised, for a render() that takes it."""
        self._env = env
        self._view_of = view_of
        self._advice = advice if advice and _takes_advice(env) else None
        self.pixels: np.ndarray[Any, Any] | None = None
        self._sounds: list[str] = []
        self.sheets = _sheets_of(env)
        """The drawing surfaces of the env."""
        self._before: list[list[Any]] | None = None
        """The last picture as a surface committed it, which the page holds too."""
        self._packed = 0
        self._whole = 0
        """So many pictures more are sent without a look for differences."""
        self.blind = not callable(getattr(env, "render", None))
        """The env draws nothing: it has no render(), or was made without a render_mode."""

    def draw(self, packed: bool = False) -> str | bytes:
        """JSON: `{"ops": […]}`, `{"pixels": [width, height]}`, or `""` when there is nothing to show.

        With `packed`, a draw list's ops as marshal writes them where it can hold them, which is far quicker to make; or
        what differs from the list before: how many ops there are, the places of those that changed, and these.
        """
        if self.blind:
            return ""
        picture = self._rendered()
        if isinstance(picture, dict) and "ops" in picture:
            return self._ops(picture, packed)
        if isinstance(picture, list) and picture and isinstance(picture[-1], np.ndarray):
            picture = picture[-1]
        if hasattr(picture, "commit"):
            picture = picture.commit()
        if isinstance(picture, dict) and "ops" in picture:
            return self._ops(picture, packed)
        if isinstance(picture, np.ndarray):
            return self._pixels(picture)
        if isinstance(picture, str):
            return _encode({"ops": _text_ops(picture)})
        if picture is None:
            self.blind = getattr(self._env, "render_mode", None) is None
            return ""
        raise EnvError(
            "render() returned a {kind}; the game can show a surface's commit() or an rgb array.",
            kind=type(picture).__name__,
        )

    def _rendered(self) -> Any:
        try:
            view = () if self._view_of is None else (self._view_of,)
            if self._advice is None:
                return self._env.render(*view)
            # Handed over and not kept in the env, whose state is the same for everybody.
            return self._env.render(*view, advice=self._advice())
        except NotImplementedError:
            self.blind = True
            return None

    def take_sounds(self) -> list[str]:
        """Names of the sounds asked for since the last call, by `step` or by `render`."""
        sounds, self._sounds = self._sounds, []
        for sheet in self.sheets:
            sounds += sheet.take_sounds()
        return sounds

    def _ops(self, picture: dict[str, Any], packed: bool) -> str | bytes:
        ops: list[list[Any]] = picture["ops"]
        # Whoever makes the ops themselves may use them again with another content, and put anything into them.
        committed = getattr(picture, "count", None) == len(ops)
        is_quiet = committed and getattr(picture, "is_quiet", False)
        if not is_quiet and (sounds := [op[1] for op in ops if op[0] == "sound"]):
            self._sounds += sounds
            ops = [op for op in ops if op[0] != "sound"]
        before, self._before = self._before, ops if committed else None
        if not packed:
            return _encode({"ops": ops})
        if not committed:
            return _packed(ops) or _encode({"ops": ops})
        self._packed += 1
        self._whole -= 1
        if before is None or len(before) != len(ops) or self._whole > 0 or self._packed % _WHOLE_EVERY == 0:
            return marshal.dumps(ops, _FORM)
        # In C from one end to the other: most of a list is what it was.
        differs = list(map(ne, before, ops))
        places = list(compress(range(len(ops)), differs))
        if len(places) > _MOSTLY * len(ops):
            self._whole = _WHOLE_FOR
        return marshal.dumps([len(ops), places, list(compress(ops, differs))], _FORM)

    def _pixels(self, picture: np.ndarray[Any, Any]) -> str:
        if picture.ndim != 3 or picture.shape[2] not in (3, 4):
            raise EnvError(
                "render() returned an array of shape {shape}; an image is (height, width, 3 or 4).", shape=picture.shape
            )
        height, width, channels = picture.shape
        if self.pixels is None or self.pixels.shape[:2] != (height, width):
            self.pixels = np.full((height, width, 4), 255, np.uint8)
        if picture.dtype.kind == "f":
            picture = (np.clip(picture, 0, 1) * 255).astype(np.uint8)
        self.pixels[:, :, :channels] = picture
        return f'{{"pixels":[{width},{height}]}}'


def _packed(ops: list[list[Any]]) -> bytes:
    """`ops` as marshal writes them; empty when they hold what the page could not read in it."""
    try:
        data = marshal.dumps(ops, _FORM)
    except ValueError:
        return b""
    return b"" if _SHORT_BYTES(data) else data


def _sheets_of(env: Any) -> list[Any]:
    """The drawing surfaces that the env, or one it wraps, holds."""
    held = [value for layer in layers_of(env) for value in vars(layer).values()]
    inside = [item for value in held if isinstance(value, dict | list | tuple) for item in _items(value)]
    return [thing for thing in (*held, *inside) if hasattr(type(thing), "take_sounds")]


def _items(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _text_ops(text: str) -> list[list[Any]]:
    """An env that renders as text is shown as text."""
    lines = [line for line in _ESCAPES.sub("", text).splitlines() if line.strip()]
    props = {"size": 18, "fill": "#222222", "font": "monospace", "align": "left", "angle": 0, "alpha": 1, "x": 20}
    return [["clear"]] + [
        ["put", f"line{row}", "text", 0, 0, 0, {**props, "text": line, "y": 24 + 22 * row}]
        for row, line in enumerate(lines)
    ]


def _takes_advice(env: Any) -> bool:
    """Whether its render() has a parameter of this name."""
    try:
        return "advice" in inspect.signature(env.render).parameters
    except (AttributeError, TypeError, ValueError):
        return False

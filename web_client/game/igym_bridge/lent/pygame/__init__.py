"""The part of pygame that Gymnasium's and PettingZoo's own envs draw with, made of Pillow.

Found only where there is no pygame, as in browsers: an env with render_mode="rgb_array" then shows itself as it is.
There is no window, no keyboard and no sound.
"""

from typing import Any

from . import display as display
from . import draw as draw
from . import event as event
from . import font as font
from . import freetype as freetype
from . import gfxdraw as gfxdraw
from . import image as image
from . import key as key
from . import locals as locals
from . import math as math
from . import mixer as mixer
from . import mouse as mouse
from . import sprite as sprite
from . import surfarray as surfarray
from . import time as time
from . import transform as transform
from .geometry import Rect as Rect
from .locals import *  # noqa: F403 -- pygame's own names
from .math import Vector2 as Vector2
from .surface import Surface as Surface

IS_LENT = True


class error(RuntimeError):  # noqa: N801, N818 -- pygame's own name
    pass


class Color(tuple[int, ...]):
    def __new__(cls, *parts: Any) -> "Color":
        from .surface import rgba

        return super().__new__(cls, rgba(parts[0] if len(parts) == 1 else parts))


def init() -> tuple[int, int]:
    return (0, 0)


def quit() -> None:
    pass


def get_init() -> bool:
    return True

"""Drawing from Python, in the browser and on the host alike: standard library only."""

from igym.rendering.colors import ColorError as ColorError
from igym.rendering.colors import parse_color as parse_color
from igym.rendering.surface import Surface as Surface

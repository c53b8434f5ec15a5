"""Runs a Gymnasium or PettingZoo env for the game worker: adapters, snapshots, bots, rows, drawing.

Needs numpy and the standard library only; works in the browser and in CPython alike. What is named here is loaded on
first use: the process that only loads a study asks for `loader` alone, which needs no numpy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .bridge import Bridge as Bridge
    from .bridge import fault as fault
    from .bridge import open_bridge as open_bridge
    from .collector import set_aside as set_aside

_HOMES = {
    "Bridge": "bridge",
    "fault": "bridge",
    "open_bridge": "bridge",
    "set_aside": "collector",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

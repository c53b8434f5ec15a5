"""Runs a Gymnasium or PettingZoo env for the game worker: adapters, snapshots, bots, rows, drawing.

Needs numpy and the standard library only; works in the browser and in CPython alike.
"""

from .bridge import Bridge as Bridge
from .bridge import fault as fault
from .bridge import open_bridge as open_bridge
from .collector import set_aside as set_aside
from .sync_test import sync_test as sync_test

"""Two states are the same when their facts are, whatever the objects."""

from __future__ import annotations

from collections import deque
from dataclasses import fields, is_dataclass
from typing import Any

from igym.core.deadlines import Deadlines
from igym.core.groups import Groups
from igym.core.ledger import Ledger
from igym.core.probe import ProbeMemory
from igym.core.state import State


def plain(value: Any) -> Any:
    """Everything a state holds, comparable whatever the objects are; experiments and generators apart."""
    if isinstance(value, State | Deadlines | Groups | Ledger | ProbeMemory) or is_dataclass(value):
        names = [field.name for field in fields(value)] if is_dataclass(value) else list(vars(value))
        kept = [name for name in names if name not in ("experiment", "make_rng", "scenes", "_heap")]
        return (type(value).__name__, {name: plain(getattr(value, name)) for name in kept})
    if isinstance(value, dict):
        return [(plain(key), plain(item)) for key, item in value.items()]
    if isinstance(value, list | tuple | deque):
        return [plain(item) for item in value]
    return value

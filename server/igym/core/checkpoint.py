"""A session's state as bytes and back: what a restart may go on from instead of handling every event again.

Nothing depends on it: the event log alone is the session, and whatever cannot be read here is simply not used.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import fields, is_dataclass
from typing import Any

from igym.core import (
    deadlines,
    groups,
    ledger,
    match,
    participant,
    places,
    posted,
    probe,
    roster,
    state,
    talks,
    waitroom,
)
from igym.core.state import State

_GIVEN = frozenset({"experiment", "make_rng", "scenes", "translated"})
"""Not written: they come from the experiment, which is stored elsewhere."""
_OWN = ("igym.core.", "igym.experiment.", "igym.protocol.")
_CONTAINERS = frozenset({("collections", "deque"), ("builtins", "set"), ("builtins", "frozenset")})


class CheckpointError(ValueError):
    """These bytes are no state of this version of the program."""


def dump(facts: State) -> bytes:
    """The state after the last handled event."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts) if field.name not in _GIVEN}
    return pickle.dumps((shape(), values), protocol=5)


def load(data: bytes, into: State) -> None:
    """Fill a fresh state with what ``dump`` wrote. Raises ``CheckpointError``."""
    try:
        written, values = _Reader(io.BytesIO(data)).load()
    except Exception as error:
        raise CheckpointError(f"the state cannot be read: {type(error).__name__}") from error
    if written != shape() or not isinstance(values, dict) or "session_id" not in values:
        raise CheckpointError("the state was written by another version")
    for name, value in values.items():
        setattr(into, name, value)


class _Reader(pickle.Unpickler):
    """Makes objects of this program's own classes only, so that a foreign file cannot run anything."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name) if module.startswith(_OWN) or (module, name) in _CONTAINERS else None
        if not isinstance(found, type):
            raise CheckpointError(f"{module}.{name} does not belong into a state")
        return found


def shape() -> str:
    """Changes with the facts the core keeps: a state of another shape would lack some."""
    modules = (deadlines, groups, ledger, match, participant, places, posted, probe, roster, state, talks, waitroom)
    parts = [
        f"{kind.__module__}.{kind.__qualname__}: {', '.join(f'{field.name} {field.type}' for field in fields(kind))}"
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
    ]
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()

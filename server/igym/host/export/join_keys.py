"""The columns by which tables are joined: who somebody is, and which condition and order they were given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from igym.experiment.design import NODE
from igym.host.store.store_reader import StoredRecord, StoreReader

CONDITION = "condition"
KEY_KINDS = ("attributes", "plan_drawn")


def condition_columns(values: Mapping[str, Any]) -> dict[str, str]:
    """Column → level. A condition without a name of its own is `condition`, a factor is `condition.<factor>`."""
    return {name if name == CONDITION else f"{CONDITION}.{name}": str(level) for name, level in values.items()}


def drawn_columns(record: StoredRecord) -> dict[str, str]:
    """Column → level of what one record says of a person's conditions and orders; nothing for other records."""
    if record.kind == "attributes" and record.body.get("condition"):
        return condition_columns(record.body.get("values", {}))
    if record.kind == "plan_drawn":
        draws = (record.body.get("plan") or {}).get("draws", ())
        # A design's cell is told by its factors.
        return {f"order.{draw['node']}": str(draw["outcome"]) for draw in draws if draw["node"] != NODE}
    return {}


Place = tuple[int, int]
"""Where a record stands among all of its session: `(seq, n)`."""


def place_of(record: StoredRecord) -> Place:
    return record.seq, record.n


def sorted_keys(names: Iterable[str]) -> list[str]:
    """Condition first, then factors, then orders, each by name."""
    return sorted(set(names), key=lambda name: (name.startswith("order."), name != CONDITION, name))


def keys_in_episode(source: StoreReader, session: str, participant: str, match: str, episode: int) -> dict[str, str]:
    """What this person's conditions and orders were when the episode ended; the newest while it has not."""
    found: dict[str, str] = {}
    for record in source.records(session, kinds=(*KEY_KINDS, "episode_ended"), participant=participant):
        if record.kind == "episode_ended":
            if (record.match, record.body.get("episode")) == (match, episode):
                break
            continue
        found |= drawn_columns(record)
    return {name: found[name] for name in sorted_keys(found)}

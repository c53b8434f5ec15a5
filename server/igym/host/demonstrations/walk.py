"""A recorded episode gone through again, with everything the env said on the way in its own types."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from igym.host.export.replays import CHECK_DIGITS
from igym.host.replay.files import ReplayFile
from igym.host.studies.env_bridge import bridge_part

ABSENT = 65_535


@dataclass(frozen=True)
class Moment:
    """One frame. `row` is the flat row that is recorded of it, `seen` agent → what it observed afterwards."""

    frame: int
    acting: frozenset[str]
    """Whose actions the frame used."""
    actions: dict[str, Any]
    """Agent → what the env received; None: nothing."""
    row: dict[str, Any]
    seen: dict[str, Any]
    absent: frozenset[str]
    """Agents whose player was away: a stand-in or the default action acted."""

    @property
    def deciding(self) -> frozenset[str]:
        return frozenset(agent for agent in self.acting if self.actions.get(agent) is not None)


@dataclass(frozen=True)
class Walked:
    """`start` is agent → what it observed after the reset; `exact`: every row has the hash that was recorded."""

    start: dict[str, Any]
    moments: list[Moment]
    exact: bool


def walked(bridge: Any, replay: ReplayFile) -> Walked:
    """Play the episode again in an open game. Whatever the researcher's code raises comes through."""
    play = bridge.play
    bridge.reset(int(replay.body["episode_seed"]), replay.episode)
    start = copy.deepcopy(play.adapter.observations)
    moments, checks = [], ""
    digest_bytes = bridge_part("rows").CHECK_BYTES
    for frame, inputs in enumerate(replay.inputs()):
        if play.progress.ended_at >= 0:
            break
        acting = frozenset(play.adapter.acting())
        play.step(frame, inputs)
        actions, _ = play.outcome(frame)
        actions = copy.deepcopy(actions)
        play.confirm(frame)
        play.take_seals()
        play.due_sounds()
        absent = frozenset(agent for agent, number in zip(play.players, inputs, strict=True) if number == ABSENT)
        seen = copy.deepcopy(play.adapter.observations)
        moments.append(Moment(frame, acting, actions, play.recorder.last, seen, absent))
        checks += play.recorder.chain[:digest_bytes].hex()
    recorded = str(replay.followed.get("checks") or "")
    return Walked(start, moments, bool(recorded) and checks == recorded[: len(replay.inputs()) * CHECK_DIGITS])


def with_stored(found: Walked, stored: Mapping[str, Sequence[Any]]) -> Walked:
    """The same with the stored rows' values wherever they have one: what was recorded is what happened.

    `stored` maps a column of the rows to its values, frame by frame.
    """
    frames = len(next(iter(stored.values()), ()))
    return Walked(found.start, list(_corrected(found.moments[:frames], stored)), found.exact)


def _corrected(moments: list[Moment], stored: Mapping[str, Sequence[Any]]) -> Iterator[Moment]:
    for moment in moments:
        row = {**moment.row, **{name: series[moment.frame] for name, series in stored.items()}}
        row = {name: value for name, value in row.items() if value is not None}
        seen = {agent: restored(value, f"observations.{agent}", row) for agent, value in moment.seen.items()}
        actions = {agent: restored(value, f"actions.{agent}", row) for agent, value in moment.actions.items()}
        yield Moment(moment.frame, moment.acting, actions, row, seen, moment.absent)


def restored(value: Any, name: str, row: dict[str, Any]) -> Any:
    """`value` in its own shape and type, with the numbers that a row holds under `name` and below."""
    if isinstance(value, dict):
        return {key: restored(item, f"{name}.{key}", row) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(restored(item, f"{name}.{index}", row) for index, item in enumerate(value))
    if getattr(value, "ndim", 0):
        return _array(value, name, row)
    found = row.get(name, row.get(f"{name}.0"))
    if found is None or value is None:
        return value
    return value.dtype.type(found) if hasattr(value, "dtype") else type(value)(found)


def _array(value: Any, name: str, row: dict[str, Any]) -> Any:
    if f"{name}.0" not in row:
        return value
    changed = value.copy()
    flat = changed.reshape(-1)
    for index in range(flat.size):
        flat[index] = row.get(f"{name}.{index}", flat[index])
    return changed

"""One episode's rows, merged from the batches that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any

from igym.host.export.described import scene_options
from igym.host.export.join_keys import keys_in_episode
from igym.host.export.kinds import joined, kinds_in
from igym.host.export.row_counts import EpisodeCounts, counts_of_batch
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.host.store.stored_run import fresh

DEFAULT_FPS = 30.0
PARITY_ORDER = (
    "actions",
    "attempted",
    "rewards",
    "terminated",
    "truncated",
    "observations",
    "infos",
    "actor",
    "advice",
    "agreed",
    "feedback",
    "state",
    "player_participants",
)
_GIVEN: dict[str, set[str]] = {"episode": {"integer"}, "frame": {"integer"}, "time_s": {"number"}}
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, order=True)
class EpisodeKey:
    """What names the rows of one episode as one participant's browser confirmed them."""

    session: str
    scene: str
    match: str
    episode: int
    participant: str


@dataclass(frozen=True)
class EpisodeColumns:
    """Columns of one episode: `parity` are the same for all members of the match, `local` are this browser's own.

    `own` comes first and says whose rows these are: column → its value, the same in every row.
    """

    parity: tuple[str, ...]
    local: tuple[str, ...]
    fps: float | None
    players: dict[str, str]
    found: Mapping[str, Set[str]] = field(default_factory=dict)
    """The kinds of values in each column (see `kinds_in`)."""
    chain: str | None = None
    """The row hash after the last stored row."""
    gaps: tuple[tuple[int, int], ...] = ()
    """Missing ranges `(first, count)` between stored frames; empty for a whole episode."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Agent → how many numbers its observations have, where that was too many to record them."""
    own: Mapping[str, str | int | None] = field(default_factory=dict)
    counts: EpisodeCounts = field(default_factory=EpisodeCounts)

    @property
    def kinds(self) -> list[str]:
        """The kind of each column over the whole episode, in file order."""
        own = [joined(kinds_in([value])) for value in self.own.values()]
        return [*own, *(joined(self.found.get(name, ())) for name in self.names[len(own) :])]

    @property
    def exact_kinds(self) -> list[str]:
        """Like `kinds`, for formats whose whole numbers end at 64 bits: longer ones are `json` there."""
        huge = [name in self.found and "huge" in self.found[name] for name in self.names]
        return ["json" if long else kind for kind, long in zip(self.kinds, huge, strict=True)]

    @property
    def parity_names(self) -> tuple[str, ...]:
        """The columns that all members of the match share, in file order."""
        return ("episode", "frame", "time_s", *self.parity, *self.players)

    @property
    def names(self) -> tuple[str, ...]:
        """All column names in file order."""
        return (*self.own, *self.parity_names, *(f"local.{name}" for name in self.local))

    @property
    def parity_slice(self) -> slice:
        """Where the columns that all members share lie among `names`."""
        return slice(len(self.own), len(self.own) + len(self.parity_names))

    def time_s(self, frame: int) -> float | None:
        """When a frame is due on the match clock, in seconds after frame 0; None where frames wait for the players."""
        return None if self.fps is None else round(frame / self.fps, 6)


def natural_key(name: str) -> tuple[Any, ...]:
    """Sort key that puts `observations.a.10` after `observations.a.2`, in the order of the row model."""
    head = name.split(".", 1)[0]
    rank = -1 if head == "time_s" else PARITY_ORDER.index(head) if head in PARITY_ORDER else len(PARITY_ORDER)
    return (rank, [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name)])


def episode_keys(source: StoreReader, session: str, *, match: str | None = None) -> list[EpisodeKey]:
    """Return the episodes of a session (or of one match) of which rows are stored, sorted."""
    return sorted(EpisodeKey(session, *names) for names in source.episodes(session, match=match))


def batches_of(source: StoreReader, key: EpisodeKey) -> Iterator[tuple[dict[str, Any], int]]:
    """Yield the batches of an episode in frame order, each with how many of its first frames an earlier one had."""
    found = source.batches(key.session, match=key.match, participant=key.participant, episode=key.episode)
    return ((batch.rows, skip) for batch, skip in fresh(found))


def columns_of(source: StoreReader, key: EpisodeKey) -> EpisodeColumns:
    """Return the union of the columns of an episode's batches: an info key may first appear late in an episode.

    Remembered until more rows come in, as a match's files ask for it again and again.
    """
    stamp = (source.path, key, source.episode_stamp(key.session, key.participant, key.match, key.episode))
    if stamp not in _REMEMBERED:
        while len(_REMEMBERED) >= REMEMBERED:
            del _REMEMBERED[next(iter(_REMEMBERED))]
        _REMEMBERED[stamp] = _gathered(source, key)
    # Not remembered: a condition may be given while the rows stay as they are.
    return replace(_REMEMBERED[stamp], own=own_columns(source, key))


def own_columns(source: StoreReader, key: EpisodeKey) -> dict[str, str | int | None]:
    """Return whose rows these are: session, scene, match, participant, player, agent, conditions and orders."""
    seats = (entry for entry in _seats(source, key) if entry.get("participant") == key.participant)
    held: dict[str, Any] = next(seats, {})
    keys = keys_in_episode(source, key.session, key.participant, key.match, key.episode)
    where = {"session": key.session, "scene": key.scene, "match": key.match}
    return {**where, "participant": key.participant, "player": held.get("player"), "agent": held.get("agent"), **keys}


def counts_of(source: StoreReader, key: EpisodeKey) -> EpisodeCounts:
    """Return what an episode's rows add up to; they are read again only when more have come in."""
    stamp = (source.path, key, source.episode_stamp(key.session, key.participant, key.match, key.episode))
    if stamp not in _COUNTED:
        _COUNTED[stamp] = columns_of(source, key).counts
    return _COUNTED[stamp]


_COUNTED: dict[Any, EpisodeCounts] = {}
"""A few numbers for each episode there is, so all are kept."""


def _gathered(source: StoreReader, key: EpisodeKey) -> EpisodeColumns:
    parity: dict[str, set[str]] = {}
    local: dict[str, set[str]] = {}
    chain, next_frame, gaps, counts = None, 0, [], EpisodeCounts()
    left_out: dict[str, int] = {}
    for batch, skip in batches_of(source, key):
        counts = counts.plus(counts_of_batch(batch["count"], batch["local"], skip))
        for part, found in (("parity", parity), ("local", local)):
            for name, series in batch[part].items():
                found.setdefault(name, set()).update(kinds_in(series))
        chain = batch.get("chain")
        left_out |= batch.get("left_out", {})
        if batch["first"] > next_frame:
            gaps.append((next_frame, batch["first"] - next_frame))
        next_frame = batch["first"] + batch["count"]
    shared = sorted(parity.keys() - {"episode", "frame", "time_s"}, key=natural_key)
    fps, players = _match_facts(source, key)
    kinds: dict[str, set[str]] = (
        {name: parity[name] for name in shared} | _GIVEN | {name: {"string"} for name in players}
    )
    kinds |= {f"local.{name}": found for name, found in local.items()}
    return EpisodeColumns(
        tuple(shared), tuple(sorted(local)), fps, players, kinds, chain, tuple(gaps), left_out, counts=counts
    )


REMEMBERED = 16
_REMEMBERED: dict[Any, EpisodeColumns] = {}


def _match_facts(source: StoreReader, key: EpisodeKey) -> tuple[float | None, dict[str, str]]:
    """The frame rate of the scene (None where frames wait for the players), and who held each player slot."""
    row = source.session(key.session)
    fps: float | None = fps_of(row, key.scene) if row else DEFAULT_FPS
    if row and scene_options(row.experiment, key.scene).get("gameplay", {}).get("pace") == "on_input":
        fps = None
    held = {f"player_participants.{entry['player']}": entry.get("participant") for entry in _seats(source, key)}
    return fps, {name: str(who) for name, who in sorted(held.items()) if who is not None}


def _seats(source: StoreReader, key: EpisodeKey) -> list[dict[str, Any]]:
    formed = next(iter(source.records(key.session, kinds=("match_formed",), match=key.match)), None)
    return list(formed.body.get("players", ())) if formed else []


def fps_of(row: SessionRow, scene: str) -> float:
    """Return the frame rate of a scene."""
    options = scene_options(row.experiment, scene)
    return float(options.get("rendering", {}).get("fps") or DEFAULT_FPS)


def rows_of(source: StoreReader, key: EpisodeKey, columns: EpisodeColumns) -> Iterator[list[Any]]:
    """Yield one list per confirmed frame, in the order of `columns.names`; a frame stored twice comes once."""
    for batch, skip in batches_of(source, key):
        parity = [batch["parity"].get(name) for name in columns.parity]
        local = [batch["local"].get(name) for name in columns.local]
        for offset in range(skip, batch["count"]):
            frame = batch["first"] + offset
            shared = (None if series is None else series[offset] for series in parity)
            own = (None if series is None else series[offset] for series in local)
            head = (*columns.own.values(), key.episode, frame, columns.time_s(frame))
            yield [*head, *shared, *columns.players.values(), *own]


def input_counts(source: StoreReader, key: EpisodeKey) -> dict[str, int]:
    """Return how many confirmed inputs each player has in an episode."""
    counts: dict[str, int] = {}
    for batch, skip in batches_of(source, key):
        for player, series in batch["inputs"].items():
            counts[str(player)] = counts.get(str(player), 0) + len(series[skip:])
    return counts

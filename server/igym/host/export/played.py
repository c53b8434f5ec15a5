"""Every episode of every member: what was told of its end, held against the rows that are there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from igym.host.export.join_keys import Place, place_of
from igym.host.store.store_reader import StoredRecord, StoreReader

KINDS = ("episode_started", "episode_ended", "episode_reported")


@dataclass
class Played:
    """One member's episode. Times are unix seconds; `frames` is how many different frames are stored."""

    participant: str
    match: str
    scene: str
    episode: int
    frames: int = 0
    is_erased: bool = False
    """Its rows were there and are no longer: only what was told of it counts."""
    started_at: float | None = None
    ended_at: float | None = None
    end: Place | None = None
    """Where its end stands in the log: conditions that were given later belong to what followed."""
    told: dict[str, Any] = field(default_factory=dict)
    """How it ended, in the words of the member's browser where that said so, otherwise of the session."""

    @property
    def partial(self) -> bool:
        """Broken off, or rows of it are missing."""
        if not self.told:
            return True
        return bool(self.told.get("partial")) or (not self.is_erased and self.frames < int(self.told.get("frames", 0)))

    @property
    def reason(self) -> str | None:
        """Why it ended; None while it runs."""
        return self.told.get("reason")

    def score_of(self, agent: str | None) -> float | None:
        """What the agent scored, when the episode's end was told with scores."""
        return (self.told.get("scores") or {}).get(agent)


def played_of(source: StoreReader, session: str) -> list[Played]:
    """Return the episodes of which rows are stored or an end was told, in the order in which they began."""
    found: dict[tuple[str, str, int], Played] = {}
    erased = _erased(source, session)
    for record in source.records(session, kinds=KINDS):
        _take(found, record)
    for participant, match, scene, episode, frames in source.frames_stored(session):
        played = found.setdefault((participant, match, episode), Played(participant, match, scene, episode))
        played.frames = frames
    for played in found.values():
        played.is_erased = erased is True or played.participant in (erased or ())
    # One that was only begun left nothing behind.
    return [played for played in found.values() if played.frames or played.told]


def _erased(source: StoreReader, session: str) -> set[str] | bool:
    row = source.session(session)
    if row is not None and row.erased_at is not None:
        return True
    withdrawn = source.records(session, kinds=("withdrawn",))
    return {str(record.participant) for record in withdrawn if record.body.get("erase")}


def _take(found: dict[tuple[str, str, int], Played], record: StoredRecord) -> None:
    if record.body.get("erased"):
        return
    who, match, episode = str(record.participant), str(record.match), int(record.body.get("episode", 0))
    played = found.setdefault((who, match, episode), Played(who, match, str(record.scene), episode))
    if record.kind == "episode_started":
        played.started_at = record.at if played.started_at is None else played.started_at
        return
    if record.kind == "episode_ended" and played.end is None:
        played.end = place_of(record)
    # What the browser says itself, if late, is better than that the match was over.
    if not played.told or not record.body.get("partial"):
        played.ended_at, played.told = record.at, record.body

"""Members of a match who recorded less of an episode than others, and what the session knows about why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from igym.host.store.store_reader import StoredRecord, StoreReader


@dataclass(frozen=True)
class Absence:
    """`from_frame`: the first frame this member has no row of. `why` is None when nothing explains it."""

    participant: str
    from_frame: int
    why: str | None
    stand_in: bool
    """A bot or the default action had taken over: nothing more was to be recorded."""

    @property
    def is_missing(self) -> bool:
        """Nothing at all is there of somebody who should have played."""
        return self.from_frame == 0 and not self.stand_in


def absences(source: StoreReader, session: str, match: str, episode: int, frames: Mapping[str, int]) -> list[Absence]:
    """`frames`: participant → rows they have of this episode; those seated in the match and not in it have none."""
    records = list(source.records(session, kinds=("match_formed", "substituted", "match_ended"), match=match))
    seated = [player.get("participant") for record in records if record.kind == "match_formed"
              for player in record.body.get("players", ())]  # fmt: skip
    most = max(frames.values(), default=0)
    return [
        _absence(records, who, episode, frames.get(who, 0))
        for who in dict.fromkeys([*seated, *frames])
        if who and frames.get(who, 0) < most
    ]


def _absence(records: list[StoredRecord], who: str, episode: int, frames: int) -> Absence:
    for record in records:
        if record.kind == "substituted" and record.participant == who and record.body.get("episode", -1) <= episode:
            by = {"bot": "a bot", "default": "the default action"}.get(str(record.body.get("by")), "somebody")
            return Absence(who, frames, f"{by} took over ({record.body.get('reason', '')})", True)
    ended = next((record.body for record in records if record.kind == "match_ended"), None)
    return Absence(who, frames, _early_end(ended, episode), False)


def _early_end(ended: dict[str, Any] | None, episode: int) -> str | None:
    """An episode that was broken off: what was under way then did not come in."""
    if ended is None or ended.get("reason") == "complete" or episode < int(ended.get("episode", 0)):
        return None
    return f"the match ended early ({ended.get('reason', '')})"

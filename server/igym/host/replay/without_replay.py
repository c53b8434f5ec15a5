"""What was played of which a data folder holds no replay, and why: files alone would say that nobody ever played."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from igym.host.export.selection import Selection, kind_of
from igym.host.store.postgres.place import has_data
from igym.host.store.store_reader import SessionRow, StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import counted

EpisodeId = tuple[str, str, int]
"""Session, match, number of the episode."""


@dataclass(frozen=True)
class WithoutReplay:
    """`simulated`: episodes that the files of a study leave out; `erased`: matches of which no row is left;
    `unwritten`: episodes that an export would write."""

    simulated: int = 0
    erased: int = 0
    unwritten: int = 0

    def told(self) -> list[str]:
        """A sentence for each reason there is."""
        found: list[str] = []
        if self.simulated:
            found.append(
                counted(
                    self.simulated,
                    "{n} episode of simulated participants is left out of the files: nobody played it, so it proves "
                    "nothing about the game.",
                    "{n} episodes of simulated participants are left out of the files: nobody played them, so they "
                    "prove nothing about the game.",
                )
            )
        if self.erased:
            found.append(
                counted(
                    self.erased,
                    "Nothing is left of {n} match: the data of those who played it were erased.",
                    "Nothing is left of {n} matches: the data of those who played them were erased.",
                )
            )
        if self.unwritten:
            found.append(
                counted(
                    self.unwritten,
                    "{n} episode has no replay here yet: igym export writes it.",
                    "{n} episodes have no replay here yet: igym export writes them.",
                )
            )
        return found


def without_replay(folder: Path, session: str | None = None, known: Set[EpisodeId] = frozenset()) -> WithoutReplay:
    """Of one session or all in a data folder; `known`: of these there are replays. Without its database: nothing."""
    if not has_data(folder / DATABASE):
        return WithoutReplay()
    with StoreReader(folder / DATABASE) as everyone:
        found = [_of(everyone, row, known) for row in everyone.sessions() if session in (None, row.id)]
    return WithoutReplay(
        sum(one.simulated for one in found), sum(one.erased for one in found), sum(one.unwritten for one in found)
    )


def _of(everyone: StoreReader, row: SessionRow, known: Set[EpisodeId]) -> WithoutReplay:
    stored = {(match, episode) for _, match, episode, _ in everyone.episodes(row.id)}
    _, alone = Selection(everyone, kind_of(everyone, row.id)).left_out(row.id)
    lacking = [match for match, episode in stored if (row.id, match, episode) not in known]
    simulated = sum(match in alone for match in lacking)
    erased = _erased_matches(everyone, row) - {match for match, _ in stored}
    return WithoutReplay(simulated, len(erased), len(lacking) - simulated)


def _erased_matches(everyone: StoreReader, row: SessionRow) -> set[str]:
    """Those somebody played in whose rows were erased."""
    withdrawn = everyone.records(row.id, kinds=("withdrawn",))
    gone = {record.participant for record in withdrawn if record.body.get("erase")}
    return {
        str(formed.match)
        for formed in everyone.records(row.id, kinds=("match_formed",))
        if row.erased_at is not None or gone & {player.get("participant") for player in formed.body.get("players", ())}
    }

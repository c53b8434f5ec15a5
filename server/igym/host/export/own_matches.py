"""The matches of one person in one scene: several when a match failed, or when the scene was started anew."""

from __future__ import annotations

from igym.host.export.episodes import EpisodeKey
from igym.host.store.store_reader import StoreReader


def match_suffix(source: StoreReader, session: str, key: EpisodeKey) -> str:
    """Tells apart the recordings of a person's matches in a scene: the first has no suffix, then `_m2`, `_m3`, ….

    A match counts from its first stored row on, so a name never changes once a file can have it, and no match without
    rows takes one.
    """
    recorded = source.recorded_matches(session, key.participant, key.scene)
    order = recorded.index(key.match)
    return f"_m{order + 1}" if order else ""

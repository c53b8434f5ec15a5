"""Where things are in Redis: `study` is the name of the study's tables, so that several studies share a server."""

from __future__ import annotations

PREFIX = "igym"
LEADERS = f"{PREFIX}:*:leader"


def leader_key(study: str) -> str:
    """Says who leads the session."""
    return f"{PREFIX}:{study}:leader"


def study_of(leader: str) -> str:
    """The study whose leader's key this is."""
    return leader.removeprefix(f"{PREFIX}:").removesuffix(":leader")


def to_core(study: str, epoch: int) -> str:
    """The stream of what all edges say to the core of this turn."""
    return f"{PREFIX}:{study}:core:{epoch}"


def to_edge(study: str, epoch: int, edge: str) -> str:
    """The stream of what that core says to one edge."""
    return f"{PREFIX}:{study}:edge:{epoch}:{edge}"


def relay_channel(study: str, edge: str) -> str:
    """Packets of links for people at one edge, which links repeat when they are lost."""
    return f"{PREFIX}:{study}:relay:{edge}"

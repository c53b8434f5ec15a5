"""What the engine tells an env's process about its match, out of the session's state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from igym.core.match import Match
from igym.core.session import Session
from igym.host.hostenv.interrupted import interrupted_episode
from igym.host.studies.env_bridge import bridge_config, controls_of, input_counts

LOAD_LIMIT_S = 60.0


@dataclass(frozen=True)
class RunFacts:
    """One match to be played: `order` opens the talk with its process; `fixed` never changes while it runs."""

    order: dict[str, Any]
    limits: dict[str, float]
    inputs: dict[int, int]
    """Player → how many inputs they can make."""
    fps: float
    countdown_s: float
    visits: dict[str, int]
    over: bool = False
    """Every episode was played to its end before: nothing is left to play."""


def run_facts(session: Session, match: Match, database: Path, session_id: str) -> RunFacts:
    """Reads the database when the match was interrupted; blocks, run it off the event loop."""
    scene = session.state.game(match.spec_id)
    spec = scene.client_spec()
    episode = _episode(session, match)
    interrupted = interrupted_episode(database, session_id, match.id, episode, _staying(match))
    limits = {
        "load": LOAD_LIMIT_S,
        "reset": scene.runtime_options.reset_limit_s,
        "step": scene.runtime_options.step_limit_s,
    }
    order = {
        "match": match.id,
        "scene": match.scene_id,
        "spec": spec,
        "config": _config(session, match, spec),
        "limits": limits,
        "episode": episode,
        "allowed": match.allowed,
        "scores": _earlier_scores(session, match, episode),
        "interrupted": interrupted,
        "kept": {"data": str(database.parent), "session": session_id},
    }
    people = session.state.participants
    visits = {member: visit.number for member in match.members if (visit := people[member].visit) is not None}
    return RunFacts(
        order, limits, _inputs(match, spec), float(spec["rendering"]["fps"]),
        float(spec["gameplay"]["countdown_s"]), visits, over=episode >= int(spec["gameplay"]["num_episodes"]),
    )  # fmt: skip


def _inputs(match: Match, spec: dict[str, Any]) -> dict[int, int]:
    counts = {seat.player: input_counts(controls_of(spec["gameplay"], seat.agent)) for seat in match.seats}
    return {player: count for player, (_, count) in counts.items()}


def _staying(match: Match) -> list[str]:
    return [seat.participant for seat in match.remaining]


def _episode(session: Session, match: Match) -> int:
    """The first episode that nobody has finished."""
    episode = match.episode
    reports = [session.state.ledger.report(member, match.id, episode) for member in match.members]
    return episode + 1 if any(report is not None for report in reports) else episode


def _earlier_scores(session: Session, match: Match, episode: int) -> dict[str, float]:
    totals: dict[str, float] = {}
    for earlier in range(episode):
        reports = (session.state.ledger.report(member, match.id, earlier) for member in match.members)
        report = next((report for report in reports if report is not None), None)
        for agent, score in (report.scores if report else {}).items():
            totals[agent] = totals.get(agent, 0.0) + score
    return totals


def _config(session: Session, match: Match, spec: dict[str, Any]) -> dict[str, Any]:
    agents = [seat.agent for seat in match.seats]
    return bridge_config(spec, agents, match.seed, _shared(session, match), match.fixed)


def _shared(session: Session, match: Match) -> dict[str, Any]:
    """What code after each step finds as `igym_globals`: the one player's own, or agent → its player's."""
    people = session.state.participants
    if match.is_solo:
        return dict(people[match.members[0]].globals)
    return {seat.agent: dict(people[seat.participant].globals) for seat in match.seats}

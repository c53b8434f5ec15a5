"""What rules of branches and rounds may look at, as it stands in a session now."""

from typing import Any

from igym.core.participant import Participant
from igym.core.state import State
from igym.experiment.rules import Facts


def of(state: State, person: Participant) -> Facts:
    """Everything known about a person."""
    return Facts(person.answers, person.globals, person.conditions, person.draws, scores_of(state, person))


def scores_of(state: State, person: Participant) -> dict[str, float]:
    """Scene → what their own agent scored there, all episodes of a game together."""
    scores: dict[str, float] = {}
    for episode in episodes_of(state, person):
        if episode["agent"] in episode["scores"]:
            scene = str(episode["scene"])
            scores[scene] = scores.get(scene, 0.0) + float(episode["scores"][episode["agent"]])
    return scores


def episodes_of(state: State, person: Participant) -> list[dict[str, Any]]:
    """Every episode the person's browser reported, oldest first: ``{match, scene, agent, episode, frames, …}``."""
    found = []
    for match in (state.matches[known] for known in state.roster.matches.get(person.id, ())):
        seat = match.seat_of(person.id)
        for episode in state.ledger.episodes(match.id) if seat else ():
            report = state.ledger.report(person.id, match.id, episode)
            if seat and report:
                where = {"match": match.id, "scene": match.scene_id, "agent": seat.agent, "episode": episode}
                found.append(where | {"frames": report.frames, "reason": report.reason, "scores": dict(report.scores)})
    return found

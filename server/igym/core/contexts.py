"""What researcher's functions are told: plain JSON values."""

from typing import Any

from igym.core import facts, plans
from igym.core.match import Match
from igym.core.participant import Participant
from igym.core.state import State


def person_context(state: State, person: Participant) -> dict[str, Any]:
    """What every researcher's function is told about a participant: plain JSON values."""
    return {
        "participant": person.id,
        "label": person.label,
        "seat": person.seat,
        "language": person.language,
        "params": dict(person.params),
        "state": str(person.state),
        "scene": person.visit.scene_id if person.visit else None,
        "base_id": plans.base_id(person, person.visit.scene_id) if person.visit else None,
        "visit": person.visit.number if person.visit else None,
        "globals": dict(person.globals),
        "attributes": dict(person.attributes),
        "answers": {scene: dict(values) for scene, values in person.answers.items()},
        "conditions": dict(person.conditions),
        "scores": facts.scores_of(state, person),
        "checks": {scene: dict(check) for scene, check in person.checks.items()},
        "rtt_ms": person.rtt_ms,
        "browser": person.browser.model_dump() if person.browser else None,
    }


def match_context(match: Match) -> dict[str, Any]:
    return {
        "match": match.id,
        "scene": match.scene_id,
        "episode": match.episode,
        "frame": match.frame,
        "reason": match.reason,
        "players": [
            {"player": seat.player, "agent": seat.agent, "participant": seat.participant} for seat in match.seats
        ],
        "bots": list(match.bots),
    }

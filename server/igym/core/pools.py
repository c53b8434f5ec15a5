"""Which bot of a pool plays an agent: drawn when a match is formed, then kept."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from igym.core.match import Match
from igym.core.turn import Turn
from igym.experiment.policies import Pool
from igym.experiment.scenes import GymScene

if TYPE_CHECKING:
    from random import Random


def settle(turn: Turn, scene: GymScene, match: Match) -> dict[str, Any]:
    """``{pools, pool_names}``: agent → place in its pool for each episode, and its name there; {} without pools."""
    pools, names = {}, {}
    for agent, policy in scene.policies_options.mapping.items():
        if isinstance(policy, Pool) and str(agent) in match.bots:
            rng = turn.state.make_rng(f"pool {match.id} {agent}")
            played = _played(turn, match.spec_id, str(agent)) if policy.balanced else None
            episodes = scene.gameplay_options.num_episodes if policy.per == "episode" else 1
            pools[str(agent)] = [_one(policy, played, rng) for _ in range(episodes)]
            _count(turn, match.spec_id, str(agent), pools[str(agent)], 1)
            names[str(agent)] = [policy.names[index] for index in pools[str(agent)]]
    return {"pools": pools, "pool_names": names} if pools else {}


def _played(turn: Turn, spec_id: str, agent: str) -> Counter[int]:
    """How often each of the pool was drawn in this game's matches, those left out that never began."""
    return Counter(turn.state.roster.bots.get(spec_id, {}).get(agent, {}))


def give_back(turn: Turn, match: Match) -> None:
    """The match is over and never began: what was drawn for it counts for nothing."""
    for agent, places in match.fixed.get("pools", {}).items():
        _count(turn, match.spec_id, agent, places, -1)


def _count(turn: Turn, spec_id: str, agent: str, places: list[int], by: int) -> None:
    counts = turn.state.roster.bots.setdefault(spec_id, {}).setdefault(agent, {})
    for place in places:
        counts[place] = counts.get(place, 0) + by


def _one(pool: Pool, played: Counter[int] | None, rng: "Random") -> int:
    """The next draw; ``played`` counts it, so that a match's own episodes are balanced too."""
    places = range(len(pool.policies))
    if played is None:
        return rng.choice(places)
    fewest = min(played[place] for place in places)
    drawn = rng.choice([place for place in places if played[place] == fewest])
    played[drawn] += 1
    return drawn

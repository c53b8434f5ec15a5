"""Who sits where in a match, and what each member's browser is told about it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

from igym.core.match import Match, Seat
from igym.core.participant import Participant
from igym.core.state import State
from igym.experiment.scenes import GymScene
from igym.protocol.server import Ice, MatchPlayer, MatchSpec

if TYPE_CHECKING:
    from random import Random

SPECTATOR = "spectator"
"""Agent of the one person in a scene in which only bots act."""
MAX_AUTO_DELAY_FRAMES = 8


def assign(
    scene: GymScene,
    people: list[tuple[Participant, float]],
    rng: Random,
    fill_with_bots: bool,
    wanted: Mapping[str, str],
) -> tuple[list[Seat], list[str]]:
    """Chance decides who gets which seat, but for those in ``wanted`` (participant → agent).

    Seats left empty become bots when ``fill_with_bots``.

    Players are numbered from 0 without a gap whatever seats are empty: browsers know them by their place in a list.
    """
    agents = [str(agent) for agent in scene.policies_options.humans] or [SPECTATOR]
    order = rng.sample(people, len(people))
    places = sorted(rng.sample(range(len(agents)), len(people))) if fill_with_bots else list(range(len(agents)))
    if wanted:
        places, order = _as_wanted(agents, places, order, wanted)
    taken = [agents[place] for place in places]
    seats = [
        Seat(player, agent, person.id, since)
        for player, (agent, (person, since)) in enumerate(zip(taken, order, strict=True))
    ]
    empty = [agent for agent in agents if agent not in taken]
    return seats, [*(str(agent) for agent in scene.policies_options.bots), *empty]


def _as_wanted(
    agents: list[str], places: list[int], order: list[tuple[Participant, float]], wanted: Mapping[str, str]
) -> tuple[list[int], list[tuple[Participant, float]]]:
    """The same places and people, those first who want one; of several who want the same, the first gets it."""
    at: dict[int, tuple[Participant, float]] = {}
    for member in order:
        agent = wanted.get(member[0].id)
        if agent in agents:
            at.setdefault(agents.index(agent), member)
    seated = {member[0].id for member in at.values()}
    left = [place for place in [*places, *range(len(agents))] if place not in at]
    at |= dict(zip(dict.fromkeys(left), [member for member in order if member[0].id not in seated], strict=False))
    return sorted(at), [at[place] for place in sorted(at)]


def resolved_options(state: State, scene: GymScene, match: Match, fill_with_bots: bool) -> dict[str, Any]:
    """What all browsers of the match must share and the scene alone does not say."""
    options = scene.multiplayer_options
    delay = options.input_delay_frames
    if delay == "auto":
        delay = auto_delay_frames(scene.rendering_options.fps, worst_rtt_ms(state, match.members))
    fixed: dict[str, Any] = {"input_delay_frames": delay}
    if fill_with_bots:
        bot = scene.waitroom_options.timeout_bot.model_dump(mode="json")
        own = {str(agent) for agent in scene.policies_options.bots}
        fixed["bot_policies"] = {agent: bot for agent in match.bots if agent not in own}
    return fixed


def auto_delay_frames(fps: int, rtt_ms: float | None) -> int:
    """Half a round trip in frames: inputs then usually arrive before they are needed."""
    return 0 if rtt_ms is None else min(MAX_AUTO_DELAY_FRAMES, math.ceil(rtt_ms / 2 / (1000 / fps)))


def worst_rtt_ms(state: State, members: list[str]) -> float | None:
    """The slowest pair: as probed, or else the sum of both round trips to the host."""
    rtts = (_pair_rtt_ms(state, *pair) for pair in combinations(members, 2))
    return max((rtt for rtt in rtts if rtt is not None), default=None)


def _pair_rtt_ms(state: State, a: str, b: str) -> float | None:
    known, rtt_ms = state.probe_memory.measured(frozenset((a, b)), 0.0)
    if known and rtt_ms is not None:
        return rtt_ms
    own = [state.participants[member].rtt_ms for member in (a, b)]
    return None if None in own else sum(rtt for rtt in own if rtt is not None)


def as_json(match: Match) -> list[dict[str, Any]]:
    return [{"player": seat.player, "agent": seat.agent, "participant": seat.participant} for seat in match.seats]


def match_spec(state: State, scene: GymScene, match: Match, seat: Seat) -> MatchSpec:
    """The match as this member sees it; other people's names stay theirs."""
    return MatchSpec(
        id=match.id,
        seed=match.seed,
        me=seat.player,
        players=[MatchPlayer(player=other.player, agent=other.agent) for other in match.seats],
        bots=list(match.bots),
        episode=match.episode,
        begun=match.armed and not match.on_host,
        ice=Ice.model_validate(state.ice) if state.ice else Ice(),
        transport=scene.multiplayer_options.transport,
        fixed=dict(match.fixed),
        keys=shared_keys(state, match, seat),
    )


def shared_keys(state: State, match: Match, seat: Seat) -> dict[str, str]:
    """What this member's browser marks its inputs with: player → 128 bits that those two alone know, as hex.

    They come from the session's own seed, so that a page loaded anew, or a host started anew, has the same.
    """
    if len(match.seats) < 2 or match.on_host:
        return {}
    pairs = {other.player: sorted((seat.player, other.player)) for other in match.seats}
    return {str(other): f"{_pair_key(state, match, *pair):032x}" for other, pair in pairs.items()}


def _pair_key(state: State, match: Match, low: int, high: int) -> int:
    return state.make_rng(f"key {match.id} {low} {high}").getrandbits(128)

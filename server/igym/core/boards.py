"""Results against those of others: what each person has scored so far, and where they stand."""

from typing import Any

from igym.core import plans
from igym.core.match import Match
from igym.core.participant import Participant
from igym.core.places import PersonState
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.fill_in import shown
from igym.experiment.scenes import LeaderboardScene

_OUT = frozenset({PersonState.EXCLUDED, PersonState.WITHDRAWN})


def add(state: State, match: Match, person: Participant, scores: dict[str, float]) -> None:
    """An episode of this person is over; the game counts under its id in the experiment, whatever the round."""
    seat = match.seat_of(person.id)
    if seat is not None and seat.agent in scores:
        totals = state.totals.setdefault(match.spec_id, {})
        totals[person.id] = totals.get(person.id, 0.0) + float(scores[seat.agent])


def follow(turn: Turn, match: Match) -> None:
    """Who sees the people of this match already sees this score, too: they do not all come to its end at once."""
    for who in match.members:
        person = turn.state.participants[who]
        step = plans.step(person)
        visit = person.visit
        scene = turn.state.scenes.get(step.scene) if step is not None else None
        if not isinstance(scene, LeaderboardScene) or visit is None or visit.board is None:
            continue
        group = turn.state.groups.last(who)
        if scene.among == "group" and group is not None and group.match_id == match.id:
            visit.board = draw_up(turn, person, scene)
            turn.show(person)


def draw_up(turn: Turn, person: Participant, scene: LeaderboardScene) -> dict[str, Any]:
    """Where everybody stands now: `{lines, rank, of}`. It stays so for this visit, and is written down."""
    visit = person.visit
    assert visit is not None
    ranked = _ranked(turn.state, person, scene)
    own = next((line for line in ranked if line[1] == person.id), None)
    told = ranked[: scene.most] + ([own] if own is not None and own not in ranked[: scene.most] else [])
    turn.record(
        "leaderboard",
        person,
        visit=visit.number,
        rank=own[0] if own is not None else None,
        of=len(ranked),
        score=own[2] if own is not None else None,
        lines=[{"rank": rank, "participant": who, "score": score} for rank, who, score in told],
    )
    lines = [
        {"rank": rank, "name": _name(turn.state, scene, who), "score": shown(score), "mine": who == person.id}
        for rank, who, score in told
    ]
    return {"lines": lines, "rank": own[0] if own is not None else None, "of": len(ranked)}


def _ranked(state: State, person: Participant, scene: LeaderboardScene) -> list[tuple[int, str, float]]:
    """(rank, participant, score), the best first; equal scores share a rank."""
    scores = _scores(state, _among(state, person, scene), scene.game)
    ordered = sorted(scores.items(), key=lambda item: item[1], reverse=scene.best == "highest")
    ranks: dict[float, int] = {}
    for place, (_, score) in enumerate(ordered, start=1):
        ranks.setdefault(score, place)
    return [(ranks[score], who, score) for who, score in ordered]


def _scores(state: State, people: set[str] | None, game: str | None) -> dict[str, float]:
    totals = [state.totals.get(game, {})] if game is not None else state.totals.values()
    found: dict[str, float] = {}
    for of_game in totals:
        for who, score in of_game.items():
            if (people is None or who in people) and state.participants[who].state not in _OUT:
                found[who] = found.get(who, 0.0) + score
    return found


def _among(state: State, person: Participant, scene: LeaderboardScene) -> set[str] | None:
    """With whom the person is compared; None: with everybody of the session."""
    if scene.among == "group":
        group = state.groups.last(person.id)
        return {person.id, *(group.members if group is not None else ())}
    if scene.among == "condition":
        known = {who for of_game in state.totals.values() for who in of_game}
        return {who for who in known if state.participants[who].conditions == person.conditions}
    return None


def _name(state: State, scene: LeaderboardScene, who: str) -> str:
    return (state.participants[who].label or "") if scene.names == "label" else ""

"""Nobody waits for the order of someone who is gone: those who have seen nothing of theirs yet take another's."""

from collections.abc import Iterable
from dataclasses import dataclass

from igym.core import conditions, plans, scenes
from igym.core.participant import ENDINGS, ConnectionState, Participant
from igym.core.places import GoTo, InRoom
from igym.core.state import State
from igym.core.turn import Turn
from igym.experiment.design import NODE
from igym.experiment.plan import Draw
from igym.protocol.told import Told


@dataclass(frozen=True, eq=False)
class _Member:
    """Someone who is still to be matched inside a draw made per group."""

    person: Participant
    outcome: str
    seen: bool
    """A scene inside was shown already, other than the game they wait for: the order is theirs for good."""

    @property
    def waits(self) -> bool:
        return isinstance(self.person.place, InRoom) and self.person.is_here


def wake(turn: Turn) -> None:
    """Look as soon as the present event is handled; without orders per group there is nothing to see."""
    if plans.group_sizes(turn.state):
        turn.state.deadlines.set("pool", "", turn.now)


def on_pool(turn: Turn, subject: str) -> None:
    """The rule ``pool``: complete groups out of people who would otherwise wait for each other in different places."""
    sizes = plans.group_sizes(turn.state)
    for node in sorted({draw.node for person in plans.under_way(turn.state) for draw in _group_draws(person)}):
        size = plans.size_of(node, sizes)
        # Those who wait at the same point first: they can play at once, whoever else is still on the way.
        for only_waiting in (True, False):
            while moves := _moves(_members(turn.state, node, only_waiting=only_waiting), size):
                for person, outcome in moves:
                    _give(turn, person, node, outcome)


def _group_draws(person: Participant) -> Iterable[Draw]:
    return (draw for draw in person.plan.draws if draw.per == "group") if person.plan else ()


def _members(state: State, node: str, *, only_waiting: bool) -> list[_Member]:
    found = (_member(person, node) for person in plans.under_way(state))
    return [member for member in found if member is not None and (member.waits or not only_waiting)]


def _member(person: Participant, node: str) -> _Member | None:
    outcome = person.draws.get(node)
    key = f"{node}={outcome}"
    if person.plan is None or outcome is None or key in person.matched_keys:
        return None
    if person.state in ENDINGS or person.connection is ConnectionState.LOST:
        return None
    inside = [at for at, step in person.plan.places() if key in step.group_key.split(";")]
    here = person.position or (0,)
    if not inside or here > inside[-1]:
        return None
    waits_at_first = here == inside[0] and isinstance(person.place, InRoom)
    return _Member(person, outcome, seen=here >= inside[0] and not waits_at_first)


def _moves(members: list[_Member], size: int) -> list[tuple[Participant, str]]:
    """Who takes which order, so that one more group is complete; nobody moves for less."""
    left = {outcome: people for outcome in {m.outcome for m in members} if (people := _left(members, outcome, size))}
    if len(left) < 2:
        return []

    def worth(outcome: str) -> tuple[int, int, int]:
        people = left[outcome]
        return sum(m.seen for m in people), len(people), -min(m.person.number for m in people)

    target = max(left, key=worth)
    others = (m for outcome, people in left.items() if outcome != target for m in people if not m.seen)
    movable = sorted(others, key=lambda member: member.person.number)
    lacking = size - len(left[target])
    return [(member.person, target) for member in movable[:lacking]] if len(movable) >= lacking else []


def _left(members: list[_Member], outcome: str, size: int) -> list[_Member]:
    """Those beyond the complete groups of an order; who can still take another is left over first."""
    people = sorted((m for m in members if m.outcome == outcome), key=lambda m: (not m.seen, m.person.number))
    return people[len(people) - len(people) % size :]


def _give(turn: Turn, person: Participant, node: str, outcome: str) -> None:
    waits = isinstance(person.place, InRoom)
    design = turn.state.experiment.assigned
    if design is not None and node == NODE:
        conditions.give(turn, person, design.cell(outcome))
    else:
        plans.draw(turn, person, person.draws | {node: outcome})
    if waits:
        scenes.leave_for(turn, person, GoTo(person.position), Told("joins others"))

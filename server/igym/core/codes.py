"""Completion codes."""

from igym.core.limits import CODE_ALPHABET
from igym.core.participant import Participant
from igym.core.turn import Turn


def draw(turn: Turn, person: Participant, purpose: str, length: int) -> str:
    """The same participant and purpose always give the same code."""
    rng = turn.state.make_rng(f"code {person.number} {purpose}")
    return "".join(rng.choice(CODE_ALPHABET) for _ in range(length))


def give(turn: Turn, person: Participant, code: str) -> None:
    """Written down before anybody is shown it."""
    person.code = code
    turn.record("code_issued", person, code=code)

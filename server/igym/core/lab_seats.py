"""Lab computers: one person gets up and another sits down, and the browser stays the same."""

from igym.core import past, presence
from igym.core.participant import ConnectionState, Participant
from igym.core.state import State
from igym.core.turn import Turn
from igym.protocol.told import Told


def is_called(person: Participant, label: str) -> bool:
    return person.label is not None and person.label.casefold() == label.casefold()


def is_for_another(known: Participant, fixed: str | None, seat: str | None) -> bool:
    """Whoever sits here now is not the one before: they join as themselves, and see nothing of that one.

    Somebody else's link was opened in the same browser, or a lab computer's address, which names nobody, after its
    person was done.
    """
    if fixed is not None:
        return not is_called(known, fixed)
    return seat is not None and known.is_final


def is_in_doubt(known: Participant, fixed: str | None, seat: str | None, tab: str | None) -> bool:
    """Whoever opened a lab computer's address whose person had not finished is asked whether they are that person.

    ``tab``: of a page that was loaded again, which goes on by itself unless its person was long gone.
    """
    if seat is None or fixed is not None or known.tab is None:
        return False
    return tab != known.tab or known.connection is ConnectionState.LOST


def who_gives_way(state: State, token_hash: str | None, seat: str | None) -> Participant | None:
    """The person whose browser this is, at a seat where somebody says they are new."""
    known = state.participants.get(state.roster.tokens.get(token_hash or "", ""))
    return known if known is not None and seat is not None and not known.is_final else None


def make_way(turn: Turn, earlier: Participant, seat: str | None) -> None:
    """Somebody new sits there now. The one before is away from now on, and can be sent to another seat."""
    presence.went_away(turn, earlier, Told("somebody new at the seat"))
    past.token(turn.state, earlier, "")
    past.seat(turn.state, earlier, None)
    turn.record("seat_left", earlier, seat=seat)
    text = Told(
        "{person} had not finished at {seat} when somebody new began there. What they did is kept. "
        "If they want to go on, transfer them to a free seat.",
        person=earlier.name,
        seat=seat,
    )
    turn.problem("warning", Told("Somebody new at a seat"), text, person=earlier)

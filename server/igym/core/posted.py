"""What the researcher wrote to participants: it stays until it is read, also for those who come back."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from igym.core.participant import Participant
from igym.core.turn import Turn
from igym.protocol.server import Notice


@dataclass(slots=True)
class Posted:
    """``until`` is unix s, None: until OK. ``read``: person → when they pressed OK (unix s), None: not yet."""

    id: str
    at: float
    text: str
    until: float | None
    read: dict[str, float | None] = field(default_factory=dict)


def post(turn: Turn, people: Iterable[Participant], text: str, show_s: float | None) -> Posted:
    """Shows it to those who are here; the others get it when they come back."""
    identifier = f"m{turn.state.number('posted')}"
    posted = Posted(identifier, turn.now, text[:8000], None if show_s is None else turn.now + show_s)
    for person in people:
        posted.read[person.id] = None
        if person.is_here:
            turn.notify(person, _notice(posted))
    turn.state.posted[identifier] = posted
    return posted


def show_unread(turn: Turn, person: Participant) -> None:
    """To somebody whose page has just come; a page that still shows it shows it once."""
    for posted in turn.state.posted.values():
        waits = person.id in posted.read and posted.read[person.id] is None
        if waits and (posted.until is None or posted.until > turn.now):
            turn.notify(person, _notice(posted))


def on_read(turn: Turn, person: Participant, identifier: str) -> None:
    """Only those who were written to can have read it, and only once."""
    posted = turn.state.posted.get(identifier)
    if posted is not None and person.id in posted.read and posted.read[person.id] is None:
        posted.read[person.id] = turn.now
        turn.record("message_read", person, id=identifier)


def _notice(posted: Posted) -> Notice:
    until = None if posted.until is None else posted.until * 1000
    return Notice(id=posted.id, text=posted.text, expires_ms=until, receipt=True)

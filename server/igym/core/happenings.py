"""What rules tell each other: facts that have come true within a turn. ``journey`` says what follows from each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from igym.core.match import Match, Seat
from igym.core.participant import Participant
from igym.core.places import Place
from igym.core.waitroom import Ticket, Waitroom

HowEnded = Literal["complete", "failed", "early", "requeue", "session"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Base of all happenings."""


@dataclass(frozen=True, slots=True)
class Back(Happening):
    """The browser is there (again). ``fresh``: its page kept nothing of the running scene."""

    person: Participant
    fresh: bool


@dataclass(frozen=True, slots=True)
class Away(Happening):
    """The browser is gone or answers nothing."""

    person: Participant


@dataclass(frozen=True, slots=True)
class Greeted(Happening):
    """The page said hello and counts."""

    person: Participant


@dataclass(frozen=True, slots=True)
class GivenUp(Happening):
    """Away for too long, or never connected: whoever has seen their code is finished, the others are dropped."""

    person: Participant
    reason: str


@dataclass(frozen=True, slots=True)
class Screened(Happening):
    """The entry checks are done; ``reason`` names the one that failed."""

    person: Participant
    reason: str | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class PlaceLeft(Happening):
    """The person is not at this place any more; whoever was there with them has to know."""

    person: Participant
    place: Place
    reason: str
    partner_text: str = ""


@dataclass(frozen=True, slots=True)
class TicketEnded(Happening):
    """Somebody's place in a waitroom is free, for whatever reason."""

    room: Waitroom
    ticket: Ticket
    reason: str


@dataclass(frozen=True, slots=True)
class WaitedInVain(Happening):
    """Nobody came in time, or no more matches are tried."""

    person: Participant
    room: Waitroom


@dataclass(frozen=True, slots=True)
class GroupFound(Happening):
    """These people (with the time of their first arrival) have left the waitroom to play match ``number``."""

    number: int
    room: Waitroom
    people: tuple[tuple[Participant, float], ...]
    fill_with_bots: bool = False
    seats: Mapping[str, str] = field(default_factory=dict)
    """Participant → the agent they play, of those for whom chance does not decide."""


@dataclass(frozen=True, slots=True)
class LoadedAgain(Happening):
    """A member's page is ready while the match already runs."""

    match: Match
    seat: Seat


@dataclass(frozen=True, slots=True)
class MatchStarted(Happening):
    match: Match


@dataclass(frozen=True, slots=True)
class MatchFailed(Happening):
    """Before play: the match cannot begin. ``who`` are the participants it failed through."""

    match: Match
    reason: str
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpisodeStored(Happening):
    """An episode of one member is on disk to its end."""

    match: Match


@dataclass(frozen=True, slots=True)
class SeatOver(Happening):
    """This member's part of the match is done."""

    match: Match
    seat: Seat


@dataclass(frozen=True, slots=True)
class SeatReleased(Happening):
    """This member plays no more, while the match runs; ``text`` is for the others."""

    match: Match
    seat: Seat
    reason: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SeatTaken(Happening):
    """A bot or the default action acts for this member from now on."""

    match: Match
    seat: Seat


@dataclass(frozen=True, slots=True)
class MatchEnded(Happening):
    """The match is over for everybody. ``staying`` were still in it."""

    match: Match
    how: HowEnded
    staying: tuple[Seat, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Excluded(Happening):
    """A rule or the researcher takes the person out; partners are told with ``partner_text``.

    ``at_the_door``: the entry checks did, before the first scene.
    """

    person: Participant
    reason: str
    text: str = ""
    partner_text: str = ""
    at_the_door: bool = False
    failed_check: bool = False
    """A form's right answers were not given."""


@dataclass(frozen=True, slots=True)
class NoCondition(Happening):
    """Every cell of the design is full or closed for the person."""

    person: Participant


@dataclass(frozen=True, slots=True)
class Withdrew(Happening):
    """The person takes no further part; with ``erase`` their data go as well."""

    person: Participant
    reason: str
    erase: bool = False


@dataclass(frozen=True, slots=True)
class SessionEnding(Happening):
    """The researcher ends the session for everybody."""

"""One match: who sits where, which state may follow which, and what each member reported."""

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Any


class IllegalTransitionError(RuntimeError):
    """A rule tried to move someone or something where it cannot go from where it is."""


class MatchPhase(StrEnum):
    FORMING = "forming"
    CONNECTING = "connecting"
    VALIDATING = "validating"
    COUNTDOWN = "countdown"
    PLAYING = "playing"
    PAUSED = "paused"
    ENDED = "ended"


M = MatchPhase
BEFORE_PLAY = frozenset({M.FORMING, M.CONNECTING, M.VALIDATING, M.COUNTDOWN})

MATCH_TRANSITIONS: dict[MatchPhase, frozenset[MatchPhase]] = {
    M.FORMING: frozenset({M.CONNECTING, M.ENDED}),
    M.CONNECTING: frozenset({M.VALIDATING, M.ENDED}),
    M.VALIDATING: frozenset({M.COUNTDOWN, M.CONNECTING, M.ENDED}),
    M.COUNTDOWN: frozenset({M.PLAYING, M.CONNECTING, M.ENDED}),
    M.PLAYING: frozenset({M.PAUSED, M.ENDED}),
    M.PAUSED: frozenset({M.PLAYING, M.ENDED}),
    M.ENDED: frozenset(),
}


@dataclass(slots=True)
class Seat:
    """One player of a match. ``gone`` says why its person left; ``substitute`` who acts since then."""

    player: int
    agent: str
    participant: str
    arrived_at: float
    """When the person's ticket was first made; kept for a return to the waitroom."""
    ready: bool = False
    over: str | None = None
    gone: str | None = None
    substitute: str | None = None
    from_frame: int | None = None
    told_over: bool = False
    in_episode: bool = False
    """Whether this member's browser plays an episode, as far as it said."""
    moved_at: float = 0.0
    """When this member's browser last had a new frame, as far as the host heard."""
    told_frame: Any = None
    """The last confirmed frame it told of, only to be compared."""
    """The researcher's function for the end of the match was asked about this member."""

    @property
    def stays(self) -> bool:
        """The person is still in the match and has not finished it."""
        return self.gone is None and self.over is None


@dataclass(slots=True)
class PairLink:
    """What both ends say of their link; lost when either says so."""

    states: dict[int, str] = field(default_factory=dict)
    transport: str = ""
    rtt_ms: float | None = None

    @property
    def is_up(self) -> bool:
        return len(self.states) == 2 and set(self.states.values()) == {"up"}

    @property
    def is_lost(self) -> bool:
        return any(state != "up" for state in self.states.values())


@dataclass(slots=True)
class Match:
    id: str
    scene_id: str
    spec_id: str
    seed: int
    seats: list[Seat]
    bots: list[str]
    formed_at: float
    group: str | None = None
    phase: MatchPhase = MatchPhase.FORMING
    starts_at: float | None = None
    started_at: float | None = None
    ended_at: float | None = None
    reason: str = ""
    who: list[str] = field(default_factory=list)
    episode: int = 0
    frame: int = -1
    pauses: dict[str, float | None] = field(default_factory=dict)
    """Why it is paused → when that reason's limit ends (None: until someone resumes it)."""
    missing_since: dict[str, float] = field(default_factory=dict)
    """Cause of a pause → since when what it waits for is missing: one limit counts from there, whatever it is."""
    playing_since: float = 0.0
    """Since when it is played without a pause."""
    still: dict[int, float] = field(default_factory=dict)
    """Player who gets no new frames although the match is played → until when that is waited for."""
    links: dict[tuple[int, int], PairLink] = field(default_factory=dict)
    relay_asked: bool = False
    connecting_since: float = 0.0
    armed: bool = False
    """A countdown was announced: browsers may have begun though the server counts anew."""
    fixed: dict[str, Any] = field(default_factory=dict)
    """Options resolved for this match that all its browsers must share."""
    allowed: int | None = None
    """Episodes that may be played so far; None where the scene says how many there are."""
    enough: bool = False
    """What the scene goes on for is reached: nothing more is played."""
    asked_enough: bool = False
    on_host: bool = False
    """The env is stepped on the host: no links, and nothing about episodes is taken from browsers."""
    env_ready: bool = True
    """Whether the env on the host stands; always, where browsers step it."""

    def __post_init__(self) -> None:
        for a, b in combinations(sorted(seat.player for seat in self.seats), 2):
            self.links.setdefault((a, b), PairLink())

    def move(self, to: MatchPhase) -> None:
        """Change phase; to the present one is no transition. Raises ``IllegalTransitionError``."""
        if to is self.phase:
            return
        if to not in MATCH_TRANSITIONS[self.phase]:
            raise IllegalTransitionError(f"match {self.id}: {self.phase} → {to}")
        self.phase = to

    @property
    def is_over(self) -> bool:
        return self.phase is MatchPhase.ENDED

    @property
    def is_solo(self) -> bool:
        return len(self.seats) == 1

    @property
    def members(self) -> list[str]:
        return [seat.participant for seat in self.seats]

    @property
    def remaining(self) -> list[Seat]:
        """Seats whose people are still playing."""
        return [seat for seat in self.seats if seat.stays]

    def seat_of(self, participant: str) -> Seat | None:
        return next((seat for seat in self.seats if seat.participant == participant), None)

    def seat(self, player: int) -> Seat | None:
        return next((seat for seat in self.seats if seat.player == player), None)

    def link(self, a: int, b: int) -> PairLink | None:
        return self.links.get((min(a, b), max(a, b)))

    def pairs_missing(self) -> list[tuple[int, int]]:
        """Pairs of players whose link is not up on both ends."""
        return [pair for pair, link in self.links.items() if not link.is_up]

    def live_links(self) -> list[PairLink]:
        """Links between people who are still in the match."""
        players = {seat.player for seat in self.seats if seat.gone is None}
        return [link for pair, link in self.links.items() if players.issuperset(pair)]

    @property
    def done(self) -> list[int]:
        """Players whose browsers take no further part: they finished, or their person is gone."""
        return [seat.player for seat in self.seats if not seat.stays]

    @property
    def standing_still(self) -> str:
        """The cause as browsers are told it, empty without one."""
        told = self.phase is MatchPhase.PLAYING and self.still
        return " ".join(["still", *(str(player) for player in sorted(self.still))]) if told else ""

    @property
    def transport(self) -> str:
        """``"p2p"``, ``"relay"``, ``"turn"``, ``"mixed"``, ``"host"``, or empty before any link is up."""
        if self.on_host:
            return "host"
        used = {link.transport for link in self.links.values() if link.transport}
        return used.pop() if len(used) == 1 else ("mixed" if used else "")

    @property
    def substitutes(self) -> dict[str, str]:
        return {str(seat.player): seat.substitute for seat in self.seats if seat.substitute}

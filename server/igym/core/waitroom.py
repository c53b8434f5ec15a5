"""Where people wait for a scene: tickets in order of first arrival."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Ticket:
    """One person's place. ``since`` is the first arrival and survives failed matches and short absences."""

    participant: str
    since: float
    deadline: float
    probe: str | None = None
    relaxed: int = 0
    absent_since: float | None = None
    seat: str | None = None
    """The agent that the researcher's matchmaker has this person play."""
    down_s: float = 0.0
    """Of the time since then the engine was not running."""


@dataclass(slots=True)
class Waitroom:
    """The people waiting to be matched with each other. ``absent`` keeps the places of people gone for a moment."""

    key: str
    scene_id: str
    spec_id: str
    tickets: dict[str, Ticket] = field(default_factory=dict)
    absent: dict[str, Ticket] = field(default_factory=dict)
    asked: str | None = None
    """The question to a custom matchmaker that is under way."""
    ask_again: bool = False
    turns: int = 0
    """How often a custom matchmaker was asked; whom it considers goes round."""
    last_log: tuple[str, ...] = ()

    def in_order(self) -> list[Ticket]:
        return sorted(self.tickets.values(), key=lambda ticket: (ticket.since, ticket.participant))

    @property
    def oldest_since(self) -> float | None:
        return min((ticket.since for ticket in self.tickets.values()), default=None)

"""What the edge asks the core between events: who is behind a token, who plays with whom. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from igym.core import Session
from igym.core.match import Match
from igym.core.participant import Participant


@dataclass(frozen=True)
class Place:
    """Where a participant plays: the match, its scene and the own player number."""

    match: str
    scene: str
    player: int


class SessionQueries:
    """Questions about the present state of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._by_token: dict[str, str] = {}

    def participant_of(self, token_hash: str) -> str | None:
        known = self._by_token.get(token_hash)
        if known is None:
            people = self._session.state.participants.values()
            self._by_token = {person.token_hash: person.id for person in people if person.token_hash}
            known = self._by_token.get(token_hash)
        return known

    def participant(self, participant: str) -> Participant | None:
        return self._session.state.participants.get(participant)

    def live_connection(self, participant: str) -> str | None:
        person = self.participant(participant)
        return person.live if person else None

    def match(self, match: str) -> Match | None:
        return self._session.state.matches.get(match)

    def place(self, participant: str, match: str) -> Place | None:
        """The participant's seat in `match`, also after the match has ended; None for strangers."""
        found = self.match(match)
        seat = found.seat_of(participant) if found else None
        return None if found is None or seat is None else Place(found.id, found.scene_id, seat.player)

    def relay_target(self, participant: str, player: int) -> tuple[str, int] | None:
        """`(target participant, own player)` when both play in one match that has not ended and neither has left."""
        person = self.participant(participant)
        match = self.match(person.match) if person and person.match else None
        if match is None or match.is_over:
            return None
        mine, theirs = match.seat_of(participant), match.seat(player)
        if mine is None or theirs is None or mine is theirs or mine.gone or theirs.gone:
            return None
        return theirs.participant, mine.player

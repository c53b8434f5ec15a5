"""What the edge asks the core between events. Reads only."""

from __future__ import annotations

import math
from typing import Any

from igym.core import matches, row_limits
from igym.core.effects import Refuse
from igym.core.match import Match
from igym.core.session import Session
from igym.host.session.budget import row_bytes
from igym.protocol.base import Message
from igym.protocol.binary import Rows


class SessionQueries:
    """Questions about the present state of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.plays_fast = False
        """A rehearsal plays faster than the clock."""

    def knows(self, participant: str) -> bool:
        """Whether there is such a person, or still is."""
        return participant in self._session.state.participants

    def players_beside(self, participant: str) -> list[int]:
        """The players of the match that this person is in."""
        person = self._session.state.participants.get(participant)
        match = self._session.state.matches.get(person.match) if person and person.match else None
        return [seat.player for seat in match.seats] if match else []

    def people_beside(self, participant: str) -> list[str]:
        """Everybody in the match that this person is in."""
        person = self._session.state.participants.get(participant)
        return self.members(person.match) if person and person.match else []

    def participant_for_token(self, token_hash: str) -> str | None:
        return self._session.participant_for_token(token_hash)

    def language_of(self, participant: str) -> str | None:
        """In which language this person takes part; None: that of the study."""
        person = self._session.state.participants.get(participant)
        return person.language if person else None

    def live_connection(self, participant: str) -> str | None:
        """The connection whose messages count, by the core's name for it."""
        person = self._session.state.participants.get(participant)
        return person.live if person else None

    def counts_activity(self, participant: str) -> bool:
        """Whether a rule of the game this person plays asks when they did something last."""
        return self._session.counts_activity(participant)

    def counts_pings(self, participant: str) -> bool:
        """Whether the core waits for each answered ping of this person."""
        return self._session.counts_pings(participant)

    def members(self, match: str) -> list[str]:
        """Everybody who was seated in a match, also after its end; empty when there is no such match."""
        found = self._session.state.matches.get(match)
        return found.members if found else []

    def match(self, match: str) -> Match | None:
        """A match, running or over; read it, never change it."""
        return self._session.state.matches.get(match)

    def labels(self, participants: list[str]) -> dict[str, str]:
        """What these people are called here: seat, label or id."""
        people = self._session.state.participants
        return {key: people[key].seat or people[key].label or key for key in participants if key in people}

    def globals_of(self, participant: str) -> dict[str, Any]:
        person = self._session.state.participants.get(participant)
        return dict(person.globals) if person else {}

    def records_input(self, participant: str, match: str) -> bool:
        """Whether this person plays in the match, or did, and its scene records every input."""
        found = self._session.state.matches.get(match)
        if found is None or found.seat_of(participant) is None:
            return False
        return "input" in matches.scene_of(self._session.state, found).runtime_options.record

    def replays_of(self, participant: str, visit: int) -> list[dict[str, Any]]:
        """The recordings that the page of this visit shows; empty when another page is open."""
        person = self._session.state.participants.get(participant)
        shown = person.visit if person else None
        return list(shown.replays or ()) if shown is not None and shown.number == visit else []

    def match_seed(self, match: str) -> int:
        return self._session.match_seed(match)

    def beyond_limits(self, message: Message) -> str | None:
        """Why a number in the message is none that its match can have; None when it may be handled."""
        match = self.match(message.match) if isinstance(message, row_limits.LIMITED) else None
        if match is None or not isinstance(message, row_limits.LIMITED):
            return None
        return row_limits.beyond(matches.scene_of(self._session.state, match), match, message)

    def episodes_of(self, match: Match) -> int:
        """How many episodes the match has."""
        return matches.scene_of(self._session.state, match).gameplay_options.num_episodes

    def is_ahead(self, rows: Rows, now: float) -> bool:
        """Whether these rows are of an episode, or of frames, that the match has not come to yet."""
        state, match = self._session.state, self._session.state.matches[rows.match]
        if not row_limits.has_come_to(state.ledger, match, rows.episode):
            return True
        return not self.plays_fast and row_limits.is_ahead(matches.scene_of(state, match), match, rows, now)

    def frames_due(self, match: Match, now: float) -> int | None:
        """The most frames that the match can have come to until `now`, s; None when it does not follow the clock."""
        scene = matches.scene_of(self._session.state, match)
        return None if self.plays_fast else math.ceil(row_limits.frames_due(scene, match, now))

    def stored_ranges(self, participant: str, match: str, episode: int) -> list[tuple[int, int]]:
        """The participant's frames on disk, as (first, last)."""
        return self._session.state.ledger.ranges(participant, match, episode)

    def rows_due(self, participant: str, match: str, now: float) -> tuple[float, int]:
        """How many frames the participant's matches can have brought until `now`, and bytes of a frame of this one."""
        state = self._session.state
        theirs = [state.matches[known] for known in state.roster.matches.get(participant, ())]
        due = sum(row_limits.frames_due(matches.scene_of(state, found), found, now) for found in theirs)
        return due, row_bytes(matches.scene_of(state, state.matches[match]))

    def accepts_rows(self, participant: str, rows: Rows, by_host: bool = False) -> Refuse | None:
        return self._session.accepts_rows(participant, rows, by_host)

    def stored_to(self, participant: str, match: str, episode: int) -> int:
        return self._session.stored_to(participant, match, episode)

    def scores_before(self, match: str, episode: int) -> dict[str, float]:
        """Agent → what the match's earlier episodes brought it."""
        return self._session.scores_before(match, episode)

    def relay_target(self, participant: str, player: int) -> tuple[str, int] | None:
        """`(target participant, own player)`, or None when the packet may not pass."""
        return self._session.relay_target(participant, player)

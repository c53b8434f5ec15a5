"""Who may use the host's relay, and whom it may reach: people who are here, each with credentials of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from igym.host.clock import steady_s
from igym.host.turn_credentials import Credentials
from igym.protocol import Message
from igym.protocol.server import Ice, MatchSpec

STAYS_S = 120.0
"""A lost connection is not a lost game: so long somebody still counts as here."""


class RelayGuests:
    """Follows connections; puts fresh credentials into messages that tell of the host's own relay."""

    def __init__(self, credentials: Credentials | None = None, clock: Callable[[], float] = steady_s) -> None:
        self.credentials = credentials or Credentials()
        self._clock = clock
        self._guests: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._gone_at: dict[tuple[str, str], float] = {}
        self._own_relay: str | None = None

    def offer(self, address: str, port: int) -> dict[str, Any]:
        """The host's STUN and relay, still without credentials, as they may be written down."""
        self._own_relay = f"turn:{address}:{port}?transport=udp"
        return {"stun": f"stun:{address}:{port}", "turn": {"urls": self._own_relay}}

    def came(self, guest: str, address: str) -> None:
        """One more connection of a guest, from this address."""
        self._guests[guest] += 1
        self._addresses[address] += 1

    def went(self, guest: str, address: str) -> None:
        """One connection fewer."""
        self._guests[guest] -= 1
        self._addresses[address] -= 1
        self._gone_at[guest, address] = self._clock()

    def is_here(self, guest: str) -> bool:
        """Connected, or so lately that they may come back."""
        return self._guests[guest] > 0 or any(known == guest for known, _ in self._lately())

    def is_reachable(self, address: str) -> bool:
        """Whether somebody who is here speaks from this address."""
        return self._addresses[address] > 0 or any(known == address for _, known in self._lately())

    def personal(self, message: Message, guest: str) -> Message:
        """The message as this guest gets it."""
        ice, match = getattr(message, "ice", None), getattr(message, "match", None)
        if isinstance(ice, Ice):
            return message.model_copy(update={"ice": self._personal_ice(ice, guest)})
        if isinstance(match, MatchSpec):
            own = match.model_copy(update={"ice": self._personal_ice(match.ice, guest)})
            return message.model_copy(update={"match": own})
        return message

    def _personal_ice(self, ice: Ice, guest: str) -> Ice:
        """Another relay, from the settings, comes with its own password."""
        if not ice.turn or self._own_relay is None or ice.turn.get("urls") != self._own_relay:
            return ice
        username, password = self.credentials.issue(guest)
        return ice.model_copy(update={"turn": {**ice.turn, "username": username, "credential": password}})

    def _lately(self) -> list[tuple[str, str]]:
        now = self._clock()
        self._gone_at = {key: gone for key, gone in self._gone_at.items() if now - gone <= STAYS_S}
        return list(self._gone_at)

"""Who may use the relay, and whom the host's own may reach: people who are here, each with credentials of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from igym.host.base.clock import steady_s
from igym.host.ice.external_turn import ExternalTurn
from igym.host.ice.turn_credentials import Credentials
from igym.protocol.base import Message
from igym.protocol.server import Ice, MatchSpec

STAYS_S = 120.0
"""A lost connection is not a lost game: so long somebody still counts as here."""


class RelayGuests:
    """Follows connections; puts fresh credentials into messages that tell of the relay."""

    def __init__(
        self, credentials: Credentials | None = None, clock: Callable[[], float] = steady_s,
        external: ExternalTurn | None = None,
    ) -> None:  # fmt: skip
        self.credentials = credentials or Credentials()
        self._external = external
        self._clock = clock
        self._guests: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()
        self._gone_at: dict[tuple[str, str], float] = {}
        self._urls: str | list[str] | None = None

    def offer(self, address: str, port: int | None) -> dict[str, Any]:
        """STUN and relay, still without credentials, as they may be written down. `port`: the host's, for UDP."""
        stun = None if port is None else f"stun:{address}:{port}"
        if self._external is not None:
            stun, self._urls = self._external.stun or stun, list(self._external.urls)
        elif port is not None:
            self._urls = f"turn:{address}:{port}?transport=udp"
        offered = {"stun": stun, "turn": {"urls": self._urls} if self._urls else None}
        return {name: value for name, value in offered.items() if value is not None}

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
        if not ice.turn:
            return ice
        if ice.turn.get("urls") != self._urls:
            # A browser opens no connection at all when it is told of a relay without credentials.
            return ice.model_copy(update={"turn": None})
        username, password = (self._external or self.credentials).issue(guest)
        return ice.model_copy(update={"turn": {**ice.turn, "username": username, "credential": password}})

    def _lately(self) -> list[tuple[str, str]]:
        now = self._clock()
        self._gone_at = {key: gone for key, gone in self._gone_at.items() if now - gone <= STAYS_S}
        return list(self._gone_at)

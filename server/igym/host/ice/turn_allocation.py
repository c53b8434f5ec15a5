"""What one client of the TURN relay holds: its relayed address, who may send to it, and its channels (RFC 8656)."""

from __future__ import annotations

from dataclasses import dataclass, field

from igym.host.ice.datagrams import LastingDatagrams
from igym.host.ice.stun_message import Address

MAX_PERMISSIONS = 16
FIRST_CHANNEL, LAST_CHANNEL = 0x4000, 0x4FFF


@dataclass
class Allocation:
    """One client's relayed address; times are of the loop's clock."""

    client: Address
    username: str
    relay: LastingDatagrams
    address: Address
    expires: float
    transaction: bytes
    permissions: dict[str, float] = field(default_factory=dict)
    channels: dict[int, Address] = field(default_factory=dict)
    channel_of: dict[Address, int] = field(default_factory=dict)
    channel_ends: dict[int, float] = field(default_factory=dict)

    def admits(self, peer: Address, now: float) -> bool:
        return self.permissions.get(peer[0], 0.0) > now

    def has_room_for(self, host: str, now: float) -> bool:
        """Forgets what has expired; False when it would hold too many peers."""
        self.permissions = {known: end for known, end in self.permissions.items() if end > now}
        for number in [number for number, end in self.channel_ends.items() if end <= now]:
            del self.channel_ends[number]
            del self.channel_of[self.channels.pop(number)]
        return host in self.permissions or len(self.permissions) < MAX_PERMISSIONS

    def has_room_for_channel(self, number: int) -> bool:
        return number in self.channels or len(self.channels) < MAX_PERMISSIONS

    def channel_fits(self, number: int, peer: Address) -> bool:
        """A number stays with its peer and a peer with its number as long as the allocation lives."""
        free = self.channels.get(number, peer) == peer and self.channel_of.get(peer, number) == number
        return FIRST_CHANNEL <= number <= LAST_CHANNEL and free

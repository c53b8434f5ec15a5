"""ICE candidates that other computers can reach.

Over plain http browsers hide their address behind a random `.local` name, which others can only look up where
multicast DNS passes. The host sees the address itself and adds a candidate with it.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from igym.protocol.client import Signal

HIDDEN = ".local"
ADDRESS_FIELD = 4
"""`candidate:<foundation> <component> <transport> <priority> <address> <port> typ …`"""


def with_reachable(message: Signal, address: str) -> Signal:
    """The message, with `reachable` beside a hidden candidate: the same one at `address`, as the host sees the sender.

    Nothing is added for an address that means this computer itself, because it means another one to the receiver.
    """
    candidate = message.data.get("candidate")
    if not isinstance(candidate, dict) or not is_shareable(address):
        return message
    line = candidate.get("candidate")
    fields = line.split(" ") if isinstance(line, str) else []
    if len(fields) <= ADDRESS_FIELD or not fields[ADDRESS_FIELD].endswith(HIDDEN):
        return message
    fields[ADDRESS_FIELD] = address
    reachable: dict[str, Any] = {**candidate, "candidate": " ".join(fields)}
    return message.model_copy(update={"data": {**message.data, "reachable": reachable}})


def is_shareable(address: str) -> bool:
    """Whether other computers can use this address: a whole IP address that is not this computer's own loopback."""
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

"""A STUN binding responder: tells a browser which address and port the host sees it at.

Without it, browsers on a plain-http LAN that has no default route find no usable candidate at all.
"""

from __future__ import annotations

from igym.host.stun_message import REQUEST, Address, binding_answer, parse
from igym.host.turn import TurnServer, start_turn

BINDING = 1


def binding_response(request: bytes, address: Address) -> bytes | None:
    """The answer to a binding request that came from `address`, or None when the datagram is nothing of the kind."""
    message = parse(request)
    if message is None or message.kind != BINDING | REQUEST:
        return None
    return binding_answer(message, address)


async def start_stun(address: str, port: int) -> TurnServer:
    """A responder that relays for nobody."""
    return await start_turn(None, address, address, port)

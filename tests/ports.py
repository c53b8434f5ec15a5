"""Ports for programs that must be told one, or come back to the one they had."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

# No system gives these away by itself: what the kernel chooses for port 0 and for connections lies above.
FIRST, COUNT = 20_000, 6_000
_held: list[socket.socket] = []


def free_port() -> int:
    """A port that is this process's while it lives, whether or not a program listens there just now.

    The port `COUNT` above is held meanwhile: by it the tests beside this one see that it is taken.
    """
    for port in random.SystemRandom().sample(range(FIRST, FIRST + COUNT), COUNT):
        if not _is_free(port):
            continue
        twin = socket.socket()
        try:
            twin.bind(("127.0.0.1", port + COUNT))
        except OSError:
            twin.close()
            continue
        _held.append(twin)
        return port
    raise AssertionError(f"all of the {COUNT} ports from {FIRST} are taken")


def _is_free(port: int) -> bool:
    with suppress(OSError), socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
        for one in (stream, datagrams):
            one.bind(("127.0.0.1", port))
        return True
    return False

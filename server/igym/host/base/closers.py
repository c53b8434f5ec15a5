"""What has to be ended when the engine ends, in the opposite order of its beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

CLOSE_LIMIT_S = 20.0

Closer = Callable[[], Awaitable[None] | None]


class Closers:
    """One that fails or hangs is told to `failed` and passed over: the processes and locks of the others must not stay.

    `limit_s` is how long one may take.
    """

    def __init__(self, failed: Callable[[str], object], limit_s: float = CLOSE_LIMIT_S) -> None:
        self._failed = failed
        self._limit_s = limit_s
        self._closers: list[Closer] = []

    def add(self, *closers: Closer) -> None:
        """The last one added is the first one closed."""
        self._closers += closers

    async def close(self) -> None:
        """Safe to call twice."""
        while self._closers:
            closer = self._closers.pop()
            try:
                async with asyncio.timeout(self._limit_s):
                    closing = closer()
                    if closing is not None:
                        await closing
            except Exception as error:
                name = getattr(closer, "__qualname__", repr(closer))
                self._failed(f"{name} did not end well: {type(error).__name__} {error}".rstrip())

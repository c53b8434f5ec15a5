"""Writing that waits for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from igym.host.store.store import StoreWriteError

RETRY_WRITE_S = 1.0
Written = TypeVar("Written")


async def until_written(
    write: Callable[[], Awaitable[Written]], refused: Callable[[StoreWriteError], object]
) -> Written:
    """What `write` gives, once the disk takes it; `refused` is told each time it does not."""
    while True:
        try:
            return await write()
        except StoreWriteError as error:
            refused(error)
            await asyncio.sleep(RETRY_WRITE_S)

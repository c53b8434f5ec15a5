"""Work that may never return, such as a look at a disk on the network."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


def in_own_thread(work: Callable[..., T], *arguments: object) -> asyncio.Future[T]:
    """Its outcome. The thread is of no pool, and the program ends without waiting for it."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def do() -> None:
        try:
            found = work(*arguments)
        except Exception as error:
            tell(outcome.set_exception, error)
        else:
            tell(outcome.set_result, found)

    def tell(how: Callable[[T], None] | Callable[[BaseException], None], what: object) -> None:
        def settle() -> None:
            if not outcome.done():
                how(what)  # type: ignore[arg-type]

        # Nobody waits for it where the loop has ended.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=do, name=f"igym-{work.__name__}", daemon=True).start()
    return outcome

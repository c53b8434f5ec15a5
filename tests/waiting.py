"""Waiting for what must come true, never for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

LIMIT_S = 120.0
LIMIT_MS = 120_000
LOOK_EVERY_S = 0.02


async def until(
    condition: Callable[[], Any], what: str | Callable[[], Any] = "condition", limit_s: float = LIMIT_S
) -> None:
    """Returns as soon as `condition()` is true; fails the test when it never is.

    `what` is what was waited for, or gives what there was instead.
    """
    clock = asyncio.get_running_loop().time
    end = clock() + limit_s
    while not condition():
        if clock() > end:
            raise AssertionError(f"never came true: {what() if callable(what) else what}")
        await asyncio.sleep(LOOK_EVERY_S)

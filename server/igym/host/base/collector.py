"""Python's collector of reference cycles, kept to short runs: what lives on is looked at once and then set aside."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable

from igym.host.base.clock import steady_s

YOUNG = 10_000
"""So many new objects, and the collector looks at these: some milliseconds."""
OLD = 5
"""So many such looks, and it goes through what they left, which is then set aside."""
BY_ITSELF_NEVER = 1_000_000_000
LOOK_EVERY_S = 0.5
WORTH_IT = 20
"""So often something was set aside, some thousand connections' worth, and all of it is gone through once when nobody is
there: tenths of a second after ten thousand people."""
AT_LATEST = 10 * WORTH_IT
"""After so often, also while somebody is there: a page may stay open for weeks."""
QUIET_S = 60.0
"""Nobody was there for so long: those who come next are not expected at this very moment."""


class Collector:
    """Of this process, while one session runs in it.

    Everybody who ever joined stays in the session's state. A collector that goes through them again and again would
    halt the loop for longer the more there were. What is set aside still goes when nobody refers to it any more;
    circles among it, such as those of connections that were open then, go when nobody has been there for a while and it
    is worth it, or when it has been put off for too long.
    """

    def __init__(self, is_empty: Callable[[], bool], clock: Callable[[], float] = steady_s) -> None:
        """`is_empty`: nobody is there who would notice if the process stood still for a tenth of a second."""
        self._is_empty = is_empty
        self._clock = clock
        self._empty_since: float | None = None
        self._thresholds = gc.get_threshold()
        self._set_aside = 0
        """How often since everything was gone through."""
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """What was made so far stays until `close`."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, BY_ITSELF_NEVER, BY_ITSELF_NEVER)
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """The collector works by itself again; safe to call twice."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
            gc.unfreeze()
            gc.set_threshold(*self._thresholds)

    def look(self) -> None:
        """Does what is due."""
        if self._set_aside >= AT_LATEST or (self._set_aside >= WORTH_IT and self._is_quiet()):
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._set_aside = 0
        elif gc.get_count()[1] >= OLD:
            gc.collect(1)
            gc.freeze()
            self._set_aside += 1

    def _is_quiet(self) -> bool:
        if not self._is_empty():
            self._empty_since = None
            return False
        if self._empty_since is None:
            self._empty_since = self._clock()
        return self._clock() - self._empty_since >= QUIET_S

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self.look()

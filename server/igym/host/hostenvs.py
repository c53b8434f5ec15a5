"""Envs that are stepped on this computer instead of in a browser."""

from __future__ import annotations

from collections.abc import Callable

from igym.core.events import HostEnvFailed
from igym.host.runtime import Runtime


class HostEnvs:
    """Starts and stops one process per match."""

    def __init__(self, runtime: Callable[[], Runtime]) -> None:
        self._runtime = runtime

    def start(self, match: str) -> None:
        text = 'This version steps envs in browsers only; set runtime(where="browser").'
        self._runtime().submit(HostEnvFailed(match, text))

    def stop(self, match: str) -> None:
        """Nothing runs."""

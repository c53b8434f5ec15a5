"""Watching the room left on the disk: warned early, nobody new admitted when it runs out."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from igym.host.base.troubles import HostProblems
from igym.protocol.told import Told, together

WARN_BYTES = 500 * 1024 * 1024
STOP_BYTES = 50 * 1024 * 1024
EVERY_S = 10.0
WORTH_NAMING_BYTES = 10 * 1024 * 1024
NOBODY_NEW = Told("Nobody new is let in until then; those who are here go on.")


class SpaceWatch:
    """Looks at the data folder's disk every few seconds."""

    def __init__(
        self, folder: Path, problems: HostProblems, biggest: Callable[[], tuple[str, int] | None] = lambda: None
    ) -> None:
        """`biggest`: whose browser sent most of this session, and how many bytes."""
        self._biggest = biggest
        self._folder = folder
        self._problems = problems
        self._task: asyncio.Task[None] | None = None
        self.free = WARN_BYTES
        """Bytes that were left when it last looked."""
        self.is_short = False
        """Nobody new should be let in."""

    def start(self) -> None:
        self.look(free_bytes(self._folder))
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def look(self, free: int) -> None:
        """Draws the conclusions from `free` bytes."""
        self.free, self.is_short = free, free < STOP_BYTES
        if free >= WARN_BYTES:
            self._problems.solve("space")
            return
        megabytes = free // (1024 * 1024)
        text: str = Told(
            "Only {megabytes} MB are left on the disk with the data folder {folder}. Please free some space.",
            megabytes=megabytes,
            folder=self._folder,
        )
        sender = self._biggest()
        if sender is not None and sender[1] >= WORTH_NAMING_BYTES:
            text = Told(
                "{text} Most came from participant {participant}: {megabytes} MB.",
                text=text,
                participant=sender[0],
                megabytes=sender[1] // (1024 * 1024),
            )
        if self.is_short:
            text = together(text, NOBODY_NEW)
        self._problems.report("space", "error" if self.is_short else "warning", Told("The disk is almost full"), text)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            self.look(await asyncio.to_thread(free_bytes, self._folder))


def free_bytes(folder: Path) -> int:
    """Room on the folder's disk; a folder that cannot be asked counts as having room, writing tells the truth."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return WARN_BYTES

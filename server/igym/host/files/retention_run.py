"""Old sessions are erased beside a running one, or without any."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from igym.host.base.errors import HostError
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.files.exports import ExportFailedError, Exports
from igym.host.ports import Store
from igym.protocol.told import Told

if TYPE_CHECKING:
    from igym.host.files.retention import Plan

Files = Callable[[list[str]], Awaitable[list[str]]]
Receipt = Callable[[dict[str, Any]], Awaitable[str]]


def checked_days(value: Any) -> int:
    """The number of days as given; raises `HostError`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise HostError("bad_argument", Told("The number of days must be a whole number, at least 1."))
    return value


def _plan(database: Path, days: int, running: str) -> Plan:
    # It knows every table and format, which a running session has no other use for; in a thread, as it takes its time.
    from igym.host.files.retention import plan

    return plan(database, days, running)


async def carry_out(store: Store, wanted: Plan, remove_files: Files, write_receipt: Receipt) -> str | None:
    """Files first: whatever comes in between, the next time finds the session still due. Returns the receipt's name."""
    if not wanted.sessions:
        return None
    from igym.host.files.retention import KEPT_RECORDS, erase_copies  # loaded by whoever made the plan

    started = time.time()
    sessions = [old.session for old in wanted.sessions]
    removed = await remove_files(sessions)
    erased = {session: await store.erase_session(session, KEPT_RECORDS, started) for session in sessions}
    folder = store.path.parent
    entries = await asyncio.to_thread(erase_copies, folder, wanted, started)
    return await write_receipt(
        {
            **wanted.to_json(False),
            "erased_at": started,
            "entries": erased,
            "erased": Told(
                "rows, answers, shared values, measurements, console lines, labels, browser facts and every "
                "event of these sessions, and the files written of them"
            ),
            "kept": Told(
                "that these ids took part, when, in which matches and how it ended; completion codes and "
                "earnings; what the researcher did; the experiment itself. Copies made elsewhere are not "
                "known here"
            ),
            "removed_files": removed,
            "copies": entries,
        }
    )


class Retention:
    """Retention beside a running session, which is never touched itself."""

    def __init__(self, store: Store, session_id: str, exports: Exports, journal: Journal) -> None:
        self._store = store
        self._session_id = session_id
        self._exports = exports
        self._journal = journal
        self._turn = asyncio.Lock()
        self._at_start: asyncio.Task[None] | None = None

    async def run(self, days: int, dry_run: bool) -> dict[str, Any]:
        """The result of the command `retention`; raises `HostError`."""
        async with self._turn:
            wanted = await asyncio.to_thread(_plan, self._store.path, days, self._session_id)
            if dry_run:
                return wanted.to_json(dry_run=True)
            try:
                receipt = await carry_out(self._store, wanted, self._remove, self._receipt)
            except ExportFailedError as error:
                raise HostError(
                    "write_failed", Told("Old files could not be removed: {text}", text=error.text)
                ) from error
            if receipt:
                names = ", ".join(old.session for old in wanted.sessions)
                self._journal.info("retention", f"Sessions older than {days} days erased: {names}", receipt=receipt)
            return wanted.to_json(False, receipt)

    def start(self, days: int | None, problems: HostProblems) -> None:
        """What the setting asks for, beside everything else; nothing without a setting."""
        if days is not None:
            self._at_start = asyncio.create_task(self._obey(days, problems))

    async def close(self) -> None:
        if self._at_start is not None:
            self._at_start.cancel()
            await asyncio.gather(self._at_start, return_exceptions=True)

    async def _obey(self, days: int, problems: HostProblems) -> None:
        try:
            await self.run(checked_days(days), dry_run=False)
        except HostError as error:
            problems.report("retention", "warning", Told("Old data could not be erased"), error.text)

    async def _remove(self, sessions: list[str]) -> list[str]:
        return list(await self._exports.request(do="remove_sessions", sessions=sessions))

    async def _receipt(self, receipt: dict[str, Any]) -> str:
        return str(await self._exports.request(do="retention_receipt", receipt=receipt))

"""Rows on their way to disk: checked, stored, then reported to the core and acknowledged."""

from __future__ import annotations

import asyncio
from typing import Any

from igym.core.events import RowsStored
from igym.host.journal import Journal
from igym.host.queries import SessionQueries
from igym.host.runtime import Runtime
from igym.host.store import BatchRecord, Store, StoreWriteError
from igym.host.writing import until_written
from igym.protocol.binary import Rows


class RowIntake:
    """Takes batches of confirmed frames. An acknowledgement means: these frames survive a power cut."""

    def __init__(
        self, runtime: Runtime, queries: SessionQueries, store: Store, session_id: str, journal: Journal
    ) -> None:
        self._runtime = runtime
        self._queries = queries
        self._store = store
        self._session_id = session_id
        self._journal = journal

    async def receive(self, participant: str, rows: Rows) -> dict[str, Any]:
        """A browser's rows → `{ok, stored_to}`: how many frames are on disk, from 0 without a gap.

        Tried once: what the disk refuses is the browser's to keep and to send again.
        """
        refusal = self._queries.accepts_rows(participant, rows)
        if refusal is not None:
            return {"ok": False, "code": refusal.code, "text": refusal.text}
        try:
            await self._keep(participant, rows)
        except StoreWriteError as error:
            self._journal.warning("store", error.text, participant=participant)
            return {
                "ok": False,
                "code": "storage",
                "text": "The rows could not be saved; please send them again later.",
            }
        return {"ok": True, "stored_to": self._queries.stored_to(participant, rows.match, rows.episode)}

    async def insist(self, participant: str, rows: Rows) -> None:
        """Rows of a match's env on this host; returns when they are on disk: while it refuses, they wait here."""

        async def write() -> None:
            # Asked at each try: somebody may have been erased while the disk was full.
            refusal = self._queries.accepts_rows(participant, rows, by_host=True)
            if refusal is None:
                await self._keep(participant, rows)
            else:
                self._journal.warning("env", f"rows of {rows.match} were not taken: {refusal.text}")

        await until_written(write, lambda error: self._journal.warning("store", error.text, participant=participant))

    async def _keep(self, participant: str, rows: Rows) -> None:
        if await self._store.append_batch(self._session_id, self._record(participant, rows)):
            await self._report(participant, rows)

    def _record(self, participant: str, rows: Rows) -> BatchRecord:
        return BatchRecord(
            participant=participant,
            match=rows.match,
            scene=rows.scene,
            visit=rows.visit,
            episode=rows.episode,
            seq=rows.seq,
            first=rows.first,
            count=rows.count,
            packed=rows.payload(),
            received_at=self._runtime.clock(),
        )

    async def _report(self, participant: str, rows: Rows) -> None:
        event = RowsStored(participant, rows.match, rows.episode, rows.first, rows.count, rows.last_frame, rows.chain)
        # The rows themselves are safe already: a blocked event log must not hold up their acknowledgement.
        done = self._runtime.submit(event)
        await asyncio.wait([done], timeout=None if not self._runtime.is_blocked else 0)

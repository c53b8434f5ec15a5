"""Rows on their way to disk: checked, stored, then reported to the core and acknowledged."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

from igym.core.events import RowsStored
from igym.host.base.clock import Clock
from igym.host.base.errors import HostError
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.ports import Bus, Store
from igym.host.session.budget import MOST_COLUMNS, Budgets
from igym.host.session.queries import SessionQueries
from igym.host.session.row_parts import Stored, first_contradiction, part
from igym.host.store.store import BatchRecord, StoreWriteError
from igym.host.store.store_reader import StoreReader
from igym.host.store.writing import until_written
from igym.protocol.binary import Rows
from igym.protocol.told import Told


class RowIntake:
    """Takes batches of confirmed frames. An acknowledgement means: these frames survive a power cut."""

    def __init__(
        self, bus: Bus, clock: Clock, queries: SessionQueries, store: Store, session_id: str, journal: Journal,
        problems: HostProblems,
    ) -> None:  # fmt: skip
        self._bus = bus
        self._clock = clock
        self._problems = problems
        self._queries = queries
        self._store = store
        self._session_id = session_id
        self._journal = journal
        self.budgets = Budgets()
        self._turns: dict[str, asyncio.Lock] = {}
        self._newest: dict[str, tuple[tuple[str, str, int], Stored]] = {}

    async def receive(self, participant: str, rows: Rows) -> dict[str, Any]:
        """A browser's rows → `{ok, stored_to}`: how many frames are on disk, from 0 without a gap.

        Tried once: what the disk refuses is the browser's to keep and to send again.
        """
        # One after the other: what is stored already must be known before the next batch is looked at.
        async with self._turns.setdefault(participant, asyncio.Lock()):
            return await self._take(participant, rows)

    async def _take(self, participant: str, rows: Rows) -> dict[str, Any]:
        refusal = self._queries.accepts_rows(participant, rows)
        if refusal is not None:
            return {"ok": False, "code": refusal.code, "text": refusal.text}
        # After the refusal of matches that are not theirs: this looks the match up.
        if self._queries.is_ahead(rows, self._clock()):
            return {"ok": False, "code": "try_again", "text": "The match has not come to these frames yet."}
        stored = self._stored_of(participant, rows)
        missing = stored.missing(rows.first, rows.last_frame)
        if missing != [(rows.first, rows.last_frame)]:
            await self._note_contradiction(participant, rows)
        for first, last in missing:
            trouble = await self._keep(participant, part(rows, first, last))
            if trouble is not None:
                return trouble
            stored.add(first, last)
        return {"ok": True, "stored_to": self._queries.stored_to(participant, rows.match, rows.episode)}

    async def _keep(self, participant: str, rows: Rows) -> dict[str, Any] | None:
        """Puts new frames on disk; what went wrong, or None."""
        record = self._record(participant, rows)
        if (excess := self._excess(participant, rows, len(record.packed))) is not None:
            return {"ok": False, "code": "over_budget", "text": excess}
        try:
            is_new = await self._store.append_batch(self._session_id, record)
        except StoreWriteError as error:
            self.budgets.give_back(participant, len(record.packed))
            self._journal.warning("store", error.text, participant=participant)
            return {
                "ok": False,
                "code": "storage",
                "text": "The rows could not be saved; please send them again later.",
            }
        if is_new:
            await self._report(participant, rows)
        else:
            self.budgets.give_back(participant, len(record.packed))
        return None

    def _stored_of(self, participant: str, rows: Rows) -> Stored:
        """What is on disk, also of what the core has not heard of yet."""
        stored = Stored(self._queries.stored_ranges(participant, rows.match, rows.episode))
        key = (participant, rows.match, rows.episode)
        newest, known = self._newest.get(participant, (key, stored))
        if newest == key:
            for first, last in known.ranges:
                stored.add(first, last)
        self._newest[participant] = (key, stored)
        return stored

    async def _note_contradiction(self, participant: str, rows: Rows) -> None:
        """Frames that are stored stay as they are; that they were sent again with another content is told."""
        try:
            frame = await asyncio.to_thread(self._contradiction, participant, rows)
            if frame is None:
                return
            at = self._clock()
            body = json.dumps({"match": rows.match, "episode": rows.episode, "frame": frame, "last": rows.last_frame})
            await self._store.append_telemetry(self._session_id, participant, at, "rows_differ", body)
        except (HostError, sqlite3.Error, OSError) as error:
            # New frames may come with the repeated ones: their way to the disk must not depend on this comparison.
            self._journal.warning("store", f"Rows sent again could not be compared: {error}", participant=participant)
            return
        self._problems.report(
            f"rows:{participant}:{rows.match}",
            "warning",
            Told("Recorded frames were sent again with other content"),
            Told(
                "The page of participant {participant} sent frame {frame} of episode {episode} of match "
                "{match} again, and differently. What was recorded first is kept.",
                participant=participant,
                frame=frame,
                episode=rows.episode,
                match=rows.match,
            ),
        )

    def _contradiction(self, participant: str, rows: Rows) -> int | None:
        with StoreReader(self._store.path) as reader:
            batches = reader.batches(
                self._session_id,
                match=rows.match,
                participant=participant,
                episode=rows.episode,
                from_frame=rows.first,
            )
            return first_contradiction(rows, (batch.rows for batch in batches if batch.first <= rows.last_frame))

    def _excess(self, participant: str, rows: Rows, size: int) -> str | None:
        """Why these rows are more than the study needs of anybody; None when they are taken."""
        if not self.budgets.takes_columns(participant, rows):
            return f"There are more than {MOST_COLUMNS} columns in the rows of this scene."
        due, bytes_per_frame = self._queries.rows_due(participant, rows.match, self._clock())
        if not self.budgets.takes_rows(participant, size, due, bytes_per_frame):
            return "There are more bytes in the rows of this scene than its study can need."
        return None

    async def insist(self, participant: str, rows: Rows) -> None:
        """Rows of a match's env on this host; returns when they are on disk: while it refuses, they wait here."""

        async def write() -> None:
            # Asked at each try: somebody may have been erased while the disk was full.
            refusal = self._queries.accepts_rows(participant, rows, by_host=True)
            if refusal is not None:
                self._journal.warning("env", f"rows of {rows.match} were not taken: {refusal.text}")
            elif await self._store.append_batch(self._session_id, self._record(participant, rows)):
                await self._report(participant, rows)

        await until_written(write, lambda error: self._journal.warning("store", error.text, participant=participant))

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
            received_at=self._clock(),
        )

    async def _report(self, participant: str, rows: Rows) -> None:
        event = RowsStored(participant, rows.match, rows.episode, rows.first, rows.count, rows.last_frame, rows.chain)
        # The rows themselves are safe already: a blocked event log must not hold up their acknowledgement.
        done = self._bus.submit(event)
        if self._bus.is_blocked:
            await asyncio.wait([done], timeout=0)
        else:
            await done

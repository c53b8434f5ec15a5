"""What participants did with keyboard, pointer and gamepad, where a scene records it: checked, bounded, stored."""

from __future__ import annotations

from typing import Any

from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.ports import Bus, Store
from igym.host.session.budget import Budgets
from igym.host.session.queries import SessionQueries
from igym.host.store.store import StoreWriteError
from igym.protocol.client import InputLog
from igym.protocol.plain_json import json_size
from igym.protocol.told import Told

KIND = "input"
"""Under which the store keeps them, among the measurements."""


class InputLogs:
    """Takes `input_log`. It is no part of the session's state: nothing is decided by it."""

    def __init__(
        self, bus: Bus, clock: Clock, queries: SessionQueries, store: Store, session_id: str, journal: Journal,
        budgets: Budgets,
    ) -> None:  # fmt: skip
        self._bus = bus
        self._clock = clock
        self._queries = queries
        self._store = store
        self._session_id = session_id
        self._journal = journal
        self._budgets = budgets

    async def receive(self, participant: str, message: InputLog) -> dict[str, Any]:
        """`{ok}` once it is on disk; "storage" asks the page to keep it and to send it again."""
        if self._bus.is_blocked:
            return _no("storage", Told("Nothing can be saved at the moment; please send it again later."))
        if not self._queries.records_input(participant, message.match):
            return _no("not_yours", Told("No inputs of this match are recorded."))
        now = self._clock()
        size = json_size(message.payload(), message.max_bytes)
        # Taken before the write is waited for: more of the same page may be under way.
        if not self._budgets.takes_input(participant, size, now):
            return _no("over_budget", Told("This page has told of more inputs than anybody can make."))
        body = message.model_dump_json(exclude_defaults=True)
        try:
            await self._store.append_telemetry(self._session_id, participant, now, KIND, body)
        except StoreWriteError as error:
            self._budgets.give_input_back(participant, size)
            self._journal.warning("store", error.text, participant=participant)
            return _no("storage", Told("The inputs could not be saved; please send them again later."))
        return {"ok": True}


def _no(code: str, text: str) -> dict[str, Any]:
    return {"ok": False, "code": code, "text": text}

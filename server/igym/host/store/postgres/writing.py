"""The store's transactions on a server: written under the leader's epoch, and each outcome is known for sure."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from igym.host.base.clock import steady_s
from igym.host.store.postgres.errors import AwayError, LostError, ServerError
from igym.host.store.postgres.leadership import NOW, Leading, lead, lead_again
from igym.host.store.postgres.place import Place
from igym.host.store.sql import Work

RETRY_S = 0.5
_FENCE = f"UPDATE leader SET beat = {NOW} WHERE epoch = ? RETURNING pg_current_xact_id()::text AS id"
_STATE = "SELECT pg_xact_status(?::xid8)"


class ServerTransactions:
    """`Transactions` of a leader. When its turn is over, `lost` is called and everything is refused from then on."""

    def __init__(self, place: Place, lost: Callable[[], object]) -> None:
        self._place = place
        self._lost = lost
        self._leading: Leading = lead(place)
        self._is_connected = True
        self._is_over = False
        self._is_closing = False
        self._tried_at = -RETRY_S

    @property
    def connection(self) -> Any:
        return self._leading.connection

    @property
    def epoch(self) -> int:
        return self._leading.epoch

    def run(self, works: Sequence[Work]) -> list[Any]:
        self._be_connected()
        connection = self._leading.connection
        try:
            connection.raw.execute("BEGIN")
            transaction = self._fence()
            values = [work(connection) for work in works]
        except Exception as error:
            if connection.raw.closed:
                self._drop()
                raise AwayError from error
            with contextlib.suppress(psycopg.Error):
                connection.raw.execute("ROLLBACK")
            raise
        self._commit(transaction)
        return values

    def _fence(self) -> str:
        """The transaction's number. Whoever leads by now has another epoch, and waits for this row."""
        row = self._leading.connection.execute(_FENCE, (self._leading.epoch,)).fetchone()
        if row is None:
            self._end()
            raise LostError
        return str(row["id"])

    def _commit(self, transaction: str) -> None:
        try:
            self._leading.connection.raw.execute("COMMIT")
        except psycopg.Error as error:
            if not self._leading.connection.raw.closed:
                raise ServerError(str(error)) from error
            self._drop()
            # The answer was lost, which says nothing of what happened: the server knows, once it is back.
            if not self._was_committed(transaction):
                raise AwayError from error

    def _was_committed(self, transaction: str) -> bool:
        while True:
            with contextlib.suppress(psycopg.Error, ServerError, AwayError):
                self._be_connected()
                state = self._leading.connection.execute(_STATE, (transaction,)).fetchone()[0]
                if state != "in progress":
                    return bool(state == "committed")
            if self._is_closing:
                return False
            time.sleep(RETRY_S)

    def _be_connected(self) -> None:
        if self._is_over:
            raise LostError
        if self._is_connected:
            return
        if steady_s() - self._tried_at < RETRY_S:
            raise AwayError
        self._tried_at = steady_s()
        try:
            found = lead_again(self._place, self._leading)
        except LostError:
            self._end()
            raise
        except (psycopg.Error, ServerError) as error:
            raise AwayError from error
        if found is None:
            raise AwayError
        self._leading, self._is_connected = found, True

    def _drop(self) -> None:
        self._is_connected = False
        self._leading.connection.close()

    def _end(self) -> None:
        """Another one's turn."""
        if not self._is_over:
            self._is_over = True
            self._drop()
            self._lost()

    def stop_waiting(self) -> None:
        """From another thread: an outcome that the server does not tell is no longer waited for."""
        self._is_closing = True

    def close(self) -> None:
        """Lets the lock go."""
        self._leading.connection.close()

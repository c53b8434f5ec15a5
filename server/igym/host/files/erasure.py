"""Erasing what a withdrawn participant left, on their request; partners keep their own rows."""

from __future__ import annotations

from collections.abc import Callable

from igym.core.participant import Participant
from igym.core.session import Session
from igym.host.base.journal import Journal
from igym.host.base.troubles import HostProblems
from igym.host.files.emptied import KEPT_RECORDS, emptied_text
from igym.host.files.exports import Exports
from igym.host.ports import Store
from igym.host.store.store import StoreWriteError
from igym.protocol.told import Told


class Erasure:
    """Erases rows, measurements, console lines and the content of records at once.

    The events a running session is recovered from are emptied when it has ended (`empty_events`).
    """

    def __init__(
        self, store: Store, session_id: str, session: Session, exports: Exports, journal: Journal,
        problems: HostProblems,
    ) -> None:  # fmt: skip
        self._store = store
        self._session = session
        self._exports = exports
        self._session_id = session_id
        self._journal = journal
        self._problems = problems
        self._erased: set[str] = set()
        self.on_erased: Callable[[], object] = lambda: None
        """Copies that are ready for somebody to fetch hold the person still."""

    def _names(self, participant: str) -> list[str]:
        return names_of(self._session.state.participants.get(participant))

    async def erase(self, participant: str) -> None:
        try:
            counts = await self._store.erase_participant(self._session_id, participant, KEPT_RECORDS)
        except StoreWriteError as error:
            self._problems.report(
                f"erase:{participant}",
                "error",
                Told("Erasing did not work"),
                Told("{participant}: {error}", participant=participant, error=error.text),
            )
            return
        self._erased.add(participant)
        self.on_erased()
        # Queued behind whatever is still to be written about this person.
        self._exports.file(do="erase", participant=participant, names=self._names(participant))
        self._journal.info("store", f"The data of {participant} were erased on request", **counts)

    async def finish(self) -> None:
        """The session has ended and is never recovered: what erased participants wrote may leave its events too."""
        for participant in sorted(self._erased):
            # Records that came since: a page that stays open goes on to tell of itself.
            await self._store.erase_participant(self._session_id, participant, KEPT_RECORDS)
            await self._store.empty_events(self._session_id, participant, emptied_text)
            self._exports.file(do="erase_later", participant=participant, names=self._names(participant))


def names_of(person: Participant | None) -> list[str]:
    """What else than the id names somebody: their label, and what their link said of them."""
    if person is None:
        return []
    return sorted({text for text in (person.label or "", *person.params.values()) if text and text != person.id})

"""One queue and one timer around the core: handle, commit, then act."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import traceback
from collections.abc import Awaitable, Callable, Sequence

from igym.core.effects import Effect, Record, Refuse, RuleFailed
from igym.core.events import Event, MessageReceived, Tick
from igym.core.messages import AFTER_THE_END
from igym.core.session import Session
from igym.host.base.clock import Clock, steady_s
from igym.host.base.pulse import Durations
from igym.host.base.troubles import HostProblems
from igym.host.inbox import Inbox, Outcome, Pending
from igym.host.ports import Store
from igym.host.store.store import EventRecord, RecordRow, StoreWriteError
from igym.host.store.writing import until_written
from igym.protocol.client import Hello, MatchReady, Pong
from igym.protocol.told import Told, with_table

RunEffects = Callable[[Sequence[Effect], float], Awaitable[None]]
"""Gets the effects of one event, and when it was handled (unix seconds)."""

SHORTEST_WAIT_S = 0.01
RETRY_TICK_S = 5.0
FAILED = "rule_failed"
"""The record beside an event that could not be handled: a restart leaves it out as well."""
REFUSED = "refused"
"""Stands for a match that is nobody's."""
_encoded = json.JSONEncoder(default=str, separators=(",", ":")).encode


class Runtime:
    """Feeds events to the core one at a time, in the order they came.

    No effect runs before its event is on disk. When the disk refuses, everything waits here and nothing is lost:
    `is_blocked` is true meanwhile, and nobody new should be admitted.
    """

    def __init__(
        self,
        session: Session,
        store: Store,
        session_id: str,
        clock: Clock,
        problems: HostProblems,
        run_effects: RunEffects,
        next_seq: int = 0,
        inbox: Inbox | None = None,
    ) -> None:
        self.session = session
        self.clock = clock
        self.acks = Durations()
        """From the queue to the end of an event's effects."""
        self._store = store
        self._session_id = session_id
        self._problems = problems
        self._run_effects = run_effects
        self._seq = next_seq
        self._inbox = inbox or Inbox()
        self._stopping = False
        self._no_tick_before = 0.0
        self._after_group: list[Callable[[], None]] = []

    def on_change(self, listener: Callable[[], None]) -> None:
        """`listener` is called after each group of events has taken effect."""
        self._after_group.append(listener)

    def submit(self, event: Event) -> asyncio.Future[Outcome]:
        """Queues an event; the future resolves when it is on disk and its effects have been run."""
        return self._inbox.submit(event)

    @property
    def is_blocked(self) -> bool:
        return self._inbox.is_blocked

    async def run(self) -> None:
        """Works until `stop()` was called and the queue is empty."""
        while True:
            group = await self._next_group()
            if group:
                await self._work(group)
            elif self._stopping:
                return

    @property
    def handled(self) -> int:
        """Number of events the session's state rests on, from its start."""
        return self._seq

    def stop(self) -> None:
        self._stopping = True
        self._inbox.wake()

    # -- one turn

    async def _next_group(self) -> list[Pending]:
        if not self._stopping:
            await self._inbox.wait(self._wait_s())
        group = self._inbox.take()
        deadline = self.session.next_deadline
        if deadline is not None and max(deadline, self._no_tick_before) <= self.clock() and not self._stopping:
            # Behind what has come in: a message that is here already was sent before this deadline was over.
            group.append(Pending(Tick(), asyncio.get_running_loop().create_future()))
        return group

    def _wait_s(self) -> float | None:
        deadline = self.session.next_deadline
        # The lower bound keeps a deadline the core does not clear from turning into a busy loop.
        return None if deadline is None else max(max(deadline, self._no_tick_before) - self.clock(), SHORTEST_WAIT_S)

    async def _work(self, group: list[Pending]) -> None:
        events: list[EventRecord] = []
        records: list[RecordRow] = []
        for pending in group:
            pending.at = self.clock()
            pending.outcome = self._handle(pending.event, pending.at)
            events.append(event_record(self._seq, pending.at, _kept(pending.event, pending.outcome)))
            records.extend(record_rows(self._seq, pending.at, pending.outcome.effects))
            records.extend(raised_rows(self._seq, pending.at, pending.event, pending.outcome))
            self._seq += 1
        # On disk before anybody hears of it: what somebody was told must still hold after a power cut.
        await self._commit(events, records)
        for pending in group:
            await self._act(pending)
        self._tell_listeners()

    def _tell_listeners(self) -> None:
        for listener in self._after_group:
            try:
                listener()
            except Exception as error:
                self._problems.report(
                    f"listener:{type(error).__name__}",
                    "error",
                    Told("Internal error"),
                    Told(
                        "Something that follows the session failed ({error}). The session goes on; please report this.",
                        error=error,
                    ),
                    traceback.format_exc(),
                )

    def _handle(self, event: Event, now: float) -> Outcome:
        try:
            effects = tuple(self.session.handle(event, now))
            return Outcome(effects, any(not told.is_deadline for told in failures_in(effects)))
        except Exception as error:
            # A rule that failed brings its own traceback; whatever else is raised here has one of this place.
            told = str(getattr(error, "traceback", "")) or traceback.format_exc()
            whose = (
                Told("The event “{event}” of {who}", event=event.type, who=who)
                if (who := _participant(event))
                else Told("The event “{event}”", event=event.type)
            )
            self._problems.report(
                f"core:{event.type}:{who}:{type(error).__name__}",
                "error",
                Told("Internal error"),
                Told(
                    "{event} could not be handled ({error}). It changed nothing, and everybody goes on; please "
                    "report this.",
                    event=whose,
                    error=error,
                ),
                told,
            )
            if isinstance(event, Tick):
                # A rule that fails is given up by the core; where the core itself fails, it would again at once.
                self._no_tick_before = now + RETRY_TICK_S
            raised = {"error": f"{type(error).__name__}: {error}", "traceback": told}
            return Outcome(failed=True, raised={"rule": None, **raised, "is_deadline": False})

    async def _commit(self, events: list[EventRecord], records: list[RecordRow]) -> None:
        await until_written(lambda: self._store.append_events(self._session_id, events, records), self._refused)
        if self._inbox.is_blocked:
            self._inbox.is_blocked = False
            self._problems.solve("storage")

    def _refused(self, error: StoreWriteError) -> None:
        self._inbox.is_blocked = True
        self._problems.report("storage", "error", Told("Nothing can be saved"), error.text)

    async def _act(self, pending: Pending) -> None:
        try:
            if pending.outcome.effects:
                await self._run_effects(pending.outcome.effects, pending.at)
        except (Exception, asyncio.CancelledError) as error:
            # Something it waited for was cancelled, not the runtime: it has to go on for everybody else.
            if _is_cancelled():
                raise
            self._problems.report(
                f"effects:{type(error).__name__}",
                "error",
                Told("Internal error"),
                Told(
                    "An effect of “{event}” could not be carried out ({error}). The session goes on.",
                    event=pending.event.type,
                    error=error,
                ),
                traceback.format_exc(),
            )
        # Also after an effect that failed: an acknowledgement that waits for this event must not wait for ever.
        if not pending.done.done():
            pending.done.set_result(pending.outcome)
            self.acks.add(steady_s() - pending.queued_s)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _kept(event: Event, outcome: Outcome) -> Event:
    """What the log keeps of an event: of a message that was refused only that one came.

    In its place stands a small one that the core treats the same: handled again, it shows as well that the page was
    there, and changes nothing else.
    """
    if not isinstance(event, MessageReceived) or isinstance(event.message, Hello) or outcome.first(Refuse) is None:
        return event
    harmless = isinstance(event.message, AFTER_THE_END)
    message = Pong(n=0) if harmless else MatchReady(match=REFUSED)
    return dataclasses.replace(event, message=message)


def event_record(seq: int, at: float, event: Event) -> EventRecord:
    told = event.to_json()
    if not isinstance(event, MessageReceived):  # most events are messages of pages, whose words are nobody's sentences
        told = with_table(told)
    return EventRecord(seq, at, event.type, _participant(event), _encoded(told))


def failures_in(effects: Sequence[Effect]) -> list[RuleFailed]:
    """Rules that raised and were undone by the core, which has told the researcher and written it down."""
    return [effect for effect in effects if isinstance(effect, RuleFailed)]


def raised_rows(seq: int, at: float, event: Event, outcome: Outcome) -> list[RecordRow]:
    """The same record as of a rule that failed, for an event that came to no rule of the core."""
    if outcome.raised is None:
        return []
    return [RecordRow(seq, 0, at, FAILED, _participant(event), None, None, json.dumps(outcome.raised))]


def _participant(event: Event) -> str | None:
    return getattr(event, "participant", None)


def record_rows(seq: int, at: float, effects: Sequence[Effect]) -> list[RecordRow]:
    found = [effect for effect in effects if isinstance(effect, Record)]
    return [
        RecordRow(seq, n, at, record.kind, record.participant, record.match, record.scene,
                  _encoded(with_table(record.body)))
        for n, record in enumerate(found)
    ]  # fmt: skip

"""A new session, or an old one brought back from its log."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from igym.core.effects import RuleFailed
from igym.core.events import Event, HistoryLoaded, RowsStored
from igym.core.session import Session
from igym.core.state import MakeRng
from igym.experiment.experiment import Experiment
from igym.host.base.errors import HostError
from igym.host.ports import Store
from igym.host.session.checkpoints import read_checkpoint
from igym.host.session.runtime import FAILED, failures_in
from igym.host.session.settings import LATEST
from igym.host.store.postgres.place import has_data
from igym.host.store.store import SessionRecord
from igym.host.store.store_reader import BatchKey, SessionRow, StoreReader
from igym.protocol.told import Told

SEED_BITS = 63
RULES = 5
"""Raised with every change of `igym.core` after which the events of an old log would lead to another state."""
LOOKED_BACK = 5000
"""So many batches known to the log in a row, the newest first, and there are no unknown ones before them."""


@dataclass(frozen=True)
class Begun:
    """A session ready to run: `next_seq` is the number of the next event, `last_at` the time of the last one."""

    id: str
    session: Session
    experiment: Experiment
    next_seq: int = 0
    last_at: float = 0.0
    first_events: tuple[Event, ...] = ()
    """What the core must be told once it runs: rows whose report did not reach the disk, groups of earlier sessions."""
    to_erase: tuple[str, ...] = ()
    """People who were to be erased: done again, because the end may have come in between."""
    broken_events: dict[str, int] = field(default_factory=dict)
    """Kind → number of events that were handled when they came and could not be handled again."""
    failed_again: dict[str, int] = field(default_factory=dict)
    """Kind → number of events that had failed when they came as well, so that nothing rests on them."""
    replayed: int = 0
    """Events that had to be handled again: all of them, or those after the last checkpoint."""


def new_session_id() -> str:
    """Sorts by time, is safe in a cookie's name and a file's, and two never meet."""
    return f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def rng_maker(seed: str) -> MakeRng:
    """One generator per purpose, each the same every time it is made from the same recorded seed."""
    return lambda purpose: random.Random(f"{seed}/{purpose}")


async def begin(
    store: Store, experiment: Experiment, described: dict[str, Any], options: dict[str, Any], earlier: Path
) -> Begun:
    """A new session, on disk before anybody can join it. `earlier` is the database with the study's other sessions."""
    groups = await asyncio.to_thread(earlier_groups, earlier)
    session_id, seed = new_session_id(), str(secrets.randbits(SEED_BITS))
    record = SessionRecord(
        id=session_id,
        started_at=time.time(),
        seed=seed,
        experiment_json=json.dumps(stored_experiment(experiment, described)),
        options_json=json.dumps(options),
        app_version=options["app_version"],
    )
    # Awaited: nobody may join a session that a power cut would make unknown.
    await store.start_session(record)
    session = Session(experiment, session_id=session_id, rng=rng_maker(seed))
    history = (HistoryLoaded(groups),) if groups else ()
    return Begun(session_id, session, experiment, first_events=history)


def stored_experiment(experiment: Experiment, described: dict[str, Any]) -> dict[str, Any]:
    """What `sessions.experiment_json` holds: the description for readers, the definition to go on from."""
    facts = {"id": experiment.id, "version": experiment.version, "title": experiment.title}
    return {**facts, **described, "definition": experiment.to_json()}


def resumable(database: Path, wanted: str) -> SessionRow:
    """The stored session to go on with; raises `HostError` when there is none or it has ended."""
    with StoreReader(database) as reader:
        rows = reader.sessions()
    fitting = [row for row in rows if wanted in (LATEST, row.id)]
    going_on = [row for row in fitting if row.state != "ended"]
    if going_on:
        return going_on[-1]
    if fitting:
        raise HostError(
            "session_ended", Told("That session has ended. Its data are complete; start a new session instead.")
        )
    raise HostError(
        "unknown_session", Told("There is no session {session} in {folder}.", session=wanted, folder=database.parent)
    )


def refuse_other_rules(row: SessionRow) -> None:
    """Raises `HostError` "other_version": its events would bring people to places where they never were."""
    if row.options.get("rules", 1) != RULES:
        raise HostError(
            "other_version",
            Told(
                "This session was recorded by another version of Interactive Gym ({version}), whose rules "
                "differ, so nobody can go on with it. Its data are complete and are exported as ever; start "
                "a new session.",
                version=row.app_version,
            ),
        )


def recover(database: Path, row: SessionRow) -> Begun:
    """The session as it was: stored events are handled again, and what follows from them is not done twice.

    The last checkpoint saves those before it; without a readable one it is every event.
    """
    experiment = Experiment.from_json(row.experiment["definition"])
    rng = rng_maker(row.seed)
    with StoreReader(database) as reader:
        kept = read_checkpoint(database.parent, row.id, experiment, rng, reader.last_seq(row.id))
        session = kept.session if kept else Session(experiment, session_id=row.id, rng=rng)
        seq, at = (kept.seq, kept.at) if kept else (-1, 0.0)
        failed = _failures(reader, row.id)
        broken: Counter[str] = Counter()
        failed_again: Counter[str] = Counter()
        first = seq
        for stored in reader.events(row.id, after=seq):
            seq, at = stored.seq, stored.at
            try:
                effects = session.handle(Event.from_json(stored.body), stored.at, failed=failed.get(seq))
                went_wrong = bool(failures_in(effects))
            except Exception:
                went_wrong = True
            if went_wrong:
                # What failed when it came is left out again, as everything after it rests on that.
                (failed_again if seq in failed else broken)[stored.type] += 1
        unreported = tuple(_unreported(reader, row.id, session))
        withdrawn = list(reader.records(row.id, kinds=("withdrawn",)))
    to_erase = tuple(dict.fromkeys(r.participant for r in withdrawn if r.participant and r.body.get("erase")))
    return Begun(row.id, session, experiment, seq + 1, at, unreported, to_erase, dict(broken), dict(failed_again),
                 seq - first)  # fmt: skip


def _failures(reader: StoreReader, session: str) -> dict[int, RuleFailed | None]:
    """Number of each event that failed → what the core said of its own rule; a deadline fails again by itself."""
    found: dict[int, RuleFailed | None] = {}
    for record in reader.records(session, kinds=(FAILED,)):
        body = record.body
        is_own = body.get("rule") is not None and not body.get("is_deadline")
        told = RuleFailed(body["rule"], body["error"], body["traceback"]) if is_own else None
        found[record.seq] = found.get(record.seq) or told
    return found


def earlier_groups(database: Path) -> tuple[tuple[str, ...], ...]:
    """Who played together in earlier sessions, by label; groups with somebody unlabelled cannot be known again."""
    groups: list[tuple[str, ...]] = []
    if not has_data(database):
        return ()
    with StoreReader(database) as reader:
        for row in reader.sessions():
            joined = reader.records(row.id, kinds=("joined",))
            labels = {record.participant: record.body.get("label") for record in joined}
            for record in reader.records(row.id, kinds=("group_formed",)):
                names = [labels.get(member) for member in record.body.get("members", ())]
                if all(names):
                    groups.append(tuple(str(name) for name in names))
    return tuple(groups)


def _unreported(reader: StoreReader, session_id: str, session: Session) -> list[RowsStored]:
    """Batches whose report the engine's end came before. They are among the newest, as every start reports them."""
    missing: list[BatchKey] = []
    known = 0
    for key in reader.newest_batches(session_id):
        last = key.first + key.count - 1
        if session.state.ledger.has_rows(key.participant, key.match, key.episode, key.first, last):
            known += 1
        else:
            missing.insert(0, key)
        if known > LOOKED_BACK:
            break
    return [
        RowsStored(batch.participant, batch.match, batch.episode, batch.first, batch.count,
                   batch.first + batch.count - 1, batch.rows.get("chain", ""))
        for key in missing
        for batch in reader.batches(session_id, participant=key.participant, match=key.match, episode=key.episode)
        if batch.first == key.first
    ]  # fmt: skip

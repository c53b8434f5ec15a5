"""The session's state on disk from time to time, so that a restart after hours takes seconds.

A cache and nothing else: it may be deleted at any moment, and a file that cannot be used costs a full replay.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from igym.core.checkpoint import CheckpointError
from igym.core.session import Session
from igym.core.state import MakeRng
from igym.experiment.experiment import Experiment
from igym.host.base.held_files import move, remove
from igym.host.base.journal import Journal
from igym.host.base.version import app_version
from igym.host.children.line_child import ChildEndedError, LineChild
from igym.host.ports import Runner
from igym.host.session.runtime import Runtime
from igym.host.store.postgres.place import place_beside
from igym.host.store.postgres.states import get_state, put_state, remove_state
from igym.host.store.store_schema import DATABASE

FORMAT = "igym-checkpoint/1"
EVERY_EVENTS = 10_000
"""Handling so many events again takes about a second."""


@dataclass(frozen=True)
class Kept:
    """A session brought back: `seq` and `at` are the last event it knows of."""

    session: Session
    seq: int
    at: float


def checkpoint_path(folder: Path, session_id: str) -> Path:
    """Where the checkpoint of a session lies; `folder` is the experiment's data folder."""
    return folder / "checkpoints" / f"{session_id}.state"


def remove_checkpoint(folder: Path, session_id: str) -> None:
    """For a session that ended, or whose events were changed. Raises `OSError`."""
    remove(checkpoint_path(folder, session_id))
    place = place_beside(folder / DATABASE)
    if place is not None:
        remove_state(place, session_id)


def read_checkpoint(folder: Path, session_id: str, experiment: Experiment, rng: MakeRng, last_seq: int) -> Kept | None:
    """The newest state, or None when there is none this version can use; never later than the log's end."""
    found = [read_state(checkpoint_path(folder, session_id), session_id), _state_on_server(folder, session_id)]
    # A log that was put back from a copy may end before what a checkpoint knows.
    seq, body = max((state for state in found if state and state[0] <= last_seq), default=(-1, b""))
    if seq < 0:
        return None
    try:
        session = Session.from_checkpoint(body, experiment, rng, handled=seq + 1)
    except CheckpointError:
        return None
    return Kept(session, seq, session.state.last_event_at)


def read_state(path: Path, session_id: str) -> tuple[int, bytes] | None:
    """The last event a state knows of, and the state as bytes; None when there is none of this version."""
    try:
        return _unpacked(path.read_bytes(), session_id)
    except OSError:
        return None


def _state_on_server(folder: Path, session_id: str) -> tuple[int, bytes] | None:
    """As `read_state`, of what another computer may have left."""
    place = place_beside(folder / DATABASE)
    try:
        content = get_state(place, session_id) if place is not None else None
    except OSError:
        return None
    return None if content is None else _unpacked(content, session_id)


def _unpacked(content: bytes, session_id: str) -> tuple[int, bytes] | None:
    try:
        head, _, body = content.partition(b"\n")
        facts = json.loads(head)
        known = (facts["format"], facts["app_version"], facts["session"]) == (FORMAT, app_version(), session_id)
        return (int(facts["seq"]), body) if known and facts["sha256"] == hashlib.sha256(body).hexdigest() else None
    except (ValueError, KeyError, TypeError):
        return None


def write_checkpoint(path: Path, session_id: str, seq: int, body: bytes) -> None:
    """`body` is the state after event `seq`, here and on the server of the data. Raises `OSError`; the one before then
    stays."""
    facts = {
        "format": FORMAT,
        "app_version": app_version(),
        "session": session_id,
        "seq": seq,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    # Two processes may write at the same time, one of them for an engine that is gone.
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(exist_ok=True)
        with part.open("wb") as file:
            file.write(json.dumps(facts).encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        # On the disk before it has the name: after a power cut one of the two is whole.
        move(part, path)
    finally:
        part.unlink(missing_ok=True)
    place = place_beside(path.parent.parent / DATABASE)
    if place is not None:
        put_state(place, session_id, seq, path)


class Checkpoints:
    """The state each `EVERY_EVENTS` events, made of the log by a process of its own: nobody waits for it here."""

    def __init__(self, folder: Path, session_id: str, runtime: Runtime, journal: Journal, runner: Runner) -> None:
        self._path = checkpoint_path(folder, session_id)
        self._arguments = [str(folder / DATABASE), session_id]
        self._runner = runner
        self._session_id = session_id
        self._runtime = runtime
        self._journal = journal
        self._written_at = runtime.handled
        self._writing: asyncio.Task[None] | None = None
        runtime.on_change(self._consider)

    def _consider(self) -> None:
        """After each group of events, which are on disk."""
        is_due = self._runtime.handled - self._written_at >= EVERY_EVENTS
        if is_due and (self._writing is None or self._writing.done()):
            self._written_at = self._runtime.handled
            self._writing = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        child = LineChild(
            self._runner, "checkpoint", self._arguments, lambda line: self._journal.info("checkpoint", line)
        )
        try:
            await child.start()
            told = await child.read()
            found = await asyncio.to_thread(read_state, self._path, self._session_id)
        except (OSError, ChildEndedError):
            told = found = None
        finally:
            await child.end()
        # What lies there has to be this child's: the state of another one knows of more or of less.
        if told is None or found is None or found[0] != told["seq"]:
            self._journal.warning("checkpoint", "The state could not be written; a restart takes longer.")
            return
        self._runtime.session.go_back_to(found[1], found[0] + 1)

    async def close(self) -> None:
        """Nothing is written any more; safe to call twice."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)

    async def finish(self) -> None:
        """The state of the last event; only after the runtime has stopped."""
        await self.close()
        body, seq = self._runtime.session.checkpoint(), self._runtime.handled - 1
        try:
            await asyncio.to_thread(write_checkpoint, self._path, self._session_id, seq, body)
        except OSError as error:
            self._journal.warning("checkpoint", f"The state could not be written ({error}); a restart takes longer.")

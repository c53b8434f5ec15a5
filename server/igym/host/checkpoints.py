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

from igym.core import Session
from igym.core.state import MakeRng
from igym.experiment import Experiment
from igym.host.held_files import move, remove
from igym.host.journal import Journal
from igym.host.runtime import Runtime
from igym.host.version import app_version

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
    """For a session that ended, or whose events were changed."""
    remove(checkpoint_path(folder, session_id))


def read_checkpoint(folder: Path, session_id: str, experiment: Experiment, rng: MakeRng, last_seq: int) -> Kept | None:
    """The newest state, or None when there is none this version can use; never later than the log's end."""
    try:
        head, _, body = checkpoint_path(folder, session_id).read_bytes().partition(b"\n")
        facts = json.loads(head)
        known = (facts["format"], facts["app_version"], facts["session"]) == (FORMAT, app_version(), session_id)
        if not known or facts["seq"] > last_seq or facts["sha256"] != hashlib.sha256(body).hexdigest():
            return None
        session = Session.from_checkpoint(body, experiment, rng)
        return Kept(session, int(facts["seq"]), session.state.last_event_at)
    except (OSError, ValueError, KeyError, TypeError):
        return None


class Checkpoints:
    """Writes the state each `EVERY_EVENTS` events; the files of one session follow each other in one place."""

    def __init__(self, folder: Path, session_id: str, runtime: Runtime, journal: Journal) -> None:
        self._path = checkpoint_path(folder, session_id)
        self._session_id = session_id
        self._runtime = runtime
        self._journal = journal
        self._written_at = runtime.handled
        self._writing: asyncio.Task[None] | None = None
        runtime.on_change(self._consider)

    def _consider(self) -> None:
        """After each group of events: the state is exactly that of the events on disk."""
        is_due = self._runtime.handled - self._written_at >= EVERY_EVENTS
        if is_due and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(asyncio.to_thread(self._write, self._bytes()))

    async def finish(self) -> None:
        """The state of the last event; only after the runtime has stopped."""
        if self._writing is not None:
            await self._writing
        await asyncio.to_thread(self._write, self._bytes())

    def _bytes(self) -> bytes:
        self._written_at = self._runtime.handled
        body = self._runtime.session.checkpoint()
        facts = {
            "format": FORMAT,
            "app_version": app_version(),
            "session": self._session_id,
            "seq": self._written_at - 1,
            "sha256": hashlib.sha256(body).hexdigest(),
        }
        return json.dumps(facts).encode() + b"\n" + body

    def _write(self, data: bytes) -> None:
        part = self._path.with_suffix(".part")
        try:
            self._path.parent.mkdir(exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            move(part, self._path)
        except OSError as error:
            self._journal.warning("checkpoint", f"The state could not be written ({error}); a restart takes longer.")

"""Gives jobs out and waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from igym.host.children.child import LogLine
from igym.host.jobs.queue import MOST_ATTEMPTS, Job, Progress, Queue
from igym.host.jobs.shared_folder import new_word

LOOK_EVERY_S = 0.5
PATIENCE_S = 10.0
"""A job that no worker has begun after so long is done here: workers may be busy with other studies."""


@dataclass
class Wish:
    """What becomes of a job while it is done; set from the loop, seen by the thread that waits for it."""

    is_interrupted: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)
    """Nobody waits for it any more."""


class Handover:
    """Gives jobs out and waits for them; blocking, in a thread of its own for each process that hands some over."""

    def __init__(self, url: str, home: Path, log: LogLine) -> None:
        """Raises `OSError` when the data folder cannot be written to."""
        self._url = url
        self._log = log
        # A new one at each start: nobody takes an old copy of this folder for it, and what an earlier server asked for
        # is nobody's any more.
        self._word = new_word(home)
        self._told = ""

    def queue(self) -> Queue:
        return Queue(self._url)

    def do(
        self, queue: Queue, job: Job, prefers: str | None, say: Callable[[str], None], wish: Wish
    ) -> tuple[int, str] | None:
        """Exit code and who did it; None when nobody did, so that it is to be done here.

        `say` gets each line; some of them twice when the first worker died.
        """
        try:
            if not queue.has_worker(self._word):
                self._tell("")
                return None
            number = queue.post(self._word, job, prefers)
        except OSError:
            return None
        return self._follow(queue, number, say, wish)

    def _follow(self, queue: Queue, number: int, say: Callable[[str], None], wish: Wish) -> tuple[int, str] | None:
        line, asked = -1, False
        while True:
            try:
                if wish.is_over.is_set():
                    queue.remove(number)
                    return None
                found = queue.progress(number, line)
                if found is None:
                    return None
                for _, text in found.lines:
                    say(text)
                line = found.lines[-1][0] if found.lines else line
                if found.exit_code is not None:
                    queue.remove(number)
                    self._tell(found.worker or "")
                    return found.exit_code, found.worker or ""
                if found.is_free and self._is_ours(queue, found) and queue.take_back(number):
                    self._tell("")
                    return None
                if wish.is_interrupted.is_set() and not asked:
                    queue.give_up(number)
                    asked = True
                queue.wait(LOOK_EVERY_S)
            except OSError:
                # The database is away, for the workers as well: they go on when it is back.
                if wish.is_over.wait(LOOK_EVERY_S):
                    return None

    def _is_ours(self, queue: Queue, found: Progress) -> bool:
        """Nobody of whom we know will do it soon."""
        return found.attempts >= MOST_ATTEMPTS or found.waited_s > PATIENCE_S or not queue.has_worker(self._word)

    def _tell(self, worker: str) -> None:
        if worker != self._told:
            self._log(f"Files and checks are made by {f'the worker {worker}' if worker else 'this server itself'}")
            self._told = worker

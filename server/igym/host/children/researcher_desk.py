"""The one thread in which a researcher's functions run: plain ones in order, `async def` ones side by side."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

Question = dict[str, Any]
CallFunction = Callable[[Question], Any]
MakeReply = Callable[[Question, Callable[[], Any]], dict[str, Any]]
Say = Callable[[dict[str, Any]], None]


class Desk:
    """Answers questions that arrive as JSON lines.

    Functions run in the main thread, as libraries expect it, and plain ones outside of the running loop, so that they
    may use `asyncio.run` themselves. For each question `{id, state: "begun"}` comes first; an async function says
    `{id, state: "waits"}` when the next question may begin; the reply ends it.
    """

    def __init__(self, call: CallFunction, make_reply: MakeReply, say: Say) -> None:
        self._call = call
        self._make_reply = make_reply
        self._say = say
        self._loop = asyncio.new_event_loop()
        self._questions: deque[Question] = deque()
        self._tasks: dict[int, asyncio.Task[Any]] = {}

    def work(self, lines: Iterable[str]) -> None:
        """Never returns: the end of `lines` ends the process, whatever a function is doing."""
        asyncio.set_event_loop(self._loop)
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while True:
            if self._questions:
                self.take(self._questions.popleft())
                # Those that wait get their turn between two plain ones.
                self._loop.call_soon(self._loop.stop)
            self._loop.run_forever()

    def take(self, question: Question) -> None:
        """Runs a plain function to its end; starts an async one."""
        self._say({"id": question["id"], "state": "begun"})
        try:
            value = self._call(question)
        except BaseException as error:
            self._reply(question, _raising(error))
            return
        if not inspect.isawaitable(value):
            self._reply(question, lambda: value)
            return
        task = self._loop.create_task(_awaited(value))
        self._tasks[question["id"]] = task
        task.add_done_callback(lambda done: self._ended(question, done))
        self._say({"id": question["id"], "state": "waits"})

    def _ended(self, question: Question, task: asyncio.Task[Any]) -> None:
        del self._tasks[question["id"]]
        self._reply(question, task.result)

    def _reply(self, question: Question, value: Callable[[], Any]) -> None:
        self._say(self._make_reply(question, value))

    def _cancel(self, number: int) -> None:
        if number in self._tasks:
            self._tasks[number].cancel()

    def _read(self, lines: Iterable[str]) -> None:
        for line in lines:
            question = json.loads(line)
            if "cancel" in question:
                self._loop.call_soon_threadsafe(self._cancel, question["cancel"])
            else:
                self._questions.append(question)
                self._loop.call_soon_threadsafe(self._loop.stop)
        # The engine is gone: a function that hangs would stay behind for ever.
        sys.stdout.flush()
        os._exit(0)


async def _awaited(value: Any) -> Any:
    return await value


def _raising(error: BaseException) -> Callable[[], Any]:
    def again() -> Any:
        raise error

    return again

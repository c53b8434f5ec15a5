"""Asking a program that talks along: a function in a process of its own, or a model at an address.

It never takes the engine's or the game's time: each question is a task beside everything else.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from igym.core.effects import Ask
from igym.host.children.researcher import Researcher
from igym.host.children.researcher_process import Answer
from igym.host.http.bodies import whole_body
from igym.protocol.told import Told

PAUSE_S = 0.5
LARGEST_REPLY = 256 * 1024


class Responders:
    """`make_researcher` gives a process for functions, started with the first question to one."""

    def __init__(self, make_researcher: Callable[[], Researcher]) -> None:
        self._make_researcher = make_researcher
        self._researcher: asyncio.Task[Researcher] | None = None
        self._client: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Answer]] = set()

    def ask(self, effect: Ask) -> asyncio.Task[Answer]:
        """Its value is `{text, error, attempts, seconds}`; never fails."""
        task = asyncio.create_task(self._answer(effect.context))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """Open questions are given up."""
        tasks = [*self._tasks, *([self._researcher] if self._researcher is not None else [])]
        researcher = self._researcher
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if researcher is not None and not researcher.cancelled() and researcher.exception() is None:
            await researcher.result().close()
        if self._client is not None:
            await self._client.close()

    async def _answer(self, context: dict[str, Any]) -> Answer:
        responder, began = context["responder"], time.perf_counter()
        attempts, error, text = 0, "", None
        while attempts <= responder["retries"]:
            if attempts:
                await asyncio.sleep(PAUSE_S * 2 ** (attempts - 1))
            attempts += 1
            try:
                text = await self._try(context)
                error = ""
                break
            except TimeoutError:
                error = Told("no reply within {seconds} s", seconds=f"{responder['time_limit_s']:g}")
            except (aiohttp.ClientError, OSError, ReplyError) as problem:
                error = f"{type(problem).__name__}: {problem}" if not isinstance(problem, ReplyError) else str(problem)
        seconds = round(time.perf_counter() - began, 3)
        return Answer({"text": text, "error": error or None, "attempts": attempts, "seconds": seconds})

    async def _try(self, context: dict[str, Any]) -> str | None:
        if context["responder"]["function"] is None:
            return await self._from_model(context)
        researcher = await self._process()
        limit_s = float(context["responder"]["time_limit_s"])
        answer = await researcher.ask("responder", context["responder"]["function"], context, limit_s)
        if answer.error is not None:
            error = answer.error
            where = f" ({error['file']}, line {error['line']})" if error.get("file") else ""
            raise ReplyError(f"{error.get('type', 'Error')}: {error.get('message', '')}{where}")
        if answer.value is not None and not isinstance(answer.value, str):
            raise ReplyError(Told("it returned {value}, not a text", value=type(answer.value).__name__))
        return answer.value

    async def _process(self) -> Researcher:
        if self._researcher is None or (self._researcher.done() and self._researcher.exception() is not None):
            self._researcher = asyncio.create_task(self._started())
        # One start for all who ask meanwhile: whoever is given up must not end it for the others.
        return await asyncio.shield(self._researcher)

    async def _started(self) -> Researcher:
        researcher = self._make_researcher()
        try:
            await researcher.start()
        except Exception as error:
            raise ReplyError(str(error)) from error
        return researcher

    async def _from_model(self, context: dict[str, Any]) -> str:
        responder = context["responder"]
        if self._client is None:
            # The lab's own network: no proxy of the environment is asked.
            self._client = aiohttp.ClientSession(trust_env=False)
        limit = aiohttp.ClientTimeout(total=float(responder["time_limit_s"]))
        address = responder["url"].rstrip("/") + "/chat/completions"
        async with self._client.post(address, json=request_of(context), timeout=limit) as response:
            body = await whole_body(response.content, LARGEST_REPLY)
            if body is None:
                raise ReplyError(Told("the server's answer has more than {most} KB", most=LARGEST_REPLY // 1024))
            if response.status != 200:
                raise ReplyError(
                    Told(
                        "the server answered {code}: {answer}",
                        code=response.status,
                        answer=body[:300].decode(errors="replace"),
                    )
                )
        return reply_in(body)


class ReplyError(Exception):
    """No reply, in the researcher's words."""


def request_of(context: dict[str, Any]) -> dict[str, Any]:
    """What OpenAI's chat format wants: the instructions, then the talk; of several people, who spoke stands first."""
    responder, several = context["responder"], len(context["people"]) > 1
    messages = [{"role": "system", "content": responder["instructions"]}] if responder["instructions"] else []
    for line in context["messages"]:
        text = f"{line['name']}: {line['text']}" if several and not line["mine"] else line["text"]
        messages.append({"role": "assistant" if line["mine"] else "user", "content": text})
    request = {"model": responder["model"], "messages": messages, "stream": False}
    return request | ({"temperature": responder["temperature"]} if responder["temperature"] is not None else {})


def reply_in(body: bytes) -> str:
    """The text of a reply; raises `ReplyError` when it is none."""
    try:
        text = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise ReplyError(
            Told("the server's answer has no choices[0].message.content: {answer}", answer=repr(body[:200]))
        ) from error
    if not isinstance(text, str):
        raise ReplyError(Told("the server's answer is no text"))
    return text

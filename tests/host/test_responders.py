"""A program that talks along, through a real engine: a function of the folder, and a model at an address."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from igym.core.effects import Ask
from igym.experiment.errors import ExperimentError
from igym.experiment.loader import load_experiment
from igym.host.checks.study_check import walk_through
from igym.host.session.responders import Responders
from igym.host.simulate.participant import SimulatedParticipant
from tests.host.conftest import StartEngine, table

STUDY = """
from igym import ChatScene, EndScene, Experiment, Responder

experiment = Experiment("talk", stager=[
    ChatScene("talk").display(responder=Responder("bots.py:reply", name="Robo", instructions="Repeat.")),
    EndScene("end"),
])
"""
BOTS = """
import asyncio
asked = 0

async def reply(talk):
    global asked
    asked += 1
    await asyncio.sleep(0)
    return f"{talk.responder.instructions} {asked}: {talk.messages[-1].text}"

def broken(talk):
    return 1 / 0
"""


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "talk"
    folder.mkdir()
    (folder / "experiment.py").write_text(STUDY)
    (folder / "bots.py").write_text(BOTS)
    return folder


async def test_a_function_of_the_folder_answers_and_everything_is_in_the_tables(
    study: Path, start_engine: StartEngine
) -> None:
    engine = await start_engine(STUDY, files={"bots.py": BOTS})
    person = SimulatedParticipant(engine.join_url)
    await person.client.join()
    await person.client.connect()
    said = asyncio.Event()

    async def follow() -> None:
        while True:
            message = await person.client.inbox.get()
            await person._react(message) if message.name != "scene" else None
            if message.name == "scene":
                person.client.visit = message.visit  # type: ignore[attr-defined]
            if message.name == "chat_said" and message.line.name == "Robo":  # type: ignore[attr-defined]
                said.set()

    following = asyncio.create_task(follow())
    await asyncio.wait_for(said.wait(), 120)
    following.cancel()
    await person.close()
    await engine.stop("the end of the test")
    lines = [(row["how"], row["text"]) for row in table(engine, "chat.csv")]
    assert lines == [("text", "Hello!"), ("responder", "Repeat. 1: Hello!")]
    [response] = table(engine, "responses.csv")
    assert (response["outcome"], response["attempts"], response["number"]) == ("said", "1", "2")
    assert response["source"] == "bots.py:reply"


def test_the_walk_of_a_check_asks_it_and_tells_what_is_wrong(study: Path) -> None:
    done = walk_through(study, None, load_experiment(study), people=2)
    assert done["ok"], done["findings"]
    (study / "experiment.py").write_text(STUDY.replace("bots.py:reply", "bots.py:broken"))
    done = walk_through(study, None, load_experiment(study), people=2)
    assert any("ZeroDivisionError" in finding["text"] + finding["details"] for finding in done["findings"])


@pytest.mark.parametrize(
    ("name", "text"),
    [("bots.py:replay", "no function replay.*Did you mean"), ("bot.py:reply", "does not exist")],
)
def test_a_function_that_is_not_there_is_told_while_loading(study: Path, name: str, text: str) -> None:
    (study / "experiment.py").write_text(STUDY.replace("bots.py:reply", name))
    with pytest.raises(ExperimentError, match=text):
        load_experiment(study)


@contextlib.asynccontextmanager
async def model(*answers: web.Response | float | Handler) -> AsyncIterator[tuple[str, list[Any]]]:
    """A server that speaks the format, and what it was asked; a number is how long it only thinks."""
    requests: list[Any] = []

    async def complete(request: web.Request) -> web.StreamResponse:
        requests.append(await request.json())
        answer = answers[min(len(requests), len(answers)) - 1]
        if callable(answer):
            return await answer(request)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.Response(status=500)
        return answer

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", requests
    finally:
        await runner.cleanup()


def question(url: str, **more: Any) -> Ask:
    responder = {"function": None, "url": url, "model": "small", "instructions": "Be brief.", "time_limit_s": 5.0,
                 "retries": 1, "temperature": 0.2}  # fmt: skip
    messages = [
        {"number": 1, "name": "Person 1", "mine": False, "text": "Hello"},
        {"number": 2, "name": "Robo", "mine": True, "text": "Hi"},
        {"number": 3, "name": "Person 2", "mine": False, "text": "Who are you?"},
    ]
    context = {"responder": {**responder, **more}, "messages": messages, "people": [{}, {}]}
    return Ask("q1", "responder", "", context, 0.0)


async def answer(ask: Ask) -> dict[str, Any]:
    responders = Responders(lambda: pytest.fail("no function is asked"))  # type: ignore[arg-type,return-value]
    try:
        found: dict[str, Any] = (await responders.ask(ask)).value
        return found
    finally:
        await responders.close()


def said(text: Any) -> web.Response:
    return web.json_response({"choices": [{"message": {"role": "assistant", "content": text}}]})


async def test_a_model_is_asked_in_its_format() -> None:
    async with model(said("A program.")) as (url, requests):
        found = await answer(question(url))
    assert (found["text"], found["error"], found["attempts"]) == ("A program.", None, 1)
    assert requests == [
        {
            "model": "small",
            "stream": False,
            "temperature": 0.2,
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Person 1: Hello"},
                {"role": "assistant", "content": "Hi"},
                {"role": "user", "content": "Person 2: Who are you?"},
            ],
        }
    ]


async def in_pieces(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    for piece in (b'{"choices": [{"message": ', b'{"content": "In ', b'pieces."}}]}'):
        await answer.write(piece)
        await asyncio.sleep(0.03)
    return answer


async def test_an_answer_that_comes_in_pieces_is_read_to_its_end() -> None:
    async with model(in_pieces) as (url, _):
        assert (await answer(question(url, retries=0)))["text"] == "In pieces."


async def test_a_model_that_fails_is_asked_again() -> None:
    async with model(web.Response(status=503, text="loading"), said("There.")) as (url, requests):
        found = await answer(question(url))
    assert (found["text"], found["attempts"], len(requests)) == ("There.", 2, 2)


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (web.Response(status=503, text="loading"), "answered 503: loading"),
        (web.json_response({"choices": []}), "no choices"),
        (said(None), "no text"),
        (said("x" * 300_000), "more than 256 KB"),
        (30.0, "no reply within"),
    ],
    ids=["busy", "empty", "null", "endless", "silent"],
)
async def test_what_no_model_should_answer_is_told_in_words(reply: web.Response | float, text: str) -> None:
    async with model(reply) as (url, _):
        limit = 0.2 if isinstance(reply, float) else 5.0
        found = await answer(question(url, retries=0, time_limit_s=limit))
    assert found["text"] is None
    assert text in found["error"]


async def test_an_address_where_nobody_is_does_not_hold_up_anything() -> None:
    found = await answer(question("http://127.0.0.1:9/v1", retries=0))
    assert "ClientConnectorError" in found["error"]

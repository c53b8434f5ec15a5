"""What an edge asks of the leader comes as the leader gave it, whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from igym.core.sentences import said
from igym.host.cluster.edge import OwnFiles
from igym.host.cluster.passing import NOBODY_LEADS, Passing
from igym.host.http.web_files import Served, Vendored

BY_ITSELF = frozenset({"Accept", "Accept-Encoding", "User-Agent", "Content-Type"})
BROWSER = {"Accept": "text/html", "Accept-Language": "de-AT,en;q=0.5"}


class Leader:
    """Says what it was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}
        self.waits = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/broken", self._broken)
        app.router.add_route("*", "/stands", self._stands)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked = {
            "url": request.rel_url.raw_path_qs,
            "headers": dict(request.headers),
            "body": await request.read(),
        }
        answer = web.Response(status=209, body=b"\x1f\x8bpacked", headers={"Content-Encoding": "gzip", "X-Own": "yes"})
        answer.set_cookie("igym_s", "token", httponly=True)
        answer.set_cookie("another", "one")
        return answer

    async def _broken(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "1000"})
        await answer.prepare(request)
        await answer.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return answer

    async def _stands(self, request: web.Request) -> web.StreamResponse:
        self.waits.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
async def leader() -> AsyncIterator[Leader]:
    made = Leader()
    await made.server.start_server()
    yield made
    await made.server.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def _same(address: str | None) -> str | None:
    return address


async def edge(leader: Callable[[], str | None]) -> tuple[Passing, TestServer]:
    passing = Passing(leader)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", passing.answer)
    server = TestServer(app)
    await server.start_server()
    return passing, server


async def test_question_and_answer_cross_unchanged_with_the_visitors_address(
    leader: Leader, http: aiohttp.ClientSession
) -> None:
    passing, server = await edge(partial(_same, str(leader.server.make_url("")).rstrip("/")))
    forged = {"Cookie": "igym_s=own", "X-Forwarded-For": "203.0.113.9", "Host": "study.example.org"}
    asked = URL(f"{server.make_url('/api/join')}?a=%2Fb&a=c", encoded=True)
    async with http.post(asked, data=b"{}", headers=forged) as answer:
        assert (answer.status, await answer.read()) == (209, b"\x1f\x8bpacked")
        assert answer.headers["X-Own"] == "yes" and answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.headers.getall("Set-Cookie")) == 2
    headers = leader.asked["headers"]
    assert (leader.asked["url"], leader.asked["body"]) == ("/api/join?a=%2Fb&a=c", b"{}")
    assert (headers["Host"], headers["Cookie"]) == ("study.example.org", "igym_s=own")
    assert headers["X-Forwarded-For"] == "127.0.0.1" and headers["X-Forwarded-Proto"] == "http"
    async with http.get(server.make_url("/broken")) as answer:
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()
    async with http.get(server.make_url("/"), skip_auto_headers=tuple(BY_ITSELF)) as answer:
        await answer.read()
    assert not BY_ITSELF & leader.asked["headers"].keys(), "nothing is added to what the visitor sends"
    await passing.close()
    await server.close()


async def test_whether_a_pages_files_are_the_present_ones_is_for_the_leader_to_say(
    leader: Leader, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    (tmp_path / "main.js").write_text("own", encoding="utf-8")
    passing = Passing(partial(_same, str(leader.server.make_url("")).rstrip("/")))
    files, vendored = Served(tmp_path), Vendored(tmp_path)
    app = web.Application()
    OwnFiles(files, vendored, passing).add_to(app)
    server = TestServer(app)
    await server.start_server()
    async with http.get(server.make_url(f"/static/{files.hash}/main.js")) as answer:
        assert (answer.status, await answer.read(), leader.asked) == (200, b"own", {})
    for address in (f"/static/{files.hash}/current", f"/vendor/{vendored.hash}/current"):
        async with http.get(server.make_url(address)) as answer:
            assert (answer.status, leader.asked["url"]) == (209, address)
    await passing.close()
    await server.close()


async def test_whoever_waits_for_a_leader_that_is_no_more_is_told_so(
    leader: Leader, http: aiohttp.ClientSession
) -> None:
    leads: list[str | None] = [str(leader.server.make_url("")).rstrip("/")]
    passing, server = await edge(lambda: leads[-1])
    waiting = asyncio.create_task(http.get(server.make_url("/stands")))
    await asyncio.wait_for(leader.waits.wait(), 30)
    passing.anew()
    async with http.get(server.make_url("/")) as answer:
        assert answer.status == 209 and not waiting.done(), "who still leads may take their time"

    leads.append(None)
    passing.anew()

    answer = await asyncio.wait_for(waiting, 30)
    assert answer.status == 503 and (await answer.json())["error"]["code"] == "no_leader"
    leads.pop()
    async with http.get(server.make_url("/")) as answer:
        assert answer.status == 209, "whoever leads then is asked"
    await passing.close()
    await server.close()


async def test_while_nobody_leads_a_page_tries_again_by_itself_and_says_so_in_its_language(
    leader: Leader, http: aiohttp.ClientSession
) -> None:
    gone = str(leader.server.make_url("")).rstrip("/")
    await leader.server.close()
    for address in (None, gone):
        passing, server = await edge(partial(_same, address))
        async with http.get(server.make_url("/"), headers=BROWSER) as answer:
            text = await answer.text()
            assert answer.status == 503 and answer.headers["Cache-Control"] == "no-store"
            assert said("de", NOBODY_LEADS) in text and 'http-equiv="refresh"' in text
        async with http.post(server.make_url("/api/join"), data=b"{}") as answer:
            assert (await answer.json())["error"] == {"code": "no_leader", "text": NOBODY_LEADS}
        await passing.close()
        await server.close()

"""What an edge does not answer itself it asks of the server that leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from html import escape

import aiohttp
from aiohttp import web
from yarl import URL

from igym.core.sentences import said
from igym.host.http.responses import NEVER_KEPT, error_answer, first_language

CONNECT_S = 3.0
# Of one connection alone, as HTTP has it.
HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade",
})  # fmt: skip
REPLACED = HOP_BY_HOP | {"host", "content-length", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
# The visitor's own or none: the library would add its.
OWN_HEADERS = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")
PIECE = 256 * 1024
NOBODY_LEADS = "The study is out of reach for a moment. Please try again in a few seconds."
AGAIN_AFTER_S = 3
PAGE = """<!doctype html>
<html>
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <meta http-equiv="refresh" content="{after}" />
    <title>…</title>
  </head>
  <body style="font: 1.2rem/1.5 sans-serif; margin: 20vh auto; max-width: 32rem; padding: 0 1rem">
    <p dir="auto">{text}</p>
  </body>
</html>
"""


class Passing:
    """`leader` gives the address of whoever leads, None while nobody does."""

    def __init__(self, leader: Callable[[], str | None]) -> None:
        self._leader = leader
        self._client: aiohttp.ClientSession | None = None
        self._asked_of: str | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        self._let_go()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def anew(self) -> None:
        """To be called when somebody else may lead: nobody waits any longer for whoever led before."""
        if self._leader() != self._asked_of:
            self._let_go()

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            task = asyncio.create_task(client.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The leader's answer to the request, as it comes."""
        address = self._leader()
        if address is None:
            return _nobody(request)
        body = await request.read() if request.body_exists else None
        url, headers = URL(f"{address}{request.rel_url.raw_path_qs}", encoded=True), _headers(request)
        try:
            async with self._asking(address).request(
                request.method,
                url,
                headers=headers,
                data=body,
                allow_redirects=False,
                skip_auto_headers=OWN_HEADERS,
            ) as answer:
                return await _handed_on(request, answer)
        except aiohttp.ClientConnectionError:
            return _nobody(request)

    def _asking(self, address: str) -> aiohttp.ClientSession:
        self._asked_of = address
        if self._client is None:
            # The whole body may take long; that nobody is there shows at once.
            limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
            self._client = aiohttp.ClientSession(
                timeout=limit, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
                connector=aiohttp.TCPConnector(limit=0),
            )  # fmt: skip
        return self._client


def _nobody(request: web.Request) -> web.Response:
    """For whoever opens a page one that tries again by itself; else an error as any other."""
    preferred = first_language(request.headers.get("Accept-Language", ""))
    text = said(preferred, NOBODY_LEADS)
    if "text/html" in request.headers.get("Accept", ""):
        answer = web.Response(text=PAGE.format(text=escape(text), after=AGAIN_AFTER_S), content_type="text/html")
        answer.set_status(503)
    else:
        answer = error_answer(503, "no_leader", text)
    answer.headers.update({"Retry-After": str(AGAIN_AFTER_S), "Cache-Control": NEVER_KEPT})
    return answer


def _headers(request: web.Request) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in request.headers.items() if name.lower() not in REPLACED]
    return [
        *kept, ("Host", request.host), ("X-Forwarded-For", request.remote or ""), ("X-Forwarded-Proto", request.scheme)
    ]  # fmt: skip


async def _handed_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    handed = web.StreamResponse(status=answer.status, reason=answer.reason)
    for name, value in answer.headers.items():
        if name.lower() not in HOP_BY_HOP and name.lower() != "date":
            handed.headers.add(name, value)
    await handed.prepare(request)
    try:
        async for piece in answer.content.iter_chunked(PIECE):
            await handed.write(piece)
        await handed.write_eof()
    except (aiohttp.ClientError, asyncio.IncompleteReadError):
        # Half an answer must not look whole.
        if request.transport is not None:
            request.transport.abort()
    return handed

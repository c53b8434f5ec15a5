"""What an edge does not answer itself it asks of the server that leads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aiohttp
from aiohttp import web

from igym.host.http.responses import error_answer

CONNECT_S = 3.0
# Of one connection alone, as HTTP has it.
HOP_BY_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade",
})  # fmt: skip
REPLACED = HOP_BY_HOP | {"host", "content-length", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"}
PIECE = 256 * 1024
NOBODY_LEADS = "The study is not served at the moment. Please wait some seconds and reload this page."


class Passing:
    """`leader` gives the address of whoever leads, None while nobody does."""

    def __init__(self, leader: Callable[[], str | None]) -> None:
        self._leader = leader
        self._client: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """The leader's answer to the request, as it comes."""
        address = self._leader()
        if address is None:
            return _nobody()
        body = await request.read() if request.body_exists else None
        url, headers = f"{address}{request.rel_url}", _headers(request)
        try:
            async with self._asking().request(
                request.method,
                url,
                headers=headers,
                data=body,
                allow_redirects=False,
            ) as answer:
                return await _handed_on(request, answer)
        except (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, aiohttp.ServerTimeoutError):
            return _nobody()

    def _asking(self) -> aiohttp.ClientSession:
        if self._client is None:
            # The whole body may take long; that nobody is there shows at once.
            limit = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)
            self._client = aiohttp.ClientSession(
                timeout=limit, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False,
                connector=aiohttp.TCPConnector(limit=0),
            )  # fmt: skip
        return self._client


def _nobody() -> web.Response:
    answer = error_answer(503, "no_leader", NOBODY_LEADS)
    answer.headers["Retry-After"] = "3"
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

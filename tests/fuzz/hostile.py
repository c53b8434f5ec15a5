"""Hostile participants: everything a browser may send and much that it may not, drawn from a seed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
import msgpack

from igym.host.simulate.client import BROWSER, NAMESPACE, ParticipantClient
from igym.protocol.codec import CLIENT_MESSAGES
from tests.host.messages import EXAMPLES, rows, spoiled
from tests.waiting import LIMIT_S

NUMBERS = (0, 1, 2, -1, 31, 32, 255, 65_535, 2**31, 2**40, 2**53, 2**63 - 1, 2**63, 1e300, -0.0)
WORDS = ("", "a", "m001", "../../etc", "<img src=x>", "\u202e", "x" * 600, "\0", "=1+1", "🙂", "__proto__")
ROUNDS_A_CONNECTION = 400


class Hostile:
    """A person who opens connection after connection, sends `messages` in all, and joins anew when kept out.

    `advance`: first of all it goes on to the lobby, where it meets another one of its kind.
    """

    def __init__(self, url: str, seed: int, matches: tuple[str, ...], *, advance: bool) -> None:
        self._url = url.rstrip("/")
        self._rng = Random(seed)
        self._matches = matches
        self._advance = advance
        self._visits = (0, 1, 2, 3) if advance else (0, 2, 3)
        self._cookie = ""
        self.people = 0
        self.sent = 0

    async def attack(self, messages: int) -> None:
        while self.sent < messages:
            if not self._cookie:
                await self._join()
            with contextlib.suppress(aiohttp.ClientError, ConnectionError, TimeoutError):
                async with self._wire() as wire:
                    await self._batter(wire, min(ROUNDS_A_CONNECTION, messages - self.sent))
            await asyncio.sleep(0)

    async def _join(self) -> None:
        client = ParticipantClient(self._url)
        await client.join()
        self._cookie, self.people = client.cookie, self.people + 1
        if self._advance and self.people == 1:
            await client.connect()
            await client.deliver("advance", {"visit": 1, "timing": {"shown_ms": 0.0, "submitted_ms": 1.0}})
        else:
            self._visits = (0, 2, 3)
        await client.close()

    @contextlib.asynccontextmanager
    async def _wire(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with (
            aiohttp.ClientSession(headers={"Cookie": self._cookie}) as http,
            http.ws_connect(f"{self._url}/socket.io/?EIO=4&transport=websocket", max_msg_size=0) as wire,
        ):
            await wire.receive(timeout=LIMIT_S)
            if self._rng.random() < 0.9:
                await wire.send_str(f"40{NAMESPACE},")
                answer = await wire.receive(timeout=LIMIT_S)
                if str(answer.data).startswith("44"):
                    self._cookie = ""
                    raise ConnectionError("kept out")
            if self._rng.random() < 0.6:
                await wire.send_str(self._event("hello", EXAMPLES["hello"] | {"browser": BROWSER}))
            yield wire

    async def _batter(self, wire: aiohttp.ClientWebSocketResponse, most: int) -> None:
        reading = asyncio.create_task(_read(wire)) if self._rng.random() < 0.8 else None
        try:
            for _ in range(most):
                if wire.closed:
                    return
                await self._one(wire)
                self.sent += 1
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def _one(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        kind = self._rng.random()
        if kind < 0.005:
            await self._no_packet(wire)
        elif kind < 0.3:
            await self._binary(wire)
        else:
            name = self._rng.choice(sorted(set(CLIENT_MESSAGES) - {"rows", "relay", "leave"}))
            await wire.send_str(self._event(name, self._changed(name)))

    async def _no_packet(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        deep = "42/participant," + "[" * 5000
        own = self._event(self._rng.choice(("connect", "disconnect", "*")), {"HTTP_COOKIE": self._cookie})
        texts = ("45999999999-/participant,[]", "42/participant,{", "4", "49", deep, own, "3", "2x", "9")
        text = self._rng.choice(texts)
        if self._rng.random() < 0.3:
            await wire.send_bytes(self._rng.randbytes(self._rng.choice((0, 1, 100, 100_000))))
        else:
            await wire.send_str(text)

    async def _binary(self, wire: aiohttp.ClientWebSocketResponse) -> None:
        name = self._rng.choice(("rows", "rows", "rows", "relay"))
        await wire.send_str(f'451-{NAMESPACE},{self._rng.choice(("", "1"))}["{name}",{{"_placeholder":true,"num":0}}]')
        await wire.send_bytes(self._bytes(name))

    def _bytes(self, name: str) -> bytes:
        rng = self._rng
        if rng.random() < 0.1:
            return rng.randbytes(rng.choice((0, 1, 10, 1000)))
        if name == "relay":
            return bytes((1, rng.choice((0, 1, 2, 31, 200)))) + rng.randbytes(rng.choice((0, 1, 1000, 30_000)))
        count = rng.choice((1, 1, 10, 100))
        first = rng.choice((0, 10, 90, 300, *NUMBERS[:-2]))
        changes: dict[str, Any] = {
            "match": rng.choice([*self._matches, "m999"]), "scene": rng.choice(("duel", "game")),
            "episode": rng.choice((0, 1, 2, 2**40)), "first": first, "count": count,
            "parity": {f"infos.a.x{rng.randrange(10_000)}": [self._cell() for _ in range(count)]},
            "inputs": {str(player): [rng.choice((0, 1, 2))] * count for player in range(rng.choice((1, 2, 40)))},
            "globals": rng.choice((None, {"a": self._value()}, {"a": msgpack.Timestamp(1, 2)}, {"a": {b"x": 1}})),
        }  # fmt: skip
        with contextlib.suppress(OverflowError, ValueError, TypeError):
            return rows(**changes)
        return rows(match="m999")

    def _cell(self) -> Any:
        return self._rng.choice((0, 1.5, None, True, "x" * 50, [[[1]]], [[[[[1]]]]], float("nan"), b"x"))

    def _changed(self, name: str) -> Any:
        """The example, one of the spoiled ones, or the example with its fields changed."""
        rng, kind = self._rng, self._rng.random()
        if kind < 0.15:
            return rng.choice(spoiled(name))[1]
        body = dict(EXAMPLES[name])
        for field in body:
            if field == "match":
                body[field] = rng.choice(self._matches)
            elif field == "visit":
                body[field] = rng.choice(self._visits)
            elif field in ("episode", "frames", "peer", "to") and rng.random() < 0.7:
                body[field] = rng.choice((0, 1, 2))
            elif rng.random() < 0.2:
                body[field] = self._value()
        return body

    def _value(self) -> Any:
        rng = self._rng
        nested: tuple[Any, ...] = ([rng.choice(NUMBERS)] * 20, {"k": rng.choice(WORDS)})
        return rng.choice((rng.choice(NUMBERS), rng.choice(WORDS), None, True, [], {}, *nested))

    def _event(self, name: str, payload: Any) -> str:
        acknowledged = self._rng.choice(("", str(self._rng.randrange(1000))))
        return f"42{NAMESPACE},{acknowledged}" + json.dumps([name, payload], default=lambda value: value.hex())


async def _read(wire: aiohttp.ClientWebSocketResponse) -> None:
    """Answers the transport's pings, so that the connection lives."""
    async for message in wire:
        if message.data == "2":
            await wire.send_str("3")

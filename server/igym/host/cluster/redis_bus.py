"""Streams and channels of a Redis server that may be away at any time; what got lost is found by the lines."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from igym.host.base.clock import steady_s
from igym.host.base.errors import HostError
from igym.host.base.spawn import REDIS_VARIABLE
from igym.host.cluster.nonsense import Nonsense
from igym.protocol.told import Told

NEEDS_EXTRA = Told(
    "A session on several computers needs the Python packages redis and psycopg: "
    "pip install 'interactive-gym-desktop[cluster]'."
)
WRONG_PASSWORD = Told(
    "Redis asks for a password, or for another one than it was given. Put the right one into the variable "
    "IGYM_REDIS_PASSWORD on every core and every edge, then start this again."
)
NEEDED = (6, 2)
"""Streams are cut by what has been read of them."""
BLOCK_MS = 1000
SILENT_S = 3.0
"""Redis has not answered for so long: another connection is tried."""
CONNECT_S = 2.0
AGAIN_S = 0.2
TRIM_EVERY_S = 1.0
KEPT_S = 60
"""Streams that nobody writes to any more are gone after that."""
LONGEST = 20_000
MOST_AT_ONCE = 32
"""Entries of a stream, each as large as a packet may be."""
PING_EVERY_S = 1.0
Take = Callable[[bytes], None]
Trouble = Literal["away", "refused"]
SPOILT = ("WRONGTYPE", "last possible ID")
"""Of the errors where somebody else has put something of another type, or a stream's last number, into our place."""


def checked_redis(url: str) -> str:
    """Raises `HostError` "bad_redis" when it is no address."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("redis", "rediss") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise HostError(
            "bad_redis", Told("--redis takes the address of a Redis server, such as redis://redis.example.org:6379/0.")
        )
    return url


async def checked_server(url: str) -> None:
    """Raises `HostError` "bad_redis" when it refuses or is too old; one that does not answer is asked when it comes."""
    bus = RedisBus(url)
    try:
        await bus.must_fit()
    except bus.errors:
        return
    finally:
        await bus.close()


def is_spoilt(error: Exception) -> bool:
    """Whether it failed because something that is not ours stands in the place."""
    return any(sign in str(error) for sign in SPOILT)


def _untold(_: object) -> None:
    """For whoever only asks."""


class RedisBus:
    """`tell` is called when the server goes away, when it refuses the password, and with None when it is (back) there.

    `log` gets a line about what nobody understands.
    """

    def __init__(
        self, url: str, tell: Callable[[Trouble | None], None] = _untold, log: Callable[[str], None] = _untold
    ) -> None:
        try:
            from redis.asyncio import Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
            from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError
        except ImportError as error:
            raise HostError("bad_redis", NEEDS_EXTRA, str(error)) from error
        self.refused, self._not_told = AuthenticationError, NoPermissionError
        self._answered: type[Exception] = ResponseError
        # RuntimeError: what `uvloop` raises where a connection has closed before something is written to it.
        self.errors: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError, RuntimeError)
        self.client: Any = Redis.from_url(
            url, socket_timeout=SILENT_S, socket_connect_timeout=CONNECT_S, retry=cast("Any", Retry(NoBackoff(), 0)),
            health_check_interval=0, password=os.environ.get(REDIS_VARIABLE) or None,
        )  # fmt: skip
        # Without the pool, which looks at a connection each time it lends it.
        pool: Any = self.client.connection_pool
        self._connect: Callable[[], Any] = pool.make_connection
        self._writer = self._connect()
        self._appending = asyncio.Lock()
        self.nonsense = Nonsense(log)
        self._tell = tell
        self._is_there: bool | None = None
        self._trouble: Trouble | None = None
        self._fits, self._has_fitted = False, False
        self._is_closing = False

    def note(self, is_there: bool, error: Exception | None = None) -> None:
        """`error`: what broke off when it is not there."""
        trouble: Trouble | None = None
        if not is_there:
            # It may come back as another one.
            self._fits = False
            trouble = "refused" if isinstance(error, self.refused) else "away"
        if (self._is_there is not is_there or self._trouble != trouble) and not self._is_closing:
            self._is_there, self._trouble = is_there, trouble
            self._tell(trouble)

    @property
    def is_there(self) -> bool:
        return self._is_there is True

    async def must_fit(self) -> None:
        """Asks the server for its version, once each time that it comes.

        Raises `HostError` "bad_redis" when it is too old, or refuses one that it never took; `self.errors` when it does
        not answer.
        """
        if self._fits:
            return
        try:
            told = await self.client.info("server")
        except self._not_told:
            told = {}
        except self.refused as error:
            if self._has_fitted:
                raise
            raise HostError("bad_redis", WRONG_PASSWORD, str(error)) from error
        version = str(told.get("redis_version", ""))
        numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
        if numbers and numbers < NEEDED:
            raise HostError(
                "bad_redis",
                Told(
                    "This Redis server is of version {version}, and 6.2 or later is needed. "
                    "Update it, then start this again.",
                    version=version,
                ),
            )
        self._fits = self._has_fitted = True

    async def clear(self, error: Exception, key: str) -> bool:
        """Whether it failed because something else stands in the place of this key, which is empty then."""
        if not is_spoilt(error):
            return False
        self.nonsense.leave_out(f"stands in Redis as {key}", error)
        await self.forget(key)
        return True

    def _give(self, take: Take, data: object) -> None:
        """What one writes wrongly is no reason to stop hearing the others."""
        try:
            if not isinstance(data, bytes):
                raise TypeError(f"bytes were expected, not {data!r}")
            take(data)
        except Exception as error:
            self.nonsense.leave_out("came from Redis", error)

    async def append(self, entries: Sequence[tuple[str, bytes]], *, keep: bool = False) -> bool:
        """Adds to the ends of streams, in order; False when not all of it may have come there.

        `keep`: the streams are needed for another while.
        """
        commands: list[tuple[Any, ...]] = [
            ("XADD", stream, "MAXLEN", "~", LONGEST, "*", "p", data) for stream, data in entries
        ]
        commands += [("EXPIRE", stream, KEPT_S) for stream, _ in entries] if keep else []
        async with self._appending:
            try:
                answers = await self._ask(self._writer, commands)
                refused = {at[1]: answer for at, answer in zip(commands, answers, strict=True) if _is_error(answer)}
                for stream, error in refused.items():
                    if not await self.clear(error, stream):
                        raise error
            except self.errors as error:
                await self._writer.disconnect()
                self.note(False, error)
            else:
                self.note(True)
                if not refused:
                    return True
            await asyncio.sleep(AGAIN_S)
            return False

    async def follow(self, stream: str, take: Take) -> None:
        """Calls `take` with all that comes to the stream, from its beginning, again after each loss; for ever."""
        reader = self._connect()
        at: Any = "0-0"
        trimmed_s = 0.0
        try:
            while True:
                try:
                    found = await self._ask_one(
                        reader, "XREAD", "COUNT", MOST_AT_ONCE, "BLOCK", BLOCK_MS, "STREAMS", stream, at
                    )
                    self.note(True)
                    for _, entries in found or ():
                        for at, parts in entries:  # noqa: B007
                            self._give(take, parts[1] if len(parts) == 2 else parts)
                    if found and steady_s() - trimmed_s > TRIM_EVERY_S:
                        trimmed_s = steady_s()
                        await self._ask_one(reader, "XTRIM", stream, "MINID", at)
                    elif not found and at != "0-0" and await self._is_anew(reader, stream, at):
                        at = "0-0"
                except self.errors as error:
                    # An emptied server may count anew, so that what is there is read from its beginning.
                    at = "0-0"
                    await reader.disconnect()
                    if not await self.clear(error, stream):
                        self.note(False, error)
                    await asyncio.sleep(AGAIN_S)
        finally:
            await reader.disconnect()

    async def _is_anew(self, reader: Any, stream: str, at: bytes) -> bool:
        """Whether the stream ends before what was read of it: it was removed meanwhile, and counts from the present."""
        last = await self._ask_one(reader, "XREVRANGE", stream, "+", "-", "COUNT", 1)
        return not last or _number(last[0][0]) < _number(at)

    async def listen(self, channel: str, take: Take) -> None:
        """Calls `take` with all that is published there while the server is there; for ever."""
        while True:
            listener = self.client.pubsub(ignore_subscribe_messages=True)
            try:
                await listener.subscribe(channel)
                await self._listened(listener, take)
            except self.errors as error:
                self.note(False, error)
                await asyncio.sleep(AGAIN_S)
            finally:
                await listener.aclose()

    async def _listened(self, listener: Any, take: Take) -> None:
        """Raises `TimeoutError` when the server answers nothing any more, which a silent channel does not show."""
        heard_s = steady_s()
        while True:
            message = await listener.get_message(timeout=PING_EVERY_S)
            if message is not None:
                heard_s = steady_s()
                if message["type"] == "message":
                    self._give(take, message["data"])
            elif steady_s() - heard_s > SILENT_S:
                raise TimeoutError
            else:
                await listener.ping()

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """May be lost."""
        try:
            pipe = self.client.pipeline(transaction=False)
            for channel, data in messages:
                pipe.publish(channel, data)
            await pipe.execute()
        except self.errors as error:
            self.note(False, error)

    async def forget(self, *streams: str) -> None:
        try:
            await self.client.delete(*streams)
        except self.errors as error:
            self.note(False, error)

    def end(self) -> None:
        """What is broken off from now on is no fault of the server."""
        self._is_closing = True

    async def close(self) -> None:
        await self._writer.disconnect()
        await self.client.aclose()

    async def _ask(self, connection: Any, commands: Sequence[tuple[Any, ...]]) -> list[Any]:
        """The answers to the commands, sent at once, with an error in the place of each that was refused.

        Connects when that is needed; raises `self.errors` when it cannot ask.
        """
        await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
        answers: list[Any] = []
        for _ in commands:
            try:
                answers.append(await connection.read_response())
            except self._answered as error:
                answers.append(error)
        return answers

    async def _ask_one(self, connection: Any, *command: Any) -> Any:
        """Raises `self.errors` when it is refused, too."""
        [answer] = await self._ask(connection, [command])
        if _is_error(answer):
            raise answer
        return answer


def _is_error(answer: object) -> bool:
    return isinstance(answer, Exception)


def _number(entry: bytes) -> tuple[int, ...]:
    return tuple(int(part) for part in entry.split(b"-"))

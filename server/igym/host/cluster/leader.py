"""Who leads a study's session, told through a key that its leader keeps alive."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from igym.host.base.errors import HostError
from igym.host.cluster import frames
from igym.host.cluster.addresses import LEADERS, leader_key, study_of
from igym.host.cluster.redis_bus import RedisBus, is_spoilt
from igym.protocol.told import Told

TELL_EVERY_S = 1.0
LOOK_EVERY_S = 0.3
GONE_AFTER_S = 6.0
"""A leader that has not told of itself for so long is gone, or will be: whoever stands by takes over a little later."""
FOR_EVER = -1
"""What Redis says of a key without an end. A leader's word always has one."""
# Only in the place of what was read there, or of nothing: somebody else may have told of themselves meanwhile.
_TELL = """
local told = redis.pcall('GET', KEYS[1])
if told and told ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
# Only its own word is taken back.
_TAKE_BACK = """
if redis.pcall('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""


@dataclass(frozen=True)
class Leader:
    """`epoch` numbers the turns of leading; `http` is where the edges ask it for pages."""

    epoch: int
    session: str
    http: str
    version: int = frames.VERSION

    def written(self) -> bytes:
        return json.dumps(asdict(self)).encode()


async def tell(bus: RedisBus, study: str, leader: Leader) -> Leader | None:
    """Gives who is believed instead, of a later turn: a leader that stood still comes back with an older one.

    Raises `HostError` "bad_redis" when the server that came cannot be used.
    """
    key = leader_key(study)
    try:
        await bus.must_fit()
        known, told = await _told_in_our_place(bus, key)
        is_behind = known is not None and known.epoch > leader.epoch
        if not is_behind:
            await bus.client.eval(_TELL, 1, key, told, leader.written(), int(GONE_AFTER_S))
        bus.note(True)
    except bus.errors as error:
        bus.note(False, error)
        return None
    return known if is_behind else None


async def take_back(bus: RedisBus, study: str, leader: Leader) -> None:
    try:
        await bus.client.eval(_TAKE_BACK, 1, leader_key(study), leader.written())
    except bus.errors as error:
        bus.note(False, error)


async def look(bus: RedisBus, study: str) -> Leader | None:
    """None while nobody tells, or nothing can be asked. Raises `HostError` "other_version" and "bad_redis"."""
    try:
        await bus.must_fit()
        known, _ = await _told_in_our_place(bus, leader_key(study))
        bus.note(True)
    except bus.errors as error:
        bus.note(False, error)
        return None
    if known is not None and known.version != frames.VERSION:
        raise HostError(
            "other_version", Told("The server that leads is of another version than this edge. Update all of them.")
        )
    return known


async def _told_in_our_place(bus: RedisBus, key: str) -> tuple[Leader | None, bytes]:
    """As `_told`; what cannot be a word there is removed."""
    try:
        return await _told(bus, key)
    except bus.errors as error:
        if not await bus.clear(error, key):
            raise
        return None, b""


async def _told(bus: RedisBus, key: str) -> tuple[Leader | None, bytes]:
    """Who tells of themselves there, and what is written there. Raises `bus.errors`."""
    told, left_ms = await bus.client.pipeline().get(key).pttl(key).execute(raise_on_error=False)
    if isinstance(told, Exception):
        raise told
    if told is None:
        return None, b""
    try:
        return _read(told, left_ms), told
    except ValueError as error:
        bus.nonsense.leave_out(f"stands in Redis as {key}", error)
        return None, told


def _read(told: bytes, left_ms: int) -> Leader:
    """Raises `ValueError` for what no leader has written."""
    if left_ms == FOR_EVER:
        raise ValueError(f"for ever: {told!r}")
    try:
        read = json.loads(told)
    except RecursionError as error:
        raise ValueError(told) from error
    match read:
        case {"epoch": int(epoch), "session": str(session), "http": str(http), "version": int(version)}:
            if urlsplit(http).hostname and not isinstance(epoch, bool):
                return Leader(epoch, session, http, version)
    raise ValueError(told)


async def _is_led(bus: RedisBus, key: str) -> bool:
    try:
        return (await _told(bus, key))[0] is not None
    except bus.errors as error:
        if is_spoilt(error):
            return False
        raise


async def only_study(bus: RedisBus) -> str | None:
    """The study whose leader tells of itself; None while none does.

    Raises `HostError` when there are several, and "bad_redis".
    """
    try:
        await bus.must_fit()
        keys = [key.decode(errors="replace") async for key in bus.client.scan_iter(LEADERS, count=1000)]
        found = sorted([study_of(key) for key in keys if await _is_led(bus, key)])
        bus.note(True)
    except bus.errors as error:
        bus.note(False, error)
        return None
    if len(found) > 1:
        raise HostError(
            "several_studies",
            Told("Several studies use this Redis server ({studies}). Name one with --study.", studies=", ".join(found)),
        )
    return found[0] if found else None

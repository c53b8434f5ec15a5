"""Who leads a study's session, told through a key that its leader keeps alive."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from igym.host.base.errors import HostError
from igym.host.cluster import frames
from igym.host.cluster.addresses import LEADERS, leader_key, study_of
from igym.host.cluster.redis_bus import RedisBus
from igym.protocol.told import Told

TELL_EVERY_S = 1.0
LOOK_EVERY_S = 0.3
GONE_AFTER_S = 6.0
"""A leader that has not told of itself for so long is gone, or will be: whoever stands by takes over a little later."""
# A leader that stood still comes back with an older turn than that of whoever leads by then. What is no leader's word
# is written over.
_TELL = """
local is_told, known = pcall(cjson.decode, redis.pcall('GET', KEYS[1]))
if is_told and type(known) == 'table' and type(known['epoch']) == 'number' and type(known['http']) == 'string'
and known['epoch'] > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""
# Only its own word is taken back.
_TAKE_BACK = """
local is_told, known = pcall(cjson.decode, redis.pcall('GET', KEYS[1]))
if is_told and type(known) == 'table' and known['epoch'] == tonumber(ARGV[1]) then redis.call('DEL', KEYS[1]) end
return 1
"""


@dataclass(frozen=True)
class Leader:
    """`epoch` numbers the turns of leading; `http` is where the edges ask it for pages."""

    epoch: int
    session: str
    http: str
    version: int = frames.VERSION


async def tell(bus: RedisBus, study: str, leader: Leader) -> None:
    """Raises `HostError` "bad_redis" when the server that came cannot be used."""
    try:
        await bus.must_fit()
        await bus.client.eval(_TELL, 1, leader_key(study), leader.epoch, json.dumps(asdict(leader)), int(GONE_AFTER_S))
        bus.note(True)
    except bus.errors as error:
        bus.note(False, error)


async def take_back(bus: RedisBus, study: str, leader: Leader) -> None:
    try:
        await bus.client.eval(_TAKE_BACK, 1, leader_key(study), leader.epoch)
    except bus.errors as error:
        bus.note(False, error)


async def look(bus: RedisBus, study: str) -> Leader | None:
    """None while nobody tells, or nothing can be asked. Raises `HostError` "other_version" and "bad_redis"."""
    key = leader_key(study)
    try:
        await bus.must_fit()
        told = await bus.client.get(key)
        bus.note(True)
    except bus.errors as error:
        if not await bus.clear(error, key):
            bus.note(False, error)
        return None
    if told is None:
        return None
    try:
        known = _read(told)
    except ValueError as error:
        bus.nonsense.leave_out(f"stands in Redis as {key}", error)
        return None
    if known.version != frames.VERSION:
        raise HostError(
            "other_version", Told("The server that leads is of another version than this edge. Update all of them.")
        )
    return known


def _read(told: bytes) -> Leader:
    """Raises `ValueError` for what no leader has written."""
    match json.loads(told):
        case {"epoch": int(epoch), "session": str(session), "http": str(http), "version": int(version)}:
            if urlsplit(http).hostname:
                return Leader(epoch, session, http, version)
    raise ValueError(told)


async def only_study(bus: RedisBus) -> str | None:
    """The study whose leader tells of itself; None while none does.

    Raises `HostError` when there are several, and "bad_redis".
    """
    try:
        await bus.must_fit()
        found = sorted(
            [study_of(key.decode(errors="replace")) async for key in bus.client.scan_iter(LEADERS, count=1000)]
        )
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

"""`clock_clients.py URL N SECONDS`: N participants ask the engine for its clock ten times a second; prints the ms."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from igym.host.simulate.client import ParticipantClient

EVERY_S = 0.1


async def ask(url: str, seconds: float, after_s: float, found: list[float]) -> None:
    await asyncio.sleep(after_s)
    client = ParticipantClient(url)
    await client.join()
    await client.connect()
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        sent = time.monotonic()
        await client.call("clock", {"t0_ms": time.time() * 1000})
        found.append((time.monotonic() - sent) * 1000)
        await asyncio.sleep(max(0.0, EVERY_S - (time.monotonic() - sent)))
    await client.close()


async def main() -> None:
    url, number, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    found: list[float] = []
    await asyncio.gather(*(ask(url, seconds, number_ / number, found) for number_ in range(number)))
    print(json.dumps(found))


asyncio.run(main())

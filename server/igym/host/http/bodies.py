"""Bodies over HTTP, read to their end: `StreamReader.read(n)` gives what has come so far."""

from __future__ import annotations

from aiohttp import StreamReader


async def whole_body(content: StreamReader, most: int) -> bytes | None:
    """All that comes until the end; None when it is more than `most` bytes, of which no more are kept."""
    body = bytearray()
    async for piece in content.iter_any():
        body += piece
        if len(body) > most:
            return None
    return bytes(body)

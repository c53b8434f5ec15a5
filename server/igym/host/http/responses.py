"""What every HTTP answer carries, and the usual kinds of answers."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from aiohttp import web

from igym.host.http.web_files import MIME_TYPES

FOR_EVER = "public, max-age=31536000, immutable"
ALWAYS_ASK = "no-cache"
NEVER_KEPT = "no-store"

_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]{1,255}")


def content_policy(host: str, frame_origins: tuple[str, ...]) -> str:
    """Scripts of the researcher's own pages run; nothing is fetched from anywhere but this host.

    Pyodide compiles WebAssembly and its side modules evaluate strings, hence 'unsafe-eval'. `frame_origins` are those
    of the experiment's own external tasks.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    frames = "".join(f" {origin}" for origin in frame_origins)
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "media-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{sockets}",
            "worker-src 'self' blob:",
            f"frame-src 'self'{frames}",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )


def add_security_headers(app: web.Application, frame_origins: tuple[str, ...]) -> None:
    """Puts the headers on every answer of `app`, errors and files included; what an answer has of them stays."""

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in _headers(request, frame_origins).items():
            response.headers.setdefault(name, value)

    app.on_response_prepare.append(add)


def _headers(request: web.Request, frame_origins: tuple[str, ...]) -> dict[str, str]:
    return {
        "Content-Security-Policy": content_policy(request.host, frame_origins),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        "X-Frame-Options": "SAMEORIGIN",
    }


def file_answer(path: Path, caching: str) -> web.FileResponse:
    """The file, or its `.gz` sibling where the browser takes it."""
    return web.FileResponse(path, headers=_file_headers(path, caching))


async def unpacked_answer(path: Path, caching: str) -> web.Response:
    """What the `.gz` sibling of `path` holds, for clients that take nothing packed where only that is there."""
    body = await asyncio.to_thread(lambda: gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()))
    return web.Response(body=body, headers=_file_headers(path, caching))


def packed_answer(body: bytes, takes_packed: bool, caching: str) -> web.Response:
    """JSON that many browsers get, packed once for those that take it so."""
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    if takes_packed:
        headers["Content-Encoding"] = "gzip"
    content = _packed(body) if takes_packed else body
    return web.Response(body=content, content_type="application/json", headers=headers)


@lru_cache(maxsize=4)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


def _file_headers(path: Path, caching: str) -> dict[str, str]:
    headers = {"Cache-Control": caching, "Vary": "Accept-Encoding"}
    known = MIME_TYPES.get(path.suffix.lower())
    if known is not None:
        text = known.startswith("text/") or known == "application/json"
        headers["Content-Type"] = f"{known}; charset=utf-8" if text else known
    return headers


def json_answer(value: Any, status: int = 200, caching: str = NEVER_KEPT) -> web.Response:
    body = json.dumps(value, ensure_ascii=True).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers={"Cache-Control": caching})


def first_language(accepted: str) -> str:
    """Of an `Accept-Language` header: the tag of the language that comes first; empty without one."""
    return accepted.partition(",")[0].partition(";")[0].strip()


def error_answer(status: int, code: str, text: str) -> web.Response:
    """`{error: {code, text}}`; the text is for the person in front of the page."""
    return json_answer({"error": {"code": code, "text": text}}, status)

"""The secret that lets a browser act for a participant: a random token in a cookie, of which we keep only the hash."""

from __future__ import annotations

import hashlib
import secrets

TOKEN_BYTES = 32
MAX_AGE_S = 14 * 24 * 3600


def cookie_name(session_id: str) -> str:
    return f"igym_{session_id}"


def new_token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token_hash_of(cookie_header: str, session_id: str) -> str | None:
    """The hash of this session's token in a Cookie header, or None when there is none."""
    wanted = cookie_name(session_id)
    for part in cookie_header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == wanted and value:
            return token_hash(value.strip('"'))
    return None

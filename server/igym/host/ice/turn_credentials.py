"""Names and passwords for a relay: each for one guest and a few hours, checked without being kept.

They are made as J. Uberti describes it (“A REST API For Access To TURN Services”, Internet-Draft
draft-uberti-behave-turn-rest-00, 2013), which coturn checks with `use-auth-secret`: the name is the end of its time in
seconds of 1970, a colon and the guest; the password the base64 of the name's HMAC-SHA1 with the shared secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable

REALM = "interactive-gym"
CREDENTIAL_LIFETIME_S = 3 * 3600
"""Longer than a match: a relay in use is confirmed with the credentials it was opened with."""


class Credentials:
    """Names that carry their own end and their guest, with passwords only holders of the secret can make."""

    def __init__(self, secret: bytes | None = None, now: Callable[[], float] = time.time) -> None:
        self._secret = secret or secrets.token_bytes(32)
        self._now = now

    def issue(self, guest: str = "", lifetime_s: float = CREDENTIAL_LIFETIME_S) -> tuple[str, str]:
        """`(username, password)`, good for so long."""
        username = f"{int(self._now() + lifetime_s)}:{guest}"
        return username, self._password(username)

    def key(self, username: str) -> bytes | None:
        """The signing key of a name that has not expired, or None."""
        expires, _, _ = username.partition(":")
        # "²".isdigit() is true, and is no number to int().
        if not (expires.isascii() and expires.isdigit()) or len(expires) > 12 or int(expires) < self._now():
            return None
        return hashlib.md5(f"{username}:{REALM}:{self._password(username)}".encode()).digest()

    def _password(self, username: str) -> str:
        return base64.b64encode(hmac.new(self._secret, username.encode(), hashlib.sha1).digest()).decode()


def guest_of(username: str) -> str:
    """Whose credentials these are."""
    return username.partition(":")[2]

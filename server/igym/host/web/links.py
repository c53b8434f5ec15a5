"""Personal links that cannot be guessed or changed: the id in them is signed with a key beside the recordings."""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import io
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import urlencode

from igym.core.joining import Signed
from igym.host.store.postgres.place import place_beside
from igym.host.store.postgres.states import agreed_key
from igym.host.store.store_schema import DATABASE
from igym.protocol.told import Told

KEY_FILE = "link_key"
KEY_BYTES = 32
SIGNATURE, USE = "sig", "use"
ONCE = "once"
_SIGNED_BYTES = 15
"""Of HMAC-SHA256: 120 bits, 24 characters in a link."""


def make_key(folder: Path) -> bytes:
    """The key of this data folder, made when there is none; readable for this account alone."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with open(folder / KEY_FILE, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    except FileExistsError:
        pass
    share_key(folder)
    return _read_key(folder)


def share_key(folder: Path) -> None:
    """Where the data are on a server, all who run the study have the same key: links of one hold at the others.

    Raises `OSError` when the server cannot be asked.
    """
    place = place_beside(folder / DATABASE)
    if place is None:
        return
    own = _read_key(folder) if (folder / KEY_FILE).exists() else None
    agreed = agreed_key(place, own)
    if agreed not in (None, own):
        with open(folder / KEY_FILE, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(agreed)


def _read_key(folder: Path) -> bytes:
    """Raises OSError when there is none, or not all of it."""
    key = (folder / KEY_FILE).read_bytes()
    if len(key) != KEY_BYTES:
        raise OSError(
            Told("{file} is not the key of personal links; remove it and make new links.", file=folder / KEY_FILE)
        )
    return key


def signature(key: bytes, who: str, use: str) -> str:
    """HMAC-SHA256 over id and use, shortened; lower-case letters and digits."""
    digest = hmac.new(key, f"igym link 1\n{use}\n{who}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_SIGNED_BYTES]).decode().lower()


def links(key: bytes, ids: Iterable[str], address: str, parameter: str, *, once: bool = False) -> list[tuple[str, str]]:
    """`(id, link)` for each id. `once`: the link admits one browser and none after it."""
    use = ONCE if once else ""
    found = []
    for who in ids:
        query = {parameter: who} | ({USE: use} if use else {}) | {SIGNATURE: signature(key, who, use)}
        found.append((who, f"{address.rstrip('/')}/?{urlencode(query)}"))
    return found


def as_csv(found: Iterable[tuple[str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("participant", "link"), *found])
    return text.getvalue()


def read_signed(folder: Path, params: dict[str, str], names: Sequence[str]) -> tuple[Signed, dict[str, str]]:
    """How the link is signed, and its parameters without the signature: whoever reads the data can make no link."""
    kept = {name: value for name, value in params.items() if name not in (SIGNATURE, USE)}
    if SIGNATURE not in params:
        return "", params
    who = next((params[name].strip() for name in names if params.get(name, "").strip()), "")
    use = params.get(USE, "")
    try:
        key = _read_key(folder)
    except OSError:
        return "broken", kept
    if not hmac.compare_digest(signature(key, who, use).encode(), params[SIGNATURE].encode()):
        return "broken", kept
    return ("once" if use == ONCE else "again"), kept

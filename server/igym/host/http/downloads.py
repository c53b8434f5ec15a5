"""Downloads as this computer's browser would make them: its proxy, and the certificates it trusts."""

from __future__ import annotations

import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path

import truststore

from igym.protocol.told import Told

TIMEOUT_S = 30.0
BLOCK_BYTES = 256 * 1024
MOST_BYTES = 1_000_000_000
CERTIFICATE_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""Where IT departments name a certificate of their own, in addition to what the system trusts."""

Heard = Callable[[int, int], None]
"""(bytes so far, bytes in all or 0 when unknown)."""


class DownloadError(Exception):
    """Why something could not be downloaded, for the researcher. `absent`: the server answered that it has no such."""

    def __init__(self, text: str, *, absent: bool = False) -> None:
        super().__init__(text)
        self.absent = absent


def download(url: str, heard: Heard = lambda done, total: None, accept: str = "*/*") -> tuple[bytes, str]:
    """(data, content type); raises `DownloadError`. Blocks."""
    request = urllib.request.Request(url, headers={"Accept": accept, "User-Agent": "interactive-gym-desktop"})
    try:
        with _opener().open(request, timeout=TIMEOUT_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            parts: list[bytes] = []
            done = 0
            while block := answer.read(BLOCK_BYTES):
                parts.append(block)
                done += len(block)
                if done > MOST_BYTES:
                    raise DownloadError(Told("What is offered is too large to be a package."))
                heard(done, total)
            if total and done < total:
                raise DownloadError(Told("The connection broke off. Please try again."))
            return b"".join(parts), str(answer.headers.get("Content-Type") or "")
    except (OSError, ValueError) as error:
        raise _explained(error) from error


@cache
def _opener() -> urllib.request.OpenerDirector:
    """Proxies come from the variables or, under Windows and macOS, from the system's settings."""
    return urllib.request.build_opener(urllib.request.HTTPSHandler(context=_trust()))


def _trust() -> ssl.SSLContext:
    """The system's own store: the frozen app has no other, and companies put their certificates there."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for name in CERTIFICATE_VARIABLES:
        file = os.environ.get(name)
        if file and Path(file).is_file():
            context.load_verify_locations(file)
    return context


def _explained(error: Exception) -> DownloadError:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code == 407:
            return DownloadError(
                Told("The proxy of this network asks for a password; IT can let this computer through.")
            )
        text = Told("The server answered {code} ({reason}).", code=error.code, reason=error.reason)
        return DownloadError(text, absent=error.code in (404, 410))
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DownloadError(
            Told(
                "This computer does not trust the certificate it was shown. In a network that looks into "
                "connections, IT has a certificate for the system's store."
            )
        )
    return DownloadError(Told("The server cannot be reached ({reason}).", reason=reason))

"""A TURN server beside the host, such as coturn: for people who take part from elsewhere, whom the host's own relay,
with its private address, does not reach."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from igym.host.base.errors import HostError
from igym.host.ice.turn_credentials import Credentials
from igym.host.session.settings import EngineOptions
from igym.protocol.told import Told

EXAMPLE = "turn:turn.example.org:3478"
ADDRESS = re.compile(
    r"(?P<scheme>turns?):(?P<server>([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?)(\?transport=(?P<by>udp|tcp))?"
)
LONGEST_SECRET = 1024


@dataclass(frozen=True)
class ExternalTurn:
    """`issue` makes `(username, password)` for one guest."""

    urls: tuple[str, ...]
    issue: Callable[[str], tuple[str, str]]
    stun: str = ""
    """Where people from elsewhere learn their own address; "": at the host, which they reach themselves."""


def external_turn(options: EngineOptions) -> ExternalTurn | None:
    """The one that the options name; raises `HostError` "bad_turn"."""
    if not options.turn_url:
        return None
    urls = turn_urls(options.turn_url)
    stun = _stun_of(urls) if options.public_url else ""
    if options.turn_secret_file is not None:
        if options.turn_user or options.turn_password:
            raise HostError(
                "bad_turn",
                Told(
                    "The TURN server has either a user and a password, which are the same for everybody, or a secret "
                    "of which each participant gets a password of their own. Name one of the two."
                ),
            )
        return ExternalTurn(urls, Credentials(read_secret(options.turn_secret_file)).issue, stun)
    if not options.turn_user or not options.turn_password:
        raise HostError(
            "bad_turn",
            Told(
                "Browsers use no TURN server without a user and a password. Name both, or the file with the secret "
                "that the server shares with this one."
            ),
        )
    shared = (options.turn_user, options.turn_password)
    return ExternalTurn(urls, lambda guest: shared, stun)


def turn_urls(text: str) -> tuple[str, ...]:
    """Addresses as in RFC 7065, with commas between them; raises `HostError` "bad_turn"."""
    urls = tuple(part.strip() for part in text.split(","))
    for url in urls:
        if not ADDRESS.fullmatch(url):
            raise HostError(
                "bad_turn",
                Told(
                    "“{address}” is no address of a TURN server. It begins with turn: or turns:, for example "
                    "{example}.",
                    address=url,
                    example=EXAMPLE,
                ),
            )
    return urls


def read_secret(file: Path) -> bytes:
    """What stands in the file, without the line's end; raises `HostError` "bad_turn"."""
    try:
        secret = file.read_bytes().strip()
    except OSError as error:
        raise HostError(
            "bad_turn",
            Told("The secret of the TURN server cannot be read from {file} ({error}).", file=file, error=error),
        ) from error
    if not secret or len(secret.split()) != 1 or len(secret) > LONGEST_SECRET:
        raise HostError(
            "bad_turn",
            Told(
                "{file} has to hold the secret of the TURN server and nothing else: one word, as it stands behind "
                "static-auth-secret= in the settings of coturn.",
                file=file,
            ),
        )
    return secret


def _stun_of(urls: tuple[str, ...]) -> str:
    """A TURN server answers STUN at the same address, if that speaks plain UDP (RFC 8656, section 2)."""
    found = [ADDRESS.fullmatch(url) for url in urls]
    plain = [match["server"] for match in found if match and match["scheme"] == "turn" and match["by"] != "tcp"]
    return f"stun:{plain[0]}" if plain else ""

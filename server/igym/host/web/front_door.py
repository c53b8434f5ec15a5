"""Where a session is reached: sockets for participants (plain or TLS), and one for the launcher on this computer."""

from __future__ import annotations

import re
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from igym.host.base import network
from igym.host.base.errors import HostError
from igym.host.http.proxies import Proxies, PublicAddress, public_address
from igym.host.ice.external_turn import ExternalTurn, external_turn
from igym.host.session.settings import EngineOptions
from igym.protocol.told import Told

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class FrontDoor:
    """Bound, not yet answering. `control_port` speaks plain HTTP on this computer, also when participants use TLS."""

    sockets: tuple[tuple[socket.socket, ssl.SSLContext | None], ...]
    address: str
    port: int
    control_port: int
    join_url: str
    public: PublicAddress
    proxies: Proxies
    turn: ExternalTurn | None

    def close(self) -> None:
        for bound, _ in self.sockets:
            bound.close()


def open_door(options: EngineOptions) -> FrontDoor:
    """Raises `HostError` "no_address", "port_in_use", "bad_certificate", "bad_name", "bad_public_url", "bad_proxy",
    "bad_turn"."""
    public = public_address(options.public_url)
    proxies = Proxies(options.trusted_proxy, public.prefix)
    turn = external_turn(options)
    address = network.advertised_address(options.address)
    tls = tls_context(options.tls_certificate, options.tls_key) if options.tls_certificate else None
    host = checked_name(options.join_name) or address
    if tls is None:
        bound = network.listening_sockets(network.bind_addresses(options.address), options.port)
        port = control_port = int(bound[0].getsockname()[1])
        doors = [(each, None) for each in bound]
        url = public.url or network.join_url(host, port)
        return FrontDoor(tuple(doors), address, port, control_port, url, public, proxies, turn)
    outside = network.listening_sockets(network.bind_addresses(options.address)[:1], options.port)
    port = int(outside[0].getsockname()[1])
    [inside] = network.listening_sockets([LOOPBACK], 0)
    url = public.url or network.join_url(host, port, secure=True)
    inner_port = int(inside.getsockname()[1])
    return FrontDoor(((outside[0], tls), (inside, None)), address, port, inner_port, url, public, proxies, turn)


def tls_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """For a PEM certificate (with its chain) and its key, which may stand in the same file; raises `HostError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for file in filter(None, (certificate, key)):
        if not file.is_file():
            raise HostError(
                "bad_certificate",
                Told("There is no file {file}. Choose the certificate again in the settings.", file=file),
            )
    asked: list[str] = []

    def no_password() -> bytes:
        asked.append("password")
        return b"none"

    try:
        context.load_cert_chain(certificate, key, no_password)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise HostError(
            "bad_certificate",
            Told(
                "The certificate {certificate} cannot be used: {reason} It has to be a PEM file that belongs "
                "to its key, and the key must not have a password. Choose another one in the settings, or "
                "none.",
                certificate=certificate.name,
                reason=_reason(error, bool(asked)),
            ),
            str(error),
        ) from error
    return context


def checked_name(name: str) -> str:
    """A host name for the join link, "" for none; raises `HostError` "bad_name"."""
    if name and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", name):
        raise HostError(
            "bad_name",
            Told(
                "“{name}” cannot stand in the join link. Write the name of this computer alone, such as "
                "lab.example.org.",
                name=name,
            ),
        )
    return name


def _reason(error: Exception, locked: bool) -> str:
    if "MISMATCH" in str(error).upper():
        return Told("the key belongs to another certificate.")
    if isinstance(error, PermissionError):
        return Told("this user may not read it.")
    if locked:
        return Told("its key is protected by a password.")
    return Told("the file does not hold a certificate and a key.")

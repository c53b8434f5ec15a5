"""Who of those who knock from another computer is let in, and how slowly everybody else is refused."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.host.base.clock import steady_s
from igym.host.base.journal import Journal
from igym.host.remote.pass_file import LivePasses
from igym.protocol.passes import REMOTE_VERSION, Pass, is_local, proof

CHALLENGE_HOLDS_S = 60.0
LONGEST_PAUSE_S = 5.0
MOST_WAITING = 8
"""Refusals of one address that wait at the same time; more are refused unread."""
FORGOTTEN_S = 600.0
MOST_ADDRESSES = 1000
_NOBODY = Pass("nobody", "-" * 43)


@dataclass(frozen=True)
class Guest:
    """A launcher on another computer; `name` is its pass's."""

    name: str
    secret: str
    address: str

    @property
    def by(self) -> str:
        """What it is called in researcher_actions.csv."""
        return f"launcher of {self.name}"


class Door:
    """Challenges, the proofs that answer them, and wrong ones counted by address."""

    def __init__(
        self,
        passes: LivePasses,
        journal: Journal,
        *,
        plain_http: bool = False,
        on_trouble: Callable[[str], object] = lambda why: None,
        now: Callable[[], float] = steady_s,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`plain_http`: also without encryption from beyond the local network; `pause` waits so many seconds;
        `on_trouble` hears why a changed file of passes cannot be followed."""
        self.passes = passes
        self._journal = journal
        self._plain_http = plain_http
        self._on_trouble = on_trouble
        self._trouble = ""
        self._now = now
        self._pause = pause
        self._own = secrets.token_bytes(32)
        self._used: dict[str, float] = {}
        self._wrong: dict[str, tuple[int, float]] = {}
        self._waiting: Counter[str] = Counter()

    def challenge(self) -> str:
        """To be answered within a minute, once. Nothing is kept of it: whoever asks for many takes no memory."""
        said = f"{round((self._now() + CHALLENGE_HOLDS_S) * 1000)}.{secrets.token_hex(16)}"
        return f"{said}.{self._sealed(said)}"

    async def admit(self, auth: Mapping[str, Any], environ: Mapping[str, Any]) -> Guest:
        """The guest; raises `SocketRefused` with one of the codes plain_http, other_version, wrong_pass, too_many, and
        stale for a challenge that is another server's, too old or used: a new one may be asked for."""
        request = environ.get("aiohttp.request")
        address = str(getattr(request, "remote", "") or "?")
        if not self._plain_http and getattr(request, "scheme", "") != "https" and not is_near(address):
            raise refused("plain_http")
        if auth.get("version") != REMOTE_VERSION:
            raise refused("other_version")
        name, challenge, shown = (str(auth.get(key) or "")[:300] for key in ("name", "challenge", "proof"))
        given = self._passes_now().get(name)
        # Somebody unknown takes as long as somebody known.
        is_right = hmac.compare_digest(proof(given or _NOBODY, challenge).encode(), shown.encode())
        is_ours = self._is_open(challenge)
        if not (is_right and given is not None and is_ours):
            # A secret has 256 random bits, which nobody guesses: this keeps those who try from taking memory and log.
            # Whoever is right is never kept waiting, also where somebody at the same address tries.
            if self._waiting[address] >= MOST_WAITING:
                raise refused("too_many")
            await self._slow_down(address)
            raise refused("wrong_pass" if is_ours else "stale")
        self._used[challenge] = self._now() + CHALLENGE_HOLDS_S
        self._wrong.pop(address, None)
        self._journal.info("remote", f"The launcher of {given.name} attached from {address}.")
        return Guest(given.name, given.secret, address)

    def holds(self, guest: Guest) -> bool:
        """Whether its pass is still one."""
        given = self._passes_now().get(guest.name)
        return given is not None and given.secret == guest.secret

    def _passes_now(self) -> Mapping[str, Pass]:
        found = self.passes.now()
        if self.passes.problem != self._trouble:
            self._trouble = self.passes.problem
            if self._trouble:
                self._on_trouble(self._trouble)
        return found

    def _sealed(self, said: str) -> str:
        return hmac.new(self._own, said.encode(), hashlib.sha256).hexdigest()

    def _is_open(self, challenge: str) -> bool:
        """Whether it is one of ours, still holds, and was never answered rightly before."""
        said, _, seal = challenge.rpartition(".")
        if not hmac.compare_digest(self._sealed(said).encode(), seal.encode()):
            return False
        now = self._now()
        self._used = {one: until for one, until in self._used.items() if until > now}
        return int(said.partition(".")[0]) / 1000 > now and challenge not in self._used

    async def _slow_down(self, address: str) -> None:
        """Each wrong one of an address waits longer; only the first of each ten times as many is written down."""
        now = self._now()
        count, at = self._wrong.pop(address, (0, now))
        count = 1 if now - at > FORGOTTEN_S else count + 1
        self._wrong[address] = (count, now)
        if len(self._wrong) > MOST_ADDRESSES:
            self._wrong.pop(next(iter(self._wrong)))
        if str(count).strip("0") == "1":
            self._journal.warning("remote", f"A launcher with a wrong pass was refused at {address}", count=count)
        self._waiting[address] += 1
        try:
            await self._pause(min(LONGEST_PAUSE_S, 0.1 * 2 ** min(count, 10)))
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]


def refused(code: str) -> SocketRefused:
    """The launcher has its own sentence for each code."""
    return SocketRefused(code, {"code": code})


def is_near(address: str) -> bool:
    """Whether somebody there sits at this computer or in its own network."""
    try:
        return is_local(ipaddress.ip_address(address.split("%")[0]))
    except ValueError:
        return False

"""An Ethernet switch in user space: forwards frames between TAP devices as late, as often, or as little as told."""

from __future__ import annotations

import heapq
import math
import os
import random
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

BROADCAST = b"\xff" * 6
MDNS_PORT = 5353
MAX_FRAME = 2048
QUEUE_S = 0.5


@dataclass(frozen=True)
class Impairment:
    """What happens to frames on their way to one port: one-way delay and jitter (ms), loss and duplication (0–1).

    `udp_delay_ms` comes on top for UDP: a slow way between browsers beside a fast one to the host. `deaf`: nothing
    reaches it, and what it says goes out. `burst_ms`: what has gathered comes so often, all at once. `rate_kbit_s`
    holds for each way by itself; what would wait for more than `QUEUE_S` is lost.
    """

    delay_ms: float = 0.0
    udp_delay_ms: float = 0.0
    jitter_ms: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    up: bool = True
    drop_udp: bool = False
    deaf: bool = False
    burst_ms: float = 0.0
    rate_kbit_s: float | None = None


@dataclass
class _Port:
    fd: int
    impairment: Impairment = field(default_factory=Impairment)
    free_at: dict[str, float] = field(default_factory=lambda: {"in": 0.0, "out": 0.0})
    """When the last frame of each way has left the queue."""

    def passes_at(self, way: str, at: float, size: int) -> float | None:
        """When a frame that comes at `at` is through; None: the queue is full."""
        rate = self.impairment.rate_kbit_s
        if rate is None:
            return at
        begins = max(at, self.free_at[way])
        if begins - at > QUEUE_S:
            return None
        self.free_at[way] = begins + size * 8 / (rate * 1000)
        return self.free_at[way]


class Switch:
    """Forwards between ports by learned addresses. `block_mdns` drops UDP 5353, as guarded lab networks do.

    Jitter may reorder frames, as it does on a real network. The seed makes the losses repeatable for the same traffic.
    """

    def __init__(self, seed: int = 1) -> None:
        self.block_mdns = False
        self._ports: dict[str, _Port] = {}
        self._learned: dict[bytes, str] = {}
        self._waiting: list[tuple[float, int, str, bytes]] = []
        self._sent = 0
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._wake_read, self._wake_write = os.pipe()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="lan-switch", daemon=True)

    def add_port(self, name: str, fd: int) -> None:
        """Plug in a computer's TAP device."""
        with self._lock:
            self._ports[name] = _Port(fd)

    def shape(self, name: str, impairment: Impairment) -> None:
        """Change what happens to frames going to `name`, from now on."""
        with self._lock:
            self._ports[name].impairment = impairment

    def start(self) -> None:
        """Begin forwarding."""
        self._thread.start()

    def stop(self) -> None:
        """Stop forwarding; frames still waiting are lost."""
        self._running = False
        os.write(self._wake_write, b"x")
        self._thread.join()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _run(self) -> None:
        while self._running:
            with self._lock:
                by_fd = {port.fd: name for name, port in self._ports.items()}
            timeout = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else 0.2
            readable, _, _ = select.select([self._wake_read, *by_fd], [], [], timeout)
            for fd in readable:
                if fd in by_fd:
                    self._take(by_fd[fd], os.read(fd, MAX_FRAME))
            self._deliver_due(time.monotonic())

    def _take(self, source: str, frame: bytes) -> None:
        self._learned[frame[6:12]] = source
        if self.block_mdns and _udp_port(frame) == MDNS_PORT:
            return
        with self._lock:
            known = self._learned.get(frame[:6]) if not frame[0] & 1 else None
            targets = [known] if known else [name for name in self._ports if name != source]
            for target in targets:
                self._schedule(self._ports[source], self._ports[target], target, frame)

    def _schedule(self, source: _Port, port: _Port, target: str, frame: bytes) -> None:
        leaving, entering = source.impairment, port.impairment
        cut = leaving.drop_udp or entering.drop_udp
        if not (leaving.up and entering.up) or entering.deaf or (cut and _udp_port(frame) is not None):
            return
        sent_at = source.passes_at("out", time.monotonic(), len(frame))
        if sent_at is None:
            return
        copies = (self._rng.random() >= entering.loss) + (self._rng.random() < entering.duplication)
        delay_ms = entering.delay_ms + (entering.udp_delay_ms if _udp_port(frame) is not None else 0.0)
        for _ in range(copies):
            late_ms = delay_ms + self._rng.uniform(-entering.jitter_ms, entering.jitter_ms)
            at = port.passes_at("in", sent_at + max(0.0, late_ms) / 1000, len(frame))
            if at is None:
                continue
            if entering.burst_ms:
                at = math.ceil(at * 1000 / entering.burst_ms) * entering.burst_ms / 1000
            self._sent += 1
            heapq.heappush(self._waiting, (at, self._sent, target, frame))

    def _deliver_due(self, now: float) -> None:
        while self._waiting and self._waiting[0][0] <= now:
            _, _, target, frame = heapq.heappop(self._waiting)
            _quietly(os.write, self._ports[target].fd, frame)


def _quietly(write: Callable[[int, bytes], int], fd: int, frame: bytes) -> None:
    try:
        write(fd, frame)
    except OSError:
        return  # a full or closed device drops the frame, as a cable does


def _udp_port(frame: bytes) -> int | None:
    """The destination port of an IPv4 UDP frame, else None."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    start = 14 + (frame[14] & 15) * 4
    return int.from_bytes(frame[start + 2 : start + 4], "big")

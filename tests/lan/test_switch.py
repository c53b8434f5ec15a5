"""What the switch does to frames, seen at its ports: no network is needed for that."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.lan import Impairment, Switch

SIZE = 1000


class Bench:
    """A switch with two computers, `pc1` and `pc2`, that have heard of each other."""

    def __init__(self) -> None:
        self.switch = Switch()
        self._ends: dict[str, socket.socket] = {}
        self._plugs: list[socket.socket] = []
        for name in ("pc1", "pc2"):
            plug, self._ends[name] = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._plugs.append(plug)
            self.switch.add_port(name, plug.fileno())
        self.switch.start()
        for one, other in (("pc1", "pc2"), ("pc2", "pc1")):
            self.send(one, b"hello")
            assert self.received(other) == [b"hello"]

    def send(self, name: str, text: bytes) -> float:
        """When it was sent."""
        own, other = (bytes([2, 0, 0, 0, 0, number]) for number in ((1, 2) if name == "pc1" else (2, 1)))
        at = time.monotonic()
        self._ends[name].settimeout(30)
        self._ends[name].send((other + own + b"\x88\xb5" + text).ljust(SIZE, b"\0"))
        return at

    def received(self, name: str, count: int = 1, wait_s: float = 30.0) -> list[bytes]:
        """So many frames, or fewer if no more come in the time."""
        self._ends[name].settimeout(wait_s)
        found = []
        try:
            while len(found) < count:
                found.append(self._ends[name].recv(2048)[14:].rstrip(b"\0"))
        except TimeoutError:
            pass
        return found

    def close(self) -> None:
        self.switch.stop()
        for one in (*self._plugs, *self._ends.values()):
            one.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def test_a_deaf_computer_is_heard_and_hears_nothing(bench: Bench) -> None:
    bench.switch.shape("pc2", Impairment(deaf=True))
    bench.send("pc1", b"lost")
    bench.send("pc2", b"heard")
    assert bench.received("pc1") == [b"heard"]
    assert bench.received("pc2", wait_s=0.2) == []
    bench.switch.shape("pc2", Impairment())
    bench.send("pc1", b"again")
    assert bench.received("pc2") == [b"again"]


def test_bursts_hold_everything_back_until_it_comes_at_once(bench: Bench) -> None:
    burst_s = 0.3
    bench.switch.shape("pc2", Impairment(burst_ms=1000 * burst_s))
    for number in range(6):
        sent_at = bench.send("pc1", b"%d" % number)
        assert bench.received("pc2") == [b"%d" % number]
        assert time.monotonic() >= sent_at // burst_s * burst_s + burst_s, "not before the burst it belongs to"


@pytest.mark.parametrize("slow", ["pc1", "pc2"])
def test_a_slow_line_takes_its_time_both_ways_and_loses_what_has_no_room(bench: Bench, slow: str) -> None:
    frame_s = 0.05
    bench.switch.shape(slow, Impairment(rate_kbit_s=SIZE * 8 / 1000 / frame_s))
    began = time.monotonic()
    for number in range(100):
        bench.send("pc1", b"%d" % number)
    got = bench.received("pc2", 100, wait_s=1.0)
    assert got == [b"%d" % number for number in range(len(got))]
    assert 5 <= len(got) < 100, "the queue is full after half a second"
    assert time.monotonic() - began >= (len(got) - 1) * frame_s

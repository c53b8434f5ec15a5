"""The line between an edge and the core, and its clock: whatever the bus loses or repeats, each frame comes once."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igym.host.base.clock import Clock
from igym.host.cluster.edge_clock import EdgeClock
from igym.host.cluster.frames import pack_packet, unpack_packet
from igym.host.cluster.line import ACK_EVERY, AGAIN_AFTER_S, MOST_IN_PACKET, Line, Packet


def carry(line: Line, other: Line, now: float) -> list[bytes]:
    """One packet from the one to the other, as it crosses the bus."""
    return other.take(unpack_packet(pack_packet("e", line.packet()))[1], now)


@given(seed=st.integers(0, 10_000), loss=st.sampled_from([0.0, 0.1, 0.5, 0.9]), frames=st.integers(0, 300))
def test_every_frame_comes_once_and_in_order_over_a_bus_that_loses_and_repeats(
    seed: int, loss: float, frames: int
) -> None:
    rng = random.Random(seed)
    ends, came = (Line(), Line()), ([], [])  # type: ignore[var-annotated]
    sent = [[f"{side} {number}".encode() for number in range(frames)] for side in (0, 1)]
    waiting = [list(reversed(each)) for each in sent]
    under_way: list[tuple[int, Packet]] = []
    now = 0.0
    while came[0] != sent[1] or came[1] != sent[0]:
        now += AGAIN_AFTER_S
        for side in (0, 1):
            for _ in range(rng.randrange(40)):
                if waiting[side]:
                    ends[side].put(waiting[side].pop())
            under_way += [(1 - side, ends[side].packet())] * rng.choice([1, 1, 2])
            if rng.random() < 0.1:
                ends[side].rewind()
        # An emptied server loses all of it; another connection overtakes.
        arriving = [each for each in under_way if rng.random() >= loss]
        if rng.random() < 0.2:
            rng.shuffle(arriving)
        under_way = []
        for to, packet in arriving:
            came[to].extend(ends[to].take(packet, now))
        assert now < 5000, "it never comes to an end"


def test_what_was_taken_is_confirmed_without_waiting_for_a_beat_and_then_forgotten() -> None:
    here, there = Line(), Line()
    for number in range(ACK_EVERY):
        assert not there.has_news
        here.put(b"%d" % number)
        carry(here, there, 0.0)
    assert there.has_news and not here.has_news

    carry(there, here, 0.0)
    here.rewind()

    assert here.packet().frames == (), "nothing of it is kept"


def test_a_packet_holds_no_more_than_it_may_and_a_large_frame_goes_alone() -> None:
    line = Line()
    sizes = [MOST_IN_PACKET * 2, MOST_IN_PACKET // 2, MOST_IN_PACKET // 2, 1]
    for size in sizes:
        line.put(b"x" * size)
    assert [[len(frame) for frame in line.packet().frames] for _ in range(4)] == [sizes[:1], sizes[1:3], sizes[3:], []]


def test_a_line_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igym.host.cluster.line.MOST_WAITING", 10)
    line = Line()
    line.put(b"x" * 5)
    assert not line.is_filling
    line.put(b"x" * 5)
    assert line.is_filling and not line.is_overfull
    line.put(b"x")
    assert line.is_overfull


def test_an_edge_follows_the_quickest_answer_about_the_cores_clock() -> None:
    clock = EdgeClock()
    core = Clock()
    core._offset += 100.0
    clock.measured(core(), 0.002)
    clock.measured(core() + 5.0, 0.8)
    assert clock() == pytest.approx(core(), abs=0.002), "a slow answer tells nothing beside a quick one"
    core._offset += 0.01
    for _ in range(40):
        before = clock() - core()
        clock.measured(core(), 0.001)
        assert abs(clock() - core() - before) < 0.002, "it never jumps while somebody measures with it"
    assert clock() == pytest.approx(core(), abs=0.002), "an old answer is forgotten"
    core._offset -= 50.0
    clock.forget()
    clock.measured(core(), 0.5)
    assert clock() == pytest.approx(core(), abs=0.5), "another core has another clock"

"""Pings, rates, cookies, clocks, addresses, STUN: the small rules of the edge."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import pytest

from igym.host.base import network, spawn
from igym.host.base.clock import Clock
from igym.host.base.journal import Journal
from igym.host.base.rates import Limiter, Rate
from igym.host.base.troubles import HostProblems
from igym.host.children.leash import Leash
from igym.host.http.cookies import cookie_name, new_token, token_hash, token_hash_of
from igym.host.ice.stun_message import HEADER, MAGIC_COOKIE, binding_answer, parse
from igym.host.ice.turn import start_turn
from igym.host.sockets.pings import FIRST_GAP_S, FIRST_PINGS, LONGEST_UNTOLD_S, MOST_HELD, HeldPings, PingTimer
from tests.waiting import LIMIT_S


def test_a_ping_is_timed_once_and_only_if_it_was_sent() -> None:
    timer = PingTimer()
    number = timer.send(10.0)
    assert timer.answered(number + 1, 10.5) is None
    assert timer.answered(number, 10.25) == pytest.approx(250.0)
    assert timer.answered(number, 10.3) is None


def test_old_pings_are_forgotten() -> None:
    timer = PingTimer()
    numbers = [timer.send(float(n)) for n in range(40)]
    assert timer.answered(numbers[0], 50.0) is None
    assert timer.answered(numbers[-1], 39.5) == pytest.approx(500.0)


def test_the_first_pings_come_quickly() -> None:
    timer = PingTimer()
    assert timer.gap_s(2.0) == FIRST_GAP_S
    for _ in range(FIRST_PINGS):
        timer.send(0.0)
    assert timer.gap_s(2.0) == 2.0


def test_an_unanswered_ping_is_waited_for() -> None:
    timer = PingTimer()
    assert not timer.is_waiting
    first, second = timer.send(0.0), timer.send(2.0)
    timer.answered(first, 2.5)
    assert timer.is_waiting
    timer.answered(second, 2.6)
    assert not timer.is_waiting


def test_pings_nobody_waits_for_are_told_together_with_their_times() -> None:
    held = HeldPings()
    assert held.take("ann", 100.0) is None
    held.heard_of(100.0)
    for at in (100.5, 102.5, 104.5):
        held.add(at, 10 * (at - 100))
        assert not held.is_due(at)
    told = held.take("ann", 105.0)
    assert told is not None and (told.participant, told.rtt_ms, told.ago_s) == ("ann", 45.0, 0.5)
    assert told.earlier == [[4.5, 5.0], [2.5, 25.0]] and held.take("ann", 105.0) is None


def test_pings_are_due_when_nothing_else_was_told_for_long_or_they_are_many() -> None:
    held = HeldPings()
    held.heard_of(100.0)
    held.add(100.0, 1.0)
    assert not held.is_due(100.0 + LONGEST_UNTOLD_S / 2) and held.is_due(100.0 + LONGEST_UNTOLD_S)
    for n in range(MOST_HELD - 1):
        held.heard_of(101.0 + n)
        assert not held.is_due(101.0 + n)
        held.add(101.0 + n, 1.0)
    assert held.is_due(101.0 + MOST_HELD - 1)


def test_a_bucket_empties_and_fills() -> None:
    limiter, rate = Limiter(), Rate(per_s=2, burst=3)
    assert [limiter.allows("x", 0.0, rate) for _ in range(4)] == [True, True, True, False]
    assert limiter.allows("y", 0.0, rate)
    assert [limiter.allows("x", 1.0, rate) for _ in range(3)] == [True, True, False]


@pytest.mark.parametrize(
    ("header", "found"),
    [("{c}=abc", "abc"), ("a=1; {c}=abc; b=2", "abc"), ('x="un;closed; {c}=abc', "abc"), ("{c}=", None), ("", None),
     ("other=abc", None)],
)  # fmt: skip
def test_the_cookie_is_found_among_others(header: str, found: str | None) -> None:
    expected = None if found is None else token_hash(found)
    assert token_hash_of(header.replace("{c}", cookie_name("s1")), "s1") == expected


def test_tokens_cannot_be_guessed() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 40


def test_the_clock_never_lies_behind_what_is_stored() -> None:
    clock = Clock()
    ahead = clock() + 1000
    clock.not_before(ahead)
    assert clock() >= ahead
    clock.not_before(0.0)
    assert clock() >= ahead


def test_the_same_problem_counts_up_and_a_solved_one_goes() -> None:
    problems = HostProblems(lambda: 1.0, Journal(lambda: 1.0))
    for _ in range(3):
        problems.report("disk", "error", "Full", "Free some space.")
    assert [problem["count"] for problem in problems.to_json()] == [3]
    problems.solve("disk")
    problems.solve("disk")
    assert problems.to_json() == []


def test_an_engine_starts_its_children_as_it_was_started_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    assert spawn.command("describe", ["x"])[1:] == ["-P", "-m", "igym.cli", "describe", "x"]
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert spawn.command("engine", ["--port", "1"])[1:] == ["--engine", "--port", "1"]
    assert "IGYM_CONTROL_TOKEN" not in spawn.environment({"IGYM_CONTROL_TOKEN": "secret", "PATH": "/bin"})


# -- addresses


def test_a_chosen_card_is_also_heard_locally() -> None:
    assert network.bind_addresses(None) == ["0.0.0.0"]
    assert network.bind_addresses("192.168.1.5") == ["192.168.1.5", "127.0.0.1"]
    assert network.bind_addresses("127.0.0.1") == ["127.0.0.1"]


def test_limits_count_an_address_or_its_network_of_64_bits() -> None:
    own = network.network_of("2001:db8::1")
    assert own == network.network_of("2001:db8::2:3:4:5") != network.network_of("2001:db8:0:1::1")
    kept = ["10.0.0.1", "10.0.0.2", "", "no address"]
    assert [network.network_of(address) for address in kept] == kept
    assert network.network_of("::ffff:1.2.3.4") == "1.2.3.4"


def test_all_addresses_share_one_port() -> None:
    sockets = network.listening_sockets(["127.0.0.1", "127.0.0.2"], 0)
    try:
        assert len({made.getsockname()[1] for made in sockets}) == 1
    finally:
        for made in sockets:
            made.close()


def test_port_80_needs_no_number() -> None:
    assert network.join_url("10.0.0.1", 80) == "http://10.0.0.1/"
    assert network.join_url("10.0.0.1", 8000) == "http://10.0.0.1:8000/"


# -- STUN


def request(transaction: bytes = b"abcdefghijkl", kind: int = 1, cookie: int = MAGIC_COOKIE) -> bytes:
    return HEADER.pack(kind, 0, cookie, transaction)


def test_a_binding_request_is_told_its_own_address() -> None:
    message = parse(request())
    assert message is not None
    answer = binding_answer(message, ("192.168.1.20", 54321))
    kind, length, cookie, transaction = HEADER.unpack_from(answer)
    assert (kind, cookie, transaction) == (0x0101, MAGIC_COOKIE, b"abcdefghijkl")
    assert length == len(answer) - HEADER.size
    attribute, size, _, family, port, address = struct.unpack("!HHBBHI", answer[HEADER.size : HEADER.size + 12])
    assert (attribute, size, family) == (0x0020, 8, 1)
    assert port ^ (MAGIC_COOKIE >> 16) == 54321
    assert socket.inet_ntoa(struct.pack("!I", address ^ MAGIC_COOKIE)) == "192.168.1.20"


NOISE = [b"", b"noise", b"x" * 19, b"x" * 20, request(kind=0x0101), request(cookie=1), request() + b"12345678"]


async def test_a_responder_on_a_free_port_answers_binding_requests_and_nothing_else() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        responder = await start_turn(None, "127.0.0.1", "127.0.0.1", taken.getsockname()[1])
        assert responder.port != taken.getsockname()[1]
    answers: asyncio.Queue[bytes] = asyncio.Queue()

    class Asking(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            answers.put_nowait(data)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Asking, remote_addr=("127.0.0.1", responder.port))
    for noise in NOISE:
        transport.sendto(noise)
    transport.sendto(request())
    answer = await asyncio.wait_for(answers.get(), LIMIT_S)
    own = transport.get_extra_info("sockname")
    transport.close()
    responder.close()
    message = parse(request())
    assert message is not None
    assert answer == binding_answer(message, own)
    assert answers.empty()


# -- the leash


@pytest.mark.parametrize(("stops", "attended", "stopped"), [(True, False, 1), (True, True, 0), (False, False, 0)])
async def test_who_stops_when_the_launcher_is_gone(stops: bool, attended: bool, stopped: int) -> None:
    calls: list[int] = []
    leash = Leash(stops, 0.0, lambda: attended, lambda: calls.append(1))
    leash.presence_changed()
    leash.launcher_gone()
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(calls) == stopped


async def test_a_launcher_that_comes_back_in_time_keeps_the_engine() -> None:
    calls: list[int] = []
    attended = False
    leash = Leash(True, 0.0, lambda: attended, lambda: calls.append(1))
    leash.launcher_gone()
    attended = True
    leash.presence_changed()
    for _ in range(3):
        await asyncio.sleep(0)
    assert calls == []

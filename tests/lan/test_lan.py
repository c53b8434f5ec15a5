"""The network that later tests stand on does what it says."""

from __future__ import annotations

import re
import subprocess

from tests.lan import Impairment, Lan

ECHO = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind((sys.argv[1], 7777)); print("up", flush=True)
while True:
    data, who = s.recvfrom(2000); s.sendto(data, who)
"""
PROBE = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(float(sys.argv[3]))
back, times = 0, []
for n in range(int(sys.argv[2])):
    t = time.perf_counter(); s.sendto(b"%d" % n, (sys.argv[1], 7777))
    try:
        while s.recv(100) != b"%d" % n: pass
        back += 1; times.append((time.perf_counter() - t) * 1000)
    except TimeoutError: pass
print(back, sorted(times)[len(times) // 2] if times else -1)
"""


def probe(lan: Lan, count: int, wait_s: float = 10) -> tuple[int, float]:
    """How many of `count` packets from pc1 came back from pc2, and the median round trip in ms."""
    command = lan["pc1"].command("python3", "-c", PROBE, lan["pc2"].address, str(count), str(wait_s))
    back, median = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout.split()
    return int(back), float(median)


def echo(lan: Lan) -> subprocess.Popen[bytes]:
    started = lan["pc2"].popen("python3", "-c", ECHO, lan["pc2"].address, stdout=subprocess.PIPE)
    assert started.stdout
    assert started.stdout.readline() == b"up\n"
    return started


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


def test_delay_loss_cut_and_mend_reach_the_packets_themselves() -> None:
    with Lan("pc1", "pc2") as lan:
        server = echo(lan)
        try:
            assert probe(lan, 5)[0] == 5
            for name in ("pc1", "pc2"):
                lan.shape(name, Impairment(delay_ms=50))
            back, median_ms = probe(lan, 5)
            assert back == 5
            assert median_ms >= 100
            lan.cut("pc2")
            assert probe(lan, 2, 0.1)[0] == 0
            lan.mend("pc1")
            lan.shape("pc2", Impairment(loss=1.0))
            assert probe(lan, 2, 0.1)[0] == 0
            lan.shape("pc2", Impairment(drop_udp=True))
            assert probe(lan, 2, 0.1)[0] == 0
            lan.mend("pc2")
            assert probe(lan, 5)[0] == 5
        finally:
            end(server)


def test_a_computer_without_a_route_reaches_its_neighbours_only() -> None:
    with Lan("pc1", "pc2", route=False) as lan:
        assert not re.search(r"^default", lan["pc1"].ip("route"), re.MULTILINE)
        server = echo(lan)
        try:
            assert probe(lan, 3)[0] == 3
        finally:
            end(server)

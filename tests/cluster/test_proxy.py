"""HAProxy as `deploy/` sets it up: TLS ends there, servers learn who really asks, and edges may be below a path."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import pytest
import socketio

from igym.host.base.rates import Rate
from igym.host.cluster.edge import Edge, EdgeOptions
from igym.host.engine.engine import Engine
from igym.host.simulate.client import ParticipantClient
from igym.host.web import join
from igym.protocol.server import Notice, SceneShown
from tests.cluster.attached import attached, passes_for
from tests.cluster.proxy import haproxy
from tests.cluster.servers import Redis
from tests.cluster.study_server import LIMIT_S, answers
from tests.host.conftest import SURVEY, StartEngine
from tests.host.test_tabs import next_of
from tests.ports import free_port

TLS = Path(__file__).parents[1] / "host" / "tls"


@contextmanager
def mirror(status: int) -> Iterator[int]:
    """The port of a server that is as well as `status` says and tells what it was asked."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told = json.dumps([(name.lower(), value) for name, value in self.headers.items()]).encode()
            self.send_response(status if self.path == "/health" else 200)
            self.send_header("Content-Length", str(len(told)))
            self.send_header("X-Port", str(server.server_address[1]))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Nothing is written down."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def test_a_study_below_a_path_is_taken_part_in_watched_and_steered_through_edges(
    tmp_path: Path, bus: Redis, own_url: str, start_on_file: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join, "JOINS_PER_ADDRESS", Rate(0.001, 2))
    given, passes = passes_for("anna", tmp_path)
    ports = [free_port(), free_port()]
    with haproxy(tmp_path, ports, below="/lab1") as url:
        behind = {"public_url": f"{url}/lab1", "trusted_proxy": "127.0.0.1"}
        engine = await start_on_file(SURVEY, database=own_url, redis=bus.url, remote=passes, **behind)
        async with AsyncExitStack() as ending:
            for port in ports:
                edge = Edge(EdgeOptions(bus.url, port=port, address="127.0.0.1", **behind))
                ending.push_async_callback(edge.close)
                await edge.start()
            await asyncio.to_thread(answers, f"{url}/lab1")
            await has_all_its_parts(f"{url}/lab1/", url)
            client = ParticipantClient(f"{url}/lab1")
            ending.push_async_callback(client.close)
            await client.join()
            await client.connect()
            await next_of(client, SceneShown)
            assert [await joins(f"{url}/lab1", visitor) for visitor in ("192.0.2.7", "192.0.2.7", "192.0.2.7")] == [
                200, 200, 429
            ], "each visitor has a limit"  # fmt: skip
            assert await joins(f"{url}/lab1", "192.0.2.8") == 200
            await is_watched(engine, url)
            launcher = await ending.enter_async_context(attached(f"{url}/lab1", given))
            assert client.participant in launcher.people and len(launcher.people) == 4
            told = await launcher.command("message", to=client.participant, text="Hello from the lab")
            assert told.ok, told
            assert (await next_of(client, Notice)).text == "Hello from the lab"


async def has_all_its_parts(page: str, url: str) -> None:
    async with aiohttp.ClientSession() as http:
        async with http.get(page) as answer:
            text = await answer.text()
        links = re.findall(r'(?:src|href)="([^"]+)"', text)
        assert answer.status == 200 and links
        for link in links:
            async with http.get(url + link) as answer:
                assert answer.status == 200, link


async def joins(address: str, visitor: str) -> int:
    """The status, for a visitor of this address."""
    headers = {"X-Forwarded-For": visitor}
    async with aiohttp.ClientSession() as http, http.post(f"{address}/api/join", json={}, headers=headers) as answer:
        return answer.status


async def is_watched(engine: Engine, url: str) -> None:
    """The monitor's page opens with its token and shows the session."""
    assert engine.control is not None
    path = engine.control.switch_monitor(True)["path"]
    async with aiohttp.ClientSession() as http, http.get(f"{url}/lab1{path}") as answer:
        assert answer.status == 200 and '"/lab1/static/' in await answer.text()
    screen, shown = socketio.AsyncClient(reconnection=False), asyncio.Event()
    screen.on("snapshot", lambda _: shown.set(), namespace="/monitor")
    await screen.connect(
        url,
        namespaces=["/monitor"],
        auth={"token": engine.control.monitor_token},
        transports=["websocket"],
        socketio_path="lab1/socket.io",
    )
    await asyncio.wait_for(shown.wait(), LIMIT_S)
    await screen.shutdown()


def test_visitors_come_by_https_and_under_their_own_address(tmp_path: Path) -> None:
    certificate = tmp_path / "study.pem"
    certificate.write_bytes((TLS / "certificate.pem").read_bytes() + (TLS / "key.pem").read_bytes())
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    made_up = {"X-Forwarded-For": "198.51.100.9", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example"}

    with mirror(200) as leads, mirror(404) as stands_by, haproxy(tmp_path, (stands_by, leads), certificate) as url:
        answers(url, trusting)
        asked = urllib.request.Request(f"{url}/join", headers={**made_up, "Host": "study.example.org"})
        with urllib.request.urlopen(asked, context=trusting, timeout=120) as answer:
            told = json.load(answer)

    assert [value for name, value in told if name == "x-forwarded-proto"] == ["https"]
    assert [value for name, value in told if name == "x-forwarded-host"] == ["study.example.org"]
    assert [value for name, value in told if name == "x-forwarded-for"][-1] == "127.0.0.1"


def test_people_stay_with_a_server_whose_database_is_away(tmp_path: Path) -> None:
    """One that waits for its database is not gone: its pages say what is the matter."""
    with mirror(503) as waits, mirror(404) as stands_by, haproxy(tmp_path, (waits, stands_by)) as url:
        in_a_row, ends_at = 0, time.monotonic() + LIMIT_S
        # In turns, until the proxy has seen how both are; from then on always the same one.
        while in_a_row < 8:
            assert time.monotonic() < ends_at
            in_a_row = in_a_row + 1 if answered_by(url) == waits else 0


def answered_by(url: str) -> int | None:
    try:
        with urllib.request.urlopen(f"{url}/page", timeout=120) as answer:
            return int(answer.headers["X-Port"])
    except OSError:
        time.sleep(0.05)
        return None

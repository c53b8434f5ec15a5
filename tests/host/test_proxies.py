"""Behind a proxy: visitors are told apart by what the trusted proxy says, below the path it serves them at."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import aiohttp
import pytest
import socketio

from igym.host.base.errors import HostError
from igym.host.base.pulse import Durations
from igym.host.base.rates import Rate
from igym.host.engine.engine import Engine
from igym.host.http.proxies import Proxies, public_address
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web import join
from tests.host.conftest import SOLO, SURVEY, StartEngine
from tests.waiting import LIMIT_S, until


@pytest.mark.parametrize(
    ("peer", "headers", "visitor"),
    [
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),  # the visitor's own invention comes first
        ("10.0.0.1", ["6.6.6.6", "192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        ("::ffff:10.0.0.1", ["192.0.2.7:51234"], "192.0.2.7"),
        ("10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["10.1.2.3"], "10.1.2.3"),
        ("192.0.2.9", ["192.0.2.7"], "192.0.2.9"),  # not a proxy of ours
        ("?", ["192.0.2.7"], "?"),
    ],
)
def test_whose_request_it_is(peer: str, headers: list[str], visitor: str) -> None:
    assert Proxies("10.0.0.1, 10.1.0.0/16").visitor(peer, headers) == visitor


def test_public_addresses() -> None:
    assert (public_address("").url, public_address("").prefix) == ("", "")
    found = public_address("https://Study.example.org:8443/lab1")
    assert (found.url, found.prefix, found.name) == (
        "https://Study.example.org:8443/lab1/", "/lab1", "study.example.org"
    )  # fmt: skip
    for wrong in (
        "study.example.org",
        "ftp://a.b/",
        "https:///x",
        "https://a.b/?x=1",
        "https://a.b/a b",
        "https://a.b/a//b",
    ):
        with pytest.raises(HostError, match="no address that participants could open"):
            public_address(wrong)
    with pytest.raises(HostError, match="names no proxy"):
        Proxies("the proxy")


def from_visitor(address: str, proto: str = "https") -> dict[str, str]:
    return {"X-Forwarded-For": address, "X-Forwarded-Proto": proto, "X-Forwarded-Host": "study.example.org"}


async def test_the_proxys_word_counts_for_limits_cookies_and_addresses(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join, "JOINS_PER_ADDRESS", Rate(0.001, 1))
    engine = await start_engine(SURVEY, public_url="https://study.example.org/", trusted_proxy="127.0.0.1")
    port = engine.ready.port  # type: ignore[attr-defined]
    inside = f"http://127.0.0.1:{port}/"
    assert engine.join_url == "https://study.example.org/"

    async def joins(address: str) -> tuple[int, str]:
        headers = {**from_visitor(address), "Origin": "https://study.example.org"}
        async with aiohttp.ClientSession() as http, http.post(f"{inside}api/join", json={}, headers=headers) as answer:
            return answer.status, answer.headers.get("Set-Cookie", "")

    status, cookie = await joins("192.0.2.7")
    assert status == 200 and "Secure" in cookie
    assert [(await joins(address))[0] for address in ("192.0.2.7", "192.0.2.8")] == [429, 200], "each has a limit"

    page = socketio.AsyncClient()
    headers = {**from_visitor("192.0.2.7"), "Cookie": cookie.partition(";")[0]}
    await page.connect(inside, namespaces=["/participant"], headers=headers, transports=["websocket"])
    await until(engine.pages.connections.all, "the page is connected")
    assert [each.address for each in engine.pages.connections.all()] == ["192.0.2.7"]
    await page.disconnect()
    async with aiohttp.ClientSession() as http:
        async with http.get(inside, headers={**from_visitor("192.0.2.7"), "X-Forwarded-Host": "evil.example"}) as other:
            assert other.status == 421
        async with http.get(inside, headers={**from_visitor("192.0.2.7")}) as own:
            assert own.status == 200 and "wss://study.example.org" in own.headers["Content-Security-Policy"]


async def test_a_stranger_who_claims_to_be_a_proxy_is_not_believed(
    start_engine: StartEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join, "JOINS_PER_ADDRESS", Rate(0.001, 1))
    engine = await start_engine(SURVEY, trusted_proxy="10.0.0.1")
    async with aiohttp.ClientSession() as http:
        answers = []
        for address in ("192.0.2.7", "192.0.2.8"):
            url = f"{engine.join_url}api/join"
            async with http.post(url, json={}, headers=from_visitor(address), cookies={}) as answer:
                answers.append((answer.status, "Secure" in answer.headers.get("Set-Cookie", "")))
            http.cookie_jar.clear()
    assert answers == [(200, False), (429, False)]


@pytest.mark.parametrize("passed_on", ["/lab1", ""])
async def test_a_study_below_a_path_finds_all_its_parts(start_engine: StartEngine, passed_on: str) -> None:
    """Whether the proxy passes the path on or takes it away, what browsers are told has it."""
    body = '<p>Hello</p><img src=\\"asset:a.png\\">'
    source = SOLO.replace('body="<p>Hello</p>"', f'body="{body}"')
    files = {"env.py": "import pathlib\nTEXT = open('words.txt').read()\nenv = None\n", "words.txt": "a", "a.png": "x"}
    engine = await start_engine(source, files, public_url="http://study.example.org/lab1", trusted_proxy="127.0.0.1")
    inside = f"http://127.0.0.1:{engine.ready.port}{passed_on}"  # type: ignore[attr-defined]
    headers = from_visitor("192.0.2.7", "http")
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(headers=headers, cookie_jar=jar) as http:

        async def get(address: str) -> tuple[int, bytes]:
            # What browsers ask for has the path; such a proxy takes it away.
            assert address.startswith("/lab1/"), address
            async with http.get(inside + address.removeprefix("/lab1")) as answer:
                return answer.status, await answer.read()

        status, page = await get("/lab1/")
        links = re.findall(r'(?:src|href)="([^"]+)"', page.decode())
        assert status == 200 and links
        assert [link for link in links if (await get(link))[0] != 200] == []
        async with http.post(f"{inside}/api/join", json={}) as joined:
            assert joined.status == 200
        async with http.get(f"{inside}/api/game/game") as answer:
            bundle = await answer.json()
        urls = [each["url"] for each in bundle["data"].values()]
        assert urls and [url for url in urls if (await get(url))[0] != 200] == []
        seen = await first_messages(inside, http, "welcome", "scene")
    assert seen["welcome"]["preload"]["wheels_index"] == "/lab1/simple/"
    assert 'src="/lab1/assets/a.png"' in seen["scene"]["spec"]["body"]


async def first_messages(inside: str, http: aiohttp.ClientSession, *names: str) -> dict[str, Any]:
    """What the page gets after its hello."""
    base, _, prefix = inside.removeprefix("http://").partition("/")
    cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
    page, seen = socketio.AsyncClient(), {}
    for name in names:
        page.on(name, lambda body, name=name: seen.__setitem__(name, body), namespace="/participant")
    path = f"{prefix}/socket.io".lstrip("/")
    await page.connect(
        f"http://{base}", namespaces=["/participant"], headers={"Cookie": cookies, **from_visitor("192.0.2.7", "http")},
        transports=["websocket"], socketio_path=path,
    )  # fmt: skip
    await page.emit("hello", HELLO, namespace="/participant")
    async with asyncio.timeout(LIMIT_S):
        await until(lambda: set(seen) == set(names), "the first messages")
    await page.disconnect()
    return seen


HELLO = {
    "protocol": 1, "tab": "t", "visit": None,
    "browser": {
        "user_agent": "Chrome/140.0", "language": "en", "screen_width": 1920, "screen_height": 1080,
        "viewport_width": 1600, "viewport_height": 900, "pixel_ratio": 1.0, "touch": False, "webgl": True,
        "hardware_threads": 4, "timezone": "Europe/Berlin",
    },
}  # fmt: skip


async def test_health_and_figures(start_engine: StartEngine) -> None:
    engine: Engine = await start_engine(SURVEY, metrics_token="m" * 20)
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{engine.join_url}api/join", json={}) as joined:
            assert joined.status == 200
        async with http.get(f"{engine.join_url}health") as answer:
            assert (answer.status, await answer.json()) == (200, {"status": "ok"})
        engine.space.look(0)
        async with http.get(f"{engine.join_url}health") as answer:
            assert (answer.status, await answer.json()) == (503, {"status": "failing", "reason": "storage"})
        for token in ("", "Bearer wrong", "m" * 20):
            async with http.get(f"{engine.join_url}metrics", headers={"Authorization": token}) as refused:
                assert refused.status == 401 and "IGYM_METRICS_TOKEN" in (await refused.json())["error"]["text"]
        for token in ("m" * 20, engine.token):
            async with http.get(f"{engine.join_url}metrics", headers={"Authorization": f"Bearer {token}"}) as told:
                text = await told.text()
                assert told.status == 200 and told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    with StoreReader(engine.folder / DATABASE) as reader:
        assert int(figures["igym_events_total"]) == len(list(reader.events(engine.begun.id)))
    assert figures['igym_people{state="joined"}'] == "1" and figures["igym_disk_free_bytes"] == "0"
    assert figures["igym_storage_blocked"] == "0"
    assert int(figures["igym_ack_seconds_count"]) >= 2 and float(figures['igym_ack_seconds{quantile="0.99"}']) > 0
    declared = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    assert {kind for _, kind in declared} == {"gauge", "counter", "summary"}
    assert all(any(name.startswith(each) for each, _ in declared) for name in figures)


def test_quantiles_are_of_the_last_durations() -> None:
    found = Durations(kept=100)
    assert found.quantile(0.5) is None
    for number in range(1, 201):
        found.add(number)
    assert (found.quantile(0.5), found.quantile(0.99), found.quantile(1.0)) == (151, 200, 200)
    assert (found.count, found.total_s) == (200, 20100)

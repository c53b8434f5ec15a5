"""Under which names and with which tokens the servers answer, and what only the owner of an account may read."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections import namedtuple
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import socketio

import igym
from igym.formulas import guarded, original
from igym.host.base import network
from igym.host.base.errors import HostError
from igym.host.base.journal import Journal, printable
from igym.host.base.network import OwnAddresses
from igym.host.base.spawn import Kind
from igym.host.children.child import LocalRunner
from igym.host.children.line_child import ChildEndedError, LineChild
from igym.host.engine.engine import Engine
from igym.host.export.files import Types, replacing, write_csv
from igym.host.export.manifest import Manifest
from igym.host.http.own_names import OwnNames, host_name
from igym.host.http.web_files import inside
from igym.host.store.store import Store
from tests.host.conftest import SURVEY, StartEngine

Entry = namedtuple("Entry", "family address")


@pytest.mark.parametrize(
    ("header", "name"),
    [("localhost:8000", "localhost"), ("LAB1.local.", "lab1.local"), ("[::1]:8000", "::1"), ("192.0.2.7", "192.0.2.7"),
     ("", ""), ("a:b", ""), ("a/b", ""), ("user@evil", ""), ("[::1", ""), ("a?b", ""), ("x:99999", "")],
)  # fmt: skip
def test_what_a_host_header_names(header: str, name: str) -> None:
    assert host_name(header) == name


def test_own_names_and_addresses_are_admitted_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "Lab1.uni.example")
    cards = {"lan": [Entry(2, "192.0.2.7"), Entry(10, "fe80::1%eth0")]}
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)
    now = 0.0
    names = OwnNames(("play.example.org",), OwnAddresses(lambda: now))
    ours = ("localhost:1", "127.0.0.1", "[::1]:8000", "192.0.2.7:8000", "lab1", "lab1.local", "lab1.uni.example",
            "LAB1.LOCAL:80", "play.example.org.", "[fe80::1]:80")  # fmt: skip
    assert [host for host in ours if not names.admits(host)] == []
    theirs = ("evil.example", "lab1.evil.example", "192.0.2.8", "", "localhost.evil.example", "192.0.2.7.evil.example")
    assert [host for host in theirs if names.admits(host)] == []
    cards["new"] = [Entry(2, "192.0.2.8")]
    assert names.admits("192.0.2.8", reached_at="192.0.2.8"), "the request came in there"
    now = 60.0
    assert names.admits("192.0.2.8"), "a network that came up later"


async def test_a_session_answers_under_its_own_names_alone(start_engine: StartEngine) -> None:
    """A page of another site that lets its name point here (DNS rebinding) reads nothing and joins nothing."""
    engine: Engine = await start_engine(SURVEY)
    async with aiohttp.ClientSession() as http:
        for path in ("", "api/session", "socket.io/?EIO=4&transport=polling", "assets/x.png", "monitor"):
            async with http.get(engine.join_url + path, headers={"Host": "evil.example"}) as answer:
                assert answer.status == 421, path
                assert "Please use the link you were given" in (await answer.json())["error"]["text"]
        port = engine.join_url.rsplit(":", 1)[1].rstrip("/")
        for host in ("localhost", "127.0.0.1"):
            async with http.get(engine.join_url, headers={"Host": f"{host}:{port}"}) as answer:
                assert answer.status == 200


async def test_names_too_long_for_the_file_system_are_nowhere(start_engine: StartEngine, tmp_path: Path) -> None:
    engine: Engine = await start_engine(SURVEY)
    long = "x" * 5000
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.post(f"{engine.join_url}api/join", json={}) as joined:
            assert joined.status == 200
        for path in (f"assets/{long}.png", f"static/h/{long}", f"vendor/h/{long}", f"wheels/{long}", f"simple/{long}/"):
            async with http.get(engine.join_url + path) as answer:
                assert answer.status == 404, path[:20]
    assert inside(tmp_path, long) is None
    assert inside(tmp_path, "a/" * 3000 + "x") is None


async def test_each_wrong_token_waits_longer_and_fills_no_log(start_engine: StartEngine) -> None:
    engine: Engine = await start_engine(SURVEY)
    assert engine.control is not None
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    engine.control.pause = pause
    url = f"http://127.0.0.1:{engine.begun and engine.join_url.rsplit(':', 1)[1].rstrip('/')}"
    for _ in range(12):
        client = socketio.AsyncClient()
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(url, namespaces=["/control"], auth={"token": "guess"})
        await client.disconnect()
    assert waited == sorted(waited)
    assert waited[-1] == 5.0
    told = [line for line, _ in engine.journal.recent if "wrong token" in line["text"]]
    assert [line["data"]["count"] for line in told] == [1, 10]


def test_recordings_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "study" / "session.sqlite3"
    store = Store(path)
    store.close()
    with replacing(path.parent / "participants.csv") as stream:
        stream.write(b"participant")
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path, path.parent / "participants.csv")]
    assert os.name == "nt" or modes == [0o700, 0o600, 0o600], "elsewhere, modes are not what protects files"


@pytest.mark.parametrize("port", [-1, 65_536, 10**9])
def test_port_numbers_out_of_range_get_a_sentence(port: int) -> None:
    with pytest.raises(HostError, match="is no port number") as caught:
        network.listening_sockets(["127.0.0.1"], port)
    assert caught.value.code == "bad_port"


def test_a_network_with_ipv6_alone_is_refused_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"lan": [Entry(10, "2001:db8::7%eth0"), Entry(2, "127.0.0.1")]})
    for wanted in (None, "2001:db8::7"):
        with pytest.raises(HostError, match="IPv6 addresses only") as caught:
            network.advertised_address(wanted)
        assert caught.value.code == "no_address"
    assert network.advertised_address("127.0.0.1") == "127.0.0.1"
    monkeypatch.setattr(psutil, "net_if_addrs", lambda: {"lan": [Entry(10, "fe80::7%eth0")]})
    assert network.advertised_address(None) == "127.0.0.1", "no network at all"


def test_the_log_moves_no_cursor_and_turns_no_writing() -> None:
    lines: list[dict[str, Any]] = []
    journal = Journal(lambda: 0.0)
    journal.add_listener(lines.append)
    journal.warning("browser", "a\x1b[2Jb\u202ec\x9bd\re\nf\tg")
    assert lines[0]["text"] == "a\ufffd[2Jb\ufffdc\ufffdd\ufffde\nf\tg"
    assert printable("Zoë 😀 日本 – ok") == "Zoë 😀 日本 – ok"


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "\tx", "\rx", "'=x", "''@", "-"])
def test_a_spreadsheet_runs_nothing_and_the_text_comes_back(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert original(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "x", "'x", "'", "a=b", " =x", "7", "“-”"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text == original(text)


def test_tables_for_people_are_guarded_and_load_gives_the_original(tmp_path: Path) -> None:
    """Participants' labels and answers, and the names of columns; numbers stay numbers, negative ones too."""
    header = ["participant", "=label", "earned", "note"]
    rows = [["p1", "=HYPERLINK(1)", -2.5, "'=x"], ["p2", "plain", 3, None], ["p3", "-", -1, "@a\tb"]]
    types = Types()
    path = tmp_path / "participants.csv"
    write_csv(path, header, rows, types)
    manifest = Manifest(tmp_path)
    manifest.note(path, types[path])
    manifest.write()
    text = path.read_text("utf-8")
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(",")]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "@")] == []
    assert "-2.5" in cells
    table = igym.load(tmp_path).participants
    assert list(table.columns) == header
    assert list(table["=label"]) == ["=HYPERLINK(1)", "plain", "-"]
    assert list(table["earned"]) == [-2.5, 3.0, -1.0]
    assert table["note"][0] == "'=x"
    assert table["note"][2] == "@a\tb"


async def test_an_answer_beyond_every_measure_is_told_in_words(tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text("import sys\nsys.stdin.readline()\nsys.stdout.write('x' * 70_000_000 + chr(10))\n")

    class Talker(LocalRunner):
        """Runs the script, whatever it is asked for."""

        async def start(self, kind: Kind, arguments: Sequence[str], pipe_bytes: int) -> Process:
            return await asyncio.create_subprocess_exec(
                sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=pipe_bytes
            )

    child = LineChild(Talker(), "exporter", [str(script)], lambda text: None)
    await child.start()
    with pytest.raises(ChildEndedError, match="answered with more than"):
        await child.request({"do": "anything"})
    await child.end()

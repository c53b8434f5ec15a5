"""Participants over https with a certificate from the settings; the launcher beside it over plain HTTP."""

from __future__ import annotations

import asyncio
import json
import ssl
from pathlib import Path

import aiohttp
import pytest
import socketio

from igym.host.base.errors import HostError
from igym.host.base.spawn import environment
from igym.host.engine.engine import Engine
from igym.host.session.settings import EngineOptions
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.engine_file import read_engine_file
from igym.host.web.front_door import checked_name, tls_context
from tests.waiting import LIMIT_S

from .conftest import SURVEY, StartEngine, write_experiment

TLS = Path(__file__).with_name("tls")


def trusting() -> aiohttp.TCPConnector:
    return aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(TLS / "certificate.pem")))


async def test_participants_get_https_and_the_launcher_its_own_plain_port(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY, tls_certificate=TLS / "certificate.pem", tls_key=TLS / "key.pem")
    ready = engine.ready  # type: ignore[attr-defined]

    assert ready.join_url == f"https://127.0.0.1:{ready.port}/" and ready.control_port != ready.port
    async with aiohttp.ClientSession(connector=trusting()) as browser:
        async with browser.get(ready.join_url) as page:
            assert page.status == 200 and "igym-static" in await page.text()
        async with browser.post(f"{ready.join_url}api/join", json={}) as joined:
            assert joined.status == 200 and "Secure" in joined.headers["Set-Cookie"]
        async with browser.ws_connect(f"{ready.join_url}socket.io/?EIO=4&transport=websocket") as socket:
            assert json.loads((await socket.receive_str())[1:])["upgrades"] == []
    launcher = socketio.AsyncClient()
    seen = asyncio.get_running_loop().create_future()
    launcher.on("snapshot", lambda view: seen.done() or seen.set_result(view), namespace="/control")
    url = f"http://127.0.0.1:{ready.control_port}"
    await launcher.connect(url, auth={"token": ready.control_token}, namespaces=["/control"], transports=["websocket"])
    view = await asyncio.wait_for(seen, LIMIT_S)
    await launcher.disconnect()
    assert view["session"]["join_url"] == ready.join_url
    facts = read_engine_file(engine.folder)
    assert facts is not None and (facts.port, facts.control_port) == (ready.port, ready.control_port)
    closed = await SimulatedParticipant(url + "/").run()
    assert closed.outcome == "finished"


async def test_without_a_certificate_one_port_serves_all(start_engine: StartEngine) -> None:
    engine = await start_engine(SURVEY, join_name="lab.example.org")
    ready = engine.ready  # type: ignore[attr-defined]
    assert ready.join_url == f"http://lab.example.org:{ready.port}/" and ready.control_port == ready.port


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("certificate.pem", "other_key.pem", "the key belongs to another certificate"),
        ("certificate.pem", "locked_key.pem", "its key is protected by a password"),
        ("README.md", None, "does not hold a certificate and a key"),
        ("certificate.pem", None, "does not hold a certificate and a key"),
        ("gone.pem", None, "There is no file"),
    ],
)
def test_a_certificate_that_cannot_be_used_says_why(certificate: str, key: str | None, words: str) -> None:
    with pytest.raises(HostError) as caught:
        tls_context(TLS / certificate, TLS / key if key else None)
    assert caught.value.code == "bad_certificate" and words in caught.value.text and "ettings" in caught.value.text


async def test_an_engine_with_a_bad_certificate_does_not_start_and_leaves_the_port_free(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "experiment", SURVEY)
    engine = Engine(EngineOptions(folder=folder, data=tmp_path / "data", port=0, tls_certificate=tmp_path / "no.pem"))
    with pytest.raises(HostError, match=r"no\.pem"):
        await engine.start()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["http://lab", "lab/", "a b", "-lab", "lab:8000"])
def test_names_that_cannot_stand_in_a_link(name: str) -> None:
    with pytest.raises(HostError, match="cannot stand in the join link"):
        checked_name(name)


def test_children_do_not_inherit_secrets() -> None:
    kept = environment({"IGYM_CONTROL_TOKEN": "t", "IGYM_TURN_CREDENTIAL": "p", "PATH": "/bin"})
    assert "IGYM_CONTROL_TOKEN" not in kept and "IGYM_TURN_CREDENTIAL" not in kept and kept["PATH"] == "/bin"

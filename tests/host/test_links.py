"""Signed personal links: made by `igym links`, held to by the engine, and nowhere in the data."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest

from igym.cli import run
from igym.host.web.links import KEY_FILE, links, make_key, read_signed
from tests.host.conftest import SURVEY, StartEngine, table, write_experiment

LINKED = SURVEY.replace('title="A', 'participant_ids={"mode": "link", "signed_only": True}, title="A')


def query(link: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(link).query))


@pytest.mark.parametrize("once", [False, True])
def test_a_link_that_was_changed_in_any_way_does_not_hold(tmp_path: Path, once: bool) -> None:
    key = make_key(tmp_path)
    assert make_key(tmp_path) == key and len(key) == 32
    [(_, link)] = links(key, ["P 1&ä"], "http://lab:8000/", "id", once=once)
    params = query(link)
    assert read_signed(tmp_path, params, ("id",)) == ("once" if once else "again", {"id": "P 1&ä"})
    others = [
        params | {"id": "P2"}, params | {"sig": params["sig"][:-1]}, params | {"sig": ""}, params | {"sig": "ä" * 24},
        params | {"use": "" if once else "once"}, {**params, "use": "more"},
    ]  # fmt: skip
    for changed in others:
        signed, kept = read_signed(tmp_path, changed, ("id",))
        assert signed == "broken" and "sig" not in kept
    assert read_signed(tmp_path / "elsewhere", params, ("id",))[0] == "broken", "another study's key"
    assert read_signed(tmp_path, {"id": "P1"}, ("id",)) == ("", {"id": "P1"})
    (tmp_path / KEY_FILE).write_bytes(b"")
    assert read_signed(tmp_path, params, ("id",))[0] == "broken", "half a key signs nothing"


def made(folder: Path, capsys: Any, *options: str) -> list[dict[str, str]]:
    assert run("links", [str(folder), *options]) == 0
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


async def asked(http: aiohttp.ClientSession, address: str, params: dict[str, str]) -> dict[str, Any]:
    async with http.post(f"{address}/api/join", json={"params": params, "language": "en"}) as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def test_links_admit_bring_back_and_leave_no_signature_in_the_data(
    start_engine: StartEngine, tmp_path: Path, capsys: Any
) -> None:
    folder = write_experiment(tmp_path / "experiment", LINKED)
    data = ["--data", str(tmp_path / "data")]
    first, second = (query(row["link"]) for row in made(folder, capsys, "--n", "2", *data))
    [single] = (query(row["link"]) for row in made(folder, capsys, "--n", "1", "--prefix", "S", "--once", *data))
    engine = await start_engine(LINKED)
    address = engine.join_url.rstrip("/")
    plain, one, other = (aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) for _ in range(3))
    async with plain, one, other:
        assert (await asked(plain, address, {"id": "P001"}))["error"]["code"] == "link_unsigned"
        assert (await asked(plain, address, first | {"id": "P002"}))["error"]["code"] == "link_broken"
        assert (await asked(one, address, first))["participant"] == "P001"
        assert (await asked(other, address, first))["participant"] == "P001", "back in another browser"
        async with other.get(f"{address}/api/join", params=first) as answer:
            assert (await answer.json())["known"] == "P001"
        async with one.get(f"{address}/api/join", params=first) as answer:
            assert (await answer.json())["known"] is None, "the first browser acts for nobody any more"
        assert (await asked(other, address, second))["participant"] == "P002", "another link is another person"
        assert (await asked(plain, address, single))["participant"] == "S001"
        assert (await asked(one, address, single))["error"]["code"] == "label_taken"
    await engine.stop("the end of the test")
    assert sorted(row["label"] for row in table(engine, "participants.csv")) == ["P001", "P002", "S001"]
    written = [file for file in Path(engine.folder).rglob("*") if file.is_file() and file.name != KEY_FILE]
    assert not [file.name for file in written if first["sig"].encode() in file.read_bytes()]


def test_what_cannot_be_made_is_said(tmp_path: Path, capsys: Any) -> None:
    folder = write_experiment(tmp_path / "experiment", LINKED)
    assert run("links", [str(folder)]) == 1
    assert "--n 100" in capsys.readouterr().err
    (tmp_path / "ids.txt").write_text("Ann\n\nBo\nAnn\n", "utf-8")
    rows = made(folder, capsys, "--ids", str(tmp_path / "ids.txt"), "--address", "http://10.0.0.1:8000/")
    assert [row["participant"] for row in rows] == ["Ann", "Bo"]
    assert rows[0]["link"].startswith("http://10.0.0.1:8000/?id=Ann&sig=")
    write_experiment(folder, SURVEY)
    assert run("links", [str(folder), "--n", "1"]) == 1
    assert 'participant_ids="link"' in capsys.readouterr().err

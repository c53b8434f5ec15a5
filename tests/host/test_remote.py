"""Launchers on other computers: who is let in, what they may do, what is written down of it, and what they fetch."""

from __future__ import annotations

import asyncio
import csv
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
import socketio
from socketio.exceptions import ConnectionRefusedError as SocketRefused

from igym.host.base.errors import HostError
from igym.host.base.journal import Journal
from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.programs.engine_main import serve_options
from igym.host.remote import passes_main
from igym.host.remote.attaching import PASS_FILE
from igym.host.remote.door import Door, is_near
from igym.host.remote.pass_file import LivePasses, new_pass, read_passes, write_passes
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.protocol.passes import REMOTE_VERSION, Pass, link, proof, read_address, read_link, read_pass
from tests.host.conftest import SOLO, SURVEY, StartEngine
from tests.host.remote_launcher import RemoteLauncher, hello
from tests.waiting import until

Refused = socketio.exceptions.ConnectionError
NewClient = Callable[[Engine], ParticipantClient]
ABROAD = {"X-Forwarded-For": "192.88.99.7", "X-Forwarded-Proto": "http"}
BEHIND_PROXY: dict[str, Any] = {"public_url": "https://study.example.org/lab1", "trusted_proxy": "127.0.0.1"}


@pytest.fixture
async def launcher() -> AsyncIterator[Callable[..., RemoteLauncher]]:
    made: list[RemoteLauncher] = []

    def make(engine: Engine, path: str = "") -> RemoteLauncher:
        made.append(RemoteLauncher(f"http://127.0.0.1:{engine.ready.port}/{path}", f"{path}socket.io"))
        return made[-1]

    yield make
    for each in made:
        await each.client.shutdown()


def passes(engine: Engine) -> dict[str, Pass]:
    return read_passes(engine.home / PASS_FILE)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("study.example.org", "https://study.example.org/"),
        (" https://Study.example.org:8443/lab1/ ", "https://Study.example.org:8443/lab1/"),
        ("http://10.0.0.7:8000/remote#anna:x", "http://10.0.0.7:8000/"),
        ("http://[::1]:8000", "http://[::1]:8000/"),
        ("ftp://a.b", ""),
        ("https://anna@a.b/", ""),
        ("https://a.b:port/", ""),
        ("two words", ""),
        ("", ""),
    ],
)
def test_addresses_as_people_paste_them(text: str, address: str) -> None:
    assert read_address(text) == address


def test_a_link_holds_address_and_pass() -> None:
    given = Pass("anna", "s" * 43)
    text = link("https://a.b/lab1/", given)
    assert text == f"https://a.b/lab1/remote#anna:{'s' * 43}"
    assert read_link(f"  {text}\n") == ("https://a.b/lab1/", given)
    assert read_link("https://a.b/lab1/") is None
    assert given.secret not in repr(given)
    for wrong in ("anna", "anna:short", f":{'s' * 43}", f"an na:{'s' * 43}", f"anna:{'ß' * 43}", f"anna:{'s' * 300}"):
        assert read_pass(wrong) is None


def test_who_is_near() -> None:
    assert all(map(is_near, ("127.0.0.1", "10.1.2.3", "192.168.1.9", "::1", "::ffff:10.0.0.1", "fe80::1%eth0")))
    assert not any(map(is_near, ("8.8.8.8", "2001:4860:4860::8888", "?", "")))


async def test_nobody_is_let_in_unless_the_server_was_started_so(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher]
) -> None:
    engine = await start_engine(SURVEY)
    told = await hello(engine.join_url)
    assert (told["program"], told["remote"]) == ("interactive-gym", None)
    assert not (engine.home / PASS_FILE).exists()
    guest = launcher(engine)
    with pytest.raises(Refused):
        await guest.attach_with({"version": 1, "name": "anna", "challenge": "1.x.y", "proof": "00"})
    assert guest.refused == "no_remote"


async def test_a_launcher_elsewhere_sees_and_does_the_same_and_all_of_it_is_written_down(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher], new_client: NewClient, tmp_path: Path
) -> None:
    engine = await start_engine(SURVEY, remote="")
    [given] = passes(engine).values()
    assert os.name != "posix" or (engine.home / PASS_FILE).stat().st_mode & 0o077 == 0
    first, second = launcher(engine), launcher(engine)
    await first.attach(given)
    await second.attach(given)
    assert not engine.is_attended  # the leash is that of the launcher on this computer
    person = new_client(engine)
    await person.join()

    assert (await first.command("about"))["result"]["scenes"] == [scene.id for scene in engine.begun.experiment.scenes]
    assert (await first.command("close_admission", "enough"))["ok"]
    assert (await second.command("exclude", "asleep", participant=person.participant))["ok"]
    message = {"name": "open_admission", "args": {}, "reason": "", "by": "command line"}
    assert (await second.client.call("command", message, namespace="/control"))["ok"]
    # What means the server's own computer is refused in words.
    for name, args in (
        ("replay", {}), ("rehearse", {"fast": True}), ("retention", {"days": 1, "dry_run": False}), ("no_such", {}),
        ("export", {"folder": str(tmp_path / "out")}), ("backup", {"path": str(tmp_path / "copy.sqlite3")}),
    ):  # fmt: skip
        answer = await first.command(name, **args)
        assert answer["code"] == "not_remote" and answer["text"].endswith("."), name
    assert not (tmp_path / "out").exists() and not (tmp_path / "copy.sqlite3").exists()
    assert not engine.queries.plays_fast
    await until(lambda: any("exclude (participant" in line for line in first.log), "the other's action in the log")
    [line] = [line for line in first.log if "exclude (participant" in line]
    assert line == f"launcher of researcher, 127.0.0.1: exclude (participant {person.participant})"

    await engine.stop("the test is over")
    with (engine.folder / "researcher_actions.csv").open(encoding="utf-8-sig") as file:
        done = {row["action"]: row for row in csv.DictReader(file)}
    assert {row["by"] for row in done.values()} == {"launcher of researcher"}
    assert (done["exclude"]["participant"], done["exclude"]["reason"]) == (person.participant, "asleep")
    assert Manifest(engine.folder).verify().unlisted == ()


class Doorway:
    """A door with one pass, a clock of the test's own, and a note of how long everybody is kept waiting."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.right = new_pass("anna")
        write_passes(folder / "passes", {"anna": self.right})
        self.now, self.waits, self.journal = 1000.0, [], Journal(lambda: 0.0)
        self.stuck: asyncio.Event | None = None
        self.door = Door(
            LivePasses(folder / "passes"), self.journal, now=lambda: self.now, pause=self._pause, **more
        )  # fmt: skip

    async def _pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.stuck is not None:
            await self.stuck.wait()

    def auth(self, given: Pass | None = None, challenge: str | None = None) -> dict[str, Any]:
        given, asked = given or self.right, self.door.challenge() if challenge is None else challenge
        return {"version": REMOTE_VERSION, "name": given.name, "challenge": asked, "proof": proof(given, asked)}

    async def knock(self, auth: dict[str, Any], address: str = "10.0.0.9", scheme: str = "http") -> str:
        """The code of the refusal, "" for whoever is let in."""
        request = SimpleNamespace(remote=address, scheme=scheme)
        try:
            guest = await self.door.admit(auth, {"aiohttp.request": request})
        except SocketRefused as refusal:
            return str(refusal.error_args["data"]["code"])
        assert (guest.name, guest.address) == ("anna", address)
        return ""


async def test_only_a_right_answer_to_a_challenge_of_its_own_opens_and_only_once(tmp_path: Path) -> None:
    way = Doorway(tmp_path)
    heard = way.auth()
    assert await way.knock(heard) == ""
    assert await way.knock(heard) == "stale"  # somebody who listened says the same again
    for wrong in (
        way.auth(Pass("anna", "x" * 43)), way.auth(Pass("ben", way.right.secret)), way.auth(Pass("nobody", "-" * 43)),
        {**way.auth(), "name": ["anna"]}, {**way.auth(), "proof": None}, {**way.auth(), "proof": "\u00e9"},
    ):  # fmt: skip
        assert await way.knock(wrong) == "wrong_pass"
    own = "9999999999999.00"
    for odd in ("", ".", "a.b.c", "1", "x" * 100_000, "9" * 200 + ".1.1", f"{own}.{'0' * 64}"):
        assert await way.knock(way.auth(challenge=odd)) == "stale"
    assert await way.knock({**way.auth(), "version": 0}) == "other_version"
    assert await way.knock({**way.auth(), "version": None}) == "other_version"
    late = way.auth()
    way.now += 61
    assert await way.knock(late) == "stale"
    assert await way.knock(way.auth()) == ""


async def test_whoever_guesses_waits_longer_each_time_and_takes_neither_log_nor_memory(tmp_path: Path) -> None:
    way = Doorway(tmp_path)
    wrong = Pass("anna", "x" * 43)
    for _ in range(30):
        assert await way.knock(way.auth(wrong)) == "wrong_pass"
    assert way.waits == sorted(way.waits) and way.waits[-1] == 5.0
    assert await way.knock(way.auth(wrong), "10.0.0.8") == "wrong_pass"
    assert way.waits[-1] < 1  # another address has its own count
    written = [line for line, _ in way.journal.recent if "wrong pass" in line["text"]]
    assert [line["data"]["count"] for line in written] == [1, 10, 1]
    for number in range(1100):
        await way.knock(way.auth(wrong), f"10.1.{number // 256}.{number % 256}")
    assert len(way.door._wrong) <= 1000

    # A flood keeps nobody waiting who is right, also at the same address.
    way.stuck = asyncio.Event()
    guesses = [asyncio.ensure_future(way.knock(way.auth(wrong))) for _ in range(30)]
    await until(lambda: sum(each.done() for each in guesses) == 22, "all but eight refused unread")
    assert await way.knock(way.auth()) == ""
    way.stuck.set()
    assert sorted(await asyncio.gather(*guesses)) == ["too_many"] * 22 + ["wrong_pass"] * 8
    assert not way.door._waiting


async def test_nobody_comes_from_far_away_without_encryption_unless_it_is_said_so(tmp_path: Path) -> None:
    way = Doorway(tmp_path)
    assert await way.knock(way.auth(), "192.88.99.7", "http") == "plain_http"
    assert await way.knock(way.auth(), "192.88.99.7", "https") == ""
    assert await way.knock(way.auth(), "127.0.0.1", "http") == ""
    tunnel = Doorway(tmp_path, plain_http=True)
    assert await tunnel.knock(tunnel.auth(), "192.88.99.7", "http") == ""


async def test_what_belongs_to_a_participant_or_is_huge_gets_nowhere(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher], new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY, remote="")

    async def at_once(seconds: float) -> None:
        pass

    assert engine.control is not None
    engine.control.pause = at_once
    given = passes(engine)["researcher"]
    person = new_client(engine)
    await person.join()
    for auth in ({"token": person.cookie.partition("=")[2]}, {"token": given.secret}, {"token": ""}, None):
        guest = launcher(engine)
        with pytest.raises(Refused):
            await guest.attach_with(auth, Cookie=person.cookie)
        assert guest.refused == "wrong_token"
        assert guest.view == {}

    huge, other = launcher(engine), launcher(engine)
    await huge.attach(given)
    await other.attach(given)
    await huge.client.emit("command", {"name": "message", "args": {"text": "x" * 900_000}}, namespace="/control")
    await until(huge.gone.is_set, "the end of the connection")
    assert (await other.command("about"))["ok"]
    assert (await other.client.call("command", "nonsense", namespace="/control"))["code"] == "malformed"


async def test_a_pass_that_is_removed_ends_at_once(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher], capsys: pytest.CaptureFixture[str]
) -> None:
    engine = await start_engine(SURVEY, remote="")
    file = str(engine.home / PASS_FILE)
    assert passes_main.main([file, "--add", "ben", "--address", engine.join_url]) == 0
    links = dict(line.split("\t") for line in capsys.readouterr().out.splitlines())
    address, ben = read_link(links["ben"])  # type: ignore[misc]
    assert address == engine.join_url
    guest, stays = launcher(engine), launcher(engine)
    await guest.attach(ben)
    await stays.attach(passes(engine)["researcher"])
    (engine.home / PASS_FILE).write_text("anna: \n", encoding="utf-8")
    await until(engine.problems.to_json, "a problem about the file")
    assert not guest.gone.is_set()  # a slip of the pen throws nobody out
    assert passes_main.main([file, "--remove", "ben"]) == 1
    (engine.home / PASS_FILE).write_text(f"{read_link(links['researcher'])[1].text}\n{ben.text}\n", encoding="utf-8")  # type: ignore[index]
    assert passes_main.main([file, "--remove", "ben"]) == 0
    assert ben.secret not in capsys.readouterr().out
    await until(guest.gone.is_set, "the end of the connection")
    assert (await stays.command("about"))["ok"]
    again = launcher(engine)
    with pytest.raises(Refused):
        await again.attach(ben)
    assert again.refused == "wrong_pass"


async def test_behind_a_proxy_with_a_path_and_never_from_far_away_without_encryption(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher]
) -> None:
    engine = await start_engine(SURVEY, remote="", **BEHIND_PROXY)
    given = passes(engine)["researcher"]
    secure = launcher(engine, "lab1/")
    await secure.attach(given, **{**ABROAD, "X-Forwarded-Proto": "https"})
    assert secure.view["session"]["id"] == engine.begun.id
    await until(lambda: any("from 192.88.99.7" in line for line in secure.log), "whence it came")
    plain = launcher(engine, "lab1/")
    with pytest.raises(Refused):
        await plain.attach(given, **ABROAD)
    assert plain.refused == "plain_http"


async def test_files_are_fetched_whole_from_any_byte_on_and_with_the_ticket_alone(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher], tmp_path: Path
) -> None:
    engine = await start_engine(SOLO, remote="")
    await SimulatedParticipant(engine.join_url, Behaviour(seed=1, frames=30, speed=4)).run()
    guest = launcher(engine)
    await guest.attach(passes(engine)["researcher"])
    told = (await guest.command("fetch"))["result"]
    names = {entry["name"]: entry["bytes"] for entry in told["files"]}
    assert {"manifest.json", "participants.csv", DATABASE} <= names.keys()
    assert not names.keys() & {"engine.json", PASS_FILE, "link_key", "engine.log", "engine.lock"}

    headers = {"Authorization": f"Bearer {told['ticket']}", "Accept-Encoding": "identity"}
    copy = tmp_path / "copy"
    async with aiohttp.ClientSession() as http:
        for name, size in names.items():
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            address = f"{engine.join_url}remote/files/{name}"
            async with http.get(address, headers={**headers, "Range": "bytes=0-9"}) as answer:
                head = await answer.read()
            async with http.get(address, headers={**headers, "Range": f"bytes={len(head)}-"}) as answer:
                assert answer.status == 206 or size <= 10, name
                target.write_bytes(head + (await answer.read() if answer.status == 206 else b""))
            assert target.stat().st_size == size
        for name in ("engine.json", "../duel/engine.json", "%2e%2e/engine.json", PASS_FILE, "/etc/passwd"):
            async with http.get(f"{engine.join_url}remote/files/{name}", headers=headers) as answer:
                assert answer.status in (403, 404), name
        for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {engine.token}"}):
            async with http.get(f"{engine.join_url}remote/files/participants.csv", headers=wrong) as answer:
                assert answer.status == 403
    assert Manifest(copy).verify().ok
    with StoreReader(copy / DATABASE) as reader, StoreReader(engine.database) as there:
        assert [row.id for row in reader.sessions()] == [engine.begun.id]
        assert list(reader.batches(engine.begun.id)) == list(there.batches(engine.begun.id))

    # Erased is erased: nothing that is ready to be fetched holds the person still.
    [person] = engine.begun.session.state.participants
    assert (await guest.command("withdraw", participant=person, erase=True))["ok"]
    await until(lambda: not list((engine.folder / "backups").glob(".for*")), "the copy's removal")
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{engine.join_url}remote/files/{DATABASE}", headers=headers) as answer,
    ):
        assert answer.status == 403
    later = (await guest.command("fetch"))["result"]
    assert later["ticket"] != told["ticket"]
    await engine.stop("the test is over")
    assert not list((engine.folder / "backups").glob(".for*"))


async def test_what_keeps_nothing_is_not_fetched(
    start_engine: StartEngine, launcher: Callable[..., RemoteLauncher]
) -> None:
    engine = await start_engine(SURVEY.replace("Experiment(", "Experiment(save_data=False, ", 1), remote="")
    guest = launcher(engine)
    await guest.attach(passes(engine)["researcher"])
    answer = await guest.command("fetch")
    assert answer["code"] == "nothing_kept"
    assert (await guest.command("about"))["result"]["keeps_data"] is False


def test_options_that_cannot_be_meant(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for arguments, told in (
        (["--remote", "--database", "postgresql://igym@h/igym"], "--remote needs its FILE with --database"),
        (["--remote-over-http"], "--remote-over-http goes with --remote"),
    ):
        with pytest.raises(SystemExit):
            serve_options([str(tmp_path), *arguments])
        assert told in capsys.readouterr().err
    assert serve_options([str(tmp_path), "--remote"]).remote == ""
    assert serve_options([str(tmp_path)]).remote is None


async def test_a_damaged_file_of_passes_is_said_at_the_start(start_engine: StartEngine, tmp_path: Path) -> None:
    file = tmp_path / "passes"
    file.write_text("# comment\n\nanna:short\n", encoding="utf-8")
    with pytest.raises(HostError, match=r"Line 3 of .* is no pass"):
        await start_engine(SURVEY, remote=str(file))
    assert not list(tmp_path.glob("data/*/engine.json"))


def test_a_copy_is_one_file(tmp_path: Path) -> None:
    """Without companions that would have to travel with it."""
    from igym.host.remote.whole_copy import copy_recordings
    from igym.host.store import store_schema

    store_schema.open_for_writing(tmp_path / DATABASE).close()
    copy_recordings(tmp_path / DATABASE, tmp_path / "copy.sqlite3", lambda *_: None)
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as found:
        assert found.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    assert os.name != "posix" or (tmp_path / "copy.sqlite3").stat().st_mode & 0o077 == 0

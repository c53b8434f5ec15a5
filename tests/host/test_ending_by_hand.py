"""A session without a window: Ctrl+C pauses it and says so, `igym end` ends it and says who had not finished."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from igym.host.base.errors import HostError
from igym.host.programs import end_main
from igym.host.replay.verify import check_trails
from igym.host.simulate.client import ParticipantClient
from igym.host.store.engine_file import EngineFacts, write_engine_file
from tests.host.conftest import SURVEY, StartEngine, write_experiment
from tests.waiting import LIMIT_S

NewServer = Callable[..., "Server"]
Join = Callable[[str], Awaitable[ParticipantClient]]
pytestmark = pytest.mark.real_starts  # Ctrl+C reaches all that a terminal began, and nothing besides


class Server:
    """`igym serve` as somebody starts it in a terminal: with its children in one group that Ctrl+C reaches."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.printed = ""

    async def start(self) -> str:
        """The join address."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "igym.cli", "serve", *self._arguments, "--port", "0", "--address", "127.0.0.1",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        await self.until("ends the session for everybody")
        found = re.search(r"http://127\S+", self.printed)
        assert found
        return found[0]

    async def until(self, text: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            while text not in self.printed:
                line = await self.process.stdout.readline()
                assert line, self.printed
                self.printed += line.decode()

    def ctrl_c(self) -> None:
        """What a terminal does: everybody in the group gets the signal."""
        os.killpg(self.process.pid, signal.SIGINT)

    async def ended(self) -> int:
        assert self.process.stdout is not None
        async with asyncio.timeout(LIMIT_S):
            self.printed += (await self.process.stdout.read()).decode()
            return await self.process.wait()


@pytest.fixture
async def server() -> AsyncIterator[NewServer]:
    servers: list[Server] = []

    def make(*arguments: str) -> Server:
        servers.append(Server(*arguments))
        return servers[-1]

    yield make
    for one in servers:
        if one.process.returncode is None:
            one.process.kill()
            await one.process.wait()


async def a_page(client: ParticipantClient) -> int:
    """The visit of the next page shown."""
    async with asyncio.timeout(LIMIT_S):
        while (message := await client.inbox.get()).name != "scene":
            pass
    return int(message.visit)  # type: ignore[attr-defined]


@pytest.fixture
async def join() -> AsyncIterator[Join]:
    clients: list[ParticipantClient] = []

    async def make(url: str) -> ParticipantClient:
        clients.append(ParticipantClient(url))
        await clients[-1].join()
        await clients[-1].connect()
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


def statuses(data: Path) -> dict[str, dict[str, str]]:
    with (data / "survey" / "participants.csv").open(encoding="utf-8", newline="") as file:
        return {row["participant"]: row for row in csv.DictReader(file)}


async def test_ctrl_c_pauses_with_all_files_and_igym_end_ends(server: NewServer, join: Join, tmp_path: Path) -> None:
    folder, data = write_experiment(tmp_path / "experiment", SURVEY, None), tmp_path / "data"
    first = server(str(folder), "--data", str(data))
    client = await join(await first.start())
    visit = await a_page(client)
    await client.send("advance", {"visit": visit, "timing": {"shown_ms": 0, "submitted_ms": 5}})
    await a_page(client)
    first.ctrl_c()
    assert await first.ended() == 0
    assert "could not be written" not in first.printed
    assert "Pausing the session" in first.printed
    assert f"--data {data} --resume " in first.printed and f"igym end {data / 'survey'}" in first.printed
    assert statuses(data)[client.participant]["status"] == "in progress"
    await client.close()

    second = server(str(folder), "--data", str(data), "--resume")
    url = await second.start()
    other = await join(url)
    await a_page(other)
    ending = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "igym.cli", "end", str(data), "--reason", "it is late", stdout=asyncio.subprocess.PIPE
    )
    said = (await ending.communicate())[0].decode()
    assert await second.ended() == 0
    assert ending.returncode == 0, said
    assert "0 of 2 finished." in said and "All files are written." in said
    assert f"{other.participant:<20} unfinished in “welcome”: session ended" in said
    assert "To go on with it" not in second.printed
    codes = [printed.rpartition("code of everything recorded")[2].split(": ")[1].split()[0]
             for printed in (first.printed, second.printed, said)]  # fmt: skip
    assert codes[1] == codes[2] != codes[0], "the pause has a code of its own"
    for code in codes:
        assert all(finding.ok for finding in check_trails(data / "survey", None, code)), "each is a point of the chain"
    found = statuses(data)
    assert (found[other.participant]["status"], found[other.participant]["last_scene"]) == ("unfinished", "welcome")
    assert found[client.participant]["last_scene"] == "words"
    others = [path for path in data.rglob("*") if os.name != "nt" and path.stat().st_mode & 0o077]
    assert others == [], "what participants said is for the owner of the account alone"
    with (data / "survey" / "researcher_actions.csv").open(encoding="utf-8", newline="") as file:
        actions = [(row["action"], row["reason"], row["by"]) for row in csv.DictReader(file)]
    assert actions == [("end_session", "it is late", "command line"), ("stop_engine", "", "command line")]


async def test_a_session_is_ended_by_its_address_and_told_as_json(
    start_engine: StartEngine, join: Join, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = await start_engine(SURVEY)
    client = await join(engine.join_url)
    await a_page(client)
    with pytest.raises(HostError, match="token"):
        end_main.find(engine.join_url, "")
    assert await asyncio.to_thread(end_main.main, [engine.join_url, "--token", "guess"]) == end_main.NO_SESSION
    assert engine.begun.session.state.phase == "running"

    code = await asyncio.to_thread(end_main.main, [engine.join_url, "--token", engine.token, "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert (told["event"], told["files"], told["problems"]) == ("ended", "written", [])
    assert [(one["participant"], one["status"], one["scene"]) for one in told["participants"]] == [
        (client.participant, "unfinished", "welcome")
    ]


def test_where_nothing_runs_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert end_main.main([str(tmp_path)]) == end_main.NO_SESSION
    assert "igym serve STUDY --resume" in capsys.readouterr().err
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_engine_file(tmp_path / name, EngineFacts(1, 9, "t", "s", 0.0, 9))
    assert end_main.main([str(tmp_path)]) == end_main.NO_SESSION
    assert "Give one of these folders" in capsys.readouterr().err
    assert end_main.main([str(tmp_path / "one"), "--json"]) == end_main.NO_SESSION
    assert json.loads(capsys.readouterr().out)["code"] == "not_reachable"

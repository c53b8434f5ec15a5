"""A study on two computers and a database server: whatever dies in mid-game, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections import Counter
from pathlib import Path

import aiohttp

from igym.host import spawn
from igym.host.simulate import Behaviour, SimulatedParticipant
from igym.host.store_reader import StoreReader
from igym.host.store_schema import DATABASE
from tests.cluster.proxy import haproxy
from tests.cluster.servers import Postgres, free_port
from tests.load.crowd import assert_exported_alike, write_study

PEOPLE, FRAMES, EPISODES = 10, 240, 2
LIMIT_S = 240.0
TOKEN = "t"


class StudyServer:
    """One `igym serve` of a study, on a port and in a data folder of its own."""

    def __init__(self, study: Path, data: Path, port: int, url: str, server: Postgres) -> None:
        self.data, self._port = data, port
        self._arguments = [
            str(study), "--data", str(data), "--port", str(port), "--address", "127.0.0.1", "--public-url", url,
            "--trusted-proxy", "127.0.0.1", "--database", server.url,
        ]  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None

    @property
    def home(self) -> Path:
        return self.data / "crowd"

    @property
    def is_leading(self) -> bool:
        return (self.home / "engine.json").exists()

    async def start(self, *more: str) -> None:
        (self.home / "engine.json").unlink(missing_ok=True)
        self.data.mkdir(exist_ok=True)
        with (self.data / "out.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *spawn.command("serve", [*self._arguments, *more]), stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "IGYM_CONTROL_TOKEN": TOKEN},
            )  # fmt: skip

    async def leads(self) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not self.is_leading:
                assert self._process is not None and self._process.returncode is None, self.log
                await asyncio.sleep(0.05)

    @property
    def log(self) -> str:
        return (self.data / "out.log").read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def exit_code(self) -> int:
        assert self._process is not None
        async with asyncio.timeout(LIMIT_S):
            return await self._process.wait()

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.send(signal.SIGCONT)
                self._process.kill()
            await self._process.wait()


async def test_servers_and_database_die_in_mid_game_and_nothing_acknowledged_is_lost(
    tmp_path: Path, server: Postgres
) -> None:
    study = write_study(tmp_path / "study", frames=FRAMES, episodes=EPISODES, reconnection_s=120)
    ports = [free_port(), free_port()]
    with haproxy(tmp_path, ports) as url:
        first, second = (
            StudyServer(study, tmp_path / f"data{number}", port, url, server) for number, port in enumerate(ports)
        )
        try:
            await first.start()
            await first.leads()
            await second.start("--standby")
            await answers(url)
            people = [SimulatedParticipant(url, Behaviour(seed=number, frames=FRAMES, batch_frames=15, speed=0.6))
                      for number in range(PEOPLE)]  # fmt: skip
            playing = asyncio.gather(*(person.run(limit_s=LIMIT_S) for person in people))
            await stored_by_all(people, 30, playing)

            first.send(signal.SIGKILL)
            await first.exit_code()
            await second.leads()
            await first.start("--standby")
            await stored_by_all(people, 90, playing)

            await asyncio.to_thread(server.crash)
            await asyncio.to_thread(server.start)
            await stored_by_all(people, 150, playing)

            # It stands still with the lock in its hand: the other one takes it away.
            second.send(signal.SIGSTOP)
            await first.leads()
            second.send(signal.SIGCONT)
            assert await second.exit_code() == 4
            assert "Another server goes on with this session" in second.log

            outcomes = Counter(closed.outcome for closed in await playing)
            assert outcomes == {"finished": PEOPLE}
            session = people[0].session
            await end(first)
        finally:
            await first.close()
            await second.close()
    assert_whole(first, session, people)
    assert_exported_alike(first.home, matches=PEOPLE // 2, episodes=EPISODES, frames=FRAMES)


async def answers(url: str) -> None:
    """The proxy has seen that a server is well."""
    async with asyncio.timeout(LIMIT_S), aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{url}/health") as answer:
                if answer.status == 200:
                    return
            await asyncio.sleep(0.1)


async def stored_by_all(people: list[SimulatedParticipant], frames: int, playing: asyncio.Future[object]) -> None:
    """Everybody's first episode has come so far, as the host has acknowledged it."""
    async with asyncio.timeout(LIMIT_S):
        while not all(max(person.stored.values(), default=0) >= frames for person in people):
            assert not playing.done(), playing
            await asyncio.sleep(0.05)


async def end(server: StudyServer) -> None:
    """`igym end` ends the session for everybody and waits for the files."""
    ended = await asyncio.create_subprocess_exec(
        *spawn.command("researcher")[:-1], "end", str(server.home), "--json", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asyncio.wait_for(ended.communicate(), LIMIT_S)
    assert ended.returncode == 0, told
    assert await server.exit_code() == 0, server.log


def assert_whole(server: StudyServer, session: str, people: list[SimulatedParticipant]) -> None:
    """Every event once and in order, and whatever somebody was told is stored is there."""
    assert json.loads((server.home / "database.json").read_text())["schema"] == "igym_crowd"
    with StoreReader(server.home / DATABASE) as reader:
        assert reader.check_trail(session).result == "whole"
        assert [event.seq for event in reader.events(session)] == list(range(reader.last_seq(session) + 1))
        stored = {(who, match, episode): frames for who, match, _, episode, frames in reader.frames_stored(session)}
        joined = [record.participant for record in reader.records(session, kinds=("joined",))]
        left = Counter((record.participant, record.body["visit"]) for record in
                       reader.records(session, kinds=("scene_left",)))  # fmt: skip
    assert len(joined) == len(set(joined)) == PEOPLE
    assert max(left.values()) == 1, "each page was left once"
    for person in people:
        for (match, episode), frames in person.stored.items():
            assert stored[person.client.participant, match, episode] >= frames

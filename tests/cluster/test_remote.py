"""Data on a PostgreSQL server come to a launcher on another computer as one file, and whole."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from igym.host.engine.engine import Engine
from igym.host.export.manifest import Manifest
from igym.host.remote.pass_file import new_pass, write_passes
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.host.conftest import SOLO, StartEngine
from tests.host.remote_launcher import RemoteLauncher


async def fetched(engine: Engine, guest: RemoteLauncher, folder: Path) -> None:
    """Everything that the server lists, in a folder here."""
    told = (await guest.command("fetch"))["result"]
    headers = {"Authorization": f"Bearer {told['ticket']}"}
    async with aiohttp.ClientSession(headers=headers) as http:
        for entry in told["files"]:
            async with http.get(f"{engine.join_url}remote/files/{entry['name']}") as answer:
                answer.raise_for_status()
                target = folder / entry["name"]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(await answer.read())


async def test_recordings_of_a_database_server_are_fetched_whole(start_engine: StartEngine, tmp_path: Path) -> None:
    passes, given = tmp_path / "passes", new_pass("anna")
    write_passes(passes, {given.name: given})
    engine = await start_engine(SOLO, remote=str(passes))
    for seed in (1, 2):
        await SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60, speed=4)).run()
    guest = RemoteLauncher(engine.join_url)
    try:
        await guest.attach(given)
        await fetched(engine, guest, tmp_path / "copy")
    finally:
        await guest.client.shutdown()
    assert Manifest(tmp_path / "copy").verify().ok
    session = engine.begun.id
    with StoreReader(tmp_path / "copy" / DATABASE) as here, StoreReader(engine.database) as there:
        assert here.sessions() == there.sessions()
        assert list(here.batches(session)) == list(there.batches(session))
        assert list(here.records(session))[:5] == list(there.records(session))[:5]
        last = here.last_seq(session)
        assert [event for event in there.events(session) if event.seq <= last] == list(here.events(session))
        assert list(here.console(session, participant="P001")) == list(there.console(session, participant="P001"))
        assert here.check_trail(session).ok
    assert not list((engine.folder / "backups").glob("*.part*"))

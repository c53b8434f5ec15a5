"""One server writes at a time, and what became of each write is known whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from igym.host.base.errors import HostError
from igym.host.store.postgres import leadership
from igym.host.store.postgres.place import Place, checked_url, place_beside, schema_of, write_place
from igym.host.store.store import Store, StoreWriteError
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.store.writing import until_written
from tests.cluster.servers import Postgres, postgres
from tests.cluster.test_store_contract import SESSION, batch, event

LIMIT_S = 120


@contextmanager
def opened(database: Path, lost: Callable[[], object] = lambda: None) -> Iterator[Store]:
    store = Store(database, lost)
    try:
        yield store
    finally:
        store.close()


def end_connections(server: Postgres) -> None:
    """As an administrator may; those who had them are told nothing."""
    with psycopg.connect(server.url, autocommit=True) as own:
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = "
            "'client backend'"
        )


async def insist(write: Callable[[], Awaitable[Any]]) -> tuple[Any, list[str]]:
    """What came of it at last, and the codes of the refusals before."""
    codes: list[str] = []
    async with asyncio.timeout(LIMIT_S):
        return await until_written(write, lambda error: codes.append(error.code)), codes


def seqs(database: Path) -> list[int]:
    with StoreReader(database) as reader:
        assert reader.check_trail("s1").result == "whole"
        return [stored.seq for stored in reader.events("s1")]


async def test_a_second_server_is_refused_until_the_first_one_is_gone(on_server: Path) -> None:
    with opened(on_server), pytest.raises(HostError, match="--standby") as refusal:
        Store(on_server)
    assert refusal.value.code == "already_running"
    with opened(on_server) as store:
        await store.start_session(SESSION)


async def test_a_lost_connection_costs_nothing_but_time(server: Postgres, on_server: Path) -> None:
    with opened(on_server) as store:
        await store.start_session(SESSION)
        for seq in range(3):
            end_connections(server)
            _, codes = await insist(partial(store.append_events, "s1", [event(seq)], []))
            assert set(codes) <= {"server_away"}
    assert seqs(on_server) == [0, 1, 2]


@pytest.mark.parametrize("is_done", [True, False])
async def test_a_commit_whose_answer_is_lost_is_neither_lost_nor_repeated(
    server: Postgres, on_server: Path, is_done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(on_server) as store:
        await store.start_session(SESSION)
        raw, execute = store._connection.raw, store._connection.raw.execute

        def cut(query: Any, *arguments: Any) -> Any:
            if query != "COMMIT":
                return execute(query, *arguments)
            if is_done:
                execute("COMMIT")
            end_connections(server)
            return execute("SELECT 1")

        monkeypatch.setattr(raw, "execute", cut)
        (is_new, _), _ = await asyncio.gather(
            insist(lambda: store.append_batch("s1", batch())),
            insist(lambda: store.append_events("s1", [event(0)], [])),
        )
        # Whoever brought the rows is told so, whichever way they got there.
        assert is_new is True
        await store.append_events("s1", [event(1)], [])
    assert seqs(on_server) == [0, 1]


async def test_whoever_is_deposed_writes_nothing_more_and_is_told(on_server: Path) -> None:
    told = threading.Event()
    with opened(on_server, told.set) as old:
        await old.start_session(SESSION)
        await old.append_events("s1", [event(0)], [])
        place = place_beside(on_server)
        assert place is not None
        with psycopg.connect(place.url, autocommit=True) as own:
            own.execute("SELECT pg_terminate_backend(%s)", (old._transactions._leading.pid,))
        with opened(on_server) as new:
            await new.append_events("s1", [event(1)], [])
            codes = set[str]()
            async with asyncio.timeout(LIMIT_S):
                while "not_leading" not in codes:
                    with pytest.raises(StoreWriteError) as refusal:
                        await old.append_events("s1", [event(7)], [])
                    codes.add(refusal.value.code)
            assert codes <= {"server_away", "not_leading"} and told.is_set()
            await new.append_events("s1", [event(2)], [])
    assert seqs(on_server) == [0, 1, 2]


async def test_a_leader_that_stands_still_is_made_to_let_go(on_server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leadership, "SILENT_AFTER_S", -1.0)
    monkeypatch.setattr(leadership, "LOOK_EVERY_S", 0.05)
    place = place_beside(on_server)
    assert place is not None
    with opened(on_server) as hung:
        await hung.start_session(SESSION)
        async with asyncio.timeout(LIMIT_S):
            await asyncio.to_thread(leadership.stand_by, place)
        with opened(on_server) as next_one:
            await next_one.append_events("s1", [event(0)], [])
    assert seqs(on_server) == [0]


async def test_whoever_stands_by_waits_for_a_session_that_nobody_runs(
    on_server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leadership, "LOOK_EVERY_S", 0.05)
    place = place_beside(on_server)
    assert place is not None
    looked: list[bool] = []

    def patience() -> bool:
        looked.append(True)
        return len(looked) < 4

    leadership.stand_by(place, patience)
    assert len(looked) == 4, "no tables yet"
    with opened(on_server) as store:
        looked.clear()
        await asyncio.to_thread(leadership.stand_by, place, patience)
        assert len(looked) == 4, "nothing runs"
        await store.start_session(SESSION)
        looked.clear()
        await asyncio.to_thread(leadership.stand_by, place, patience)
        assert len(looked) == 4, "somebody leads it"
    # The server lets the lock go a moment after the connection has ended.
    async with asyncio.timeout(LIMIT_S):
        await asyncio.to_thread(leadership.stand_by, place)


async def test_a_server_that_crashed_and_came_back_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    with postgres() as server:
        write_place(tmp_path, Place(server.url, schema_of("crash")))
        with opened(tmp_path / DATABASE) as store:
            await store.start_session(SESSION)
            written: list[int] = []

            async def write() -> None:
                for seq in range(60):
                    await insist(partial(store.append_events, "s1", [event(seq)], []))
                    written.append(seq)
                    await asyncio.sleep(0.01)

            writing = asyncio.create_task(write())
            while len(written) < 20:
                await asyncio.sleep(0.01)
            await asyncio.to_thread(server.crash)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(LIMIT_S):
                await writing
        assert seqs(tmp_path / DATABASE) == list(range(60))


def test_a_password_is_written_into_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    assert checked_url("postgresql://lab:s%40cret@db.example.org:5433/igym") == (
        "postgresql://lab@db.example.org:5433/igym"
    )
    assert os.environ["PGPASSWORD"] == "s@cret"
    for wrong in ("mysql://a/b", "postgresql://host", "session.sqlite3", "postgresql://[::/x"):
        with pytest.raises(HostError):
            checked_url(wrong)


def test_long_names_of_studies_have_schemas_of_their_own() -> None:
    one, other = schema_of("a" * 80), schema_of("a" * 79 + "b")
    assert one != other and max(len(one), len(other)) <= 63

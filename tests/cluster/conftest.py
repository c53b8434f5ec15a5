from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from igym.host.cluster.edge import Edge, EdgeOptions
from igym.host.engine.engine import Engine
from igym.host.store.postgres.place import Place, schema_of, write_place
from igym.host.store.store_schema import DATABASE
from tests.cluster.servers import Postgres, Redis, postgres, redis
from tests.host.conftest import StartEngine, new_client
from tests.host.conftest import start_engine as start_on_file
from tests.ports import free_port

__all__ = ["new_client", "start_on_file"]
_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One PostgreSQL server for everybody; each test has a schema of its own."""
    with postgres() as running:
        yield running


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Redis]:
    """A Redis server of this test's own."""
    with redis(tmp_path) as running:
        yield running


@pytest.fixture
def on_server(server: Postgres, tmp_path: Path) -> Path:
    """The path of a database whose tables are on the server."""
    folder = tmp_path / "study"
    folder.mkdir()
    write_place(folder, Place(server.url, schema_of(tmp_path.name)))
    return folder / DATABASE


@pytest.fixture(params=["file", "server"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A database of each kind, of which everything is asked alike."""
    if request.param == "server":
        found: Path = request.getfixturevalue("on_server")
        return found
    return tmp_path / "study" / DATABASE


@pytest.fixture
def own_url(server: Postgres) -> str:
    """A database of this test's own on the server: studies of the same name share their tables."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return server.url.replace("/postgres", f"/{name}")


@pytest.fixture
def start_engine(start_on_file: StartEngine, own_url: str) -> StartEngine:
    """As in `tests/host`, with the data on the server."""

    async def start(source: str, files: dict[str, str] | None = None, **options: Any) -> Engine:
        engine: Engine = await start_on_file(source, files, **{"database": own_url, **options})
        return engine

    return start


@pytest.fixture
def edges() -> list[Edge]:
    """Those that `start_behind_edge` has started."""
    return []


@pytest.fixture
async def start_behind_edge(
    bus: Redis, start_on_file: StartEngine, own_url: str, edges: list[Edge]
) -> AsyncIterator[StartEngine]:
    """The same behind an edge in this process, whose address is the session's."""

    async def start(source: str, files: dict[str, str] | None = None, **options: Any) -> Engine:
        port = free_port()
        among = {"database": own_url, "redis": bus.url, "public_url": f"http://127.0.0.1:{port}/"}
        engine: Engine = await start_on_file(source, files, **{**among, "trusted_proxy": "127.0.0.1", **options})
        edge = Edge(EdgeOptions(bus.url, port=port, address="127.0.0.1", trusted_proxy="127.0.0.1"))
        await edge.start()
        edges.append(edge)
        return engine

    yield start
    for edge in edges:
        await edge.close()

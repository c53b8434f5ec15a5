from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from igym.host.engine.engine import Engine
from igym.host.store.postgres.place import Place, schema_of, write_place
from igym.host.store.store_schema import DATABASE
from tests.cluster.servers import Postgres, postgres
from tests.host.conftest import StartEngine, new_client
from tests.host.conftest import start_engine as start_on_file

__all__ = ["new_client", "start_on_file"]
_numbers = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One PostgreSQL server for everybody; each test has a schema of its own."""
    with postgres() as running:
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

"""`igym cluster`: what cannot be meant is said before anything is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from igym.cli import main
from igym.host.cluster.edge import EdgeOptions
from igym.host.programs.cluster_main import edge_options
from igym.host.programs.engine_main import serve_options

WHOLE = {"--database": "postgresql://igym@db/igym", "--redis": "redis://bus:6379/0", "--public-url": "https://s.org/"}


def core(folder: Path, **changes: str | None) -> list[str]:
    given = {**WHOLE, **{f"--{name.replace('_', '-')}": value for name, value in changes.items()}}
    return [str(folder), *(word for name, value in given.items() if value for word in (name, value))]


def test_a_core_knows_its_database_its_redis_and_where_the_edges_are(tmp_path: Path) -> None:
    options = serve_options(core(tmp_path), of_cluster=True)
    assert (options.redis, options.database) == (WHOLE["--redis"], WHOLE["--database"])
    assert serve_options([str(tmp_path)]).redis == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"redis": None}, "--redis"),
        ({"redis": "bus:6379"}, "redis://redis.example.org:6379/0"),
        ({"database": None}, "needs a --database"),
        ({"public_url": None}, "needs the --public-url"),
        ({"tls_certificate": "study.pem"}, "in a cluster the proxy has it"),
    ],
)
def test_what_a_core_cannot_do_without_is_told(
    changes: dict[str, str | None], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        serve_options(core(tmp_path, **changes), of_cluster=True)
    assert ended.value.code == 2 and told in " ".join(capsys.readouterr().err.split())


def test_an_edge_needs_redis_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert edge_options(["--redis", "redis://bus/0", "--port", "0"]) == EdgeOptions("redis://bus/0", port=0)
    with pytest.raises(SystemExit):
        edge_options(["--redis", "http://bus"])
    assert "--redis takes the address of a Redis server" in capsys.readouterr().err


def test_without_saying_which_part_both_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cluster"]) == 2
    told = capsys.readouterr().err
    assert "igym cluster core" in told and "igym cluster edge" in told
    assert main(["cluster", "--help"]) == 0
    assert "igym cluster edge" in capsys.readouterr().out

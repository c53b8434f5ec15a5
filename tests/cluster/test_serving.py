"""A study whose data are on a server: what it refuses to begin, and that everything else works on its data folder."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from igym import cli
from igym.host.base.errors import HostError
from igym.host.engine.engine import Engine
from igym.host.session.settings import EngineOptions
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.postgres import leadership
from igym.host.store.postgres.place import place_beside, write_place
from igym.host.store.postgres.states import get_state
from igym.host.store.store import Store
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from igym.host.web.links import make_key, read_signed, share_key, signature
from tests.cluster.servers import Postgres

STUDY = """
from igym import EndScene, Experiment, Stager, StartScene, TextBox

experiment = Experiment(
    id="{id}", title="T", save_data={save_data},
    stager=Stager([StartScene("welcome"), TextBox("mood", question="?"), EndScene("bye")]),
)
"""


def study(folder: Path, name: str, save_data: bool = True) -> Path:
    folder.mkdir(exist_ok=True)
    text = textwrap.dedent(STUDY).format(id=name, save_data=save_data)
    (folder / "experiment.py").write_text(text, encoding="utf-8")
    return folder


def engine(tmp_path: Path, url: str, name: str, **options: Any) -> Engine:
    folder = study(tmp_path / "study", name, options.pop("save_data", True))
    return Engine(EngineOptions(
        folder=folder, data=tmp_path / "data", port=0, address="127.0.0.1", may_sleep=True, database=url, **options
    ))  # fmt: skip


async def refusal(made: Engine) -> HostError:
    with pytest.raises(HostError) as raised:
        await made.start()
    return raised.value


async def test_tools_work_on_the_data_folder_as_ever(tmp_path: Path, server: Postgres) -> None:
    running = engine(tmp_path, server.url, "tools")
    ready = await running.start()
    person = SimulatedParticipant(ready.join_url)
    assert (await person.run()).outcome == "finished"
    await running.runtime.submit(_end())
    await running.stop("over")
    home = running.home
    assert not (home / DATABASE).exists()

    code, told = igym("verify", home, "--browser", "none")
    assert (code, told["manifest"]["unlisted"]) == (6, []), "nothing was played"
    assert [trail["result"] for trail in told["trail"]] == ["whole"]
    assert igym("export", home, "--to", tmp_path / "copy")[0] == 0
    assert (tmp_path / "copy" / "answers.csv").read_bytes() == (home / "answers.csv").read_bytes()
    assert igym("withdraw", home, ready.session, person.client.participant)[0] == 0
    assert igym("verify", home, "--browser", "none")[1]["trail"][0]["result"] == "whole"
    with StoreReader(home / DATABASE) as reader:
        assert [r.body for r in reader.records(ready.session, kinds=("answers",))] == [{"erased": True}]
    code, told = igym("backup", home)
    assert (code, told["code"]) == (1, "on_server")


def igym(*arguments: object) -> tuple[int, dict[str, Any]]:
    """Exit code and last line of a program that tells JSON."""
    command = [sys.executable, "-m", "igym.cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1])


def _end() -> Any:
    from igym.core.events import Command

    return Command("end_session", {}, "", "test")


async def test_another_computer_goes_on_from_the_last_state(tmp_path: Path, server: Postgres) -> None:
    first = engine(tmp_path, server.url, "moves")
    ready = await first.start()
    person = SimulatedParticipant(ready.join_url)
    assert (await person.run()).outcome == "finished"
    await first.stop("a pause")
    handled = first.runtime.handled
    (tmp_path / "elsewhere").mkdir()

    second = engine(tmp_path / "elsewhere", server.url, "moves", resume="latest")
    await second.start()
    assert (second.begun.id, second.begun.next_seq, second.begun.replayed) == (ready.session, handled, 0)
    assert (second.home / "experiment" / ready.session / "sources" / "experiment.py").is_file()
    await second.runtime.submit(_end())
    await second.stop("over")

    copies = [home / "participants.csv" for home in (first.home, second.home)]
    assert copies[0].read_bytes() == copies[1].read_bytes()
    place = place_beside(second.database)
    assert place is not None and get_state(place, ready.session) is None, "it ended"


def test_a_link_made_on_one_server_holds_on_the_other(tmp_path: Path, on_server: Path) -> None:
    Store(on_server).close()
    other = tmp_path / "other"
    other.mkdir()
    place = place_beside(on_server)
    assert place is not None
    write_place(other, place)

    key = make_key(on_server.parent)
    share_key(other)
    params = {"id": "anna", "sig": signature(key, "anna", "")}

    assert read_signed(other, params, ["id"]) == ("again", {"id": "anna"})
    assert make_key(other) == key
    if sys.platform != "win32":
        assert (other / "link_key").stat().st_mode & 0o077 == 0


async def test_a_program_without_the_extra_says_what_is_missing(
    on_server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(on_server).close()
    monkeypatch.delitem(sys.modules, "igym.host.store.postgres.writing")
    monkeypatch.setitem(sys.modules, "psycopg", None)

    for opened in (Store, StoreReader):
        with pytest.raises(HostError, match="cluster"):
            opened(on_server)


async def test_data_stay_where_they_are(tmp_path: Path, server: Postgres) -> None:
    (tmp_path / "data" / "here").mkdir(parents=True)
    Store(tmp_path / "data" / "here" / DATABASE).close()

    error = await refusal(engine(tmp_path, server.url, "here"))

    assert error.code == "bad_database" and "session.sqlite3" in error.text
    assert not (tmp_path / "data" / "here" / "database.json").exists()


async def test_a_study_that_keeps_nothing_is_kept_on_no_server(tmp_path: Path, server: Postgres) -> None:
    error = await refusal(engine(tmp_path, server.url, "nothing", save_data=False))

    assert error.code == "bad_database" and "save_data=False" in error.text


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    error = await refusal(engine(tmp_path, "postgresql://igym@127.0.0.1:9/none", "away"))

    assert error.code == "no_database" and "127.0.0.1, schema igym_away" in error.text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--standby"], "--standby needs the --database"),
        (["--begin", "--database", "postgresql://a/b"], "--begin goes with --standby"),
        (["--database", "mysql://a/b"], "--database takes the address"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(
    tmp_path: Path, wrong: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", str(tmp_path), *wrong])

    assert ended.value.code == 2
    assert words in capsys.readouterr().err


async def test_servers_that_are_started_alike_begin_one_session_and_stand_by_when_it_is_over(
    tmp_path: Path, own_url: str
) -> None:
    places = [tmp_path / name for name in ("one", "two")]
    for place in places:
        place.mkdir()
    engines = [engine(place, own_url, "alike", standby=True, begin=True, resume="latest") for place in places]
    starting = {asyncio.create_task(each.start()): each for each in engines}
    done, waiting = await asyncio.wait(starting, return_when=asyncio.FIRST_COMPLETED)
    first, second = starting[done.pop()], starting[next(iter(waiting))]
    person = SimulatedParticipant(first.join_url)
    assert (await person.run()).outcome == "finished"
    assert not any(task.done() for task in waiting), "one of them leads"

    await first.stop("its computer dies")
    await asyncio.gather(*waiting)
    assert second.begun.id == first.begun.id and second.begun.session.state.participants

    await second.runtime.submit(_end())
    await second.stop("over")
    found = place_beside(second.database)
    assert found is not None and not leadership._is_free(found, begins=True), "the next one is begun by hand"


async def test_a_restored_backup_is_the_study_and_goes_on(tmp_path: Path, own_url: str, server: Postgres) -> None:
    first = engine(tmp_path, own_url, "kept")
    await first.start()
    person = SimulatedParticipant(first.join_url)
    assert (await person.run()).outcome == "finished"
    await first.stop("a pause")
    dump = tmp_path / "kept.sql"
    database(server, "pg_dump", "--schema", "igym_kept", "--file", str(dump), own_url)
    (tmp_path / "elsewhere").mkdir()

    restored = own_url.replace("/test_", "/restored_")
    database(server, "psql", "--command", f"CREATE DATABASE {restored.rpartition('/')[2]}", own_url)
    database(server, "psql", "--set", "ON_ERROR_STOP=1", "--file", str(dump), restored)
    second = engine(tmp_path / "elsewhere", restored, "kept", resume="latest")
    await second.start()
    assert second.begun.id == first.begun.id
    another = SimulatedParticipant(second.join_url)
    assert (await another.run()).outcome == "finished"
    await second.runtime.submit(_end())
    await second.stop("over")

    _, told = igym("verify", second.home, "--browser", "none")
    assert [trail["result"] for trail in told["trail"]] == ["whole"]
    answered = (second.home / "answers.csv").read_text(encoding="utf-8")
    assert person.client.participant in answered and another.client.participant in answered


def database(server: Postgres, program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs, of the version that the server is."""
    subprocess.run([server.tool(program), *arguments], check=True, stdout=subprocess.DEVNULL)

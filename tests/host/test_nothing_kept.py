"""`save_data=False`: while the session runs everything works, and nothing of it is left afterwards."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from igym.host.base.errors import HostError
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store import not_kept
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.chaos.engine_process import EngineProcess
from tests.host.conftest import PAIR, SURVEY, StartEngine, write_experiment
from tests.host.test_control import Attach, attach
from tests.host.test_whole_path import parity_of
from tests.waiting import until

__all__ = ["attach"]


Launch = Callable[..., Awaitable[EngineProcess]]


@pytest.fixture
async def launch() -> AsyncIterator[Launch]:
    """`await launch(folder, data, …)`: an engine process; whatever is left of it is ended after the test."""
    engines: list[EngineProcess] = []

    async def make(*arguments: Any) -> EngineProcess:
        engines.append(await EngineProcess.launch(*arguments))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.close()


def unkept(source: str) -> str:
    """The same study, whose hooks also print what they are told."""
    said = "def on_answers(context):\n    print('said', dict(context.answers))\n\n\nexperiment = Experiment(\n"
    options = "    save_data=False, callbacks={'on_answers': on_answers},"
    return source.replace("experiment = Experiment(\n", said + options + "\n")


def files(folder: Path) -> list[str]:
    """Everything below `folder`, but folders."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


async def took_part(url: str) -> str:
    person = SimulatedParticipant(url)
    await person.run()
    return str(person.client.participant)


async def igym(*arguments: str) -> tuple[int, str]:
    """Exit code of a command, and all it said."""
    argv = [sys.executable, "-c", "import sys; from igym.cli import main; sys.exit(main())", *arguments]
    both = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*argv, stdout=both, stderr=asyncio.subprocess.STDOUT)
    said, _ = await child.communicate()
    assert child.returncode is not None
    return child.returncode, said.decode()


async def test_nothing_is_left_when_the_session_has_ended(
    start_engine: StartEngine, attach: Attach, tmp_path: Path
) -> None:
    engine = await start_engine(unkept(PAIR))
    people = [SimulatedParticipant(engine.join_url, Behaviour(seed=seed, frames=60)) for seed in (1, 2)]
    await asyncio.gather(*(person.run() for person in people))
    written = [engine.folder / "duel" / f"{person.client.participant}_ep0.csv" for person in people]
    await until(lambda: all(path.is_file() for path in written))
    assert parity_of(written[0]) == parity_of(written[1]) and len(parity_of(written[0])) == 60
    with StoreReader(engine.store.path) as reader:
        assert reader.sessions(), "while it runs, its data are there"

    launcher = await attach(engine)
    await launcher.command("end_session", "done")
    await engine.stop("the session has ended")

    assert files(tmp_path / "data") == []
    assert not engine.home.exists()


async def test_a_pause_ends_it_as_well_and_nobody_can_go_on(start_engine: StartEngine, tmp_path: Path) -> None:
    engine = await start_engine(unkept(SURVEY))
    await took_part(engine.join_url)
    await engine.stop("a pause")

    assert files(tmp_path / "data") == []
    with pytest.raises(HostError) as refused:
        await start_engine(unkept(SURVEY), resume="latest")
    assert (refused.value.code, refused.value.text) == ("nothing_kept", not_kept.CANNOT_GO_ON)
    assert files(tmp_path / "data") == []


async def test_after_a_crash_the_next_start_removes_what_was_left(launch: Launch, tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "experiment", unkept(SURVEY))
    data = tmp_path / "data"
    first = await (await launch(folder, data)).started()
    assert first.ready["keeps_data"] is False
    name = await took_part(first.ready["join_url"])
    assert not not_kept.clear_leftovers(data / "survey"), "a running session is left alone"
    await first.kill()
    left = files(data)
    assert f"survey/{not_kept.FOLDER}/{DATABASE}" in [path.replace("\\", "/") for path in left]

    again = await (await launch(folder, data, "--resume", first.ready["session"])).until("failed")
    assert again["code"] == "nothing_kept"
    assert files(data) == []

    second = await (await launch(folder, data)).started()
    await took_part(second.ready["join_url"])
    await second.kill()
    third = await (await launch(folder, data)).started()
    with StoreReader(data / "survey" / not_kept.FOLDER / DATABASE) as reader:
        [session] = reader.sessions()
        assert session.id == third.ready["session"]
        assert list(reader.records(session.id, kinds=("answers",))) == []
    third.terminate()
    assert await third.exit_code() == 0

    assert files(data) == []
    assert name


async def test_a_launcher_removes_what_a_crash_left(launch: Launch, tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "experiment", unkept(SURVEY))
    data = tmp_path / "data"
    engine = await (await launch(folder, data)).started()
    await took_part(engine.ready["join_url"])
    await engine.kill()

    assert not_kept.clear_leftovers(data / "survey")

    assert files(data) == []
    assert not not_kept.clear_leftovers(data / "survey")


async def test_stored_sessions_of_the_same_study_stay(start_engine: StartEngine, tmp_path: Path) -> None:
    kept = await start_engine(SURVEY)
    await took_part(kept.join_url)
    await kept.stop("a pause")
    before = set(files(kept.folder))

    unsaved = await start_engine(unkept(SURVEY))
    await took_part(unsaved.join_url)
    await unsaved.stop("done")

    beside = {f"{DATABASE}-wal", f"{DATABASE}-shm"}  # SQLite's own, made by whoever reads
    assert set(files(kept.folder)) - beside == before
    with StoreReader(kept.folder / DATABASE) as reader:
        assert [row.id for row in reader.sessions()] == [kept.begun.id]
    resumed = await start_engine(unkept(SURVEY), resume="latest")
    assert resumed.begun.id == kept.begun.id and resumed.keeps_data


async def test_a_start_that_fails_leaves_nothing(launch: Launch, tmp_path: Path) -> None:
    asked = '.runtime(packages=["no_such_package==1.0"]).policies('
    folder = write_experiment(tmp_path / "experiment", unkept(PAIR).replace(".policies(", asked))
    failed = await (await launch(folder, tmp_path / "data")).until("failed")

    assert failed["code"] == "packages_missing"
    assert files(tmp_path / "data") == []


async def test_who_wants_to_keep_something_reads_why_there_is_nothing(
    start_engine: StartEngine, attach: Attach, tmp_path: Path
) -> None:
    engine = await start_engine(unkept(SURVEY))
    name = await took_part(engine.join_url)
    launcher = await attach(engine)
    for command in ("export", "backup", "retention"):
        reply = await launcher.command(command, days=1)
        assert (reply["ok"], reply["code"], reply["text"]) == (False, "nothing_kept", not_kept.NOTHING_KEPT)

    home = str(engine.home)
    asked = {
        "export": [home],
        "verify": [home, "--browser", "none"],
        "backup": [home],
        "retention": [home, "--days", "1"],
        "withdraw": [home, engine.begun.id, name, "--reason", "asked"],
        "rescue": [home],
    }
    for command, arguments in asked.items():
        code, told = await igym(command, *arguments)
        assert code != 0 and told.strip() == not_kept.NOTHING_KEPT, command
    await engine.stop("done")

    code, told = await igym("export", home)
    assert code == 1 and "Sessions with save_data=False leave none." in told
    assert files(tmp_path / "data") == []

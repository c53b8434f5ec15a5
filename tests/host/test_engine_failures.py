"""What goes wrong at the start or in between is said in words, and loses nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from igym.host.base.closers import Closers
from igym.host.base.errors import HostError
from igym.host.base.space import STOP_BYTES, WARN_BYTES
from igym.host.children.child import LocalRunner
from igym.host.engine.engine import Engine
from igym.host.files.exports import LAST, TABLES
from igym.host.session.settings import EngineOptions, default_data_root
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.client import JoinRefusedError, ParticipantClient
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from igym.host.store.store_schema import DATABASE
from tests.host.conftest import SOLO, SURVEY, StartEngine, write_experiment
from tests.waiting import LIMIT_S, until

NewClient = Callable[[Engine], ParticipantClient]


async def failure(start_engine: StartEngine, source: str, **options: object) -> HostError:
    with pytest.raises(HostError) as raised:
        await start_engine(source, **options)
    return raised.value


async def test_a_port_in_use_names_another(start_engine: StartEngine) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        error = await failure(start_engine, SURVEY, port=port)
    assert error.code == "port_in_use"
    assert str(port) in error.text and str(port + 1) in error.text


async def test_an_address_this_computer_does_not_have(start_engine: StartEngine) -> None:
    error = await failure(start_engine, SURVEY, address="203.0.113.7")
    assert error.code == "no_address" and "203.0.113.7" in error.text


async def test_a_data_folder_that_cannot_be_written(start_engine: StartEngine, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    error = await failure(start_engine, SURVEY, data=tmp_path / "taken")
    assert error.code == "no_write_permission" and str(tmp_path / "taken") in error.text


async def test_a_broken_experiment_names_file_and_line(start_engine: StartEngine) -> None:
    error = await failure(start_engine, SURVEY.replace("TextBox(", "TextBox(colour=3, "))
    assert error.code == "bad_experiment"
    assert "colour" in error.text
    assert '"file": "experiment.py"' in error.details and '"line": 8' in error.details


async def test_a_missing_package_is_named_with_what_to_do(start_engine: StartEngine) -> None:
    source = SOLO.replace(".policies(", '.runtime(packages=["no_such_package==1.0"]).policies(')
    error = await failure(start_engine, source)
    assert error.code == "packages_missing"
    assert "no-such-package" in error.text and "Download now" in error.text


async def test_a_package_that_a_game_on_the_host_lacks_is_named_with_what_to_do(start_engine: StartEngine) -> None:
    asked = '.runtime(where="host", packages=["no_such_package==1.0", "numpy==0.1"]).policies('
    error = await failure(start_engine, SOLO.replace(".policies(", asked))
    assert error.code == "packages_missing"
    assert "no_such_package==1.0 is not installed" in error.text and "site-packages" in error.text
    assert "numpy==0.1 is asked for, but version" in error.text


async def test_a_damaged_database_is_left_alone(start_engine: StartEngine, tmp_path: Path) -> None:
    database = tmp_path / "data" / "survey" / DATABASE
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database" * 1000)
    error = await failure(start_engine, SURVEY)
    assert error.code == "database_damaged"
    assert database.read_bytes() == b"not a database" * 1000


async def test_a_failed_start_leaves_nothing_running(start_engine: StartEngine, tmp_path: Path) -> None:
    database = tmp_path / "data" / "survey" / DATABASE
    database.parent.mkdir(parents=True)
    database.write_bytes(b"not a database" * 1000)
    await failure(start_engine, SURVEY)
    database.unlink()
    engine = await start_engine(SURVEY)
    assert engine.begun.id


async def test_resuming_what_has_ended_or_never_was(start_engine: StartEngine) -> None:
    assert (await failure(start_engine, SURVEY, resume="20200101-000000-abcd")).code == "unknown_session"
    assert (await failure(start_engine, SURVEY, resume="latest")).code == "unknown_session"


async def test_a_resumed_session_says_when_its_files_have_changed(start_engine: StartEngine) -> None:
    first = await start_engine(SURVEY)
    await first.stop("pause")
    second = await start_engine(SURVEY.replace("A few words?", "More words?"), resume="latest")

    assert second.begun.id == first.begun.id
    assert [problem["title"] for problem in second.problems.to_json()] == ["The experiment's files have changed"]
    scene = second.begun.session.state.experiment.scene("words")
    assert scene.client_spec()["fields"][0]["label"] == "A few words?", "a running session keeps its options"


async def test_a_full_disk_stops_nobody_and_loses_nothing(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SOLO)
    player = SimulatedParticipant(engine.join_url, Behaviour(frames=120, batch_frames=10, speed=4))
    playing = asyncio.create_task(player.run())
    await until(lambda: sum(player.stored.values()) >= 40)

    connection = engine.store._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    await until(lambda: engine.runtime.is_blocked)
    acknowledged = player.stored[("m001", 0)]
    with pytest.raises(JoinRefusedError) as refused:
        await new_client(engine).join()
    problems = [problem["title"] for problem in engine.problems.to_json()]

    connection.execute("PRAGMA max_page_count = 1000000000")
    closed = await playing

    assert refused.value.code == "storage"
    assert problems == ["Nothing can be saved"]
    assert engine.problems.to_json() == []
    assert closed.outcome == "finished"
    with StoreReader(engine.store.path) as reader:
        found = reader.batches(engine.begun.id, episode=0)
        frames = [batch.first + offset for batch in found for offset in range(batch.count)]
    assert acknowledged <= len(frames)
    assert frames == list(range(120))


async def test_little_room_warns_and_then_closes_the_door(start_engine: StartEngine, new_client: NewClient) -> None:
    engine = await start_engine(SURVEY)
    engine.space.look(WARN_BYTES - 1)
    assert [problem["level"] for problem in engine.problems.to_json()] == ["warning"]
    await new_client(engine).join()

    engine.space.look(STOP_BYTES - 1)
    with pytest.raises(JoinRefusedError):
        await new_client(engine).join()

    engine.space.look(WARN_BYTES + 1)
    await new_client(engine).join()
    assert engine.problems.to_json() == []


async def test_a_hook_that_raises_is_shown_with_its_place_and_harms_nobody(start_engine: StartEngine) -> None:
    source = SURVEY.replace("experiment = ", "def on_answers(context):\n    return context.nothing\n\n\nexperiment = ")
    source = source.replace('id="survey"', 'id="survey", callbacks={"on_answers": on_answers}')
    engine = await start_engine(source)

    closed = await SimulatedParticipant(engine.join_url).run()
    await until(lambda: engine.begun.session.view(0.0).problems)

    assert closed.outcome == "finished"
    [problem] = engine.begun.session.view(0.0).problems
    assert "experiment.py" in problem.text + problem.traceback and "nothing" in problem.traceback


async def test_stopping_in_the_middle_of_starting(tmp_path: Path) -> None:
    folder = write_experiment(tmp_path / "experiment", SURVEY)
    engine = Engine(EngineOptions(folder=folder, data=tmp_path / "data", port=0, address="127.0.0.1"))
    starting = asyncio.create_task(engine.start())
    await asyncio.sleep(0)
    engine.stop_soon("changed my mind")
    with pytest.raises(asyncio.CancelledError):
        await starting


def test_data_lie_beside_the_experiment_wherever_the_program_was_started(tmp_path: Path) -> None:
    assert default_data_root(tmp_path / "studies" / "duel") == tmp_path / "studies" / "data"


async def test_what_fails_or_hangs_at_the_end_does_not_keep_the_rest_open() -> None:
    ended: list[str] = []
    told: list[str] = []

    async def ends() -> None:
        ended.append("first added")

    async def hangs() -> None:
        await asyncio.Event().wait()

    def breaks() -> None:
        raise RuntimeError("a broken pipe")

    closers = Closers(told.append, limit_s=0.05)
    closers.add(ends, hangs, breaks)
    await closers.close()

    assert ended == ["first added"]
    assert ["breaks" in told[0], "a broken pipe" in told[0], "hangs" in told[1]] == [True, True, True]


async def test_a_follower_that_fails_does_not_stop_the_session(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)

    def follow() -> None:
        raise KeyError("nothing")

    engine.runtime.on_change(follow)
    client = new_client(engine)
    await client.join()
    await client.connect()
    while (await client.inbox.get()).name != "scene":
        pass

    assert any("follows the session" in str(problem["text"]) for problem in engine.problems.to_json())


async def test_something_cancelled_among_the_effects_does_not_stop_the_session(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)
    run, broken = engine.runtime._run_effects, asyncio.get_running_loop().create_future()
    broken.cancel()

    async def run_with_one_cancelled(effects: Sequence[Any], at: float) -> None:
        engine.runtime._run_effects = run
        await broken

    engine.runtime._run_effects = run_with_one_cancelled
    client = new_client(engine)
    await asyncio.wait_for(client.join(), LIMIT_S)

    assert any("effect" in str(problem["text"]) for problem in engine.problems.to_json())


async def test_an_exporting_process_that_cannot_start_is_a_problem_and_no_endless_wait(
    start_engine: StartEngine,
) -> None:
    engine = await start_engine(SURVEY)

    class Nowhere(LocalRunner):
        async def start(self, kind: str, arguments: Sequence[str], pipe_bytes: int) -> Any:
            raise FileNotFoundError("/no/such/program")

    engine.exports._runner = Nowhere()

    await engine.stop("the test ends it")

    assert any("Files could not be written" in str(problem["title"]) for problem in engine.problems.to_json())


async def test_a_file_that_is_held_open_is_a_problem_until_that_very_file_is_written(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)

    def titles() -> list[str]:
        return [problem["text"] for problem in engine.problems.to_json() if "open in another" in problem["title"]]

    # A folder of that name cannot be replaced by a file, here as little as an open file can under Windows.
    (engine.folder / "participants.csv").mkdir()
    await new_client(engine).join()
    await engine.exports.request(**TABLES)
    assert len(titles()) == 1 and "participants.csv" in titles()[0] and "participants (new).csv" in titles()[0]
    assert (engine.folder / "payments.csv").is_file()
    assert "participants (new).csv" in (engine.folder / "manifest.json").read_text("utf-8")

    await engine.exports.request(**LAST)
    assert len(titles()) == 1, "another job's success does not mean that this file is written"

    (engine.folder / "participants.csv").rmdir()
    await engine.exports.request(do="all", formats=["csv"])
    assert titles() == []
    assert not (engine.folder / "participants (new).csv").exists()


async def test_a_failed_export_stays_a_problem_while_others_succeed(
    start_engine: StartEngine, new_client: NewClient
) -> None:
    engine = await start_engine(SURVEY)

    def failures() -> int:
        return sum("could not be written" in str(problem["title"]) for problem in engine.problems.to_json())

    engine.exports.file(do="no such job")
    await engine.exports.request(**LAST)
    await asyncio.sleep(0)
    assert failures() == 1
    await engine.exports.request(**TABLES)
    assert failures() == 1
    await engine.exports.request(do="all", formats=["csv"])
    assert failures() == 0


async def test_an_engine_whose_session_broke_off_ends_and_goes_on_when_started_again(
    start_engine: StartEngine, new_client: NewClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = await start_engine(SURVEY)
    client = new_client(engine)
    participant = await client.join()

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("igym.host.session.runtime.event_record", no_memory)
    joining = asyncio.create_task(new_client(engine).join())
    await asyncio.wait_for(engine.stopped.wait(), LIMIT_S)
    monkeypatch.undo()
    await asyncio.wait([joining])

    assert engine.has_failed
    again = await start_engine(SURVEY, resume="latest")
    assert set(again.begun.session.state.participants) == {participant}

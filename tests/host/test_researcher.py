"""A researcher's code may be wrong, slow or crash: it costs its own call, and the engine goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from igym.experiment.experiment import Experiment
from igym.experiment.scenes import GymScene
from igym.host.base.errors import HostError
from igym.host.children import researcher
from tests.host.conftest import StartResearcher, write_experiment
from tests.waiting import LIMIT_S, until

HOOKS = """
import asyncio, os, time
from igym import Experiment, Stager, StartScene, EndScene

print("printed while loading")

def fine(context):
    print("printed by a hook")
    os.system("echo printed by a program")
    return {"globals": {"name": context.participant, "same": context["participant"]}}

def wrong(context):
    return 1 / context.zero

def slow(context):
    time.sleep(600)

def crash(context):
    os._exit(7)

async def later(context):
    return {"message": "waited"}

def odd(context):
    return object()

def asks(context):
    return {"message": input()}

async def inner():
    return "inner"

def runs(context):
    return {"message": asyncio.run(inner())}

experiment = Experiment(
    id="hooks", title="Hooks",
    stager=Stager([StartScene("welcome"), EndScene("thanks")]),
    callbacks={"on_join": fine, "on_screened": wrong, "on_waiting": slow, "on_match": crash,
               "on_finish": later, "on_drop": odd, "on_exclude": asks, "on_match_end": runs},
)
"""


async def test_the_experiment_crosses_as_json_and_hooks_answer(
    start_researcher: StartResearcher, printed: list[str]
) -> None:
    pool, loaded = await start_researcher(HOOKS)
    assert loaded.experiment["id"] == "hooks"

    answer = await pool.ask("on_join", "callbacks.on_join", {"participant": "p1"}, 10)
    waited = await pool.ask("on_finish", "callbacks.on_finish", {}, 10)

    assert answer.error is None
    assert answer.value == {"globals": {"name": "p1", "same": "p1"}}
    assert waited.value == {"message": "waited"}
    await pool.close()
    assert {"printed while loading", "printed by a hook", "printed by a program"} <= set(printed)


async def test_an_exception_names_file_and_line(start_researcher: StartResearcher) -> None:
    pool, _ = await start_researcher(HOOKS)

    answer = await pool.ask("on_screened", "callbacks.on_screened", {"zero": 0}, 10)

    assert answer.error is not None
    assert answer.error["type"] == "ZeroDivisionError"
    assert answer.error["file"].endswith("experiment.py")
    assert answer.error["line"] == HOOKS.splitlines().index("    return 1 / context.zero") + 1
    assert "return 1 / context.zero" in answer.error["traceback"]
    assert "igym/host" not in answer.error["traceback"]


MATCHMAKER = """
from igym import Experiment, Stager, GymScene, EndScene, Human, Matchmaker

class Picky(Matchmaker):
    limit_ms: float = 100

    @property
    def needs_probe(self):
        return True

    def find_match(self, arriving, waiting, size, now):
        return [arriving, *waiting][:size] if self.limit_ms > 100 else None

    def loosened(self, factor):
        return self.model_copy(update={"limit_ms": self.limit_ms * factor})

    def accepts_probe(self, rtts_ms):
        return "yes" if 13 in rtts_ms else sum(rtts_ms) <= self.limit_ms

experiment = Experiment(
    id="picky", title="Picky",
    stager=Stager([
        GymScene("duel").environment(file="env.py").policies({"left": Human, "right": Human})
            .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0).matchmaking(Picky()),
        EndScene("thanks"),
    ]),
)
"""


async def test_a_matchmaker_of_ones_own_loosens_and_judges_in_its_own_code(start_researcher: StartResearcher) -> None:
    pool, loaded = await start_researcher(MATCHMAKER)
    scene = next(scene for scene in Experiment.from_json(loaded.experiment).scenes if scene.id == "duel")
    assert isinstance(scene, GymScene) and scene.matchmaking_options.matchmaker.needs_probe

    def asked(factor: float) -> dict[str, object]:
        arriving, other = ({"participant": who, "since_s": 0.0} for who in "ab")
        return {"arriving": arriving, "waiting": [other], "size": 2, "now": 1.0, "factor": factor}

    where = "scenes.duel.matchmaker"
    assert (await pool.ask("matchmaker", where, asked(1.0), 30)).value is None
    assert (await pool.ask("matchmaker", where, asked(1.5), 30)).value == ["a", "b"]
    judged = await pool.ask("probe_verdict", where, {"rtts_ms": [60, 70], "factor": 1.0}, 30)
    assert judged.value == {"group": False, "pairs": [True, True]}
    judged = await pool.ask("probe_verdict", where, {"rtts_ms": [60, 70], "factor": 1.5}, 30)
    assert judged.value == {"group": True, "pairs": [True, True]}
    wrong = await pool.ask("probe_verdict", where, {"rtts_ms": [13], "factor": 1.0}, 30)
    assert wrong.error is not None and "True or False" in wrong.error["message"]


async def test_what_cannot_be_json_is_an_error_in_words(start_researcher: StartResearcher) -> None:
    pool, _ = await start_researcher(HOOKS)
    answer = await pool.ask("on_drop", "callbacks.on_drop", {}, 10)
    assert answer.error is not None and "cannot be written to JSON" in answer.error["message"]


async def test_a_function_that_hangs_costs_its_deadline_and_the_next_call_works(
    start_researcher: StartResearcher,
) -> None:
    pool, _ = await start_researcher(HOOKS)

    hung = await pool.ask("on_waiting", "callbacks.on_waiting", {}, 0.5)
    after = await pool.ask("on_join", "callbacks.on_join", {"participant": "p2"}, 20)

    assert hung.error is not None and hung.error["type"] == "Timeout"
    assert after.value == {"globals": {"name": "p2", "same": "p2"}}


async def test_a_function_that_kills_its_process_is_reported(start_researcher: StartResearcher) -> None:
    pool, _ = await start_researcher(HOOKS)

    crashed = await pool.ask("on_match", "callbacks.on_match", {}, 10)
    after = await pool.ask("on_join", "callbacks.on_join", {"participant": "p3"}, 20)

    assert crashed.error is not None and "exit code 7" in crashed.error["message"]
    assert after.error is None


async def test_a_hook_may_run_a_loop_of_its_own_and_finds_no_standard_input(start_researcher: StartResearcher) -> None:
    pool, _ = await start_researcher(HOOKS)

    ran = await pool.ask("on_match_end", "callbacks.on_match_end", {}, 10)
    asked = await pool.ask("on_exclude", "callbacks.on_exclude", {}, 10)
    after = await pool.ask("on_finish", "callbacks.on_finish", {}, 10)

    assert ran.value == {"message": "inner"}
    assert asked.error is not None and asked.error["type"] == "EOFError"
    assert after.value == {"message": "waited"}


@pytest.mark.parametrize(
    ("source", "limit_s", "words"),
    [
        ("import time\ntime.sleep(600)\n", 3, "took longer than"),
        ("import os\nos._exit(1)\n", LIMIT_S, "Python ended"),
        ("from igym import Experimint\n", LIMIT_S, "Experimint"),
        ("experiment = 3\n", LIMIT_S, "not an Experiment"),
        ("raise SystemExit(0)\n", LIMIT_S, "experiment"),
    ],
)
async def test_what_cannot_be_loaded_is_refused_in_time(
    start_researcher: StartResearcher, source: str, limit_s: float, words: str
) -> None:
    with pytest.raises(HostError) as failure:
        await start_researcher(source, limit_s=limit_s)
    assert failure.value.code == "bad_experiment"
    assert words.lower() in failure.value.text.lower()


ENDS = """
import os, pathlib, sys, threading, time
from igym import Experiment, Stager, StartScene, EndScene

begun = pathlib.Path(__file__).with_name("begun.txt")
with begun.open("a") as file:
    file.write("x")

def end():
    # It is there once the process has said that it is ready.
    while "igym.host.children.researcher_desk" not in sys.modules:
        time.sleep(0.01)
    os._exit(3)

if {ends}:
    threading.Thread(target=end, daemon=True).start()

def fine(context):
    return {{"message": "here"}}

experiment = Experiment(id="ends", title="Ends", stager=Stager([StartScene("welcome"), EndScene("thanks")]),
                        callbacks={{"on_join": fine}})
"""


def test_the_pause_grows_with_each_process_that_ended_for_nobody() -> None:
    assert [researcher.pause_s(ends) for ends in (1, 2, 3, 4, 7, 5000)] == [1, 2, 4, 8, 60, 60]


async def test_a_process_that_ends_again_and_again_is_told_of_once(
    start_researcher: StartResearcher, problems: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(researcher, "LONGEST_PAUSE_S", 0.01)
    await start_researcher(ENDS.format(ends="True"))
    begun = tmp_path / "study" / "begun.txt"
    await until(lambda: len(begun.read_text()) >= 4, "it was started again and again")
    assert [title for _, _, title, _ in problems] == ["The experiment's functions were started again"]


async def test_who_asks_in_the_pause_does_not_wait_for_its_end(
    start_researcher: StartResearcher, problems: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(researcher, "PAUSE_S", 3600.0)
    monkeypatch.setattr(researcher, "LONGEST_PAUSE_S", 3600.0)
    pool, _ = await start_researcher(ENDS.format(ends="len(begun.read_text()) == 1"))
    await until(lambda: problems, "the first process has ended")
    answer = await pool.ask("on_join", "callbacks.on_join", {}, LIMIT_S)
    assert answer.value == {"message": "here"}
    assert (tmp_path / "study" / "begun.txt").read_text() == "xx"


@pytest.mark.real_starts  # whose modules are imported anew, in the study's folder
async def test_a_study_with_files_called_as_pythons_own_is_loaded_and_called(
    start_researcher: StartResearcher, problems: list[tuple[str, ...]], tmp_path: Path
) -> None:
    names = ("logging", "queue", "concurrent", "ssl")
    write_experiment(tmp_path / "study", "", {f"{name}.py": "mine = 'ours'" for name in names})
    source = HOOKS.replace("import asyncio,", "import logging, asyncio,").replace('"waited"', "logging.mine")
    pool, _ = await start_researcher(source)
    assert (await pool.ask("on_finish", "callbacks.on_finish", {}, LIMIT_S)).value == {"message": "ours"}
    assert (await pool.ask("on_match_end", "callbacks.on_match_end", {}, LIMIT_S)).value == {"message": "inner"}
    assert not problems

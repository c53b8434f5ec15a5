"""First what happened, then what follows, through a real engine and the researcher's real process."""

from __future__ import annotations

import asyncio
from typing import Any

from igym.host.engine.engine import Engine
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.host.store.store_reader import StoreReader
from tests.host.conftest import StartEngine, table

STUDY = """
import time
from igym import Experiment, Stager, TextBox, StaticScene, Branch, GymScene, EndScene, Human

def on_answers(context):
    time.sleep(0.05)
    return {"condition": "red"}

def choose(context):
    return "red" if context["conditions"].get("condition") == "red" else "none"

def on_scene_exit(context):
    time.sleep(0.1)
    return {"globals": {"last": "left " + context["left"]}}

def on_scene_enter(context):
    return {"globals": {"last": "entered " + context["scene"]}}

def on_match_end(context):
    return {"attributes": {"bonus": 3}, "globals": {"bonus": 3}}

def on_payment(context):
    return {"earnings": 5 + context["globals"].get("bonus", 0), "currency": "EUR"}

experiment = Experiment(
    id="causes", title="Causes",
    stager=Stager([
        TextBox("q", question="?"),
        Branch(choose, {"red": StaticScene("red_page"), "none": StaticScene("no_condition")}),
        GymScene("game")
            .environment(file="env.py")
            .policies({"agent_0": Human})
            .gameplay(action_mapping={"ArrowLeft": 0}, default_action=0, max_steps=30),
        EndScene("end").display(header="Bye"),
    ]),
    callbacks={"on_answers": on_answers, "on_scene_exit": on_scene_exit, "on_scene_enter": on_scene_enter,
               "on_match_end": on_match_end, "on_payment": on_payment},
)
"""
PEOPLE = 4


def last_values(engine: Engine, participant: str) -> list[str]:
    with StoreReader(engine.store.path) as reader:
        records = reader.records(engine.begun.id, participant=participant, kinds=("globals",))
        return [str(record.body["values"]["last"]) for record in records if "last" in record.body["values"]]


async def test_branches_globals_and_payments_follow_what_functions_returned(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY)
    people = [SimulatedParticipant(engine.join_url, Behaviour(frames=30)) for _ in range(PEOPLE)]

    results: list[Any] = await asyncio.gather(*(person.run(limit_s=120) for person in people))

    assert {result.outcome for result in results} == {"finished"}
    names = [str(person.client.participant) for person in people]
    scenes = ["q", "red_page", "game", "end"]
    wanted = [f"{what} {scene}" for scene in scenes for what in ("entered", "left")]
    await engine.stop("the end of the test")
    for name in names:
        assert last_values(engine, name) == wanted, "answers count in the order of the questions"
    assert {row["condition"] for row in table(engine, "participants.csv")} == {"red"}
    assert [row["earnings"] for row in table(engine, "payments.csv")] == ["8"] * PEOPLE
    with StoreReader(engine.store.path) as reader:
        kinds = [record.kind for record in reader.records(engine.begun.id, participant=names[0])]
    assert kinds[-1] == "earnings" and kinds.index("finished") < len(kinds) - 1

"""Practice against a bot until a criterion: played through by made-up people, and rounds of a page to their tables."""

from __future__ import annotations

from pathlib import Path

from igym.host.simulate.client import ParticipantClient
from tests.host.conftest import StartEngine, table
from tests.host.test_right_answers import shown
from tests.host.test_walkthrough import study, told

ROUNDS = """
from igym import EndScene, Experiment, Form, NumberField, Repeat, StaticScene, Until

experiment = Experiment("rounds", stager=[
    Repeat([Form("ask", questions=[NumberField("points", whole=True)])], id="practice",
           until=Until("answer", "ask.points", "at_least", 3), at_most=4),
    StaticScene("next"), EndScene("end"),
])
"""
PRACTICE = """
def steady(context):
    return context.scores[context.player_scene] >= {enough}

practice = (
    GymScene("practice").environment(file="env.py").policies({{"agent_0": Human}})
    .gameplay(default_action=0, max_steps=10)
)
experiment = Experiment("practice", stager=[
    Repeat([practice], until={until}, at_most=3, id="training", otherwise="exclude"),
    StaticScene("task"), EndScene("end"),
])
"""


async def test_rounds_are_kept_in_the_tables(start_engine: StartEngine) -> None:
    engine = await start_engine(ROUNDS)
    client = ParticipantClient(engine.join_url)
    await client.join()
    await client.connect()
    for points in (1, 3):
        page = await shown(client)
        timing = {"shown_ms": 0.0, "submitted_ms": 900.0, "first_change_ms": {}}
        ack = await client.deliver("answers", {"visit": page.visit, "values": {"points": points}, "timing": timing})
        assert ack["ok"]
    assert (await shown(client)).spec["id"] == "next"
    await client.close()
    await engine.stop("the end of the test")
    [person] = table(engine, "participants.csv")
    assert (person["check.practice.attempts"], person["check.practice.passed"]) == ("2", "true")
    answers = [(row["scene"], row["base_id"], row["value"]) for row in table(engine, "answers.csv")]
    assert answers == [("ask_r1", "ask", "1"), ("ask_r2", "ask", "3")]
    visits = [(row["scene"], row["base_id"]) for row in table(engine, "scenes.csv")]
    assert visits == [("ask_r1", "ask"), ("ask_r2", "ask"), ("next", "next")]


def test_made_up_people_practise_until_they_reach_it(tmp_path: Path) -> None:
    rule = 'Until("score", "practice", "at_least", 12)'
    result = study(tmp_path, PRACTICE.format(until=rule, enough=0))
    assert told(result, "error") == [] and not [text for text in told(result, "warning") if "training" in text]
    states = result["study"]["ended"]
    assert states["finished"] > 0 and states["excluded"] > 0


def test_a_criterion_that_nobody_reaches_and_a_function_with_a_mistake_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    rule = 'Until("score", "practice", "at_least", 1000)'
    warned = told(study(tmp_path / "a", PRACTICE.format(until=rule, enough=0)), "warning")
    assert "training: nobody reached what its rounds go on for." in warned
    failed = told(study(tmp_path / "b", PRACTICE.format(until="steady", enough=0)), "error")
    assert any("repeats.training" in text and "player_scene" in text for text in failed)

"""A form that checks its answers, through a real engine: what a page is told, and every attempt in the tables."""

from __future__ import annotations

from typing import Any

from igym.host.simulate.client import ParticipantClient
from igym.protocol.server import SceneShown
from tests.host.conftest import StartEngine, table

STUDY = """
from igym import ChoiceField, EndScene, Experiment, Form, NumberField, StaticScene

experiment = Experiment("quiz", stager=[
    Form("understood", check="until_right", attempts=3, questions=[
        NumberField("moves", "How many moves?", whole=True, correct=3, explain="There are three."),
        ChoiceField("goal", "And the goal?", choices=["alone", "together"], correct="together"),
    ]),
    StaticScene("next"), EndScene("end"),
])
"""


async def shown(client: ParticipantClient) -> SceneShown:
    while True:
        message = await client.inbox.get()
        if isinstance(message, SceneShown):
            return message


async def test_each_attempt_is_answered_and_kept(start_engine: StartEngine) -> None:
    engine = await start_engine(STUDY)
    client = ParticipantClient(engine.join_url)
    await client.join()
    await client.connect()
    page = await shown(client)
    assert not {"correct", "explain"} & set(page.spec["fields"][0])  # type: ignore[index, arg-type]

    async def send(**values: Any) -> dict[str, Any]:
        timing = {"shown_ms": 0.0, "submitted_ms": 900.0, "first_change_ms": {}}
        return await client.deliver("answers", {"visit": page.visit, "values": values, "timing": timing})

    ack = await send(moves=2, goal="alone")
    assert (ack["ok"], ack["code"]) == (False, "wrong_answers")
    assert ack["fields"] == {"moves": "There are three.", "goal": "This answer is not right."}
    assert (await send(moves=3, goal="together"))["ok"]
    assert (await shown(client)).spec["id"] == "next"
    await client.close()
    await engine.stop("the end of the test")
    told = [(row["attempt"], row["field"], row["value"], row["right"]) for row in table(engine, "attempts.csv")]
    assert told == [
        ("1", "goal", "alone", "false"),
        ("1", "moves", "2", "false"),
        ("2", "goal", "together", "true"),
        ("2", "moves", "3", "true"),
    ]
    [person] = table(engine, "participants.csv")
    assert (person["check.understood.attempts"], person["check.understood.passed"]) == ("2", "true")
    assert [row["value"] for row in table(engine, "answers.csv")] == ["3", "together"]

"""One study with nearly every kind of page in it: walked through by the check, taken part in, and all its tables."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

import igym
from igym.host.engine.engine import Engine
from igym.host.programs.check_main import as_text, run_checks
from igym.host.simulate.behaviour import Behaviour
from igym.host.simulate.participant import SimulatedParticipant
from igym.protocol.base import Message
from igym.protocol.server import Chat, ChatSaid, SceneShown
from tests.browser.exports import assert_parity_of_each_match, read_rows
from tests.browser.study_copy import STUDIES, spots_study
from tests.host.conftest import StartEngine, table

FOLDER = STUDIES / "spots"


def test_the_check_walks_through_all_of_it(tmp_path: Path) -> None:
    report = run_checks(spots_study(tmp_path, "story"), None, 20, 1, None, people=20)
    assert report["ok"], as_text(report)
    study = report["study"]
    assert study["findings"] == [], as_text(report)
    assert sum(study["ended"].values()) == 20 and study["ended"]["finished"] == 18, study["ended"]


class Listening(SimulatedParticipant):
    """Leaves a talk only after the program has said something."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.heard = asyncio.Event()

    async def _react(self, message: Message) -> None:
        lines = message.lines if isinstance(message, Chat) else [message.line] if isinstance(message, ChatSaid) else []
        if any(line.name == "Robo" for line in lines):
            self.heard.set()
        await super()._react(message)

    async def _answer(self, scene: SceneShown) -> None:
        if scene.spec["kind"] == "chat":
            await self.heard.wait()
        await super()._answer(scene)


class Hesitating(Listening):
    """Has answered only half of the quick page when its time is up."""

    async def _answer(self, scene: SceneShown) -> None:
        if scene.spec["id"] != "quick":
            await super()._answer(scene)
            return
        await asyncio.sleep(float(str(scene.spec["max_display_s"])))
        timing = {"shown_ms": 0.0, "submitted_ms": 1000.0, "first_change_ms": {}}
        body = {"visit": scene.visit, "values": {"guess": 7, "why": "x"}, "timing": timing, "timed_out": True}
        assert (await self.client.deliver("answers", body))["ok"]


@pytest.fixture
async def story(start_engine: StartEngine) -> tuple[Engine, list[str]]:
    """The engine after one took part in English, and then one in German who hesitates; and who they were."""
    source = (FOLDER / "story.py").read_text("utf-8").replace("max_display_s=4", "max_display_s=1")
    engine = await start_engine(source, files={"env.py": (FOLDER / "env.py").read_text("utf-8")})
    people = [
        kind(engine.join_url, Behaviour(seed=seed, frames=90)) for seed, kind in enumerate((Listening, Hesitating), 1)
    ]
    for person, language in zip(people, ("en", "de"), strict=True):
        person.client.language = language
    closed = [await person.run() for person in people]
    assert [page.outcome for page in closed] == ["finished", "finished"]
    for page, truth in zip(closed, ("was a program", "war ein Programm"), strict=True):
        assert truth in page.body
    await engine.stop("the end of the test")
    return engine, [person.client.participant for person in people]


def test_everything_that_happened_is_in_the_tables(story: tuple[Engine, list[str]]) -> None:
    engine, who = story
    german = who[1]
    people = {row["participant"]: row for row in table(engine, "participants.csv")}
    assert [people[person]["language"] for person in who] == ["en", "de"]
    assert {people[person]["condition.frames"] for person in who} == {"60", "90"}
    assert [people[person]["check.understood.passed"] for person in who] == ["true", "true"]

    consent = {row["participant"]: row for row in table(engine, "consent.csv")}
    for person, words in zip(who, ("I take part.", "Ich mache mit."), strict=True):
        text = (engine.folder / "consent_texts" / f"{consent[person]['text_hash']}.txt").read_bytes()
        assert hashlib.sha256(text).hexdigest() == consent[person]["text_hash"]
        assert words in text.decode()
        assert (consent[person]["given"], consent[person]["version"]) == ("true", "2.1")

    last = {row["participant"]: row for row in table(engine, "attempts.csv")}.values()
    assert {(row["field"], row["value"], row["right"]) for row in last} == {("goal", "move", "true")}
    visits = {(row["participant"], row["scene"]): row for row in table(engine, "scenes.csv")}
    assert [visits[person, "quick"]["timed_out"] for person in who] == ["false", "true"]
    (answers,) = read_rows(engine.folder / "quick" / f"{german}.csv")
    assert (answers["guess"], answers["why"]) == ("7", ""), "what would do is kept, what would not is missing"
    shown = [(visits[person, "results"]["rank"], visits[person, "results"]["rank_of"]) for person in who]
    assert shown == [("1", "1"), ("1", "2")], "both have as many points, and the first saw nobody else's"

    assert [people[person]["completion_code"] for person in who] == ["C1DONE", "C1DONE"]
    matches = table(engine, "matches.csv")
    assert len({row["policy.right"] for row in matches}) == 2, "each program of the pool once"
    for row in matches:
        assert row["config.frames"] == people[row["participant"]]["condition.frames"]
        assert (row["partner_kind"], row["members"]) == ("bot", "1")
    assert_parity_of_each_match(engine.folder / "play", episodes=1)
    said: dict[str, list[tuple[str, str]]] = {person: [] for person in who}
    for row in table(engine, "chat.csv"):
        said[row["participant"]].append((row["how"], row["text"]))
    assert list(said.values()) == [[("text", "Hello!"), ("responder", "You said: Hello!")]] * 2
    assert {(row["name"], row["outcome"]) for row in table(engine, "responses.csv")} == {("Robo", "said")}
    data = igym.load(engine.folder)
    assert sorted(data.inputs["participant"]) == sorted(who)
    assert data.chat["text"].tolist() == [row["text"] for row in table(engine, "chat.csv")]
    assert data.responses["outcome"].tolist() == ["said"] * 2

    events = [json.loads(line) for line in (engine.folder / "events.jsonl").read_text("utf-8").splitlines()]
    for kind in ("acted_wait", "debriefed", "leaderboard", "condition_drawn"):
        assert sorted(event["participant"] for event in events if event["kind"] == kind) == sorted(who), kind
    assert "Not described" not in (engine.folder / "codebook.csv").read_text("utf-8")
